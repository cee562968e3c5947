"""From Oura's JSON to a typed document, without ever failing on what Oura sent.

A document keeps everything: an undocumented field and a value of an unexpected type go to
``extra`` as they came, an absent field and a null one are both ``None``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec.structs import force_setattr

from annulet.contract.documents.consistency import ConsistencyRule, broken
from annulet.contract.documents.repairs import count_of_missing, repair_value

RawDocument: TypeAlias = dict[str, Any]
"""A document as Oura sent it: a decoded JSON object."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Anything Oura sends as an object.

    Attributes:
        extra: Fields this version does not know, and values of an unexpected type, as they came.
    """

    extra: RawDocument = msgspec.field(default_factory=dict)


class Document(Part, frozen=True, kw_only=True):
    """One record of a collection, every field in Oura's spelling and optional.

    Attributes:
        rules: What holds between the values of one document.
    """

    rules: ClassVar[tuple[ConsistencyRule, ...]] = ()

    def leave_out_contradictions(self) -> None:
        """Move values that the others contradict to ``extra``; only while Oura's JSON is read."""
        self._leave_out(broken(self.rules, self))

    def _leave_out(self, names: Iterable[str]) -> None:
        """Move values that are no measurements to ``extra``; only while the document is made."""
        for name in names:
            self.extra[name] = getattr(self, name)
            force_setattr(self, name, None)


P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of one class, by how they are read.

    Attributes:
        types: The type of every field.
        parts: Fields that hold one part.
        lists: Fields that hold a list of parts.
        plain: All other fields.
    """

    types: dict[str, object]
    parts: dict[str, type[Part]]
    lists: dict[str, type[Part]]
    plain: frozenset[str]


def read_document(cls: type[P], raw: Mapping[str, object]) -> P:
    """A typed document from one of Oura's objects.

    >>> from annulet.contract.documents import DailySleep
    >>> document = read_document(DailySleep, {"day": "2026-05-06", "score": "high", "moon": "full"})
    >>> document.day.isoformat(), document.score, sorted(document.extra)
    ('2026-05-06', None, ['moon', 'score'])
    """
    fields = fields_of(cls)
    values = {name: value for name, value in raw.items() if name in fields.types}
    extra = {name: value for name, value in raw.items() if name not in fields.types}
    for name, part in fields.parts.items():
        if name in values:
            values[name] = _read_part(part, _as_object(part, values[name]))
    for name, part in fields.lists.items():
        items = values.get(name)
        if isinstance(items, list):
            values[name] = [_read_part(part, item) for item in items]
    try:
        document = msgspec.convert({**values, "extra": extra} if extra else values, cls)
    except (msgspec.ValidationError, OverflowError):
        document = _read_field_by_field(cls, raw, values, extra)
    return _without_contradictions(document)


def read_documents(cls: type[P], rows: Iterable[Mapping[str, object]]) -> list[P]:
    """Typed documents in the order of the rows."""
    rows, plain = list(rows), fields_of(cls).plain
    if all(row.keys() <= plain for row in rows):
        # Reading all fields at once is several times faster, but needs known fields and types.
        with contextlib.suppress(msgspec.ValidationError, OverflowError):
            read: list[P] = msgspec.convert(rows, list[cls])  # type: ignore[valid-type] # a class
            return [_without_contradictions(document) for document in read]
    return [read_document(cls, row) for row in rows]


def _without_contradictions(document: P) -> P:
    if isinstance(document, Document) and document.rules:
        document.leave_out_contradictions()
    return document


@cache
def fields_of(cls: type[Part]) -> _Fields:
    """The fields of a class of documents or parts, by how they are read."""
    types = {
        name: hint
        for name, hint in get_type_hints(cls, include_extras=True).items()
        if name != "extra" and get_origin(hint) is not ClassVar
    }
    parts: dict[str, type[Part]] = {}
    lists: dict[str, type[Part]] = {}
    for name, hint in types.items():
        for part in _parts_inside(hint):
            (parts if part in get_args(hint) else lists)[name] = part
    return _Fields(types, parts, lists, frozenset(types.keys() - parts.keys() - lists.keys()))


def _parts_inside(hint: object) -> list[type[Part]]:
    """The subclasses of `Part` inside a type, at any depth."""
    if isinstance(hint, type) and issubclass(hint, Part):
        return [hint]
    return [part for argument in get_args(hint) for part in _parts_inside(argument)]


def _as_object(part: type[Part], value: object) -> object:
    """A part of one field that came as the bare value of that field, or as a list of one."""
    names = [*fields_of(part).types]
    if len(names) != 1:
        return value
    item = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(item, str | int | float):
        return {names[0]: item}
    return item if isinstance(item, Mapping) else value


def _read_part(part: type[Part], value: object) -> object:
    return read_document(part, value) if isinstance(value, Mapping) else value


def _read_field_by_field(
    cls: type[P], raw: Mapping[str, object], values: Mapping[str, object], extra: RawDocument
) -> P:
    """The document; a value that is no value of its field goes to ``extra`` as it came.

    So does a list of which some items are no values; in the document they are missing.
    """
    types = fields_of(cls).types
    extra = dict(extra)
    fitting: dict[str, object] = {}
    for name, value in values.items():
        repaired = repair_value(value, types[name])
        try:
            fitting[name] = msgspec.convert(repaired, types[name])
        except (msgspec.ValidationError, OverflowError):
            extra[name] = raw[name]
        else:
            if count_of_missing(repaired) > count_of_missing(value):
                extra[name] = raw[name]
    return cls(**fitting, extra=extra)

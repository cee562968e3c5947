"""From Oura's JSON to a typed document, without ever failing on what Oura sent.

A document keeps everything: a field nobody has documented and a value of an unexpected type go
to ``extra`` as they came, an absent field and a null one are both ``None``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

__all__ = ["Document", "Part", "read", "read_all"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Anything Oura sends as an object.

    Attributes:
        extra: Fields this version does not know, and values of an unexpected type, as they came.
    """

    extra: dict[str, Any] = msgspec.field(default_factory=dict)


class Document(Part, frozen=True, kw_only=True):
    """One record of a collection, every field in Oura's spelling and optional."""


D = TypeVar("D", bound=Part)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one class is read.

    Attributes:
        types: The type of every field.
        nested: Fields that are objects of ours.
        lists: Fields that are lists of objects of ours.
        plain: All other fields.
    """

    types: dict[str, Any]
    nested: dict[str, type[Part]]
    lists: dict[str, type[Part]]
    plain: frozenset[str]


def _parts(hint: Any) -> list[type[Part]]:
    """The classes of ours inside a type, at any depth."""
    if isinstance(hint, type) and issubclass(hint, Part):
        return [hint]
    return [part for argument in get_args(hint) for part in _parts(argument)]


@cache
def _plan(cls: type[Part]) -> _Plan:
    types = {name: hint for name, hint in get_type_hints(cls).items() if name != "extra"}
    nested: dict[str, type[Part]] = {}
    lists: dict[str, type[Part]] = {}
    for name, hint in types.items():
        for part in _parts(hint):
            direct = part in get_args(hint)
            (nested if direct else lists)[name] = part
    return _Plan(types, nested, lists, frozenset(types.keys() - nested.keys() - lists.keys()))


def read(cls: type[D], raw: Mapping[str, Any]) -> D:
    """A typed document from one of Oura's objects.

    >>> from annulet.contract.documents import DailySleep
    >>> document = read(DailySleep, {"day": "2026-05-06", "score": "high", "moon": "full"})
    >>> document.day.isoformat(), document.score, sorted(document.extra)
    ('2026-05-06', None, ['moon', 'score'])
    """
    plan = _plan(cls)
    known, extra = dict(raw), {}
    for name in raw.keys() - plan.types.keys():
        extra[name] = known.pop(name)
    for name, part in plan.nested.items():
        value = known.get(name)
        if isinstance(value, Mapping):
            known[name] = read(part, value)
    for name, part in plan.lists.items():
        if isinstance(known.get(name), list):
            known[name] = [_item(part, item) for item in known[name]]
    if extra:
        known["extra"] = extra
    try:
        return msgspec.convert(known, cls)
    except (msgspec.ValidationError, OverflowError):
        return _salvage(cls, plan, raw, known)


def _item(part: type[Part], item: Any) -> Any:
    return read(part, item) if isinstance(item, Mapping) else item


def read_all(cls: type[D], rows: Iterable[Mapping[str, Any]]) -> list[D]:
    """Typed documents in the order of the rows."""
    found, plan = list(rows), _plan(cls)
    if all(row.keys() <= plan.plain for row in found):
        # All at once is several times faster, where nothing is unknown or of another type.
        with contextlib.suppress(msgspec.ValidationError, OverflowError):
            return msgspec.convert(found, list[cls])  # type: ignore[valid-type] # cls is a class
    return [read(cls, row) for row in found]


def _salvage(cls: type[D], plan: _Plan, raw: Mapping[str, Any], known: dict[str, Any]) -> D:
    """Field by field: what does not fit its type goes to ``extra`` as it came."""
    extra = dict(known.pop("extra", {}))
    fitting: dict[str, Any] = {}
    for name, value in known.items():
        try:
            fitting[name] = msgspec.convert(_leniently(name, value), plan.types[name])
        except (msgspec.ValidationError, OverflowError):
            extra[name] = raw[name]
    return cls(**fitting, extra=extra)


def _leniently(name: str, value: Any) -> Any:
    """Two harmless slips: a whole number sent as a float, a sample with foreign items.

    Foreign items become missing so that the others keep their place in time.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if name == "items" and isinstance(value, list):
        return [item if _is_number(item) else None for item in value]
    return value


def _is_number(item: Any) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool)

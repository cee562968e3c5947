"""The documents of a collection: a list that is also a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar, get_args

import msgspec

from annulet.contract.documents import Document, Part
from annulet.contract.documents.reading import fields_of
from annulet.contract.documents.repairs import plain_types
from annulet.data_frames import Columnar, ColumnType, TableColumn, in_utc

D = TypeVar("D", bound=Document)

_KINDS: Final[dict[ColumnType, type]] = {
    ColumnType.SWITCH: bool,
    ColumnType.INSTANT: datetime,
    ColumnType.DAY: date,
    ColumnType.TEXT: str,
}


class Documents(list[D], Columnar):
    """Documents in order of time.

    As a table there is one column for each field, in Oura's order. The fields of a part have its
    name before theirs (``contributors_deep_sleep``); lists of parts are JSON.

    Args:
        cls: The type of the documents.
        documents: The documents themselves.
        fields: The fields that become columns, in order; all in Oura's order when left out.
        left_out: The value of ``left_out``.

    Attributes:
        left_out: How many rows of Oura's response are not among the documents because they are no
            document at all, or say no time that can be read.
    """

    def __init__(
        self,
        cls: type[D],
        documents: Iterable[D] = (),
        fields: Iterable[str] | None = None,
        *,
        left_out: int = 0,
    ) -> None:
        super().__init__(documents)
        self.left_out = left_out
        self._cls = cls
        self._fields = tuple(fields_of(cls).types if fields is None else fields)

    def columns_of_values(self) -> Mapping[str, TableColumn]:
        """The columns by name; moments are in UTC."""
        return dict(_columns(self._cls, self, self._fields, ""))


def _columns(
    cls: type[Part], rows: Sequence[Part | None], names: Iterable[str], prefix: str
) -> Iterable[tuple[str, TableColumn]]:
    fields = fields_of(cls)
    for name in names:
        values = [None if row is None else getattr(row, name) for row in rows]
        if name in fields.parts:
            part = fields.parts[name]
            yield from _columns(part, values, fields_of(part).types, f"{prefix}{name}_")
        else:
            yield f"{prefix}{name}", _column(fields.types[name], values)


def _column(hint: object, values: list[Any]) -> TableColumn:
    types = plain_types(hint)
    if types <= {int, float}:
        return TableColumn(
            ColumnType.NUMBER, [None if value is None else float(value) for value in values]
        )
    for kind, plain_type in _KINDS.items():
        if types == {plain_type}:
            return TableColumn(
                kind, [in_utc(v) for v in values] if plain_type is datetime else values
            )
    (item, *_) = next((get_args(kind) for kind in types if get_args(kind)), (object,))
    if plain_types(item) <= {int, float}:
        return TableColumn(
            ColumnType.NUMBERS, [None if value is None else list(value) for value in values]
        )
    encoded = [None if value is None else msgspec.json.encode(value).decode() for value in values]
    return TableColumn(ColumnType.TEXT, encoded)

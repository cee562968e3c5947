"""Columns of values as a table of pandas, Polars or Arrow.

Each of the three libraries is imported when its table is asked for. Nothing else needs them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from annulet.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa


class ColumnType(Enum):
    """What a column holds: the type that each library has for it."""

    NUMBER = "float64"
    TEXT = "string"
    SWITCH = "boolean"
    DAY = "datetime64[us]"
    INSTANT = "datetime64[us, UTC]"
    NUMBERS = "object"


_REQUIREMENTS: Final = {"pandas": "pandas>=2.2", "polars": "polars", "pyarrow": "pyarrow"}


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column; a missing value is ``None``."""

    kind: ColumnType
    values: Sequence[object]


class Columnar:
    """Rows that know their columns.

    Libraries that read Arrow's PyCapsule interface take such an object as it is:
    ``pandas.DataFrame.from_arrow(answer)``, ``polars.DataFrame(answer.table)``.
    """

    __slots__ = ()

    @abstractmethod
    def columns_of_values(self) -> Mapping[str, TableColumn]:
        """The columns by name, in order, all of one length."""

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a pandas ``DataFrame``; missing values are ``NaN``, ``NaT`` or ``NA``.

        Days are ``datetime64``, moments are in UTC: ``.dt.tz_convert`` shows them in a zone.

        Raises:
            UsageError: pandas is not installed.
        """
        pandas = _load("pandas")
        table: pd.DataFrame = pandas.DataFrame(
            {
                name: pandas.Series(list(column.values), dtype=column.kind.value)
                for name, column in self.columns_of_values().items()
            }
        )
        return table

    def to_polars(self) -> pl.DataFrame:
        """The rows as a Polars ``DataFrame``; missing values are null, moments are in UTC.

        Raises:
            UsageError: Polars is not installed.
        """
        polars = _load("polars")
        types = {
            ColumnType.NUMBER: polars.Float64,
            ColumnType.TEXT: polars.String,
            ColumnType.SWITCH: polars.Boolean,
            ColumnType.DAY: polars.Date,
            ColumnType.INSTANT: polars.Datetime("us", "UTC"),
            ColumnType.NUMBERS: polars.List(polars.Float64),
        }
        columns = self.columns_of_values()
        table: pl.DataFrame = polars.DataFrame(
            {name: list(column.values) for name, column in columns.items()},
            schema={name: types[column.kind] for name, column in columns.items()},
        )
        return table

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table; missing values are null, moments are in UTC.

        Raises:
            UsageError: pyarrow is not installed.
        """
        pyarrow = _load("pyarrow")
        types = {
            ColumnType.NUMBER: pyarrow.float64(),
            ColumnType.TEXT: pyarrow.string(),
            ColumnType.SWITCH: pyarrow.bool_(),
            ColumnType.DAY: pyarrow.date32(),
            ColumnType.INSTANT: pyarrow.timestamp("us", "UTC"),
            ColumnType.NUMBERS: pyarrow.list_(pyarrow.float64()),
        }
        return pyarrow.table(
            {
                name: pyarrow.array(column.values, types[column.kind])
                for name, column in self.columns_of_values().items()
            }
        )

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)


def _load(library: str) -> Any:
    try:
        return import_module(library)
    except ImportError:
        raise UsageError(
            f"This table needs {library}, which is not installed.",
            hint=f"Install it with: pip install '{_REQUIREMENTS[library]}'",
        ) from None


def in_utc(value: datetime | None) -> datetime | None:
    """A moment in UTC; ``None`` where the calendar has no such moment."""
    if value is None:
        return None
    try:
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return None

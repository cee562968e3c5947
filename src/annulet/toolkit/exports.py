"""Documents of a collection, or daily metrics, as files: CSV, JSON and Parquet, batch by batch.

A cell holds what Oura sent: text and numbers as they are, nested values as JSON. Fields that the
contract does not know yet are kept together in a last column, ``extra``. In CSV a text that a
spreadsheet would calculate gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import IO, Final, Protocol, TypeAlias

from annulet.contract.collections import AnyCollection
from annulet.errors import UsageError
from annulet.toolkit.metrics import METRICS

FORMATS: Final = ("csv", "json", "parquet")
_EXTRA: Final = "extra"
_ROWS_AT_ONCE: Final = 10_000
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a file is written.

    Attributes:
        name: ``csv``, ``json`` or ``parquet``.
        raw: Whether texts that a spreadsheet would calculate stay as they are in CSV.
    """

    name: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class MetricTable:
    """The table of daily metrics: a column each after the day."""

    fields: tuple[str, ...] = ("day", *METRICS)


Exported: TypeAlias = AnyCollection | MetricTable


class Writer(Protocol):
    """Writes documents or days into an open binary file."""

    def write(self, rows: Iterable[Row]) -> None:
        """Append documents."""
        ...

    def copy(self, rows: Iterable[Row]) -> None:
        """Append rows of an earlier file of the same format, as they stand in it."""
        ...

    def close(self) -> None:
        """Finish the file; it is not complete before."""
        ...

    def abandon(self) -> None:
        """Let go of a file that stays incomplete."""
        ...


def column_names(collection: Exported) -> tuple[str, ...]:
    """The columns of a table: every documented field, and what is not documented together."""
    return (*collection.fields, _EXTRA)


@contextmanager
def open_writer(form: FileFormat, collection: Exported, file: IO[bytes]) -> Iterator[Writer]:
    """A writer that finishes the file when the block ends, and lets go of it when it fails.

    Args:
        form: The format.
        collection: Whose documents.
        file: An open binary file; stays open.

    Raises:
        UsageError: No such format, or Parquet without the extra that writes it.
    """
    writer = _writer_for(form, collection, file)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise
    writer.close()


def _writer_for(form: FileFormat, collection: Exported, file: IO[bytes]) -> Writer:
    if form.name == "csv":
        return _Csv(collection, file, is_raw=form.raw)
    if form.name == "json":
        return _Json(file)
    if form.name == "parquet":
        return _Parquet(collection, file)
    raise UsageError(
        f"There is no export format “{form.name[:20]}”.", hint=f"Choose from: {', '.join(FORMATS)}."
    )


def check_parquet() -> None:
    """Check that Parquet files can be written, before anything is read for them.

    Raises:
        UsageError: The extra that writes them is not installed.
    """
    if find_spec("pyarrow") is None:
        raise UsageError(
            "Parquet files need an extra package.",
            hint="Install it with: pip install 'annulet[export]', or choose csv or json.",
        )


class _Csv:
    def __init__(self, collection: Exported, file: IO[bytes], *, is_raw: bool) -> None:
        self._names = collection.fields
        self._cell = _cell if is_raw else _uncalculated
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._rows = csv.writer(self._text, lineterminator="\n")
        self._rows.writerow(column_names(collection))

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            known = [self._cell(row.get(name)) for name in self._names]
            self._rows.writerow([*known, self._cell(_extra(row, self._names))])

    def copy(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._rows.writerow(row.values())

    def close(self) -> None:
        self._text.flush()
        self._text.detach()

    def abandon(self) -> None:
        self._text.detach()


class _Json:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._first = True

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._file.write(b"[\n" if self._first else b",\n")
            self._file.write(_json(row).encode())
            self._first = False

    def copy(self, rows: Iterable[Row]) -> None:
        self.write(rows)

    def close(self) -> None:
        self._file.write(b"[]\n" if self._first else b"\n]\n")

    def abandon(self) -> None:
        """There is nothing to let go of; without its end it is no JSON."""


class _Parquet:
    def __init__(self, collection: Exported, file: IO[bytes]) -> None:
        check_parquet()
        import pyarrow as pa
        from pyarrow import parquet

        self._pa = pa
        self._names = collection.fields
        self._numbers = {name for name in self._names if _numeric(collection, name)}
        columns = [(name, self._type(name)) for name in self._names]
        self._schema = pa.schema([*columns, (_EXTRA, pa.string())])
        self._file = parquet.ParquetWriter(file, self._schema)

    def write(self, rows: Iterable[Row]) -> None:
        self.copy(self._record(row) for row in rows)

    def copy(self, rows: Iterable[Row]) -> None:
        left = iter(rows)
        while records := list(islice(left, _ROWS_AT_ONCE)):
            self._file.write_table(self._pa.Table.from_pylist(records, schema=self._schema))

    def close(self) -> None:
        self._file.close()

    def abandon(self) -> None:
        # Its finalizer would write the end of the file, into one that is closed by then.
        self._file.close()

    def _type(self, name: str) -> object:
        return self._pa.float64() if name in self._numbers else self._pa.string()

    def _record(self, row: Row) -> dict[str, object]:
        record: dict[str, object] = {}
        stray: dict[str, object] = _extra(row, self._names) or {}
        for name in self._names:
            value = row.get(name)
            if name not in self._numbers:
                record[name] = None if value is None else str(_cell(value))
            elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
                record[name] = None if value is None else float(value)
            else:
                stray[name] = value  # not the kind of value Oura documents: kept, not bent
        record[_EXTRA] = _json(stray) if stray else None
        return record


def _numeric(collection: Exported, name: str) -> bool:
    if isinstance(collection, MetricTable):
        return name != "day"
    annotation = collection.document.__annotations__.get(name)
    return str(annotation) in {"int | None", "float | None"}


def _extra(row: Row, names: tuple[str, ...]) -> dict[str, object] | None:
    return {name: value for name, value in row.items() if name not in names} or None


def _cell(value: object) -> object:
    return _json(value) if isinstance(value, dict | list | bool) else value


def _uncalculated(value: object) -> object:
    """A cell that a spreadsheet shows instead of calculating it."""
    is_formula = isinstance(value, str) and value.startswith(_FORMULA_STARTS)
    return f"'{value}" if is_formula else _cell(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""What an exported file already holds, so that another export can go on where it ended."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any, Final, TypeAlias

from annulet.contract.collections import Query
from annulet.errors import UsageError
from annulet.toolkit.exports import Exported, FileFormat, MetricTable, check_parquet, column_names

ExportedRow: TypeAlias = Mapping[str, Any]
"""A row as it stands in the file: texts in CSV, documents in JSON, column values in Parquet."""

_EXPORT_ANEW: Final = "Name another file, or export it whole with --start."


def dated_by(collection: Exported) -> str:
    """The field that says when a row is; empty for collections without days."""
    if isinstance(collection, MetricTable):
        return "day"
    return collection.key if collection.query is Query.DATETIME else collection.day


class ExportedFile:
    """A file of an earlier export.

    Args:
        path: The file.
        form: Its format.
        collection: What was exported into it.
    """

    def __init__(self, path: Path, form: FileFormat, collection: Exported) -> None:
        self._path = path
        self._form = form
        self._names = column_names(collection)
        self._dated_by = dated_by(collection)

    def last_day(self, zone: tzinfo) -> date | None:
        """The newest day in the file; None where it holds no row with a day.

        Args:
            zone: The person's, for samples that have an instant and no day.

        Raises:
            UsageError: It is no whole export of this collection.
        """
        moments = (self._moment(row) for row in self._rows())
        days = (_day(moment, zone) for moment in moments if moment is not None)
        return max(days, default=None)

    def rows_before(self, limit: date | datetime) -> Iterator[ExportedRow]:
        """The rows before a day or an instant, and those that do not say when they are."""
        for row in self._rows():
            moment = self._moment(row)
            if moment is None or moment < limit:
                yield row

    def _moment(self, row: ExportedRow) -> Any:
        """The day or instant of a row; None where it has none."""
        text = row.get(self._dated_by)
        if not isinstance(text, str) or not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        has_time = moment.tzinfo is not None
        return moment if has_time else moment.date()

    def _rows(self) -> Iterator[ExportedRow]:
        read = {"csv": self._of_csv, "json": self._of_json, "parquet": self._of_parquet}
        try:
            yield from read[self._form.name]()
        except (OSError, ValueError, csv.Error) as failure:
            raise self._not_an_export() from failure

    def _of_csv(self) -> Iterator[ExportedRow]:
        with self._path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            if tuple(next(lines, ())) != self._names:
                raise self._not_an_export()
            for cells in lines:
                if len(cells) != len(self._names):
                    raise self._not_an_export()
                yield dict(zip(self._names, cells, strict=True))

    def _of_json(self) -> Iterator[ExportedRow]:
        documents = json.loads(self._path.read_bytes())
        if not isinstance(documents, list) or not all(isinstance(d, dict) for d in documents):
            raise self._not_an_export()
        yield from documents

    def _of_parquet(self) -> Iterator[ExportedRow]:
        check_parquet()
        from pyarrow import parquet

        file = parquet.ParquetFile(self._path)
        if tuple(file.schema_arrow.names) != self._names:
            raise self._not_an_export()
        for batch in file.iter_batches():
            yield from batch.to_pylist()

    def _not_an_export(self) -> UsageError:
        return UsageError(
            f"{self._path} is no whole export of this kind, so there is nothing to go on from.",
            hint=_EXPORT_ANEW,
        )


def _day(moment: date | datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment

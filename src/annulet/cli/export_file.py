"""Writes one file of ``annulet export``: a collection or the daily metrics, whole or going on."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Final

from annulet.cli.output import streams
from annulet.cli.output.files import whole_file
from annulet.contract.collections import AnyCollection, Query
from annulet.errors import UsageError
from annulet.toolkit.context import Context
from annulet.toolkit.dates import resolve
from annulet.toolkit.exported_rows import ExportedFile
from annulet.toolkit.exports import FileFormat, MetricTable, Writer, open_writer
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.reading.metric_table import metric_rows
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.time_ranges import resolve_time_range
from annulet.toolkit.wording.missing_data import unread_notes

STANDARD_OUTPUT: Final = Path("-")
METRICS: Final = "metrics"
"""The name of the daily metrics beside those of the collections."""

_LONGEST: Final = 366 * 30
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = timedelta(microseconds=1)
_READ_AGAIN: Final = timedelta(days=2)
"""Oura still changes documents of the last days: scores, and what a late sync brings."""

_OF_AN_EMPTY_FILE: Final = timedelta(days=366)
"""A file without rows does not say up to when there were none."""


@dataclass(frozen=True, slots=True)
class ExportRange:
    """What is read: from when to when, and the words for it; collections without days have no ends.

    Attributes:
        start: The first day, or the first instant of a series.
        end: The last one, inclusive.
        words: `` from … to …``; empty without ends.
    """

    start: date | datetime | None = None
    end: date | datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written into one file.

    Attributes:
        name: Of the collection.
        count: How many documents, or days of metrics, were read.
        words: The same as a sentence without its end.
    """

    name: str
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file to write.

    Attributes:
        collection: Which; ``None`` for the daily metrics.
        target: The file, or standard output.
        form: Its format.
        dates: Start and end as they were given.
        goes_on: Whether what the file holds stays, and newer days are read alone.
    """

    collection: AnyCollection | None
    target: Path
    form: FileFormat
    dates: tuple[str, str]
    goes_on: bool = False

    @property
    def name(self) -> str:
        """What is exported."""
        return METRICS if self.collection is None else self.collection.name

    async def write(self, context: Context) -> Exported:
        """Read and write; the file appears when it is whole.

        Raises:
            UsageError: The days cannot be understood, or the file cannot be gone on with.
            AnnuletError: Something could not be read.
        """
        local_time = await resolve_local_time(context)
        earlier = self._earlier()
        dates = self.dates if earlier is None else self._dates_after(earlier, local_time)
        days = self._range(dates, local_time)
        with (
            _open_target(self.target) as file,
            _progress(self.name) as advance,
            open_writer(self.form, self.collection or MetricTable(), file) as writer,
        ):
            if earlier is not None and days.start is not None:
                writer.copy(earlier.rows_before(days.start))
            if self.collection is None:
                count = await _write_metrics(context, local_time, days, writer)
            else:
                count = await _write_collection(context, self.collection, days, writer, advance)
        unit = "day" if self.collection is None else "document"
        counted = f"{count} {unit}{'' if count == 1 else 's'} of {self.name}{days.words}"
        return Exported(self.name, count, counted)

    def _earlier(self) -> ExportedFile | None:
        """The file that is gone on with; ``None`` where it is written whole."""
        has_days = self.collection is None or self.collection.query is not Query.NONE
        if not self.goes_on or not has_days or not self.target.exists():
            return None
        return ExportedFile(self.target, self.form, self.collection or MetricTable())

    def _dates_after(self, earlier: ExportedFile, local_time: LocalTime) -> tuple[str, str]:
        last = earlier.last_day(local_time.zone.tz)
        first = local_time.today - _OF_AN_EMPTY_FILE if last is None else last - _READ_AGAIN
        return first.isoformat(), self.dates[1] or local_time.today.isoformat()

    def _range(self, dates: tuple[str, str], local_time: LocalTime) -> ExportRange:
        if self.collection is not None and self.collection.query is Query.NONE:
            return ExportRange()
        start, end = self._given(dates, local_time.today)
        if self.collection is not None and self.collection.query is Query.DATETIME:
            time_range = resolve_time_range(start, end, local_time, longest=_LONGEST)
            last = time_range.end.astimezone(UTC) - _INSTANT  # midnight is of the next day
            period = time_range.period
            return ExportRange(time_range.start, last, f" from {period.start} to {period.end}")
        period = resolve(start, end, local_time.today, longest=_LONGEST)
        return ExportRange(period.start, period.end, f" from {period.start} to {period.end}")

    def _given(self, dates: tuple[str, str], today: date) -> tuple[str, str]:
        """Both ends as they were given; an ISO day alone runs to today."""
        if not any(dates):
            raise UsageError(
                f"{self.name} needs a range of days.",
                hint='Give --start and --end, or words: --start "last 30 days". '
                "--since-last goes on from a file that is there already.",
            )
        start, end = dates
        return start, today.isoformat() if _ISO_DAY.fullmatch(start) and not end else end


async def _write_collection(
    context: Context,
    collection: AnyCollection,
    days: ExportRange,
    writer: Writer,
    advance: Callable[[int, int, int], None],
) -> int:
    count = 0
    async for batch in context.client.stream(collection.name, days.start, days.end):
        writer.write(batch.rows)
        count += len(batch.rows)
        advance(batch.done, batch.windows, count)
    return count


async def _write_metrics(
    context: Context, local_time: LocalTime, days: ExportRange, writer: Writer
) -> int:
    """Write a row a day; what is not permitted is said on standard error."""
    period = resolve(str(days.start), str(days.end), local_time.today, longest=_LONGEST)
    rows, refused = await metric_rows(context, local_time, period)
    writer.write(rows)
    for note in unread_notes(refused):
        streams.note(note)
    return len(rows)


def _open_target(target: Path) -> contextlib.AbstractContextManager[IO[bytes]]:
    if target == STANDARD_OUTPUT:
        return contextlib.nullcontext(streams.binary_output())
    return whole_file(target)


@contextlib.contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int, int], None]]:
    """Show a progress bar on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"))
    bar = Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
    with bar:
        task = bar.add_task(name, total=1, count="")

        def advance(done: int, of: int, count: int) -> None:
            bar.update(task, completed=done, total=of, count=f"{count:,} documents")

        yield advance

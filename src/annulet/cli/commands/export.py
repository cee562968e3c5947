"""``annulet export``: one collection, or the daily metrics, complete, as a file."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import IO, Annotated, Literal

from cyclopts import Parameter

from annulet.cli.output import streams
from annulet.cli.output.files import check_target, whole_file
from annulet.contract.collections import COLLECTIONS, AnyCollection, Query
from annulet.errors import UsageError
from annulet.toolkit.context import Context
from annulet.toolkit.dates import resolve
from annulet.toolkit.exports import (
    FORMATS,
    FileFormat,
    MetricTable,
    check_parquet,
    open_writer,
)
from annulet.toolkit.reading.metric_table import metric_rows
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.time_ranges import resolve_time_range
from annulet.toolkit.wording.missing_data import unread_notes

_METRICS = "metrics"
_LONGEST = 366 * 30
_STANDARD_OUTPUT = Path("-")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = timedelta(microseconds=1)


async def export(
    collection: str,
    /,
    *,
    start: str = "",
    end: str = "",
    format_: Annotated[Literal["csv", "json", "parquet"] | None, Parameter(name="--format")] = None,
    output_file: Annotated[
        Path | None, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)
    ] = None,
    raw: bool = False,
    account: str = "",
    json: bool = False,
) -> None:
    """Write one collection, or all daily metrics, into a file, complete or not at all.

    Args:
        collection: Oura's name of the collection, such as sleep or heartrate; or metrics, a row
            a day with every metric, also those that are derived.
        start: First day: an ISO day or words such as "last 3 months".
        end: Last day, inclusive; today when left out after an ISO day.
        format_: csv, json or parquet; else the ending of the file decides, else csv.
        output_file: Where to write it; an existing file is replaced when the new one is whole.
            - writes to standard output.
        raw: Leave CSV texts that a spreadsheet would calculate as they are.
        account: Which connection, if not the default.
        json: Say what was written as JSON.
    """
    entry = None if collection.strip().casefold() == _METRICS else _find_collection(collection)
    if output_file is None:
        raise UsageError(
            "There is no file to write into.", hint="Name one: -o FILE, or -o - for the screen."
        )
    form = FileFormat(_choose_format(format_, output_file), raw=raw)
    if output_file != _STANDARD_OUTPUT:
        check_target(output_file)
    from annulet.settings import Settings
    from annulet.wiring import open_context

    async with open_context(Settings.from_environ(), account=account) as context:
        if entry is None:
            words, count = await _write_metrics(context, (start, end), output_file, form)
        else:
            count, covered = await _write(context, entry, (start, end), output_file, form)
            counted = f"{count} document{'' if count == 1 else 's'}"
            words = f"{counted} of {entry.name}{covered}"
    if output_file == _STANDARD_OUTPUT:
        return
    summary = f"{words} written to {output_file}."
    outcome = {"summary": summary, "documents": count, "file": str(output_file)}
    streams.report(outcome, as_json=json)


def _choose_format(named: str | None, target: Path) -> str:
    """Return the format: the named one, else that of the file's ending, else CSV.

    Raises:
        UsageError: The format cannot be written here.
    """
    ending = target.suffix.removeprefix(".").casefold()
    if named is None and ending and ending not in FORMATS:
        raise UsageError(
            f"Files do not end in .{ending[:20]} here.",
            hint=f"End it in .{', .'.join(FORMATS)}, or say --format.",
        )
    chosen = named or ending or "csv"
    if chosen == "parquet":
        check_parquet()
        if target == _STANDARD_OUTPUT:
            raise UsageError("Parquet is not written to the screen.", hint="Name a file: -o FILE")
    return chosen


def _find_collection(name: str) -> AnyCollection:
    folded = {known.casefold(): entry for known, entry in COLLECTIONS.items()}
    entry = folded.get(name.strip().casefold().replace("-", "_"))
    if entry is None:
        raise UsageError(
            f"There is no collection “{name[:40]}”.",
            hint=f"Choose from: {_METRICS}, {', '.join(COLLECTIONS)}.",
        )
    return entry


async def _write(
    context: Context, entry: AnyCollection, dates: tuple[str, str], target: Path, form: FileFormat
) -> tuple[int, str]:
    first, last, covered = await _range(context, entry, dates)
    count = 0
    with (
        _open_target(target) as file,
        _progress(entry.name) as advance,
        open_writer(form, entry, file) as writer,
    ):
        async for batch in context.client.stream(entry.name, first, last):
            writer.write(batch.rows)
            count += len(batch.rows)
            advance(batch.done, batch.windows, count)
    return count, covered


async def _write_metrics(
    context: Context, dates: tuple[str, str], target: Path, form: FileFormat
) -> tuple[str, int]:
    """Write a row a day; what is not permitted is said on standard error."""
    local_time = await resolve_local_time(context)
    start, end = _given(dates, _METRICS, local_time.today)
    period = resolve(start, end, local_time.today, longest=_LONGEST)
    rows, refused = await metric_rows(context, local_time, period)
    with _open_target(target) as file, open_writer(form, MetricTable(), file) as writer:
        writer.write(rows)
    for note in unread_notes(refused):
        streams.note(note)
    days = f"{len(rows)} day{'' if len(rows) == 1 else 's'}"
    return f"{days} of metrics from {period.start} to {period.end}", len(rows)


def _given(dates: tuple[str, str], name: str, today: date) -> tuple[str, str]:
    """Return both ends as they were given; an ISO day alone runs to today."""
    if not any(dates):
        raise UsageError(
            f"{name} needs a range of days.",
            hint='Give --start and --end, or words: --start "last 30 days".',
        )
    start, end = dates
    return start, today.isoformat() if _ISO_DAY.fullmatch(start) and not end else end


async def _range(
    context: Context, entry: AnyCollection, dates: tuple[str, str]
) -> tuple[date | None, date | None, str]:
    if entry.query is Query.NONE:
        return None, None, ""
    local_time = await resolve_local_time(context)
    start, end = _given(dates, entry.name, local_time.today)
    if entry.query is Query.DATETIME:
        time_range = resolve_time_range(start, end, local_time, longest=_LONGEST)
        last = time_range.end.astimezone(UTC) - _INSTANT  # midnight is of the next day
        return time_range.start, last, f" from {time_range.period.start} to {time_range.period.end}"
    period = resolve(start, end, local_time.today, longest=_LONGEST)
    return period.start, period.end, f" from {period.start} to {period.end}"


def _open_target(target: Path) -> contextlib.AbstractContextManager[IO[bytes]]:
    if target == _STANDARD_OUTPUT:
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

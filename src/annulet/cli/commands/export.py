"""``annulet export``: a collection, the daily metrics, or all of them, as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from annulet.cli.export_file import METRICS, STANDARD_OUTPUT, Exported, ExportFile
from annulet.cli.output import streams
from annulet.cli.output.files import check_target
from annulet.contract.collections import COLLECTIONS, AnyCollection
from annulet.errors import AnnuletError, ScopeMissing, UsageError
from annulet.toolkit.context import Context
from annulet.toolkit.exports import FORMATS, FileFormat, check_parquet


async def export(
    collection: str = "",
    /,
    *,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    start: str = "",
    end: str = "",
    since_last: Annotated[bool, Parameter(negative="")] = False,
    format_: Annotated[Literal["csv", "json", "parquet"] | None, Parameter(name="--format")] = None,
    output: Annotated[
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
        all_: Every collection and the metrics, each into a file of its own in a folder.
        start: First day: an ISO day or words such as "last 3 months".
        end: Last day, inclusive; today when left out after an ISO day.
        since_last: Go on where the file ends: what it holds stays, and its last two days, which
            Oura may still have changed, are read again.
        format_: csv, json or parquet; else the ending of the file decides, else csv.
        output: Where to write it; an existing file is replaced when the new one is whole.
            - writes to standard output. With --all, a folder, which is made.
        raw: Leave CSV texts that a spreadsheet would calculate as they are.
        account: Which connection, if not the default.
        json: Say what was written as JSON.
    """
    _check(collection, output, start, is_all=all_, goes_on=since_last)
    target = output or STANDARD_OUTPUT
    files = (
        _all_files(target, format_ or "csv")
        if all_
        else [(_find_collection(collection), target, _choose_format(format_, target))]
    )
    jobs = [
        ExportFile(chosen, file, FileFormat(form, raw=raw), (start, end), goes_on=since_last)
        for chosen, file, form in files
    ]
    for job in jobs:
        if job.target != STANDARD_OUTPUT:
            check_target(job.target)
    from annulet.settings import Settings
    from annulet.wiring import open_context

    async with open_context(Settings.from_environ(), account=account) as context:
        if all_:
            await _write_all(context, jobs, target, as_json=json)
            return
        (job,) = jobs
        written = await job.write(context)
    if target == STANDARD_OUTPUT:
        return
    summary = f"{written.words} written to {target}."
    outcome = {"summary": summary, "documents": written.count, "file": str(target)}
    streams.report(outcome, as_json=json)


async def _write_all(
    context: Context, jobs: Sequence[ExportFile], folder: Path, *, as_json: bool
) -> None:
    """Write file after file; what is not permitted is left out and said."""
    written: list[tuple[Exported, Path]] = []
    refused: list[str] = []
    for job in jobs:
        try:
            written.append((await job.write(context), job.target))
        except ScopeMissing:
            refused.append(job.name)
        except AnnuletError:
            done = ", ".join(exported.name for exported, _ in written) or "nothing"
            streams.note(f"Stopped at {job.name}; written are: {done}.")
            raise
    count = sum(exported.count for exported, _ in written)
    left_out = f" Not permitted, so left out: {', '.join(refused)}." if refused else ""
    files = f"{len(written)} file{'' if len(written) == 1 else 's'}"
    outcome: dict[str, object] = {
        "summary": f"{count:,} documents and days in {files} written to {folder}.{left_out}",
        "files": [
            {"collection": exported.name, "documents": exported.count, "file": str(file)}
            for exported, file in written
        ],
        "left_out": refused,
    }
    streams.report(outcome, as_json=as_json)


def _check(
    collection: str, output: Path | None, start: str, *, is_all: bool, goes_on: bool
) -> None:
    """Check what belongs together.

    Raises:
        UsageError: Something is missing, or two things exclude each other.
    """
    if bool(collection) == is_all:
        raise UsageError(
            "Name one collection, or say --all.",
            hint=f"Collections: {METRICS}, {', '.join(COLLECTIONS)}.",
        )
    if output is None:
        words = ("folder", "-o FOLDER") if is_all else ("file", "-o FILE, or -o - for the screen")
        raise UsageError(f"There is no {words[0]} to write into.", hint=f"Name one: {words[1]}.")
    if output == STANDARD_OUTPUT and (is_all or goes_on):
        raise UsageError(
            "The screen holds neither several files nor an earlier one.",
            hint="Name a folder with --all, or a file with --since-last.",
        )
    if goes_on and start and not is_all and output.exists():
        raise UsageError(
            "--since-last finds the first day itself.",
            hint="Leave --start out, or leave --since-last out to write the file anew.",
        )


def _all_files(folder: Path, form: str) -> list[tuple[AnyCollection | None, Path, str]]:
    """Every collection and the metrics, with a file for each in a folder that is made."""
    if form == "parquet":
        check_parquet()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as failure:
        reason = failure.strerror or type(failure).__name__
        raise UsageError(
            f"The folder {folder} cannot be made ({reason}).", hint="Name another one."
        ) from None
    wanted: list[AnyCollection | None] = [None, *COLLECTIONS.values()]
    names = [METRICS if chosen is None else chosen.name for chosen in wanted]
    return [
        (chosen, folder / f"{name}.{form}", form)
        for chosen, name in zip(wanted, names, strict=True)
    ]


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
        if target == STANDARD_OUTPUT:
            raise UsageError("Parquet is not written to the screen.", hint="Name a file: -o FILE")
    return chosen


def _find_collection(name: str) -> AnyCollection | None:
    """Return the collection of this name; ``None`` for the daily metrics."""
    folded = {known.casefold(): entry for known, entry in COLLECTIONS.items()}
    wanted = name.strip().casefold().replace("-", "_")
    if wanted == METRICS:
        return None
    if wanted not in folded:
        raise UsageError(
            f"There is no collection “{name[:40]}”.",
            hint=f"Choose from: {METRICS}, {', '.join(COLLECTIONS)}.",
        )
    return folded[wanted]

"""``oura_daily_summary``: what each day was like, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from annulet.errors import AnnuletError
from annulet.toolkit.answer_builder import COMMON_OUTPUT, TABLE_SCHEMA, compose, coverage, table
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, resolve
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, Metric, chosen
from annulet.toolkit.reading.baselines import BASELINE_DAYS, ENOUGH_DAYS, baseline_table
from annulet.toolkit.reading.gather import Gathered, fields_of, gather, values
from annulet.toolkit.reading.sleeps import in_progress
from annulet.toolkit.reading.sync_status import DAY, NIGHT, missing_days
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.wording.daily_sentences import summary
from annulet.toolkit.wording.missing_data import unread_notes
from annulet.toolkit.wording.number_format import rounded

__all__ = ["SECTIONS", "TOOL"]

SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "sleep": (
        "sleep_score",
        "total_sleep_min",
        "deep_min",
        "rem_min",
        "light_min",
        "awake_min",
        "efficiency_pct",
        "hrv_avg_ms",
        "hr_lowest_bpm",
    ),
    "readiness": ("readiness_score", "temperature_deviation_c"),
    "activity": ("activity_score", "steps", "active_calories_kcal", "total_calories_kcal"),
    "stress": ("stress_high_min", "recovery_high_min"),
    "spo2": ("spo2_avg_pct",),
    "heart_health": ("vascular_age", "vo2_max"),
    "resilience": ("resilience_level",),
}
_LEVEL: Final = "resilience_level"
# What is measured every day: where it is missing, there is a reason to tell.
_EVERY_NIGHT: Final = ("total_sleep_min", "readiness_score", "spo2_avg_pct")
_EVERY_DAY: Final = ("steps", "stress_high_min")


@dataclass(frozen=True, slots=True)
class _Days:
    """The cells of the table: one mapping of days to values per column that could be read."""

    cells: Mapping[str, Mapping[date, Any]]
    failures: Mapping[str, AnnuletError]

    def on(self, days: Sequence[date]) -> list[date]:
        """Which of the days have anything at all."""
        return [day for day in days if any(day in column for column in self.cells.values())]


async def _run(context: Context, arguments: Arguments) -> Answer:
    moment = await resolve_local_time(context)
    period = resolve(arguments, moment.today)
    sections = _sections(arguments)
    columns = list(dict.fromkeys(name for names in sections.values() for name in names))
    history = BASELINE_DAYS if arguments["baselines"] else 0
    few = not arguments["sections"] and bool(arguments["metrics"])
    gathered = await _gather(context, columns, period, history, few=few)
    days = _cells(columns, gathered, period)
    found = days.on(period.days)
    rows = [[day.isoformat(), *_row(days, day)] for day in found]
    body = {
        "table": table(["day", *days.cells], rows),
        "baselines": _baselines(days, gathered, period) if arguments["baselines"] else None,
    }
    notes = [
        *_unread(sections, days.failures),
        *await _notes(context, moment, period, days, gathered),
    ]
    if arguments["baselines"] and body["baselines"] is None:
        notes.append(
            f"Too early for usual ranges: they need {ENOUGH_DAYS} days before {period.start}."
        )
    return compose(
        summary(days.cells, found, period, moment),
        body,
        moment=moment,
        period=period,
        covered=coverage(period, found),
        notes=notes,
    )


def _sections(arguments: Arguments) -> dict[str, tuple[str, ...]]:
    """The columns asked for, by section; columns asked for by name stand for themselves.

    Raises:
        UsageError: There is no such column.
    """
    names: list[str] = list(dict.fromkeys(arguments["metrics"] or ()))
    if numbers := [name for name in names if name != _LEVEL]:
        chosen(numbers)
    asked = arguments["sections"] or ([] if names else SECTIONS)
    whole = {section: SECTIONS[section] for section in SECTIONS if section in asked}
    return {**whole, **{name: (name,) for name in names}}


async def _gather(
    context: Context, columns: Sequence[str], period: Period, history: int, *, few: bool
) -> Gathered:
    wanted = fields_of(_metrics(columns), few=few)
    if _LEVEL in columns:
        wanted["daily_resilience"] = None
    start = period.start - timedelta(days=history)
    return await gather(context, wanted, start, period.end)


def _metrics(columns: Sequence[str]) -> list[Metric]:
    return [METRICS[name] for name in columns if name in METRICS]


def _cells(columns: Sequence[str], gathered: Gathered, period: Period) -> _Days:
    cells: dict[str, Mapping[date, Any]] = {}
    failures: dict[str, AnnuletError] = {}
    for name in columns:
        collection = METRICS[name].collection if name in METRICS else "daily_resilience"
        if collection in gathered.failures:
            failures[name] = gathered.failures[collection]
        elif name == _LEVEL:
            documents = gathered.within(collection, period.start, period.end)
            cells[name] = {d.day: d.level for d in documents if d.level}
        else:
            cells[name] = values(METRICS[name], gathered, period.start, period.end)
    return _Days(cells, failures)


def _row(days: _Days, day: date) -> list[Any]:
    row = []
    for name, column in days.cells.items():
        value = column.get(day)
        digits = METRICS[name].digits if name in METRICS else 0
        row.append(rounded(value, digits) if isinstance(value, int | float) else value)
    return row


def _unread(
    sections: Mapping[str, Sequence[str]], failures: Mapping[str, AnnuletError]
) -> list[str]:
    parts = {}
    for section, names in sections.items():
        lost = [name for name in names if name in failures]
        if lost:
            kept = [name for name in names if name not in failures]
            but = f" (all but {', '.join(kept)})" if kept else ""
            parts[f"{section}{but}"] = failures[lost[0]]
    return unread_notes(parts)


async def _notes(
    context: Context, moment: LocalTime, period: Period, days: _Days, gathered: Gathered
) -> list[str]:
    notes = await _silence(context, moment, period, days, gathered)
    sleeps = gathered.within("sleep", moment.today - timedelta(days=1), period.end)
    if in_progress(sleeps):
        notes.append("A sleep is still in progress: its figures come when it has ended.")
    if any(
        moment.today in column
        for name, column in days.cells.items()
        if name in METRICS and METRICS[name].collection == "daily_activity"
    ):
        left_out = "" if period.length == 1 else "; averages leave it out"
        notes.append(f"Today's activity is still being counted{left_out}.")
    return notes


async def _silence(
    context: Context, moment: LocalTime, period: Period, days: _Days, gathered: Gathered
) -> list[str]:
    """Why days are missing: judged by a figure that every night, or else every day, has."""
    for names, words in ((_EVERY_NIGHT, NIGHT), (_EVERY_DAY, DAY)):
        read = (name for name in names if METRICS[name].collection in gathered.documents)
        name = next(read, None)
        if name is not None:
            known = values(METRICS[name], gathered, date.min, date.max)
            without = [day for day in period.days if day not in known]
            newest, oldest = max(known, default=None), min(known, default=None)
            return await missing_days(context, moment, without, newest, oldest=oldest, words=words)
    # The rest is estimated now and then: only what comes after the newest figure can be late.
    found = days.on(period.days)
    newest = max(found, default=None)
    late = [day for day in period.days if newest is None or day > newest]
    recent = late if moment.today in late else []
    return await missing_days(context, moment, recent, newest, words=DAY)


def _baselines(days: _Days, gathered: Gathered, period: Period) -> dict[str, Any] | None:
    before = period.start - timedelta(days=1)
    histories = {
        name: values(METRICS[name], gathered, before - timedelta(days=BASELINE_DAYS - 1), before)
        for name in days.cells
        if name in METRICS
    }
    return baseline_table(histories)


TOOL: Final = Tool(
    name="oura_daily_summary",
    title="Daily summary",
    description=(
        "Days in figures: the night (score, stages, HRV), readiness, activity, stress, SpO2, "
        "heart health, resilience. Use for 'how did I sleep', 'my last 7 days', steps."
    ),
    properties={
        "start": {
            "type": "string",
            "description": "ISO day or words: last night, last 7 days, this week, last month",
        },
        "end": {"type": "string", "description": "Last day, inclusive"},
        "sections": {
            "type": "array",
            "items": {"type": "string", "enum": list(SECTIONS)},
            "description": "Default: all",
        },
        "metrics": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Only these columns, e.g. steps; names as in oura_trends",
        },
        "baselines": {
            "type": "boolean",
            "default": False,
            "description": "Add the person's usual ranges",
        },
    },
    output={
        "type": "object",
        "properties": {**COMMON_OUTPUT, "table": TABLE_SCHEMA, "baselines": TABLE_SCHEMA},
        "required": ["summary", "period", "coverage", "table"],
    },
    scopes=("daily", "spo2", "stress", "heart_health"),
    run=_run,
)

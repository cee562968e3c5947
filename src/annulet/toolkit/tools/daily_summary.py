"""``oura_daily_summary``: the figures of each day, section by section."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from annulet.analytics.derived.hrv_status import hrv_status
from annulet.analytics.query.spelling import fold
from annulet.analytics.series import Series
from annulet.contract.collections import DAILY_ACTIVITY, DAILY_RESILIENCE, SLEEP
from annulet.contract.documents import DailyResilience
from annulet.contract.texts import code_of
from annulet.errors import AnnuletError
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Cell,
    Row,
    Table,
    TypedAnswer,
    compose,
    coverage,
)
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, resolve
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metric_names import chosen_metrics
from annulet.toolkit.metrics import METRICS, first_day
from annulet.toolkit.reading.baselines import (
    BASELINE_DAYS,
    ENOUGH_DAYS,
    baseline_table,
    of_newest_ring,
)
from annulet.toolkit.reading.gather import Gathered, fields_of, gather, values
from annulet.toolkit.reading.left_out import (
    count_left_out,
    days_without_figure,
    left_out_notes,
    unread_rows_notes,
)
from annulet.toolkit.reading.ring_periods import new_rings, no_rings, usual_range_notes
from annulet.toolkit.reading.sleeps import in_progress, nights
from annulet.toolkit.reading.sync_status import DAY, NIGHT, missing_days
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.daily_sentences import Cells, daily_summary
from annulet.toolkit.wording.missing_data import unread_notes
from annulet.toolkit.wording.number_format import counted, rounded

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
    "rhythm": (
        "midsleep_min_from_midnight",
        "wake_min_from_midnight",
        "sleep_regularity_index",
        "social_jetlag_min",
        "sleep_24h_min",
        "sleep_debt_min",
    ),
}
# The rhythm follows from weeks of five-minute stages, which are heavy to read.
_DEFAULT_SECTIONS: Final = tuple(name for name in SECTIONS if name != "rhythm")
_LEVEL: Final = "resilience_level"
_LEVEL_WORDS: Final = frozenset({"resilience level", "resilience"})
_HRV_WEEK: Final = "hrv_7d_vs_60d_pct"
# What is measured every day: where it is missing, there is a reason to tell.
_EVERY_NIGHT: Final = ("total_sleep_min", "readiness_score", "spo2_avg_pct")
_EVERY_DAY: Final = ("steps", "stress_high_min")


@dataclass(frozen=True, slots=True)
class DailySummaryArguments:
    """The arguments of ``oura_daily_summary``."""

    start: str | None
    end: str | None
    sections: list[str] | None
    metrics: list[str] | None
    baselines: bool


class DailySummaryAnswer(TypedAnswer, kw_only=True):
    """A row for each day."""

    table: Table
    baselines: Table | None = None


@dataclass(frozen=True, slots=True)
class _Days:
    """The columns that could be read, each with its values by day, and why others could not."""

    cells: Cells
    failures: Mapping[str, AnnuletError]

    def on(self, days: Sequence[date]) -> list[date]:
        """Which of the days have anything at all."""
        return [day for day in days if any(day in column for column in self.cells.values())]

    def unfinished(self, open_day: date) -> date | None:
        """The newest day whose figures of activity are still being counted.

        Args:
            open_day: The first day that is not over.
        """
        days = (
            day
            for name, column in self.cells.items()
            if name in METRICS and METRICS[name].collection is DAILY_ACTIVITY
            for day in column
        )
        return max((day for day in days if day >= open_day), default=None)


async def _run(context: Context, arguments: DailySummaryArguments) -> Answer:
    local_time = await resolve_local_time(context)
    period = resolve(arguments.start, arguments.end, local_time.today)
    sections = _sections(arguments)
    columns = list(dict.fromkeys(name for names in sections.values() for name in names))
    history = BASELINE_DAYS if arguments.baselines else 0
    few = not arguments.sections and bool(arguments.metrics)
    gathered, rings = await asyncio.gather(
        _gather(context, columns, period, history, few=few),
        new_rings(context) if arguments.baselines else no_rings(),
    )
    days = _days(columns, gathered, period)
    with_data = days.on(period.days)
    rows = [[day.isoformat(), *_row(days.cells, day)] for day in with_data]
    baselines = _baselines(days.cells, gathered, period, rings) if arguments.baselines else None
    notes = [
        *_unread(sections, days.failures),
        *await _notes(context, local_time, period, days, gathered),
        *_left_out(columns, gathered, period, local_time.open_day),
        *unread_rows_notes(gathered),
    ]
    if baselines is not None:
        notes += usual_range_notes(rings, period.start, BASELINE_DAYS, local_time.today)
    if arguments.baselines and baselines is None:
        notes.append(
            f"Too early for usual ranges: they need {ENOUGH_DAYS} days before {period.start}."
        )
    return compose(
        daily_summary(days.cells, with_data, period, local_time, nights(gathered.all(SLEEP))),
        DailySummaryAnswer(table=Table(["day", *days.cells], rows), baselines=baselines),
        local_time=local_time,
        period=period,
        covered=coverage(period, with_data),
        names_every_day=True,
        unfinished=days.unfinished(local_time.open_day),
        notes=notes,
    )


def _sections(arguments: DailySummaryArguments) -> dict[str, tuple[str, ...]]:
    """The columns asked for, by section; columns asked for by name stand for themselves.

    Raises:
        UsageError: There is no such column.
    """
    names: list[str] = []
    for written in arguments.metrics or ():
        is_level = fold(written) in _LEVEL_WORDS
        names.append(_LEVEL if is_level else chosen_metrics([written])[0].name)
    names = list(dict.fromkeys(names))
    asked = arguments.sections or ([] if names else _DEFAULT_SECTIONS)
    whole = {section: SECTIONS[section] for section in SECTIONS if section in asked}
    return {**whole, **{name: (name,) for name in names}}


async def _gather(
    context: Context, columns: Sequence[str], period: Period, history: int, *, few: bool
) -> Gathered:
    metrics = [METRICS[name] for name in columns if name in METRICS]
    wanted = fields_of(metrics, few=few)
    if _LEVEL in columns:
        wanted[DAILY_RESILIENCE] = None
    start = first_day(metrics, period.start - timedelta(days=history))
    return await gather(context, wanted, start, period.end)


def _days(columns: Sequence[str], gathered: Gathered, period: Period) -> _Days:
    cells: dict[str, Mapping[date, float | str]] = {}
    failures: dict[str, AnnuletError] = {}
    for name in columns:
        collection = METRICS[name].collection if name in METRICS else DAILY_RESILIENCE
        if collection in gathered.failures:
            failures[name] = gathered.failures[collection]
        elif name == _LEVEL:
            documents = gathered.within(DAILY_RESILIENCE, period.start, period.end)
            cells[name] = {d.day: level for d in documents if d.day and (level := _level(d))}
        else:
            cells[name] = values(METRICS[name], gathered, period.start, period.end)
    return _Days(cells, failures)


def _level(document: DailyResilience) -> str:
    """Oura's word in its own spelling; empty where there is none."""
    return code_of((document.level or "").casefold())


def _unread_levels(documents: Iterable[DailyResilience]) -> list[str]:
    """How many days have something in place of a word."""
    count = sum(bool(d.level or "level" in d.extra) and not _level(d) for d in documents)
    return [f"{counted(count, 'day')} with no readable resilience level."] if count else []


def _row(cells: Cells, day: date) -> Row:
    row: list[Cell] = []
    for name, column in cells.items():
        value = column.get(day)
        row.append(rounded(value, METRICS[name].digits) if isinstance(value, float) else value)
    return row


def _unread(
    sections: Mapping[str, Sequence[str]], failures: Mapping[str, AnnuletError]
) -> list[str]:
    parts = {}
    for section, names in sections.items():
        unread = [name for name in names if name in failures]
        if unread:
            read = [name for name in names if name not in failures]
            but = f" (all but {', '.join(read)})" if read else ""
            parts[f"{section}{but}"] = failures[unread[0]]
    return unread_notes(parts)


async def _notes(
    context: Context, local_time: LocalTime, period: Period, days: _Days, gathered: Gathered
) -> list[str]:
    notes = await _missing(context, local_time, period, days, gathered)
    yesterday = local_time.today - timedelta(days=1)
    lasting = in_progress(gathered.all(SLEEP))
    if any(sleep.day and yesterday <= sleep.day <= period.end for sleep in lasting):
        notes.append("A sleep is still in progress: its figures come when it has ended.")
    unfinished = days.unfinished(local_time.open_day)
    if unfinished is not None:
        left_out = "" if period.length == 1 else "; averages leave it out"
        whose = "Today's" if unfinished == local_time.today else "Yesterday's"
        until = "" if unfinished == local_time.today else " until 04:00"
        notes.append(f"{whose} activity is still being counted{until}{left_out}.")
    return [*notes, *(_hrv_notes(gathered, period) if _HRV_WEEK in days.cells else ())]


def _hrv_notes(gathered: Gathered, period: Period) -> list[str]:
    """Where the HRV of the last week lies in the normal range of the last two months."""
    hrv = Series.of(values(METRICS["hrv_avg_ms"], gathered, date.min, period.end))
    status = hrv_status(hrv, period.end.toordinal())
    if status is None:
        return []
    place = "below" if status.week_ms < status.low_ms else "within"
    place = "above" if status.week_ms > status.high_ms else place
    words = (
        f"HRV of 7 nights: {status.week_ms:.0f} ms, {place} the normal range of 60 nights "
        f"({status.low_ms:.0f} to {status.high_ms:.0f} ms); its coefficient of variation is "
        f"{status.cv_pct:.1f} %."
    )
    return [words]


async def _missing(
    context: Context, local_time: LocalTime, period: Period, days: _Days, gathered: Gathered
) -> list[str]:
    """Why days are missing: judged by a figure that every night, or else every day, has."""
    for names, words in ((_EVERY_NIGHT, NIGHT), (_EVERY_DAY, DAY)):
        read = (name for name in names if METRICS[name].collection in gathered.documents)
        name = next(read, None)
        if name is not None:
            known = values(METRICS[name], gathered, date.min, date.max)
            recorded = days_without_figure(METRICS[name], gathered)
            return await missing_days(
                context, local_time, period.days, known, words, recorded=recorded
            )
    # The rest is estimated now and then: only what comes after the newest figure can be late.
    newest = max(days.on(period.days), default=None)
    late = [day for day in period.days if newest is None or day > newest]
    if local_time.today not in late:
        return []
    return await missing_days(context, local_time, late, [] if newest is None else [newest], DAY)


def _left_out(
    columns: Sequence[str], gathered: Gathered, period: Period, open_day: date
) -> list[str]:
    read = [METRICS[name] for name in columns if name in METRICS]
    notes = left_out_notes(count_left_out(read, gathered, period.start, period.end, open_day))
    levels = gathered.within(DAILY_RESILIENCE, period.start, period.end)
    return [*notes, *_unread_levels(levels if _LEVEL in columns else ())]


def _baselines(
    cells: Cells, gathered: Gathered, period: Period, rings: frozenset[int]
) -> Table | None:
    before = period.start - timedelta(days=1)
    first = before - timedelta(days=BASELINE_DAYS - 1)
    return baseline_table(
        {
            name: of_newest_ring(values(METRICS[name], gathered, first, before), rings)
            for name in cells
            if name in METRICS
        }
    )


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
            "description": "Default: all but rhythm",
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
    run=with_arguments(DailySummaryArguments, _run),
)

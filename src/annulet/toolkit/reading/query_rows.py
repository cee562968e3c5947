"""Reads what a query needs, and lays it out as rows and figures by day."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from annulet.analytics.query.columns import CALENDAR, QueryField
from annulet.analytics.query.conditions import Comparison, Condition, Junction, Statistic
from annulet.analytics.query.evaluation import Evidence
from annulet.analytics.query.question import RecordQuery
from annulet.analytics.query.rows import Cell, DayFigures, Row, reader
from annulet.analytics.usual_range import usual_range
from annulet.contract.collections import DAILY_ACTIVITY, ENHANCED_TAG, SLEEP, WORKOUT, AnyCollection
from annulet.errors import AnnuletError
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import DAYTIME, METRICS, Fields, Metric, open_since
from annulet.toolkit.query_columns import EVENT_WORDS, SHARES, WORKOUT_SUMS
from annulet.toolkit.query_difference import compares_days
from annulet.toolkit.reading.baselines import BASELINE_DAYS, ENOUGH_DAYS, of_newest_ring
from annulet.toolkit.reading.day_events import (
    EVENT_FIGURES,
    NAP_COUNT,
    WORD_COLLECTIONS,
    WORKOUT_FIGURES,
    event_words,
    nap_counts,
    workout_sums,
)
from annulet.toolkit.reading.event_rows import EVENT_COLLECTIONS, event_rows, sleep_rows
from annulet.toolkit.reading.gather import Gathered, fields_of, gather, values, worst
from annulet.toolkit.reading.left_out import query_notes
from annulet.toolkit.reading.ring_periods import new_rings, no_rings
from annulet.toolkit.reading.ring_presence import every_day, recorded_days, with_worn_days
from annulet.toolkit.reading.sleeps import nights
from annulet.toolkit.reading.tags import days_of, name_of
from annulet.toolkit.reading.workout_heart_rate import asks_for_heart_rate, with_heart_rate

_CLOCKS: Final = {"bedtime": "bedtime_start", "wake_time": "bedtime_end"}
_FEW_FIELDS_BEYOND: Final = 185
_HALF_DAY: Final = 720
_DAY_MIN: Final = 1440


@dataclass(frozen=True, slots=True)
class Records:
    """What was read for a query.

    Attributes:
        evidence: Rows and figures, as the engine takes them.
        with_data: The days of the period with any figure that the query reads; of events those
            on which the ring recorded anything.
        recorded: All days on which it did, also around the period; None where that is unknown.
        has_figures: Whether any day has a figure that the query reads.
        failures: Why parts could not be read, by their name.
        unfinished: Columns that are left out of today.
        so_far: Columns of today alone that are still being counted.
        nightly: Whether the figures belong to nights and not to daytime.
        days_before: From how many earlier days a figure follows.
        rings: First days (ordinals) of new rings, where they matter.
        of_usual: Whether values are compared with their usual range.
        lasting: Tags, where those are the rows, that began before the period and last into it.
        left_out: Notes about values that are no measurements, and rows that are no documents.
    """

    evidence: Evidence
    with_data: frozenset[date]
    recorded: frozenset[date] | None
    has_figures: bool
    failures: Mapping[str, AnnuletError]
    unfinished: Sequence[str]
    so_far: Sequence[str]
    nightly: bool
    days_before: int
    rings: frozenset[int]
    of_usual: bool
    lasting: Sequence[str]
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Need:
    """What a query reads.

    Attributes:
        fields: Every field.
        metrics: The daily metrics they are made of.
        back: How many days before the period are read.
        ahead: How many days after it.
        of_usual: Whether values are compared with their usual range.
    """

    fields: Sequence[QueryField]
    metrics: Sequence[Metric]
    back: int
    ahead: int
    of_usual: bool

    @property
    def of_events(self) -> bool:
        """Whether it is asked what happened, or did not, on a day."""
        return bool(EVENT_FIGURES & set(self.day_columns))

    @property
    def day_columns(self) -> list[str]:
        """The names of the columns of days that are read."""
        names = (field.column.name for field in self.fields if field.of_day)
        return [name for name in dict.fromkeys(names) if name not in CALENDAR]


def days_without_workout(records: Records, rows: Sequence[Row]) -> int:
    """On how many rows' days, where the length of workouts was asked, there was none."""
    days = records.evidence.days
    counts = days.figures.get("workout_count", {})
    return sum(row.day != days.today and counts.get(row.day) == 0 for row in rows)


async def read_records(
    context: Context, local_time: LocalTime, of: str, query: RecordQuery, period: Period
) -> Records:
    """Read the rows of a period and everything that its conditions look at.

    Args:
        context: Whose records.
        local_time: The person's clock.
        of: What a row is.
        query: What is asked.
        period: The days of the rows.

    Raises:
        AnnuletError: Nothing could be read.
    """
    need = _need(query)
    first = period.start - timedelta(days=need.back)
    last = min(period.end + timedelta(days=need.ahead), local_time.today)
    few = (last - first).days > _FEW_FIELDS_BEYOND
    asked = _collections(of, need, few=few)
    gathered, rings = await asyncio.gather(
        gather(context, with_worn_days(asked, is_needed=need.of_events), first, last),
        new_rings(context) if need.of_usual or compares_days(query) else no_rings(),
    )
    if not asked.keys() & gathered.documents.keys():
        raise worst(gathered.failures[collection] for collection in asked)
    figures = _day_figures(need, gathered, first, last)
    alone = period.length == 1 and period.end >= local_time.open_day
    unfinished = _unfinished(figures, local_time)
    open_figures = () if alone else (unfinished, local_time.today.toordinal())
    days = DayFigures(figures, *open_figures)
    evidence = Evidence(_rows(of, gathered, period), days, _usual(query, days, period, rings))
    failures = _failures(need, gathered)
    if of == "workouts" and asks_for_heart_rate(query) and evidence.rows:
        rows, failure = await with_heart_rate(context, query, evidence, gathered)
        evidence = replace(evidence, rows=rows)
        failures |= {"heart rate": failure} if failure else {}
    valued = _valued_days(of, gathered, figures)
    return Records(
        evidence,
        _with_data(of, period, valued, evidence, gathered),
        _recorded(gathered, asked),
        bool(valued),
        failures,
        _left_out(need, days, period),
        sorted(n for n, first in unfinished.items() if alone and first <= period.end.toordinal()),
        bool(every_day(asked)) and not DAYTIME & every_day(asked),
        max((metric.days_before for metric in need.metrics), default=0),
        rings,
        need.of_usual,
        _lasting(gathered, period) if of == "tags" else (),
        query_notes(of, need.fields, gathered, period, local_time.open_day),
    )


def _recorded(gathered: Gathered, asked: Iterable[AnyCollection]) -> frozenset[date] | None:
    """All days on which the ring recorded anything; None where that is unknown."""
    telling = every_day(asked) or frozenset({DAILY_ACTIVITY})
    is_told = bool(telling & gathered.documents.keys())
    return recorded_days(gathered, telling) if is_told else None


def _need(query: RecordQuery) -> _Need:
    fields = query.fields
    names = {field.column.name for field in fields if field.of_day}
    usual = [field for condition in query.where for field in _usual_fields(condition)]
    names |= {part for name in names & SHARES.keys() for part in SHARES[name]}
    names |= {field.column.name for field in usual}
    metrics = [METRICS[name] for name in names if name in METRICS]
    earlier = [metric.days_before for metric in metrics]
    offsets = [field.offset for field in fields]
    back = max((*(-offset for offset in offsets), 0)) + max((*earlier, 0))
    if usual:
        back = max(back, BASELINE_DAYS)
    return _Need(fields, metrics, back, max((*offsets, 0)), bool(usual))


def _usual_fields(condition: Condition) -> Iterable[QueryField]:
    """The fields that are compared with an end of their usual range."""
    if isinstance(condition, Junction):
        for part in condition.parts:
            yield from _usual_fields(part)
    elif _is_usual(condition):
        yield condition.field


def _is_usual(condition: Comparison) -> bool:
    operand = condition.operand
    return isinstance(operand, Statistic) and operand.name.startswith("usual")


def _collections(of: str, need: _Need, *, few: bool) -> dict[AnyCollection, Fields]:
    """The collections and fields to read."""
    wanted = fields_of(need.metrics, few=few)
    columns = set(need.day_columns)
    if of == "sleeps" or columns & {*_CLOCKS, NAP_COUNT}:
        wanted.setdefault(SLEEP, fields_of([METRICS["total_sleep_min"]])[SLEEP])
    for name, collection in WORD_COLLECTIONS.items():
        if name in columns:
            wanted[collection] = None
    if columns & WORKOUT_FIGURES:
        wanted[WORKOUT] = None
    if of in EVENT_COLLECTIONS:
        wanted[EVENT_COLLECTIONS[of]] = None
    if not wanted:  # nothing but the calendar: days are known by their nights
        wanted[SLEEP] = fields_of([METRICS["total_sleep_min"]])[SLEEP]
    return wanted


def _day_figures(
    need: _Need, gathered: Gathered, first: date, last: date
) -> dict[str, dict[int, Cell]]:
    figures: dict[str, dict[int, Cell]] = {}
    for metric in need.metrics:
        if metric.collection in gathered.documents:
            by_day = values(metric, gathered, first, last)
            figures[metric.name] = {day.toordinal(): value for day, value in by_day.items()}
    columns = need.day_columns
    for name in columns:
        if name in SHARES:
            figures[name] = _shares(figures, *SHARES[name])
        elif name in _CLOCKS:
            figures[name] = _clock_figures(gathered, name)
        elif name == NAP_COUNT:
            figures[name] = nap_counts(gathered)
    for name in EVENT_WORDS:
        if name in columns and WORD_COLLECTIONS[name] in gathered.documents:
            figures[name] = event_words(name, gathered, first, last)
    if WORKOUT_FIGURES & set(columns) and WORKOUT in gathered.documents:
        # Days that are known to have had none have no length of one, and are no gaps.
        counted = ("workout_count",) if WORKOUT_SUMS.keys() & set(columns) else ()
        figures |= workout_sums(gathered, [*columns, *counted])
    return figures


def _shares(figures: Mapping[str, Mapping[int, Cell]], part: str, whole: str) -> dict[int, Cell]:
    parts, wholes = figures.get(part, {}), figures.get(whole, {})
    return {
        day: 100.0 * value / total
        for day, value in parts.items()
        if isinstance(value, float) and isinstance(total := wholes.get(day), float) and total > 0
    }


def _clock_figures(gathered: Gathered, name: str) -> dict[int, Cell]:
    clock_times: dict[int, Cell] = {}
    for day, night in nights(gathered.all(SLEEP)).items():
        instant: datetime | None = getattr(night, _CLOCKS[name])
        if instant is not None:
            minutes = instant.hour * 60 + instant.minute + instant.second / 60
            evening = name == "bedtime" and minutes >= _HALF_DAY
            clock_times[day.toordinal()] = float(minutes - _DAY_MIN if evening else minutes)
    return clock_times


def _unfinished(figures: Iterable[str], local_time: LocalTime) -> dict[str, int]:
    """The columns that may still grow, with the first day (ordinal) that is not over.

    What happens belongs to days of the calendar; activity to days that end at 04:00.
    """
    first = {}
    for name in figures:
        if name in EVENT_FIGURES:
            first[name] = local_time.today.toordinal()
        elif name in METRICS and METRICS[name].collection in DAYTIME:
            first[name] = open_since(METRICS[name], local_time).toordinal()
    return first


def _rows(of: str, gathered: Gathered, period: Period) -> list[Row]:
    if of == "days":
        return [Row(day.toordinal()) for day in period.days]
    if of == "sleeps":
        return sleep_rows(gathered.within(SLEEP, period.start, period.end))
    return event_rows(of, gathered, period.start, period.end)


def _valued_days(
    of: str, gathered: Gathered, figures: Mapping[str, Mapping[int, Cell]]
) -> frozenset[date]:
    """The days with any figure; where nothing is measured, those the ring recorded."""
    measured = [name for name in figures if name not in WORD_COLLECTIONS]
    days = {date.fromordinal(day) for name in measured for day in figures[name]}
    if of == "sleeps":
        days |= nights(gathered.all(SLEEP)).keys()
    elif not measured:
        days |= recorded_days(gathered)
    return frozenset(days)


def _with_data(
    of: str, period: Period, valued: frozenset[date], evidence: Evidence, gathered: Gathered
) -> frozenset[date]:
    """The days the answer speaks for: a day without an event is no gap where the ring was worn."""
    days = valued
    if of not in {"days", "sleeps"}:
        days = recorded_days(gathered) | {date.fromordinal(row.day) for row in evidence.rows}
    return frozenset(day for day in days if day in period)


def _failures(need: _Need, gathered: Gathered) -> dict[str, AnnuletError]:
    """Why columns are without any value, by the name of the column."""
    failures = {
        metric.label: gathered.failures[metric.collection]
        for metric in need.metrics
        if metric.collection in gathered.failures
    }
    for name, collection in WORD_COLLECTIONS.items():
        if collection in gathered.failures:
            failures[f"{name}s"] = gathered.failures[collection]
    if SLEEP in gathered.failures and not failures:
        failures["sleep"] = gathered.failures[SLEEP]
    return failures


def _usual(
    query: RecordQuery, days: DayFigures, period: Period, rings: frozenset[int]
) -> dict[str, tuple[float, float]]:
    """The usual range of each field that is compared with it, from before the period."""
    fields = {field.name: field for condition in query.where for field in _usual_fields(condition)}
    before = [Row(period.start.toordinal() - n) for n in range(BASELINE_DAYS, 0, -1)]
    ranges = {}
    for name, field in fields.items():
        read = reader(QueryField(field.column), days)
        history = {
            date.fromordinal(row.day): float(value)
            for row in before
            if isinstance(value := read(row), int | float)
        }
        if len(history) >= ENOUGH_DAYS:
            usual = usual_range(of_newest_ring(history, rings).values())
            ranges[name] = (usual.low, usual.high)
    return ranges


def _lasting(gathered: Gathered, period: Period) -> list[str]:
    names = [
        name_of(tag)
        for tag in gathered.all(ENHANCED_TAG)
        if tag.start_day is not None
        and tag.start_day < period.start
        and any(day in period for day in days_of(tag))
    ]
    return list(dict.fromkeys(names))


def _left_out(need: _Need, days: DayFigures, period: Period) -> list[str]:
    """What is left out of a day that is not over, where the period or a condition reaches it."""
    last = period.end.toordinal() + need.ahead
    return [
        name
        for name in dict.fromkeys(need.day_columns)
        if name in days.unfinished.keys() - WORD_COLLECTIONS.keys()
        and any(days.unfinished[name] <= day <= last for day in days.figures.get(name, {}))
    ]

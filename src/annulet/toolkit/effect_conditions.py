"""Days that meet a condition, as the days whose following nights an effect is looked for in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.columns import CALENDAR, Column
from annulet.analytics.query.conditions import Condition, fields_of
from annulet.analytics.query.evaluation import test_of
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.parser import parse_condition
from annulet.analytics.query.question import RecordQuery
from annulet.errors import UsageError
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.effect_events import Event, EventTiming
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import DAYTIME, METRICS, Metric
from annulet.toolkit.query_columns import EVENT_WORDS, NAPS, WORKOUT_SUMS, vocabulary
from annulet.toolkit.query_terms import usage_error
from annulet.toolkit.reading.query_rows import read_records
from annulet.toolkit.shared_parts import share_parts

_WEEK: Final = frozenset({"weekday", "weekend", "night"})
_OF_DAY: Final = frozenset({*EVENT_WORDS, *WORKOUT_SUMS, "workout_count", *NAPS, *CALENDAR})


@dataclass(frozen=True, slots=True)
class EventCondition:
    """A condition on the day.

    Attributes:
        text: As it was written.
        condition: The same, read.
    """

    text: str
    condition: Condition

    @property
    def timing(self) -> EventTiming:
        """When what it is about happens."""
        fields = [field for field in fields_of(self.condition) if field.column.name not in CALENDAR]
        offsets = [field.offset for field in fields] or [0]
        of_night = any(_is_of_night(field.column) for field in fields)
        return EventTiming(min(offsets), max(offsets), of_night)

    @property
    def calendar_reason(self) -> str:
        """Why nothing can be told of it, where it is about the calendar alone; else empty."""
        names = [field.column.name for field in fields_of(self.condition)]
        if not names or any(name not in CALENDAR for name in names):
            return ""
        if not _WEEK.issuperset(names):
            return (
                "the season is taken out before anything is compared. Ask oura_compare for two "
                "periods, or oura_query by “month”"
            )
        by = next(name for name in names if name in _WEEK)
        return (
            "the pattern of the week is taken out before anything is compared. Ask oura_query by "
            f"“{by}”; oura_effects without tag, when and driver looks at weekends"
        )

    def is_about(self, metric: Metric, lag_days: int) -> bool:
        """Whether it is made of a metric on the very nights and days looked at.

        Of such a metric a difference is no finding: it is there by definition.

        Args:
            metric: The metric.
            lag_days: How many days later than the night after it.
        """
        return any(
            field.offset == lag_days + 1 and share_parts(field.column.name, metric.name, 0)
            for field in fields_of(self.condition)
        )

    def is_partly_in(self, metric: Metric, lag_days: int) -> bool:
        """Whether a metric is reckoned partly from earlier days, and so from what it is about.

        Args:
            metric: The metric.
            lag_days: How many days later than the night after it.
        """
        return any(
            share_parts(field.column.name, metric.name, days_apart)
            for field in fields_of(self.condition)
            if (days_apart := lag_days + 1 - field.offset) > 0
        )


def read_condition(text: str, today: int) -> EventCondition:
    """Read a condition.

    Args:
        text: As it was written.
        today: Today (ordinal).

    Raises:
        UsageError: It cannot be understood.
    """
    try:
        return EventCondition(text, parse_condition(text, vocabulary("days", today)))
    except ExpressionError as error:
        raise usage_error(text, error) from None


async def event_of(
    context: Context,
    local_time: LocalTime,
    condition: EventCondition,
    period: Period,
    lag_days: int,
) -> Event:
    """The days of a period that meet a condition.

    Raises:
        UsageError: No day meets it.
        AnnuletError: Nothing could be read.
    """
    query = RecordQuery(where=(condition.condition,), calculate=("count",))
    records = await read_records(context, local_time, "days", query, period)
    test = test_of(condition.condition, records.evidence)
    verdicts = {row.day: test(row) for row in records.evidence.rows}
    met = frozenset(day for day, verdict in verdicts.items() if verdict)
    if not met:
        raise UsageError(
            f"No day since {period.start} meets “{condition.text.strip()[:80]}”.",
            hint="Ask oura_query how often it holds, or ask for more days.",
        )
    unknown = frozenset(day for day, verdict in verdicts.items() if verdict is None)
    return Event(met, lag_days, condition.timing, unknown, tuple(records.left_out))


def _is_of_night(column: Column) -> bool:
    metric = METRICS.get(column.name)
    if metric is None or column.name in _OF_DAY:
        return column.name not in _OF_DAY
    return metric.collection not in DAYTIME

"""Days that meet a condition, as the days whose following nights an effect is looked for in."""

from __future__ import annotations

from annulet.analytics.query.conditions import Condition, fields_of
from annulet.analytics.query.evaluation import test_of
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.parser import parse_condition
from annulet.analytics.query.question import RecordQuery
from annulet.errors import UsageError
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.query_columns import vocabulary
from annulet.toolkit.query_terms import usage_error
from annulet.toolkit.reading.query_rows import read_records

ConditionDays = tuple[frozenset[int], frozenset[int]]
"""Days (ordinals) that meet a condition, and days of which it is unknown."""


def metrics_in_condition(text: str, today: int, lag_days: int) -> frozenset[str]:
    """The metrics of the very nights and days looked at that a condition is made of.

    Of these a difference is no finding: it is there by definition.

    Args:
        text: The condition.
        today: Today (ordinal).
        lag_days: How many days later than the night after it.

    Raises:
        UsageError: The condition cannot be understood.
    """
    fields = fields_of(_parse(text, today))
    return frozenset(field.column.name for field in fields if field.offset == lag_days + 1)


def _parse(text: str, today: int) -> Condition:
    try:
        return parse_condition(text, vocabulary("days", today))
    except ExpressionError as error:
        raise usage_error(text, error) from None


async def days_meeting(
    context: Context, local_time: LocalTime, text: str, period: Period
) -> ConditionDays:
    """The days of a period that meet a condition.

    Raises:
        UsageError: The condition cannot be understood, or no day meets it.
        AnnuletError: Nothing could be read.
    """
    condition = _parse(text, local_time.today.toordinal())
    query = RecordQuery(where=(condition,), calculate=("count",))
    records = await read_records(context, local_time, "days", query, period)
    test = test_of(condition, records.evidence)
    verdicts = {row.day: test(row) for row in records.evidence.rows}
    met = frozenset(day for day, verdict in verdicts.items() if verdict)
    if not met:
        raise UsageError(
            f"No day since {period.start} meets “{text.strip()[:80]}”.",
            hint="Ask oura_query how often it holds, or ask for more days.",
        )
    return met, frozenset(day for day, verdict in verdicts.items() if verdict is None)

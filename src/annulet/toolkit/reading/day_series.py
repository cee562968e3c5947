"""One column of days as a series, for figures that no collection holds by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from annulet.analytics.query.columns import QueryField
from annulet.analytics.query.question import RecordQuery
from annulet.analytics.query.rows import reader
from annulet.analytics.series import Series
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.query_columns import DAY_COLUMNS
from annulet.toolkit.reading.query_rows import read_records


async def read_day_series(
    context: Context, local_time: LocalTime, column: str, period: Period
) -> tuple[Series, Sequence[str]]:
    """Read a numeric column of days, and say what was left out of what it is read from.

    A day without a value, and an unfinished today, is a gap.

    Args:
        context: Whose records.
        local_time: The person's clock.
        column: The name of the column.
        period: The days.

    Raises:
        AnnuletError: Nothing could be read.
    """
    field = QueryField(DAY_COLUMNS[column])
    query = RecordQuery(metrics=(field,), calculate=("count",))
    records = await read_records(context, local_time, "days", query, period)
    read = reader(field, records.evidence.days)
    series = Series.of(
        (period.start + timedelta(days=row.day - period.start.toordinal()), value)
        for row in records.evidence.rows
        if isinstance(value := read(row), float)
    )
    return series, records.left_out

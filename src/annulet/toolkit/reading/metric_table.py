"""All daily metrics of a period as rows, plain and derived ones."""

from __future__ import annotations

from collections.abc import Mapping

from annulet.errors import AccountRefused, AnnuletError, ScopeMissing
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, first_day, open_since
from annulet.toolkit.reading.gather import fields_of, gather, values


async def metric_rows(
    context: Context, local_time: LocalTime, period: Period
) -> tuple[list[Mapping[str, object]], dict[str, AnnuletError]]:
    """A row a day with every metric that has a value; and the metrics that are not permitted.

    Figures that are still being counted are left out.

    Raises:
        AnnuletError: A part could not be read: a table is whole or not at all.
    """
    metrics = list(METRICS.values())
    first = first_day(metrics, period.start)
    gathered = await gather(context, fields_of(metrics), first, period.end)
    refused = {}
    for metric in metrics:
        failure = gathered.failures.get(metric.collection)
        if isinstance(failure, ScopeMissing | AccountRefused):
            refused[metric.label] = failure
        elif failure is not None:
            raise failure
    rows: dict[str, dict[str, object]] = {day.isoformat(): {} for day in period.days}
    for metric in metrics:
        if metric.collection in gathered.failures:
            continue
        for day, value in values(metric, gathered, period.start, period.end).items():
            if day < open_since(metric, local_time):
                rows[day.isoformat()][metric.name] = value
    return [{"day": day, **row} for day, row in rows.items()], dict(refused)

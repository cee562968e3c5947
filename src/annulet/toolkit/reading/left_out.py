"""Values that Oura sent and that are no measurement, counted for the notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from annulet.contract.collections import DAILY_SPO2, SLEEP
from annulet.toolkit.metrics import DAYTIME, Metric
from annulet.toolkit.reading.gather import Gathered
from annulet.toolkit.wording.number_format import counted

_NIGHTLY = (SLEEP, DAILY_SPO2)


def count_left_out(
    metrics: Iterable[Metric], gathered: Gathered, start: date, end: date, open_day: date
) -> dict[Metric, int]:
    """On how many days of a range each metric has a value that is no measurement.

    A day that is not over does not count for what is still being counted: it may be measured yet.

    Args:
        metrics: Which metrics.
        gathered: What was read.
        start: First day.
        end: Last day.
        open_day: The first day that is not over.
    """
    counts = {}
    for metric in metrics:
        last = min(end, open_day - timedelta(days=1)) if metric.collection in DAYTIME else end
        documents = (
            gathered.nights(start, last)
            if metric.collection is SLEEP
            else gathered.within(metric.collection, start, last)
        )
        count = sum(metric.is_left_out(document) for document in documents)
        if count:
            counts[metric] = count
    return counts


def left_out_notes(counts: Mapping[Metric, int]) -> list[str]:
    """One note about everything that was left out; none where nothing was."""
    parts = [
        f"{counted(count, 'night' if metric.collection in _NIGHTLY else 'day')} without a "
        f"{metric.label} measurement"
        for metric, count in counts.items()
    ]
    if not parts:
        return []
    return [f"{'; '.join(parts)}: what Oura sent there was not measured or is impossible."]

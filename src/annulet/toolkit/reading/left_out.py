"""Values that Oura sent and that are no measurement, counted for the notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from annulet.client.documents import Documents
from annulet.contract.collections import DAILY_SPO2, SLEEP
from annulet.contract.documents import Document
from annulet.toolkit.metrics import DAYTIME, Metric
from annulet.toolkit.reading.gather import Gathered, day_of
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


def days_without_figure(metric: Metric, gathered: Gathered) -> frozenset[date]:
    """The days that have a document in which a metric is missing, and was not left out either."""
    documents: Iterable[Document]
    if metric.collection is SLEEP:
        documents = gathered.nights(date.min, date.max)
    else:
        documents = gathered.all(metric.collection)
    days = {
        day_of(metric.collection, document)
        for document in documents
        if metric.read(document) is None
        and (metric.collection is SLEEP or not metric.is_left_out(document))
    }
    return frozenset(day for day in days if day is not None)


def unread_rows_notes(gathered: Gathered) -> list[str]:
    """One note about rows that are no documents, or say no time; none where there are none."""
    counts = {
        collection.name.replace("_", " "): documents.left_out
        for collection, documents in gathered.documents.items()
        if isinstance(documents, Documents) and documents.left_out
    }
    if not counts:
        return []
    rows = ", ".join(f"{count} of {name}" for name, count in counts.items())
    return [f"Rows of Oura that cannot be read, or say no time, are left out: {rows}."]


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

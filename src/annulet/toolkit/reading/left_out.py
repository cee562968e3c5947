"""Values that Oura sent and that are no measurement, counted for the notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from annulet.analytics.query.columns import QueryField
from annulet.client.documents import Documents
from annulet.contract.collections import (
    DAILY_SPO2,
    ENHANCED_TAG,
    SESSION,
    SLEEP,
    WORKOUT,
    AnyCollection,
)
from annulet.contract.documents import Document, Part, Sample, Sleep
from annulet.contract.documents.repairs import count_of_missing
from annulet.toolkit.dates import Period
from annulet.toolkit.metrics import DAYTIME, METRICS, Metric
from annulet.toolkit.reading.gather import Gathered, day_of
from annulet.toolkit.reading.sleeps import finished
from annulet.toolkit.wording.number_format import counted

_NIGHTLY = (SLEEP, DAILY_SPO2)
_EVENTS: Final[dict[str, AnyCollection]] = {
    "workouts": WORKOUT,
    "sessions": SESSION,
    "tags": ENHANCED_TAG,
}
_EVENT_VALUES: Final = {
    "start_datetime": "start",
    "end_datetime": "end",
    "start_time": "start",
    "end_time": "end",
    "end_day": "end",
    "calories": "calories",
    "distance": "distance",
    "heart_rate": "heart rate",
    "heart_rate_variability": "HRV",
    "tag_type_code": "tag",
    "activity": "activity",
    "comment": "comment",
    "episodes": "tags",
}
"""The fields of events that are told, by what a person calls them."""


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


def count_of_items(part: Part | None) -> int:
    """How many items of a series are no measurement: Oura sent something, but no possible value."""
    sent = part.extra.get("items") if part is not None else None
    read = part.items if isinstance(part, Sample) else None
    if not isinstance(sent, list):
        return 0
    return count_of_missing([*(read or [None] * len(sent))]) - count_of_missing(sent)


def event_notes(words: tuple[str, str], documents: Iterable[Document]) -> list[str]:
    """One note about events with values that are no measurements; none where there are none.

    Args:
        words: What one event is called, and several.
        documents: The events.
    """
    odd = [document for document in documents if document.extra.keys() & _EVENT_VALUES.keys()]
    if not odd:
        return []
    fields = (name for document in odd for name in document.extra if name in _EVENT_VALUES)
    names = sorted({_EVENT_VALUES[name] for name in fields})
    what = f"{len(odd)} {words[len(odd) != 1]}"
    return [f"Impossible or contradicted in {what}, and left out: {', '.join(names)}."]


def query_notes(
    of: str, fields: Iterable[QueryField], gathered: Gathered, period: Period, open_day: date
) -> list[str]:
    """Notes about what is left out of the rows of a query and of the figures it looks at.

    Args:
        of: What a row is.
        fields: Every field that is read.
        gathered: What was read.
        period: The days of the rows.
        open_day: The first day that is not over.
    """
    first, last = period.start, period.end
    read = [(f.of_day, METRICS[f.column.name]) for f in fields if f.column.name in METRICS]
    counts = count_left_out(
        dict.fromkeys(metric for of_day, metric in read if of_day), gathered, first, last, open_day
    )
    if of == "sleeps":
        counts |= count_in_sleeps(
            dict.fromkeys(metric for of_day, metric in read if not of_day),
            gathered.within(SLEEP, first, last),
        )
    notes = left_out_notes(counts)
    if of in _EVENTS:
        notes += event_notes((of.removesuffix("s"), of), gathered.within(_EVENTS[of], first, last))
    return [*notes, *unread_rows_notes(gathered)]


def count_in_sleeps(metrics: Iterable[Metric], sleeps: Iterable[Sleep]) -> dict[Metric, int]:
    """In how many sleeps, naps included, each metric has a value that is no measurement."""
    counted_sleeps = finished(sleeps)
    counts = {m: sum(m.is_left_out(sleep) for sleep in counted_sleeps) for m in metrics}
    return {metric: count for metric, count in counts.items() if count}


def unread_rows_notes(*gathered: Gathered) -> list[str]:
    """One note about rows that are no documents, or say no time; none where there are none."""
    counts = {
        collection.name.replace("_", " "): documents.left_out
        for together in gathered
        for collection, documents in together.documents.items()
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
        f"measurement of {metric.label}"
        for metric, count in counts.items()
    ]
    if not parts:
        return []
    why = "not measured, impossible or contradictory at Oura"
    return [f"{'; '.join(parts)}: {why}."]

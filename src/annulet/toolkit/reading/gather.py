"""Reading what an answer needs: several collections at once, whole or named as missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from annulet.errors import AnnuletError, MembershipRequired, OuraError, ScopeMissing
from annulet.toolkit.context import Context
from annulet.toolkit.metrics import FEW_FIELDS, FIELDS, USUAL, Metric
from annulet.toolkit.reading.sleeps import nights

__all__ = ["Gathered", "fields_of", "gather", "values", "window"]

Fields = tuple[str, ...] | None

# Questions come in families ("last night", "this week", "30 days"): asking Oura for the same few
# window lengths lets one answer in memory serve the next question without a request.
_WINDOWS: Final = (35, 185)
_DENIED_FOR: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came, by collection, and what did not come, by collection.

    Attributes:
        documents: Complete collections: never a part of one.
        failures: Why each of the others could not be read.
    """

    documents: Mapping[str, list[Any]]
    failures: Mapping[str, AnnuletError]
    _nights: dict[tuple[date, date], list[Any]] = field(default_factory=dict, repr=False)

    def within(self, collection: str, start: date, end: date) -> list[Any]:
        """The documents of a collection whose day lies in the range, both ends inclusive."""
        found = self.documents.get(collection, [])
        return [d for d in found if d.day is not None and start <= d.day <= end]

    def nights(self, start: date, end: date) -> list[Any]:
        """The night of each day in the range; chosen once, since many metrics ask for it."""
        if (start, end) not in self._nights:
            found = nights(self.within("sleep", start, end))
            self._nights[start, end] = list(found.values())
        return self._nights[start, end]


def window(start: date, end: date, day: date) -> tuple[date, date]:
    """The days to ask Oura for when a question is about ``start`` to ``end``.

    Args:
        start: First day, inclusive.
        end: Last day, inclusive.
        day: The day it is in UTC: somewhere it may be one more or one less. So the windows are
            the same for everybody, and known before the person's zone is.
    """
    if (day - end).days > _WINDOWS[0] and (end - start).days < _WINDOWS[0]:
        return start, end
    last = max(day + timedelta(days=1), end)
    for length in _WINDOWS:
        if (day - start).days <= length:
            return day - timedelta(days=length), last
    return start, last


async def gather(
    context: Context, wanted: Mapping[str, Fields], start: date, end: date
) -> Gathered:
    """Read several day collections in parallel.

    Args:
        context: Whose collections.
        wanted: The fields to read of each collection; ``None`` for whole documents.
        start: First day, inclusive.
        end: Last day, inclusive.

    Raises:
        AnnuletError: Nothing could be read, or the connection itself does not work.
        asyncio.CancelledError: Who reads ahead is done.
    """
    day = context.now().astimezone(UTC).date()
    first, last = window(start, end, day)
    if context.ahead and (day - first).days not in _WINDOWS:
        raise asyncio.CancelledError
    results = await asyncio.gather(
        *(_read(context, name, first, last, fields) for name, fields in wanted.items())
    )
    documents, failures = {}, {}
    for name, result in zip(wanted, results, strict=True):
        if isinstance(result, AnnuletError):
            failures[name] = result
        else:
            documents[name] = result
    if context.ahead:
        raise asyncio.CancelledError
    if failures and not documents:
        raise _weightiest(failures.values())
    return Gathered(documents, failures)


def fields_of(metrics: Iterable[Metric], *, few: bool = False) -> dict[str, Fields]:
    """The fields to read of each collection that the metrics come from.

    Args:
        metrics: The metrics.
        few: Only what the usual metrics need, where they are all that is asked: a long history
            of one night's every figure is heavy.
    """
    wanted: dict[str, Fields] = {}
    asked = list(metrics)
    unusual = {metric.collection for metric in asked if metric.name not in USUAL}
    for metric in asked:
        usual = few and metric.collection not in unusual
        whole = (FEW_FIELDS if usual else FIELDS)[metric.collection]
        fields = wanted.get(metric.collection, whole)
        if fields is not None:
            fields = tuple(dict.fromkeys((*fields, *metric.extra_fields)))
        wanted[metric.collection] = fields
    return wanted


def values(metric: Metric, gathered: Gathered, start: date, end: date) -> dict[date, float]:
    """One metric's values by day; a day without a value is not there."""
    sleep = metric.collection == "sleep"
    documents = (
        gathered.nights(start, end) if sleep else (gathered.within(metric.collection, start, end))
    )
    found = {document.day: metric.read(document) for document in documents}
    return {day: float(value) for day, value in sorted(found.items()) if value is not None}


async def _read(
    context: Context, name: str, first: date, last: date, fields: Fields
) -> list[Any] | AnnuletError:
    known = context.memory.get(f"denied:{name}")
    if isinstance(known, tuple) and context.now() < known[0]:
        return known[1]  # type: ignore[no-any-return] # what this function has stored
    try:
        return list(await context.client.collection(name, first, last, fields=fields))
    except ScopeMissing as refusal:
        until: datetime = context.now() + _DENIED_FOR
        context.memory[f"denied:{name}"] = (until, refusal)
        return refusal
    except (OuraError, MembershipRequired) as failure:
        return failure  # refused for one collection alone, it says nothing about the others


def _weightiest(failures: Iterable[AnnuletError]) -> AnnuletError:
    """The failure to report when nothing came.

    A lapsed membership explains more than an outage, and that more than a permission.
    """
    return min(
        failures,
        key=lambda one: (
            0 if isinstance(one, MembershipRequired) else 1 + isinstance(one, ScopeMissing)
        ),
    )

"""Reading what an answer needs: several collections at once, whole or named as missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from typing import Final, TypeVar

from annulet.contract.collections import (
    DAILY_ACTIVITY,
    DAILY_READINESS,
    DAILY_SLEEP,
    DAILY_STRESS,
    SLEEP,
    AnyCollection,
    Collection,
)
from annulet.contract.documents import Document, Sleep
from annulet.errors import (
    AccountRefused,
    AnnuletError,
    CollectionRefused,
    OuraError,
    ScopeMissing,
)
from annulet.oura_http.error_mapping import refused_alone
from annulet.toolkit.context import Context
from annulet.toolkit.metrics import FEW_FIELDS, FIELDS, USUAL, Fields, Metric
from annulet.toolkit.reading.derived_metrics import DerivedFrom, derived_values
from annulet.toolkit.reading.sleeps import nights

D = TypeVar("D", bound=Document)

# Questions come in families ("last night", "this week", "30 days"): asking Oura for the same few
# window lengths lets one answer in memory serve the next question without a request.
_WINDOWS: Final = (35, 185, 340)
# One small row a day: a year of them weighs as much as two months of nights. Every judgement needs
# readiness, for the temperature; who asks for everything of a day asks for months of it next.
_LIGHT: Final = frozenset({DAILY_SLEEP, DAILY_READINESS, DAILY_STRESS})
_EVERYTHING: Final = 5
_ALWAYS: Final = (date.min, date.max)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What could be read, by collection, and what could not, by collection.

    Attributes:
        documents: Complete collections: never a part of one.
        failures: Why each of the others could not be read.
        sleep_need_min: The person's stated need of sleep.
    """

    documents: Mapping[AnyCollection, Sequence[Document]]
    failures: Mapping[AnyCollection, AnnuletError]
    sleep_need_min: float = 480.0
    _nights: dict[tuple[date, date], list[Sleep]] = field(default_factory=dict, repr=False)

    def all(self, collection: Collection[D]) -> list[D]:
        """The documents of a collection; none where it could not be read."""
        documents = self.documents.get(collection, ())
        return [d for d in documents if isinstance(d, collection.document)]

    def within(self, collection: Collection[D], start: date, end: date) -> list[D]:
        """The documents of a collection whose day lies in the range, both ends inclusive."""
        return [
            document
            for document in self.all(collection)
            if (day := day_of(collection, document)) is not None and start <= day <= end
        ]

    def nights(self, start: date, end: date) -> list[Sleep]:
        """The night of each day in the range; chosen once, since many metrics ask for it."""
        if (start, end) not in self._nights:
            every = self._nights.get(_ALWAYS) or list(nights(self.all(SLEEP)).values())
            self._nights[_ALWAYS] = every
            self._nights[start, end] = [n for n in every if n.day and start <= n.day <= end]
        return self._nights[start, end]


def day_of(collection: AnyCollection, document: Document) -> date | None:
    """The day a document belongs to, if it has one."""
    day = getattr(document, collection.day, None)
    return day if isinstance(day, date) else None


def window(start: date, end: date, day: date, *, at_once: bool = False) -> tuple[date, date]:
    """The days to ask Oura for when a question is about ``start`` to ``end``.

    Args:
        start: First day, inclusive.
        end: Last day, inclusive.
        day: Today in UTC; the person's today may be one day off. So the windows are the same
            for all people, and known before the person's zone is.
        at_once: Whether a year is read where less would do.
    """
    if (day - end).days > _WINDOWS[0] and (end - start).days < _WINDOWS[0]:
        return start, end
    last = max(day + timedelta(days=1), end)
    for length in _WINDOWS[-1:] if at_once else _WINDOWS:
        if (day - start).days <= length:
            return day - timedelta(days=length), last
    return start, last


async def gather(
    context: Context, wanted: Mapping[AnyCollection, Fields], start: date, end: date
) -> Gathered:
    """Read several day collections in parallel.

    Args:
        context: Whose collections.
        wanted: The fields to read of each collection; ``None`` for whole documents.
        start: First day, inclusive.
        end: Last day, inclusive.

    Raises:
        AnnuletError: Nothing could be read, or the connection itself does not work.
        asyncio.CancelledError: The documents were only to be prefetched, which is done.
    """
    day = context.now().astimezone(UTC).date()
    is_day = (day - start).days <= _WINDOWS[0] and len(wanted) >= _EVERYTHING
    at_once = _LIGHT if is_day else {DAILY_READINESS}
    windows = {c: window(start, end, day, at_once=c in at_once) for c in wanted}
    if context.prefetching and any(
        (day - first).days not in _WINDOWS for first, _ in windows.values()
    ):
        raise asyncio.CancelledError
    results = await asyncio.gather(
        *(
            _read(context, collection, *windows[collection], fields)
            for collection, fields in wanted.items()
        )
    )
    if context.prefetching:
        raise asyncio.CancelledError
    documents: dict[AnyCollection, Sequence[Document]] = {}
    failures: dict[AnyCollection, AnnuletError] = {}
    for collection, result in zip(wanted, results, strict=True):
        if isinstance(result, AnnuletError):
            failures[collection] = result
        else:
            documents[collection] = result
    failures = await _reasons(context, failures, {c.scope for c in documents})
    if failures and not documents:
        raise worst(failures.values())
    return Gathered(documents, failures, context.sleep_need_min)


async def _reasons(
    context: Context, failures: Mapping[AnyCollection, AnnuletError], answering: set[str]
) -> dict[AnyCollection, AnnuletError]:
    """The failures; a permission is no reason where it was granted, or others of it answer.

    Args:
        context: Whose collections.
        failures: Why each collection could not be read.
        answering: The permissions of the collections that answered.
    """
    refused = {c: f for c, f in failures.items() if isinstance(f, ScopeMissing)}
    if any(isinstance(failure, CollectionRefused) for failure in refused.values()):
        granted = set((await context.connection()).granted or ())
    else:
        granted = set[str]()
    alone = {
        collection
        for collection, failure in refused.items()
        if failure.scope in answering
        or (isinstance(failure, CollectionRefused) and collection.scope in granted)
    }
    return {c: refused_alone() if c in alone else failure for c, failure in failures.items()}


def fields_of(metrics: Iterable[Metric], *, few: bool = False) -> dict[AnyCollection, Fields]:
    """The fields to read of each collection that the metrics come from.

    Args:
        metrics: The metrics.
        few: Read only what the usual metrics need, where no others are asked: a long history of
            whole nights is heavy.
    """
    wanted: dict[AnyCollection, Fields] = {}
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
    if metric.is_derived:
        source = DerivedFrom(
            gathered.all(SLEEP), gathered.all(DAILY_ACTIVITY), gathered.sleep_need_min
        )
        by_derived_day = derived_values(metric.name, source)
        return {day: value for day, value in by_derived_day.items() if start <= day <= end}
    documents: Sequence[Document]
    if metric.collection is SLEEP:
        documents = gathered.nights(start, end)
    else:
        documents = gathered.within(metric.collection, start, end)
    by_day = {day_of(metric.collection, document): metric.read(document) for document in documents}
    measured = [(day, float(v)) for day, v in by_day.items() if day is not None and v is not None]
    return dict(sorted(measured))


async def _read(
    context: Context, collection: AnyCollection, first: date, last: date, fields: Fields
) -> Sequence[Document] | AnnuletError:
    denied = context.denial(collection.name)
    if denied is not None:
        return denied
    try:
        return await context.client.collection(collection, first, last, fields=fields)
    except ScopeMissing as refusal:
        context.remember_denial(collection.name, refusal)
        return refusal
    except (OuraError, AccountRefused) as failure:
        return failure  # refused for one collection alone, it says nothing about the others


def worst(failures: Iterable[AnnuletError]) -> AnnuletError:
    """The failure that explains most, where nothing could be read."""
    return min(failures, key=_rank)


def _rank(failure: AnnuletError) -> int:
    """The order in which failures are reported when nothing could be read.

    What is wrong with the account explains more than an outage, and that more than a permission.
    """
    return 0 if isinstance(failure, AccountRefused) else 1 + isinstance(failure, ScopeMissing)

"""The times of a person's rings, as named ranges, and the first day of each new one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from annulet.analytics.query.grouping import Range
from annulet.contract.collections import RING_CONFIGURATION
from annulet.contract.documents import RingConfiguration
from annulet.contract.texts import code_of
from annulet.errors import MembershipRequired, NoDataError, OuraError, ScopeMissing
from annulet.toolkit.context import Context
from annulet.toolkit.reading.baselines import ENOUGH_DAYS
from annulet.toolkit.wording.date_format import date_words


async def ring_periods(context: Context) -> tuple[Range, ...]:
    """Each ring from the day it was set up until the next one; the name says model and since when.

    Raises:
        NoDataError: Oura knows no ring with a date.
        AnnuletError: The rings could not be read.
    """
    starts = _set_ups(await context.client.collection(RING_CONFIGURATION))
    if not starts:
        raise NoDataError(
            "Oura does not say when a ring was set up.", hint="Group by month or by ranges instead."
        )
    ends = [following.toordinal() - 1 for _, (following, _) in pairwise(starts)]
    return tuple(
        Range(f"{_model(ring)} since {since}", since.toordinal(), end)
        for (since, ring), end in zip(starts, [*ends, date.max.toordinal()], strict=True)
    )


async def new_rings(context: Context) -> frozenset[int]:
    """The day (ordinal) on which each ring but the first was set up; none where that is unknown.

    It is one small request a session, sent beside those for the days.
    """
    if context.denial(RING_CONFIGURATION.name) is not None:
        return frozenset()
    try:
        rings = await context.client.collection(RING_CONFIGURATION)
    except ScopeMissing as refusal:
        context.remember_denial(RING_CONFIGURATION.name, refusal)
        return frozenset()
    except (OuraError, MembershipRequired):
        return frozenset()  # figures stand without it; a change is then told without its reason
    return frozenset(since.toordinal() for since, _ in _set_ups(rings)[1:])


async def no_rings() -> frozenset[int]:
    """No new ring, for questions to which rings do not matter."""
    return frozenset()


def newest_since(rings: Iterable[int], first: date, last: date) -> int | None:
    """The day (ordinal) of the newest ring that was set up within some days; None without one."""
    within = (ring for ring in rings if first.toordinal() < ring <= last.toordinal())
    return max(within, default=None)


def usual_range_notes(
    rings: Iterable[int], start: date, days_before: int, today: date
) -> list[str]:
    """What has to be said about usual ranges of which a new ring is a part.

    Args:
        rings: Days (ordinals) of new rings.
        start: First day of the question.
        days_before: From how many days before it the ranges follow.
        today: Today in the person's zone.
    """
    ring = newest_since(rings, start - timedelta(days=days_before), start)
    if ring is None:
        return []
    since = date_words(date.fromordinal(ring), today)
    return [
        f"A new ring since {since}: usual ranges begin with it where it has {ENOUGH_DAYS} days."
    ]


def _set_ups(rings: Iterable[RingConfiguration]) -> list[tuple[date, RingConfiguration]]:
    """Each ring with the day it was set up, oldest first."""
    dated = [(ring.set_up_at.date(), ring) for ring in rings if ring.set_up_at is not None]
    return sorted(dated, key=lambda pair: pair[0])


def _model(ring: RingConfiguration) -> str:
    return code_of(ring.hardware_type) or "ring"

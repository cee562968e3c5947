"""The times of a person's rings, as named ranges, and the first day of each new one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from annulet.analytics.query.grouping import Range
from annulet.contract.collections import RING_CONFIGURATION
from annulet.contract.documents import RingConfiguration
from annulet.contract.texts import code_of
from annulet.errors import MembershipRequired, NoDataError, OuraError, ScopeMissing
from annulet.toolkit.context import Context


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
    """The day (ordinal) on which each ring but the first was set up; none where that is unknown."""
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


def _set_ups(rings: Iterable[RingConfiguration]) -> list[tuple[date, RingConfiguration]]:
    """Each ring with the day it was set up, oldest first."""
    dated = [(ring.set_up_at.date(), ring) for ring in rings if ring.set_up_at is not None]
    return sorted(dated, key=lambda pair: pair[0])


def _model(ring: RingConfiguration) -> str:
    return code_of(ring.hardware_type) or "ring"

"""The times of a person's rings, as named ranges."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from annulet.analytics.query.grouping import Range
from annulet.contract.collections import RING_CONFIGURATION
from annulet.contract.documents import RingConfiguration
from annulet.contract.texts import code_of
from annulet.errors import NoDataError
from annulet.toolkit.context import Context

__all__ = ["ring_periods"]


async def ring_periods(context: Context) -> tuple[Range, ...]:
    """Each ring from the day it was set up until the next one; the name says model and since when.

    Raises:
        NoDataError: Oura knows no ring with a date.
        AnnuletError: The rings could not be read.
    """
    rings = await context.client.collection(RING_CONFIGURATION)
    starts = sorted(
        ((ring.set_up_at.date(), ring) for ring in rings if ring.set_up_at is not None),
        key=lambda pair: pair[0],
    )
    if not starts:
        raise NoDataError(
            "Oura does not say when a ring was set up.", hint="Group by month or by ranges instead."
        )
    ends = [following.toordinal() - 1 for _, (following, _) in pairwise(starts)]
    return tuple(
        Range(f"{_model(ring)} since {since}", since.toordinal(), end)
        for (since, ring), end in zip(starts, [*ends, date.max.toordinal()], strict=True)
    )


def _model(ring: RingConfiguration) -> str:
    return code_of(ring.hardware_type) or "ring"

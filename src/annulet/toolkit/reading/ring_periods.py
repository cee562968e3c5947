"""The times of a person's rings, as named ranges, and the first day of each new one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from annulet.analytics.query.grouping import Range
from annulet.contract.collections import RING_CONFIGURATION
from annulet.contract.documents import RingConfiguration
from annulet.contract.texts import code_of
from annulet.errors import AccountRefused, NoDataError, OuraError, ScopeMissing
from annulet.toolkit.context import Context
from annulet.toolkit.reading.baselines import ENOUGH_DAYS
from annulet.toolkit.wording.date_format import date_words

_AHEAD: Final = timedelta(minutes=5)
_NIGHT_OVER: Final = 4
"""The hour from which a ring that is set up has missed the night dated that day."""
_HALF_DAY: Final = 12
"""The hour from which it has missed most of the steps of that day."""


async def ring_periods(context: Context, *, nightly: bool) -> tuple[Range, ...]:
    """Each ring from its first night, or day, until the next one's; named by model and set-up.

    Args:
        context: Whose rings.
        nightly: Whether figures of nights are grouped: a night is dated by waking, so the ring of
            an evening has its first night on the next day.

    Raises:
        NoDataError: Oura knows no ring with a date.
        AnnuletError: The rings could not be read.
    """
    starts = _set_ups(await context.client.collection(RING_CONFIGURATION), context)
    if not starts:
        raise NoDataError(
            "Oura does not say when a ring was set up.", hint="Group by month or by ranges instead."
        )
    firsts = [_first_day(at, nightly=nightly) for at, _ in starts]
    ends = [*(following - 1 for following in firsts[1:]), date.max.toordinal()]
    return tuple(
        Range(f"{_model(ring)} since {at.date()}", first, end)
        for (at, ring), first, end in zip(starts, firsts, ends, strict=True)
    )


async def new_rings(context: Context) -> frozenset[int]:
    """The first night (ordinal) of each ring but the first; none where that is unknown.

    It is one small request a session, sent beside those for the days.
    """
    if context.denial(RING_CONFIGURATION.name) is not None:
        return frozenset()
    try:
        rings = await context.client.collection(RING_CONFIGURATION)
    except ScopeMissing as refusal:
        context.remember_denial(RING_CONFIGURATION.name, refusal)
        return frozenset()
    except (OuraError, AccountRefused):
        return frozenset()  # figures stand without it; a change is then told without its reason
    return frozenset(_first_day(at, nightly=True) for at, _ in _set_ups(rings, context)[1:])


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


def _set_ups(
    rings: Iterable[RingConfiguration], context: Context
) -> list[tuple[datetime, RingConfiguration]]:
    """Each ring with the time it was set up, on the person's clock, oldest first.

    A set-up of the future is none.
    """
    dated = [
        (ring.set_up_at.astimezone(context.zone.tz), ring)
        for ring in rings
        if ring.set_up_at is not None and ring.set_up_at <= context.now() + _AHEAD
    ]
    return sorted(dated, key=lambda pair: pair[0])


def _first_day(at: datetime, *, nightly: bool) -> int:
    """The first day (ordinal) of which a ring has the night, or most of the daytime."""
    return at.date().toordinal() + (at.hour >= (_NIGHT_OVER if nightly else _HALF_DAY))


def _model(ring: RingConfiguration) -> str:
    return code_of(ring.hardware_type) or "ring"

"""How hard a workout was: minutes in each heart-rate zone.

The zones are the usual five tenths of the age-predicted maximum (208 − 0.7 × age; Tanaka,
Monahan and Seals, J Am Coll Cardiol 2001;37:153). An estimate for a population, off by ten beats
and more for a person; the answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Final

from annulet.contract.documents import HeartRateSample, Workout
from annulet.toolkit.answer_builder import Cell
from annulet.toolkit.context import Context

ZONE_COLUMNS: Final = [
    "hr_avg_bpm",
    "hr_max_bpm",
    "zone1_min",
    "zone2_min",
    "zone3_min",
    "zone4_min",
    "zone5_min",
]
_SHARES: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
# A sample speaks for the time until the next one, but silence is never filled in.
_LONGEST_HOLD: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class EffortZones:
    """Where the zones begin (bpm), lowest first; none without an age."""

    bounds: tuple[float, ...]
    note: str


def effort_zones(age: float | None) -> EffortZones:
    """The lower bounds of the five zones for a person of this age."""
    if age is None:
        return EffortZones(
            (), "Heart-rate zones need the age (permission “personal”): only average and maximum."
        )
    highest = 208 - 0.7 * age
    bounds = tuple(share * highest for share in _SHARES)
    shown = "/".join(str(round(bound)) for bound in bounds)
    return EffortZones(
        bounds,
        f"Zones begin at {shown} bpm: 50 to 90 % of {highest:.0f} bpm, the maximum "
        "usual at this age (a person may differ by 10 bpm and more).",
    )


async def effort(context: Context, workout: Workout, zones: EffortZones) -> list[Cell]:
    """The cells of `ZONE_COLUMNS` for one workout; missing where no heart rate was recorded."""
    samples = await heart_rate_of(context, workout)
    if not samples or workout.end_datetime is None:
        return [None] * len(ZONE_COLUMNS)
    rates = [sample.bpm for sample in samples if sample.bpm is not None]
    minutes = (
        minutes_in_zones(samples, workout.end_datetime, zones.bounds)
        if zones.bounds
        else [None] * 5
    )
    return [round(fmean(rates)), round(max(rates)), *minutes]


async def heart_rate_of(context: Context, workout: Workout) -> Sequence[HeartRateSample]:
    """The samples inside a workout; none where none of them has a rate."""
    start, end = workout.start_datetime, workout.end_datetime
    if start is None or end is None or start.tzinfo is None or end.tzinfo is None or end <= start:
        return ()
    samples = await context.client.heartrate(start, end, fields=("bpm", "source"))
    return samples if any(sample.bpm is not None for sample in samples) else ()


def minutes_in_zones(
    samples: Sequence[HeartRateSample], end: datetime, bounds: Sequence[float]
) -> list[int]:
    """Whole minutes spent above each bound and below the next.

    Args:
        samples: Heart rate in order of time.
        end: When the workout ended.
        bounds: Lower bounds (bpm), lowest first.
    """
    seconds = [0.0] * len(bounds)
    known = [(s.timestamp, s.bpm) for s in samples if s.timestamp is not None and s.bpm is not None]
    for (instant, bpm), (following, _) in pairwise([*known, (end, 0.0)]):
        held = min(following - instant, _LONGEST_HOLD).total_seconds()
        zone = sum(bpm >= bound for bound in bounds) - 1
        if zone >= 0 and held > 0:
            seconds[zone] += held
    return [round(total / 60) for total in seconds]

"""What the analytics know about a metric: its scale, its usual noise, its worrying direction."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Traits:
    """How one metric behaves from night to night.

    Attributes:
        log: Whether it is judged on a logarithmic scale.
        direction: The direction that speaks of strain: +1, -1, or 0 when there is none.
        typical_sd: The usual night-to-night SD on the working scale; None when unknown, and then
            a short history is not leaned against anything.
        floor: The smallest scale ever used, so that a constant series divides by something.
        phi: The usual correlation of one night with the next.
        ratio: Whether a percentage of it means something.
        season: The usual variance of its yearly wave, in squares of the nightly SD.
    """

    log: bool = False
    direction: int = 0
    typical_sd: float | None = None
    floor: float = 1.0
    phi: float = 0.25
    ratio: bool = True
    season: float = 0.0

    def forward(self, value: float) -> float:
        """A natural value on the working scale; a non-positive one has no logarithm: NaN."""
        if not self.log:
            return value
        return math.log(value) if value > 0 else math.nan

    def middle(self, values: Iterable[float]) -> float:
        """The usual size of a logarithmic metric; values without one (zero) do not enter."""
        ordered = sorted(size for value in values if (size := abs(value)) > _NOTHING)
        return ordered[len(ordered) // 2] if ordered else 1.0

    def natural(self, value: float) -> float:
        """A value of the working scale in natural units."""
        return math.exp(min(value, 300.0)) if self.log else value


TRAITS: dict[str, Traits] = {
    "hr_lowest_bpm": Traits(direction=1, typical_sd=2.0, floor=1.0, phi=0.35, season=0.025),
    "hrv_avg_ms": Traits(
        log=True, direction=-1, typical_sd=0.14, floor=0.05, phi=0.30, season=0.015
    ),
    "breath_avg_per_min": Traits(direction=1, typical_sd=0.45, floor=0.2, phi=0.40),
    "temperature_deviation_c": Traits(
        direction=1, typical_sd=0.18, floor=0.08, phi=0.35, ratio=False
    ),
    "total_sleep_min": Traits(typical_sd=51.0, floor=18.0, phi=0.05),
    "efficiency_pct": Traits(typical_sd=3.0, floor=1.0, phi=0.10),
    "deep_min": Traits(typical_sd=18.0, floor=6.0, phi=0.10),
    "steps": Traits(typical_sd=3000.0, floor=800.0, phi=0.15, season=0.015),
    "readiness_score": Traits(typical_sd=6.0, floor=2.0, phi=0.25),
    "bedtime_min_from_midnight": Traits(floor=5.0, ratio=False),
    "spo2_avg_pct": Traits(floor=0.3),
    "vo2_max": Traits(floor=0.3, phi=0.6),
    "vascular_age": Traits(floor=0.5, phi=0.6),
}

VITALS = ("hr_lowest_bpm", "hrv_avg_ms", "breath_avg_per_min", "temperature_deviation_c")

_SMALL_UNITS = ("_c", "_per_min")


def traits_of(metric: str) -> Traits:
    """The traits of a metric; an unknown one is judged on its own history alone."""
    known = TRAITS.get(metric)
    if known is not None:
        return known
    ratio = not metric.endswith("_c") and "from_midnight" not in metric
    return Traits(floor=0.1 if metric.endswith(_SMALL_UNITS) else 1.0, ratio=ratio)

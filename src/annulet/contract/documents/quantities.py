"""What Oura's numbers mean: their unit, and which values no living person produces.

A field of a document is annotated with one of these types. A value outside the limits is not a
measurement: it is read as missing and kept in ``extra`` as it came. Limits are wide on purpose:
what is merely alarming is still a measurement. Some quantities have no zero (a heart rate, blood
oxygen); where Oura sends zero for them, nothing was measured.

Values that mean "not measured" only beside other fields (steps of a day without the ring, stress
without a summary) are read in ``__post_init__`` of their documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, TypeAlias

from msgspec import Meta

_API: Final = "Oura's API text"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One kind of number.

    Attributes:
        unit: The unit as people write it; empty for a plain number.
        low: The least that can be measured.
        high: The most that can be measured.
        source: Where the limits come from.
    """

    unit: str
    low: int
    high: int
    source: str

    @property
    def limits(self) -> Meta:
        """The limits as msgspec checks them, with this quantity attached."""
        return Meta(ge=self.low, le=self.high, extra={"quantity": self})


_score = Quantity("", 1, 100, _API).limits
_rating = Quantity("", 0, 100, _API).limits
_percent = Quantity("%", 0, 100, "arithmetic").limits
_oxygen = Quantity("%", 50, 100, "pulse oximeters are not calibrated below 70 %").limits
_bpm = Quantity("bpm", 20, 260, "lowest published resting rate 25, fastest sinus rhythm 230").limits
_hrv = Quantity("ms", 1, 500, "RMSSD of trained sleepers stays below 300").limits
_breath = Quantity("/min", 3, 60, "tachypnoea of adults ends near 60").limits
_temperature = Quantity("°C", -10, 10, "skin at night stays within 10 of a person's own").limits
_seconds = Quantity("s", 0, 86_400 + 3_600, "a day, with the hour that a clock change adds").limits
_count = Quantity("", 0, 100_000, "one a second of a day").limits
_steps = Quantity("steps", 0, 400_000, "24-hour running record of 319 km").limits
_calories = Quantity("kcal", 0, 30_000, "energy of a 24-hour race, doubled").limits
_met = Quantity("MET", 0, 40, "elite maximum 27").limits
_met_minutes = Quantity("MET min", 0, 40 * 1_500, "the maximum all day").limits
_metres = Quantity("m", 0, 1_300_000, "24-hour cycling record of 1,026 km").limits
_metres_left = Quantity("m", -1_300_000, 1_300_000, "24-hour cycling record of 1,026 km").limits
_delta = Quantity("", -100, 100, _API).limits
_disturbance = Quantity("", 0, 100, _API).limits
_vascular_age = Quantity("years", 10, 120, f"{_API}: 18 to 100").limits
_velocity = Quantity("m/s", 1, 40, "stiffest published arteries below 30").limits
_vo2 = Quantity("ml/kg/min", 5, 110, "highest published 101").limits
_age = Quantity("years", 1, 125, "longest documented life 122").limits
_weight = Quantity("kg", 10, 700, "heaviest documented 635").limits

Score: TypeAlias = Annotated[int, _score] | Annotated[float, _score]
Rating: TypeAlias = Annotated[int, _rating] | Annotated[float, _rating]
Percent: TypeAlias = Annotated[int, _percent] | Annotated[float, _percent]
OxygenPercent: TypeAlias = Annotated[int, _oxygen] | Annotated[float, _oxygen]
Bpm: TypeAlias = Annotated[int, _bpm] | Annotated[float, _bpm]
HrvMs: TypeAlias = Annotated[int, _hrv] | Annotated[float, _hrv]
BreathsPerMinute: TypeAlias = Annotated[int, _breath] | Annotated[float, _breath]
TemperatureDeviationC: TypeAlias = Annotated[int, _temperature] | Annotated[float, _temperature]
SecondsADay: TypeAlias = Annotated[int, _seconds] | Annotated[float, _seconds]
Count: TypeAlias = Annotated[int, _count] | Annotated[float, _count]
Steps: TypeAlias = Annotated[int, _steps] | Annotated[float, _steps]
CaloriesKcal: TypeAlias = Annotated[int, _calories] | Annotated[float, _calories]
Met: TypeAlias = Annotated[int, _met] | Annotated[float, _met]
MetMinutes: TypeAlias = Annotated[int, _met_minutes] | Annotated[float, _met_minutes]
MetresADay: TypeAlias = Annotated[int, _metres] | Annotated[float, _metres]
MetresToTarget: TypeAlias = Annotated[int, _metres_left] | Annotated[float, _metres_left]
ScoreDelta: TypeAlias = Annotated[int, _delta] | Annotated[float, _delta]
DisturbanceIndex: TypeAlias = Annotated[int, _disturbance] | Annotated[float, _disturbance]
VascularAge: TypeAlias = Annotated[int, _vascular_age] | Annotated[float, _vascular_age]
PulseWaveVelocity: TypeAlias = Annotated[int, _velocity] | Annotated[float, _velocity]
VO2MaxValue: TypeAlias = Annotated[int, _vo2] | Annotated[float, _vo2]
Age: TypeAlias = Annotated[int, _age] | Annotated[float, _age]
WeightKg: TypeAlias = Annotated[int, _weight] | Annotated[float, _weight]
HeightM: TypeAlias = Annotated[float, Meta(ge=0.3, le=2.8)]

Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
"""A moment. Oura leaves the offset out of some rows; they are UTC."""

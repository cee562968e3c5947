"""Relations between metrics: a known slope, none, or one that only seems to be there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.second_population.draft import Draft
from benchmarks.second_population.metrics import BEDTIME, HR, HRV, STEPS
from benchmarks.second_population.noise import Values
from benchmarks.second_population.rhythms import Season
from benchmarks.second_population.truth import Driver


def one_later(values: Values) -> Values:
    """Moves values to the next night; the first night gets 0."""
    return np.concatenate((np.zeros(1), values[:-1]))


@dataclass(frozen=True, slots=True)
class StepsMoveHrv:
    """Lets the steps of a day move the HRV of the next night by ``slope_sd`` (SD per SD).

    The slope in the truth is ln(ms) per step. A slope of 0 is the control.
    """

    slope_sd: float

    def apply(self, draft: Draft) -> None:
        """Adds the relation to the draft and to its truth."""
        usual = round(float(np.exp(draft.base[STEPS])))
        sd = usual * draft.night_sd[STEPS]
        slope = round(self.slope_sd * draft.night_sd[HRV] / sd, 12)
        if slope:
            draft.add(HRV, one_later(slope * (draft.step_counts() - usual)))
        relation = "causal" if slope else "none"
        draft.drivers.append(Driver(STEPS, HRV, 1, relation, slope, self.slope_sd))


@dataclass(frozen=True, slots=True)
class BedtimeMovesHeartRate:
    """Lets a later bedtime raise the heart rate of the same night by ``slope_sd`` (SD per SD)."""

    slope_sd: float

    def apply(self, draft: Draft) -> None:
        """Adds the relation to the draft and to its truth; the slope is bpm per minute."""
        slope = round(self.slope_sd * draft.night_sd[HR] / draft.night_sd[BEDTIME], 12)
        late = np.round(draft.values[BEDTIME]) - draft.base[BEDTIME]
        draft.add(HR, slope * late)
        draft.drivers.append(Driver(BEDTIME, HR, 0, "causal", slope, self.slope_sd))


def spurious(through: str) -> Driver:
    """Writes as truth that steps do nothing to the next night's HRV, and what both follow."""
    return Driver(STEPS, HRV, 1, "spurious", 0.0, 0.0, through)


@dataclass(frozen=True, slots=True)
class BothFollowSeason:
    """Lets steps and HRV both be high in summer; neither moves the other."""

    steps_sd: float = 0.9
    hrv_sd: float = 0.8

    def apply(self, draft: Draft) -> None:
        """Adds the season to the draft and the relation to its truth."""
        Season({
            STEPS: round(-self.steps_sd * draft.night_sd[STEPS], 6),
            HRV: round(-self.hrv_sd * draft.night_sd[HRV], 6),
        }).apply(draft)  # fmt: skip
        draft.drivers.append(spurious("season"))


@dataclass(frozen=True, slots=True)
class BothFollowWeekday:
    """Lets steps be low at weekends and the HRV of the nights after them be high."""

    steps_sd: float = 1.2
    hrv_sd: float = 0.9

    def apply(self, draft: Draft) -> None:
        """Adds both patterns to the draft and the relation to its truth."""
        weekend = draft.weekend_nights()
        draft.weekend[STEPS] = round(-self.steps_sd * draft.night_sd[STEPS], 6)
        draft.add(STEPS, draft.weekend[STEPS] * weekend)
        after = np.array([float((weekday - 1) % 7 in {5, 6}) for weekday in draft.weekdays()])
        draft.add(HRV, self.hrv_sd * draft.night_sd[HRV] * after)
        draft.drivers.append(spurious("weekday"))


@dataclass(frozen=True, slots=True)
class BothFollowCycle:
    """Lets steps and HRV both be low before the next cycle; neither moves the other.

    The cycles must be in the draft already; they are made stronger here.
    """

    steps_sd: float = 1.0
    hrv_sd: float = 0.8

    def apply(self, draft: Draft) -> None:
        """Adds both patterns to the draft and the relation to its truth."""
        late = np.array([
            float(phase is not None and phase > 0.55) for phase in draft.cycle_phase
        ])  # fmt: skip
        draft.add(STEPS, -self.steps_sd * draft.night_sd[STEPS] * late)
        draft.add(HRV, -self.hrv_sd * draft.night_sd[HRV] * late)
        draft.drivers.append(spurious("cycle"))

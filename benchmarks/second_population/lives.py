"""Times of life: a pregnancy, a newborn, shift work, a noisy heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.second_population.changes import ramp_between
from benchmarks.second_population.draft import Draft
from benchmarks.second_population.metrics import (
    BEDTIME,
    BREATH,
    DEEP,
    EFFICIENCY,
    HR,
    HRV,
    LATENCY,
    REM,
    SLEEP,
    STEPS,
    TEMPERATURE,
)
from benchmarks.second_population.noise import Values
from benchmarks.second_population.rhythms import MenstrualCycle
from benchmarks.second_population.truth import Spell

PREGNANCY_DAYS = 266
TURN_BEFORE_BIRTH = 49
NEWBORN_DAYS = 112


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """Adds a pregnancy-like drift: cycles until conception, slow changes, a turn before birth.

    Heart rate rises by 0.05 bpm a day until 49 days before birth and falls by 0.23 a day then;
    HRV does the reverse. Temperature is raised in the first months only.
    """

    conception: tuple[int, int] = (70, 110)

    def apply(self, draft: Draft) -> None:
        """Adds the pregnancy, the cycles before it and the newborn after it."""
        low, high = self.conception
        start = int(draft.seed.stream("pregnancy").integers(low, high))
        MenstrualCycle(until=start).apply(draft)
        days = np.arange(PREGNANCY_DAYS, dtype=float)
        turn = PREGNANCY_DAYS - TURN_BEFORE_BIRTH
        rising = np.minimum(days, turn) / turn
        falling = np.maximum(days - turn, 0.0) / TURN_BEFORE_BIRTH
        draft.add(HR, 10.9 * rising - 11.2 * falling, start)
        draft.add(HRV, -0.34 * rising + 0.32 * falling, start)
        draft.add(BREATH, 0.9 * np.minimum(days / 90, 1.0), start)
        warm = np.minimum(days / 8, 1.0) * np.clip((182 - days) / 84, 0.0, 1.0)
        draft.add(TEMPERATURE, 0.3 * warm, start)
        late = np.clip((days - 180) / 60, 0.0, 1.0)
        draft.add(SLEEP, -30.0 * late, start)
        draft.add(EFFICIENCY, -4.0 * late, start)
        draft.add(STEPS, -0.3 * np.clip((days - 120) / 120, 0.0, 1.0), start)
        self.note(draft, start, turn)
        Newborn((start + PREGNANCY_DAYS, start + PREGNANCY_DAYS + 1)).apply(draft)

    def note(self, draft: Draft, start: int, turn: int) -> None:
        """Writes the drifts of heart rate and HRV into the truth, as far as the nights go."""
        if start >= draft.nights:
            return
        last = draft.nights - 1
        end = min(start + PREGNANCY_DAYS - 1, last)
        draft.spells.append(Spell("pregnancy", draft.day(start), draft.day(end)))
        for first, until, sizes in (
            (start, start + turn, {HR: 10.9, HRV: -0.34}),
            (start + turn, start + PREGNANCY_DAYS, {HR: -11.2, HRV: 0.32}),
        ):
            if first >= last:
                continue
            shown = min(until, last)
            for metric, size in sizes.items():
                part = size * (shown - first) / (until - first)
                draft.ramps.append(ramp_between(draft, metric, first, shown, part))


@dataclass(frozen=True, slots=True)
class Newborn:
    """Adds a newborn: efficiency falls by 8 points and recovers over sixteen weeks."""

    birth: tuple[int, int] = (90, 160)

    def apply(self, draft: Draft) -> None:
        """Adds the newborn's weeks to the draft and to its truth."""
        start = int(draft.seed.stream("newborn").integers(*self.birth))
        if start >= draft.nights:
            return
        fading = 1.0 - np.arange(NEWBORN_DAYS) / NEWBORN_DAYS
        sizes = {
            EFFICIENCY: -8.0,
            SLEEP: -55.0,
            DEEP: -8.0,
            REM: -18.0,
            LATENCY: -0.3,
            HR: 1.6,
            HRV: -0.06,
            STEPS: -0.25,
        }
        for metric, size in sizes.items():
            draft.add(metric, size * fading, start)
        uneven = draft.seed.stream("newborn.nights").standard_normal((NEWBORN_DAYS, 2))
        draft.add(SLEEP, 30.0 * fading * uneven[:, 0], start)
        draft.add(BEDTIME, 40.0 * fading * uneven[:, 1], start)
        end = min(start + NEWBORN_DAYS, draft.nights) - 1
        draft.spells.append(Spell("newborn", draft.day(start), draft.day(end)))


@dataclass(frozen=True, slots=True)
class ShiftWork:
    """Adds a rotating roster: early shifts, late shifts, night shifts, days off.

    A sleep after a night shift begins in the morning and is about 80 minutes shorter.
    """

    roster: tuple[tuple[str, int], ...] = (
        ("early", 4),
        ("off", 2),
        ("late", 4),
        ("off", 2),
        ("night", 4),
        ("off", 4),
    )

    def apply(self, draft: Draft) -> None:
        """Adds the roster to the draft; runs of night shifts stand in its truth."""
        days = [name for name, count in self.roster for _ in range(count)]
        offset = int(draft.seed.stream("shifts").integers(0, len(days)))
        shifts = [days[(night + offset) % len(days)] for night in range(draft.nights)]
        sizes: dict[str, dict[str, float]] = {
            "early": {BEDTIME: -55.0, SLEEP: -50.0, REM: -15.0, HR: 0.6},
            "late": {BEDTIME: 75.0, SLEEP: 5.0, HR: 0.4},
            "night": {SLEEP: -80.0, REM: -22.0, DEEP: -6.0, EFFICIENCY: -2.5, HR: 2.2, HRV: -0.06},
            "off": {BEDTIME: 20.0, SLEEP: 25.0, STEPS: -0.1},
        }
        for name, changes in sizes.items():
            on_shift = np.array([float(shift == name) for shift in shifts])
            for metric, size in changes.items():
                draft.add(metric, size * on_shift)
        self.move_bedtimes(draft, shifts)
        for first, last in runs_of(shifts, "night"):
            draft.spells.append(Spell("night_shift", draft.day(first), draft.day(last)))

    def move_bedtimes(self, draft: Draft, shifts: list[str]) -> None:
        """Moves bedtimes of night shifts to about 08:15, keeping their noise."""
        at_night = np.array([float(shift == "night") for shift in shifts])
        draft.add(BEDTIME, at_night * (495.0 - draft.base[BEDTIME]))


def runs_of(names: list[str], wanted: str) -> list[tuple[int, int]]:
    """Finds the runs of one name: the first and last place of each."""
    runs: list[tuple[int, int]] = []
    for place, name in enumerate(names):
        if name != wanted:
            continue
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


@dataclass(frozen=True, slots=True)
class Artefacts:
    """Adds nights on which beats were misread, as an irregular heart rhythm would make them.

    On ``hrv_nights`` of nights HRV is raised by up to ``hrv`` (log); on ``hr_nights`` heart rate
    is off by up to ``hr`` bpm either way.
    """

    hrv_nights: float = 0.15
    hrv: float = 1.0
    hr_nights: float = 0.08
    hr: float = 9.0

    def apply(self, draft: Draft) -> None:
        """Adds the misread nights; they are noise and stand in no truth."""
        rng = draft.seed.stream("artefacts")
        draws: Values = rng.random((draft.nights, 4))
        draft.add(HRV, (draws[:, 0] < self.hrv_nights) * (0.3 + (self.hrv - 0.3) * draws[:, 1]))
        draft.add(HR, (draws[:, 2] < self.hr_nights) * (2.0 * draws[:, 3] - 1.0) * self.hr)

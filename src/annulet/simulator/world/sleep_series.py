"""The series inside one sleep: stages, movement, heart rate and HRV."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from annulet.simulator.world.random_streams import apportion, random_stream
from annulet.simulator.world.sleep import EPOCH_S, Sleep

_EPOCHS_A_SAMPLE: Final = 10
_EPOCHS_A_CYCLE: Final = 180
_DEEP, _LIGHT, _REM, _AWAKE = "1", "2", "3", "4"


@dataclass(frozen=True, slots=True)
class SleepSeries:
    """The series of one sleep: one character per 30 s, one sample per 5 min; ``hrv`` is in ms."""

    phases: str
    movement: str
    heart_rate: tuple[int | None, ...]
    hrv: tuple[int | None, ...]
    average_heart_rate: float
    restless_periods: int

    @property
    def phases_5_min(self) -> str:
        """The stage in the middle of each 5 min."""
        return _every_5_min(self.phases)


def simulate_sleep_series(seed: int, sleep: Sleep) -> SleepSeries:
    """Draw the series of a sleep; their counts and extremes equal the sleep's measures."""
    rng = random_stream(seed, "course", sleep.plan_index, sleep.number)
    phases = _draw_phases(sleep)
    movement = "".join(rng.choices("1234", (88, 8, 3, 1), k=len(phases)))
    count = len(_every_5_min(phases))
    missing = _draw_missing(rng, count)
    heart_rate = _draw_heart_rate(rng, sleep, count, missing)
    present = [bpm for bpm in heart_rate if bpm is not None]
    return SleepSeries(
        phases=phases,
        movement=movement,
        heart_rate=tuple(heart_rate),
        hrv=tuple(_draw_hrv(rng, sleep, count, missing)),
        average_heart_rate=round(8 * sum(present) / len(present)) / 8,
        restless_periods=sum(movement.count(change) for change in ("12", "13", "14")),
    )


def _every_5_min(phases: str) -> str:
    return phases[_EPOCHS_A_SAMPLE // 2 - 1 :: _EPOCHS_A_SAMPLE]


def _draw_phases(sleep: Sleep) -> str:
    """Return one stage per epoch, in cycles with falling deep and rising REM sleep."""
    latency = sleep.latency // EPOCH_S
    deep, rem, light = sleep.deep // EPOCH_S, sleep.rem // EPOCH_S, sleep.light // EPOCH_S
    awake = sleep.awake // EPOCH_S - latency
    cycles = max(1, round((deep + rem + light) / _EPOCHS_A_CYCLE))
    even = [1.0] * cycles
    parts = [_AWAKE * latency]
    for cycle_deep, cycle_rem, cycle_light, cycle_awake in zip(
        apportion(deep, [(cycles - k) ** 1.5 for k in range(cycles)]),
        apportion(rem, [(k + 1) ** 1.2 for k in range(cycles)]),
        apportion(light, even),
        apportion(awake, even),
        strict=True,
    ):
        before_deep = cycle_light * 2 // 3
        parts += (
            _LIGHT * before_deep,
            _DEEP * cycle_deep,
            _LIGHT * (cycle_light - before_deep),
            _REM * cycle_rem,
            _AWAKE * cycle_awake,
        )
    return "".join(parts)


def _draw_missing(rng: random.Random, count: int) -> set[int]:
    """Return the positions of the missing samples: some at the start, a few later, never all."""
    leading = min(count - 2, rng.randint(0, max(1, round(count * 0.14))))
    later = {k for k in range(leading, count) if rng.random() < 0.03}
    missing = set(range(max(0, leading))) | later
    return missing if len(missing) < count else set()


def _draw_heart_rate(
    rng: random.Random, sleep: Sleep, count: int, missing: set[int]
) -> list[int | None]:
    """Return samples whose lowest is the sleep's lowest heart rate, late in the night."""
    lowest_at = 0.55 + rng.uniform(-0.1, 0.2)
    curve = [
        abs(k / max(1, count - 1) - lowest_at) * 11 + abs(rng.gauss(0, 1.3)) for k in range(count)
    ]
    floor = min(value for k, value in enumerate(curve) if k not in missing)
    return [
        None if k in missing else sleep.lowest + round(value - floor)
        for k, value in enumerate(curve)
    ]


def _draw_hrv(rng: random.Random, sleep: Sleep, count: int, missing: set[int]) -> list[int | None]:
    """Return samples whose mean is the sleep's average HRV."""
    values = {
        k: max(4, round(rng.gauss(sleep.hrv, sleep.hrv * 0.22)))
        for k in range(count)
        if k not in missing
    }
    surplus = sum(values.values()) - sleep.hrv * len(values)
    step = -1 if surplus > 0 else 1
    while surplus:
        for k, value in values.items():
            if surplus and value + step > 3:  # below 4 ms would be impossible
                values[k] = value + step
                surplus += step
    return [values.get(k) for k in range(count)]

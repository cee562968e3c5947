"""What a sleep looks like from inside: stages, movement, heart rate and HRV through the night."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from annulet.simulator.world.draws import share, stream
from annulet.simulator.world.sleeps import EPOCH, Sleep

__all__ = ["Course", "course"]

_EPOCHS_A_SAMPLE: Final = 10
_CYCLE: Final = 180  # epochs, ninety minutes
_DEEP, _LIGHT, _REM, _AWAKE = "1", "2", "3", "4"


@dataclass(frozen=True, slots=True)
class Course:
    """The series of one sleep: one character each 30 s, one sample each 5 min."""

    phases: str
    movement: str
    heart: tuple[int | None, ...]
    variability: tuple[int | None, ...]
    average_heart: float
    restless: int

    @property
    def phases_5_min(self) -> str:
        """The stage in the middle of each five minutes."""
        return self.phases[_EPOCHS_A_SAMPLE // 2 - 1 :: _EPOCHS_A_SAMPLE]


def course(seed: int, sleep: Sleep) -> Course:
    """The course of a sleep; its counts and extremes equal the sleep's own measures."""
    rng = stream(seed, "course", sleep.maker, sleep.number)
    phases = _phases(sleep)
    movement = _movement(rng, phases)
    samples = len(phases[_EPOCHS_A_SAMPLE // 2 - 1 :: _EPOCHS_A_SAMPLE])
    silent = _silent(rng, samples)
    heart = _heart(rng, sleep, samples, silent)
    present = [value for value in heart if value is not None]
    return Course(
        phases=phases,
        movement=movement,
        heart=tuple(heart),
        variability=tuple(_variability(rng, sleep, samples, silent)),
        average_heart=round(8 * sum(present) / len(present)) / 8,
        restless=movement.count("12") + movement.count("13") + movement.count("14"),
    )


def _phases(sleep: Sleep) -> str:
    latency = sleep.latency // EPOCH
    deep, rem, light = sleep.deep // EPOCH, sleep.rem // EPOCH, sleep.light // EPOCH
    awake = sleep.awake // EPOCH - latency
    cycles = max(1, round((deep + rem + light) / _CYCLE))
    falling = [(cycles - k) ** 1.5 for k in range(cycles)]
    rising = [(k + 1) ** 1.2 for k in range(cycles)]
    even = [1.0] * cycles
    text = [_AWAKE * latency]
    for some_deep, some_rem, some_light, some_awake in zip(
        share(deep, falling),
        share(rem, rising),
        share(light, even),
        share(awake, even),
        strict=True,
    ):
        before = some_light * 2 // 3
        text += (
            _LIGHT * before,
            _DEEP * some_deep,
            _LIGHT * (some_light - before),
            _REM * some_rem,
            _AWAKE * some_awake,
        )
    return "".join(text)


def _movement(rng: random.Random, phases: str) -> str:
    return "".join(rng.choices("1234", (88, 8, 3, 1), k=len(phases)))


def _silent(rng: random.Random, samples: int) -> set[int]:
    """The samples that are missing: some at the start, a few inside, never all."""
    leading = min(samples - 2, rng.randint(0, max(1, round(samples * 0.14))))
    inside = {k for k in range(leading, samples) if rng.random() < 0.03}
    missing = set(range(max(0, leading))) | inside
    return missing if len(missing) < samples else set()


def _heart(rng: random.Random, sleep: Sleep, samples: int, silent: set[int]) -> list[int | None]:
    deepest = 0.55 + rng.uniform(-0.1, 0.2)
    shape = [
        abs(k / max(1, samples - 1) - deepest) * 11 + abs(rng.gauss(0, 1.3)) for k in range(samples)
    ]
    present = [k for k in range(samples) if k not in silent]
    floor = min(shape[k] for k in present)
    return [None if k in silent else sleep.lowest + round(shape[k] - floor) for k in range(samples)]


def _variability(
    rng: random.Random, sleep: Sleep, samples: int, silent: set[int]
) -> list[int | None]:
    values = {
        k: max(4, round(rng.gauss(sleep.hrv, sleep.hrv * 0.22)))
        for k in range(samples)
        if k not in silent
    }
    surplus = sum(values.values()) - sleep.hrv * len(values)
    step = -1 if surplus > 0 else 1
    while surplus:
        for k, value in values.items():
            if surplus and value + step > 3:  # nobody's HRV is lower
                values[k] = value + step
                surplus += step
    return [values.get(k) for k in range(samples)]

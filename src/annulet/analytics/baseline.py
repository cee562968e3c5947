"""The personal baseline of one metric: causal, robust, self-cleaning, aware of a new level.

Nights are handed over in order. A night is judged only against the nights before it; it joins
the baseline afterwards, unless it was extreme or was held out.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from annulet.analytics.series import Series
from annulet.analytics.traits import Traits
from annulet.analytics.windows import SortedWindow, WeekdayWindow

MIN_NIGHTS = 7
"""Fewer nights than this give no baseline at all."""
SETTLED_NIGHTS = 21
"""A baseline of fewer nights is provisional."""

_WINDOW_NIGHTS = 60
_WINDOW_DAYS = 90
_EXTREME = 3.0
_PRIOR_WEIGHT = 10
# Neighbouring nights resemble each other, so a centre of n nights errs as one of about n/2 would.
_CENTRE_ERROR = 2.0
_SHIFT_Z = 1.5
_SHIFT_NIGHTS = 8
_SHIFT_OF = 12
# While the whole body is under strain a level may look new that is only an illness: more is asked.
_SHIFT_NIGHTS_STRAINED = 14
_SHIFT_OF_STRAINED = 18
# Without a typical SD to lean against, a short history says too little.
_MIN_NIGHTS_ALONE = 14


class Score(NamedTuple):
    """One night against the nights before it.

    Attributes:
        day: Ordinal of the night.
        value: The measured value, natural units.
        z: How many scales it lies from the expected value; None while the history is too short.
        expected: What was usual for that night, on the working scale.
        scale: The usual night-to-night SD, on the working scale.
        n: Nights in the baseline.
        level: The value on the working scale, its weekday and a known rhythm taken out.
        explained: What the rhythm explains of it, on the working scale.
    """

    day: int
    value: float
    z: float | None
    expected: float
    scale: float
    n: int
    level: float
    explained: float = 0.0


@dataclass(frozen=True, slots=True)
class Shift:
    """A metric has settled on a new level.

    Attributes:
        since: The first night of the new level.
        noticed: The night on which it was recognised.
        before: The old level, natural units.
        after: The new level, natural units.
    """

    since: date
    noticed: date
    before: float
    after: float


class Baseline:
    """The running baseline of one metric.

    Args:
        traits: How the metric behaves.
    """

    __slots__ = ("_last_z", "_minimum", "_recent", "_traits", "_weekday", "_window")

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self._window = SortedWindow(_WINDOW_NIGHTS, _WINDOW_DAYS)
        self._weekday = WeekdayWindow()
        self._recent: deque[tuple[int, float]] = deque(maxlen=_WINDOW_NIGHTS)
        self._last_z: deque[tuple[int, float]] = deque(maxlen=_SHIFT_OF_STRAINED)
        self._minimum = MIN_NIGHTS if traits.typical_sd is not None else _MIN_NIGHTS_ALONE

    def score(self, day: int, value: float, offset: float = 0.0) -> Score | None:
        """Judge a night later than all before; None when the value cannot be on the scale.

        Args:
            day: Ordinal of the night.
            value: What was measured, natural units.
            offset: What a known rhythm adds on that day, natural units.
        """
        x = self._traits.forward(value)
        explained = x - self._traits.forward(value - offset) if offset else 0.0
        if math.isnan(x) or math.isnan(explained):
            return None
        weekday = self._weekday.adjustment(day)
        window = self._window
        window.forget_before(day)
        n = len(window)
        level = x - weekday - explained
        if n < self._minimum:
            return Score(day, value, None, x, self._traits.floor, n, level, explained)
        centre, scale = self._centre_and_scale(n)
        z = (level - centre) / (scale * math.sqrt(1.0 + _CENTRE_ERROR / n))
        expected = centre + weekday + explained
        return Score(day, value, z, expected, scale, n, level, explained)

    def usual(self, day: int) -> tuple[float, float, int] | None:
        """Expected value and scale (working scale) of a day not yet seen, and the nights behind."""
        self._window.forget_before(day)
        n = len(self._window)
        if n < self._minimum:
            return None
        centre, scale = self._centre_and_scale(n)
        return centre + self._weekday.adjustment(day), scale, n

    def learn(
        self, score: Score, *, held_out: bool = False, strained: bool = False
    ) -> Shift | None:
        """Take the judged night into the baseline; says so when it settles on a new level.

        Args:
            score: The judged night.
            held_out: Whether the night shall not count as usual.
            strained: Whether the body signal stood high lately: a new level needs more evidence.
        """
        self._weekday.add(score.day, self._traits.forward(score.value) - score.explained)
        self._recent.append((score.day, score.level))
        z = score.z
        if z is None:
            self._window.add(score.day, score.level)
            return None
        self._last_z.append((score.day, z))
        if abs(z) > _SHIFT_Z and (since := self._new_level_since(z, strained)) is not None:
            return self._restart(since, score)
        if abs(z) <= _EXTREME and not held_out:
            self._window.add(score.day, score.level)
        return None

    def _centre_and_scale(self, n: int) -> tuple[float, float]:
        centre, own = self._window.centre_and_scale()
        traits = self._traits
        if traits.typical_sd is None:
            return centre, max(own, traits.floor)
        prior = _PRIOR_WEIGHT * traits.typical_sd * traits.typical_sd
        return centre, max(math.sqrt((prior + n * own * own) / (_PRIOR_WEIGHT + n)), traits.floor)

    def _new_level_since(self, z: float, strained: bool) -> int | None:
        sign = 1.0 if z > 0 else -1.0
        nights = list(self._last_z) if strained else list(self._last_z)[-_SHIFT_OF:]
        beyond = [day for day, score in nights if sign * score > _SHIFT_Z]
        return beyond[0] if len(beyond) >= _needed(strained) else None

    def _restart(self, since: int, score: Score) -> Shift:
        before, _ = self._centre_and_scale(len(self._window))
        self._window.clear()
        for day, level in self._recent:
            if day >= since:
                self._window.add(day, level)
        self._last_z.clear()
        after, _ = self._centre_and_scale(len(self._window))
        return Shift(
            since=date.fromordinal(since),
            noticed=date.fromordinal(score.day),
            before=self._traits.natural(before),
            after=self._traits.natural(after),
        )


def _needed(strained: bool) -> int:
    return _SHIFT_NIGHTS_STRAINED if strained else _SHIFT_NIGHTS


def judge(
    series: Series, traits: Traits, *, held_out: frozenset[int] = frozenset()
) -> tuple[list[Score], list[Shift]]:
    """Judge every night of a series against the nights before it.

    Args:
        series: The metric.
        traits: How it behaves.
        held_out: Days (ordinals) that are judged but never join the baseline.
    """
    baseline = Baseline(traits)
    scores: list[Score] = []
    shifts: list[Shift] = []
    for day, value in zip(series.days, series.values, strict=True):
        score = baseline.score(day, value)
        if score is None:
            continue
        scores.append(score)
        shift = baseline.learn(score, held_out=day in held_out)
        if shift is not None:
            shifts.append(shift)
    return scores, shifts

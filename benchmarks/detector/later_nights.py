"""Nights later than the first after a tag, and nights after an unusual night: what is called.

A tag moves its first night alone, so that whatever is called one to three nights later is false. A
condition on a night itself moves nothing either: what is called against the way in which the nights
really differ is false.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from annulet.analytics.residuals import clipped_sd, residuals
from annulet.analytics.rhythm import find_rhythm
from annulet.analytics.series import Series
from annulet.analytics.tag_effects import NightsBack, TagEffect, tag_effects
from annulet.analytics.traits import traits_of
from annulet.analytics.unusual_nights import judge_vitals
from benchmarks.detector.claims import CALLED, Counts
from benchmarks.detector.estimates import Estimate
from benchmarks.detector.subjects import Subject

__all__ = ["LAGS", "after_night_claims", "later_claims"]

LAGS = (1, 2, 3)
_PLANTED = {
    "hrv_avg_ms": -1.2, "hr_lowest_bpm": 1.2, "total_sleep_min": -1.0,
    "readiness_score": -1.2, "sleep_score": -1.2, "temperature_deviation_c": 0.8,
}  # fmt: skip
"""What the tag does to the night that follows it, in nightly SD."""
_WAYS = {"at random": (0.12,) * 7, "at weekends": (0.03, 0.03, 0.03, 0.03, 0.5, 0.5, 0.05)}
"""The chance of a tag on each weekday, from Monday."""
_OF_NIGHT = ("hrv_avg_ms", "total_sleep_min", "hr_lowest_bpm")
_DAYTIME = ("steps", "stress_high_min", "activity_score")


def later_claims(
    people: Iterable[Subject], days: int = 180, *, seed: int = 7, guard: bool = True
) -> dict[str, Estimate]:
    """Answers about the first night that find what was planted, and about later ones that call.

    Args:
        people: The people.
        days: How many days are asked about.
        seed: Where the tags are drawn from.
        guard: Whether the night before the tag is taken for the night before.
    """
    counts = Counts()
    draw = np.random.default_rng(seed)
    for subject in people:
        ill = judge_vitals(subject.vitals).ill
        for way, chances in _WAYS.items():
            evenings = range(subject.last - days, subject.last)
            odds = [chances[(day - 1) % 7] for day in evenings]
            tagged = {d for d, u, c in zip(evenings, draw.random(days), odds, strict=True) if u < c}
            series = {m: _moved(s, tagged, m) for m, s in subject.nine.items()}
            series = {m: s.between(evenings[0], subject.last) for m, s in series.items()}
            for lag in (0, *LAGS):
                told = _told(series, tagged, lag, ill, guard=guard)
                if lag:
                    called = any(effect.verdict in CALLED for effect in told.values())
                    counts.add(f"{way}, lag {lag}: an answer calls something", called)
                    continue
                for metric in _PLANTED.keys() & told.keys():
                    right = "higher" if _PLANTED[metric] > 0 else "lower"
                    counts.add(f"{way}, lag 0: found", told[metric].verdict == right)
        counts.next_person()
    return counts.estimates()


def after_night_claims(
    people: Iterable[Subject], days: int = 180, *, guard: bool = True
) -> dict[str, Estimate]:
    """Answers about nights that follow an unusual night: calls against how they differ, and all."""
    counts = Counts()
    for subject in people:
        ill = judge_vitals(subject.vitals).ill
        first = subject.last - days
        series = {m: s.between(first, subject.last) for m, s in subject.nine.items()}
        for metric in _OF_NIGHT:
            if len(series[metric]) < 30:
                continue
            usual = residuals(series[metric])
            limit = -clipped_sd(usual.values)
            sign = -1.0 if metric == "hr_lowest_bpm" else 1.0
            pairs = zip(usual.days, usual.values, strict=True)
            met = {day for day, value in pairs if sign * value < limit}
            told = _told(series, met, 0, ill, guard=guard, of_night=True)
            wrong = [
                name for name, effect in told.items()
                if effect.verdict in CALLED and _against_raw(series[name].without(ill), met, effect)
            ]  # fmt: skip
            counts.add(f"after a bad {metric}: a call of the wrong sign", bool(wrong))
            counts.add(
                f"after a bad {metric}: an answer calls something",
                any(effect.verdict in CALLED for effect in told.values()),
            )
        counts.next_person()
    return counts.estimates()


def _told(
    series: Mapping[str, Series],
    days: set[int],
    lag: int,
    ill: frozenset[int],
    *,
    guard: bool,
    of_night: bool = False,
) -> dict[str, TagEffect]:
    nights = frozenset(day + 1 + lag for day in days)
    rhythm = find_rhythm(series["temperature_deviation_c"].without(ill), is_sure=False)
    back = {name: NightsBack(1 + lag, 1 + lag + (of_night or name in _DAYTIME)) for name in series}
    touched = frozenset(night - n for night in nights for n in range(1, lag + 1))
    left = frozenset() if 2 * len(ill & nights) > len(ill) else ill
    asked = {name: (s, traits_of(name)) for name, s in series.items()}
    more = {"nights_back": back, "touched": touched} if guard else {}
    return dict(tag_effects(asked, nights, left_out=left, rhythm=rhythm, **more).effects)


def _moved(series: Series, evenings: set[int], metric: str) -> Series:
    size = _PLANTED.get(metric, 0.0) * clipped_sd(residuals(series).values)
    pairs = zip(series.days, series.values, strict=True)
    return Series(series.days, tuple(v + size if day - 1 in evenings else v for day, v in pairs))


def _against_raw(series: Series, met: set[int], effect: TagEffect) -> bool:
    """Whether the plain difference of the nights has the other sign."""
    usual = residuals(series)
    sides: dict[bool, list[float]] = {True: [], False: []}
    for day, value in zip(usual.days, usual.values, strict=True):
        sides[day - 1 in met].append(value)
    raw = float(np.mean(sides[True]) - np.mean(sides[False]))
    return raw * (effect.value or 0.0) < 0

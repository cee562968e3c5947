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
from annulet.analytics.tag_effects import TagEffect, tag_effects
from annulet.analytics.traits import traits_of
from annulet.analytics.unusual_nights import judge_vitals
from annulet.toolkit.effect_events import Event, EventTiming
from annulet.toolkit.metrics import METRICS
from benchmarks.detector.claims import CALLED, Counts
from benchmarks.detector.estimates import Estimate
from benchmarks.detector.subjects import Subject

__all__ = ["LATER_CLAIMS", "after_night_claims", "later_claims"]

_NIGHTS = {1: "the second", 2: "the third", 3: "the fourth"}
_FOUND = "finds what the first night has"
_AFTER = "calls something after a bad night"
_WRONG = "calls the contrary after a bad night"
LATER_CLAIMS = (
    _FOUND, *(f"calls something of {night} night" for night in _NIGHTS.values()), _AFTER, _WRONG
)  # fmt: skip
"""What is measured, in the order in which it is shown."""
_PLANTED = {
    "hrv_avg_ms": -1.2, "hr_lowest_bpm": 1.2, "total_sleep_min": -1.0,
    "readiness_score": -1.2, "sleep_score": -1.2, "temperature_deviation_c": 0.8,
}  # fmt: skip
"""What the tag does to the night that follows it, in nightly SD."""
_WAYS = ((0.12,) * 7, (0.03, 0.03, 0.03, 0.03, 0.5, 0.5, 0.05))
"""The chance of a tag on each weekday, from Monday: at random, and mostly at weekends."""
_OF_NIGHT = ("hrv_avg_ms", "total_sleep_min", "hr_lowest_bpm")


def later_claims(
    people: Iterable[Subject], days: int = 180, *, seed: int = 7
) -> dict[str, Estimate]:
    """Answers about the first night that find what was planted, and about later ones that call.

    Args:
        people: The people.
        days: How many days are asked about.
        seed: Where the tags are drawn from.
    """
    counts = Counts()
    draw = np.random.default_rng(seed)
    for subject in people:
        ill = judge_vitals(subject.vitals).ill
        for chances in _WAYS:
            evenings = range(subject.last - days, subject.last)
            odds = [chances[(day - 1) % 7] for day in evenings]
            tagged = {d for d, u, c in zip(evenings, draw.random(days), odds, strict=True) if u < c}
            series = {m: _moved(s, tagged, m) for m, s in subject.nine.items()}
            series = {m: s.between(evenings[0], subject.last) for m, s in series.items()}
            for lag in (0, *_NIGHTS):
                told = _told(series, Event(frozenset(tagged), lag), ill)
                if lag:
                    called = any(effect.verdict in CALLED for effect in told.values())
                    counts.add(f"calls something of {_NIGHTS[lag]} night", called)
                    continue
                for metric in _PLANTED.keys() & told.keys():
                    right = "higher" if _PLANTED[metric] > 0 else "lower"
                    counts.add(_FOUND, told[metric].verdict == right)
        counts.next_person()
    return counts.estimates()


def after_night_claims(people: Iterable[Subject], days: int = 180) -> dict[str, Estimate]:
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
            event = Event(frozenset(met), 0, EventTiming(of_night=True))
            told = _told(series, event, ill)
            wrong = [
                name for name, effect in told.items()
                if effect.verdict in CALLED and _against_raw(series[name].without(ill), met, effect)
            ]  # fmt: skip
            counts.add(_WRONG, bool(wrong))
            counts.add(
                _AFTER,
                any(effect.verdict in CALLED for effect in told.values()),
            )
        counts.next_person()
    return counts.estimates()


def _told(series: Mapping[str, Series], event: Event, ill: frozenset[int]) -> dict[str, TagEffect]:
    temperature = series["temperature_deviation_c"].without(ill)
    told = tag_effects(
        {name: (values, traits_of(name)) for name, values in series.items()},
        event.nights,
        left_out=frozenset() if 2 * len(ill & event.nights) > len(ill) else ill,
        rhythm=find_rhythm(temperature, is_sure=False),
        nights_back={name: event.nights_back(METRICS[name]) for name in series},
        touched=event.touched,
    )
    return dict(told.effects)


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

"""The detector keeps its gates on simulated people: a small population always, a large on demand.

The figures rank methods and guard against regressions; they are about simulated people only.
A gate is a figure of the specification, the same for every size of population. It fails where the
whole 95 % interval of the figure lies on the wrong side of it (``benchmarks.detector.estimates``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest

from annulet.analytics.signal import Walk
from benchmarks.detector import detectors, suites
from benchmarks.detector.population import Person
from benchmarks.detector.scoring import Outcome, evaluate, matched

SEEDS = (11, 12, 13, 14, 15)


class Judged(NamedTuple):
    """People, every night of theirs judged by the product, and the body signal by night."""

    people: Sequence[Person]
    nights: Sequence[Walk]
    signals: Sequence[np.ndarray]


def judged(people: Sequence[Person]) -> Judged:
    """Judge some people."""
    nights = suites.judge(people)
    return Judged(people, nights, suites.signals(people, nights))


@pytest.fixture(scope="module")
def small() -> Judged:
    """A population that all tests of its gates share."""
    return judged(suites.population(120, SEEDS[1:2]))


def at_two(population: Judged) -> Outcome:
    """The outcome at a signal of two."""
    return evaluate(population.people, [np.nan_to_num(s) >= 2.0 for s in population.signals], 2.0)


def check_main(population: Judged) -> None:
    """Fevers are detected early at one false-alert night in thirty, with few false alerts."""
    detected = matched(population.people, population.signals, 1.0).recall["fever"]
    assert detected.may_reach(0.91), detected
    nominal = at_two(population)
    assert nominal.false_nights.may_stay_within(1.2), nominal
    assert nominal.recall["fever"].may_reach(0.85), nominal
    assert nominal.delay["fever"].may_stay_within(1.3), nominal


def check_against_plain_z(population: Judged) -> None:
    """The body signal detects three times as many fevers as the plain z-score."""
    ours = matched(population.people, population.signals, 1.0).recall["fever"]
    scores = [detectors.in_window_z(person) for person in population.people]
    plain = matched(population.people, scores, 1.0).recall["fever"]
    assert ours.may_reach(3 * plain.low), (ours, plain)
    assert ours.low >= 2 * plain.high, (ours, plain)


def check_levels(population: Judged) -> None:
    """Each level brings about the false alerts it announces."""
    for level, announced in (("low", 0.3), ("medium", 1.3), ("high", 1.9)):
        masks = suites.level_alerts(population.people, population.nights, level)
        outcome = evaluate(population.people, masks, 0.0)
        assert outcome.false_nights.may_reach(0.9 * announced), (level, outcome.false_nights)
        assert outcome.false_nights.may_stay_within(1.1 * announced), (level, outcome.false_nights)
        if level == "medium":
            assert outcome.false_episodes.may_stay_within(1.1), outcome.false_episodes


def check_second_illness(users: int, seeds: Sequence[int]) -> None:
    """A fever that begins twelve nights after another ended is detected."""
    population = judged(suites.second_illness(users, seeds))
    threshold = matched(population.people, population.signals, 1.0).threshold
    _, second = suites.second_illness_recall(population.signals, threshold)
    assert second.may_reach(0.88), second


def check_ordinary_nights(users: int, seeds: Sequence[int]) -> None:
    """Where nothing happens, scores beyond two and new levels are rare."""
    population = judged(suites.population(users, seeds, rates={}))
    rate = suites.z_rates(population.nights)["all"]
    assert rate.may_stay_within(0.08), rate
    levels = suites.spurious_levels(population.people, population.nights)
    assert levels.may_stay_within(0.1), levels


def test_fevers_are_detected(small: Judged) -> None:
    """Nine fevers in ten are detected, early and with few false alerts."""
    check_main(small)


def test_fever_beside_the_plain_z_score(small: Judged) -> None:
    """At equal false alerts the body signal detects three times the fevers of the plain z-score."""
    check_against_plain_z(small)


def test_levels_keep_what_they_announce(small: Judged) -> None:
    """The false alerts of low, medium and high are those that the answers state."""
    check_levels(small)


def test_a_second_illness_is_found() -> None:
    """The first fever does not hide the second."""
    check_second_illness(100, SEEDS[1:2])


def test_ordinary_nights_are_rarely_beyond_two() -> None:
    """With seven nights of history or more, a score of two is as rare as it should be."""
    check_ordinary_nights(40, (16,))


def test_a_lasting_change_is_recognised() -> None:
    """Six beats more for good are soon the new usual."""
    shifted = suites.level_shift(40, 21)
    assert shifted.noticed.may_reach(0.8), shifted
    assert shifted.alert_nights.may_stay_within(6), shifted


@pytest.mark.parametrize("length", [30, 90])
def test_trendless_series_are_rarely_called(length: int) -> None:
    """Autocorrelated noise is seldom called a trend."""
    called = suites.false_trends(200, 5, length)
    assert called.may_stay_within(0.08), called


def test_tags_without_effect_are_rarely_called() -> None:
    """Tags drawn towards weekends, without effect, are not blamed."""
    pairs, tags = suites.false_effects(suites.population(2, (31,)), 25, 7)
    assert pairs.may_stay_within(0.02), pairs
    assert tags.may_stay_within(0.06), tags


@pytest.mark.full
@pytest.mark.timeout(1200)  # minutes of arithmetic: a busy machine takes its time
def test_full_population() -> None:
    """All gates of the specification hold over 750 people."""
    population = judged(suites.population(150, SEEDS))
    check_main(population)
    check_against_plain_z(population)
    check_levels(population)
    check_second_illness(150, SEEDS)
    check_ordinary_nights(150, SEEDS[:2])
    cycling = judged(suites.population(60, SEEDS, cycle_share=1.0))
    detected = matched(cycling.people, cycling.signals, 1.0).recall["fever"]
    assert detected.may_reach(0.88), detected


@pytest.mark.full
@pytest.mark.parametrize("length", [30, 60, 90, 180])
def test_full_trends(length: int) -> None:
    """At most eight in a hundred trendless series are called, for every window."""
    called = suites.false_trends(1500, 9, length)
    assert called.may_stay_within(0.08), called


@pytest.mark.full
def test_full_effects() -> None:
    """At most two in a hundred tag-metric pairs and six in a hundred tags are called."""
    pairs, tags = suites.false_effects(suites.population(24, (31,)), 25, 7)
    assert pairs.may_stay_within(0.02), pairs
    assert tags.may_stay_within(0.06), tags

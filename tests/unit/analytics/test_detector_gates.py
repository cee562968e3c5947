"""The detector keeps its gates on simulated people: a small population always, the full on demand.

The figures rank methods and guard against regressions; they are about simulated people only.
"""

import numpy as np
import pytest

from benchmarks.detector import detectors, suites
from benchmarks.detector.scoring import evaluate, matched

SEEDS = (11, 12, 13, 14, 15)


def scored(people):
    """The body signal of every night of some people."""
    return [detectors.annulet(person) for person in people]


def at_two(people, scores):
    """The outcome at a signal of two."""
    return evaluate(people, [np.nan_to_num(s, nan=-9.0) >= 2.0 for s in scores], 2.0)


def check_main(users, seeds, *, fever, ratio):
    """Fever recall at one false-alert night in thirty, alone and beside the plain z-score."""
    people = suites.population(users, seeds)
    scores = scored(people)
    ours = matched(people, scores, 1.0).recall["fever"]
    plain = matched(people, [detectors.in_window_z(p) for p in people], 1.0).recall["fever"]
    assert ours >= fever
    assert ours >= ratio * plain
    nominal = at_two(people, scores)
    assert nominal.false_nights <= 1.2
    assert nominal.recall["fever"] >= 0.85
    assert nominal.delay["fever"] <= 1.3
    return people


def check_levels(people, *, slack):
    """Each level brings about the false alerts it announces."""
    for level, announced in (("low", 0.3), ("medium", 1.3), ("high", 1.9)):
        found = evaluate(people, suites.medium_alerts(people, level), 0.0)
        assert found.false_nights == pytest.approx(announced, rel=slack)
        if level == "medium":
            assert found.false_nights <= 1.6
            assert found.false_episodes <= 1.1


def second_recall(users, seeds):
    """Recall of a fever that begins twelve nights after another ended."""
    people = suites.second_illness(users, seeds)
    scores = scored(people)
    threshold = matched(people, scores, 1.0).threshold
    return suites.second_illness_recall(scores, threshold)[1]


def test_fever_beside_the_plain_z_score():
    """A small population: fevers are found, three times as many as by the plain z-score."""
    people = check_main(60, SEEDS[1:2], fever=0.85, ratio=3)
    check_levels(people, slack=0.35)


def test_a_second_illness_is_found():
    """A small population: the first fever does not hide the second."""
    assert second_recall(100, SEEDS[1:2]) >= 0.84


def test_ordinary_nights_are_rarely_beyond_two():
    """With seven nights of history or more, a score of two is as rare as it should be."""
    people = suites.population(30, (16,), rates={})
    assert suites.z_rates(people)["all"] <= 0.08
    assert suites.spurious_levels(people) <= 0.2


def test_a_lasting_change_is_recognised():
    """Six beats more for good are soon the new usual."""
    found = suites.level_shift(40, 21)
    assert found.noticed >= 0.8
    assert found.alert_nights <= 6


@pytest.mark.parametrize("length", [30, 90])
def test_trendless_series_are_rarely_called(length):
    """Noise that remembers the night before is seldom called a trend."""
    assert suites.false_trends(200, 5, length) <= 0.08 + 0.02


def test_tags_without_effect_are_rarely_called():
    """Tags drawn towards weekends, without effect, are not blamed."""
    pairs, _ = suites.false_effects(suites.population(2, (31,)), 25, 7)
    assert pairs <= 0.05


@pytest.mark.full
@pytest.mark.timeout(1200)  # minutes of arithmetic: a busy machine takes its time
def test_full_population():
    """All gates of the specification, over 750 people."""
    people = check_main(150, SEEDS, fever=0.90, ratio=3)
    check_levels(people, slack=0.15)
    assert second_recall(150, SEEDS) >= 0.88
    calm = suites.population(150, SEEDS[:2], rates={})
    assert suites.z_rates(calm)["all"] <= 0.08
    assert suites.spurious_levels(calm) <= 0.1


@pytest.mark.full
@pytest.mark.parametrize("length", [30, 60, 90, 180])
def test_full_trends(length):
    """At most eight in a hundred trendless series are called, whatever the window."""
    assert suites.false_trends(1500, 9, length) <= 0.08


@pytest.mark.full
def test_full_effects():
    """At most five in a hundred tag-metric pairs, and tags with any, are called for nothing."""
    pairs, tags = suites.false_effects(suites.population(24, (31,)), 25, 7)
    assert pairs <= 0.02
    assert tags <= 0.06

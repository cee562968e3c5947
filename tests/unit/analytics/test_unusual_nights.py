"""Unusual stretches: found with their days, told by levels, never invented."""

from datetime import timedelta
from itertools import pairwise

import pytest

from annulet.analytics.alert_rate import alert_rate
from annulet.analytics.episodes import LEVELS, alerts, episodes, strained_days
from annulet.analytics.series import Series
from annulet.analytics.signal import SignalNight, walk
from annulet.analytics.traits import VITALS
from annulet.analytics.unusual_nights import find_unusual
from tests.unit.analytics.made import DAY, FIRST, as_series, fever, noise, series, vitals


def ask(lists, *, length=30, sensitivity="medium", metrics=VITALS, extra=None):
    """Ask about the last days of some vitals."""
    nights = len(lists["hr_lowest_bpm"])
    end = DAY + timedelta(days=nights - 1)
    return find_unusual(
        {**as_series(lists), **(extra or {})},
        start=end - timedelta(days=length - 1),
        end=end,
        sensitivity=sensitivity,
        metrics=metrics,
    )


def signals(values):
    """Nights with given body signals; None is a missing night."""
    return [SignalNight(FIRST + n, v, {}) for n, v in enumerate(values) if v is not None]


def test_a_fever_is_one_episode_with_its_days():
    """Five nights of illness are one episode over those nights."""
    unusual = ask(fever(vitals(120, seed=4), 100, 5))
    strongest = unusual.episodes[0]
    assert abs(strongest.start - (FIRST + 100)) <= 1
    assert abs(strongest.end - (FIRST + 104)) <= 1
    assert not strongest.ongoing


def test_two_fevers_twelve_nights_apart_are_both_found():
    """The first illness does not hide the second."""
    unusual = ask(fever(fever(vitals(120, seed=3), 85, 6), 103, 6), length=40)
    days = {night.day - FIRST for episode in unusual.episodes for night in episode.nights}
    assert {87, 88, 105, 106} <= days


def test_the_opposite_of_strain_is_no_body_signal():
    """HRV up and temperature down alert at no level."""
    lists = fever(vitals(120, seed=7), 100, 5, strength=-1.0)
    for level in LEVELS:
        unusual = ask(lists, sensitivity=level)
        assert not {FIRST + n for n in range(100, 105)} & set(unusual.alert_nights)


def test_every_level_tells_the_alerts_chance_makes():
    """The more sensitive the level, the more alerts chance makes, for the person at hand."""
    rates = [ask(vitals(160), sensitivity=level).rate.per_30 for level in LEVELS]
    assert 0 < rates[0] < rates[1] < rates[2] < 4


def test_the_rate_is_the_persons_own():
    """A person whose signal swings more has more alerts by chance, and strong ones are likelier."""
    calm = alert_rate(signals(list(noise(300, sd=0.7))), LEVELS["medium"])
    restless = alert_rate(signals(list(noise(300, sd=1.8))), LEVELS["medium"])
    assert restless.per_30 > 2 * calm.per_30
    assert restless.chance_in(30, 3.0) > 2 * calm.chance_in(30, 3.0)
    assert calm.expected(360) == 12 * calm.per_30


def test_higher_sensitivity_flags_no_fewer_nights():
    """What a lower level flags, a higher one flags too."""
    lists = fever(vitals(150, seed=9), 130, 5)
    low, medium, high = (set(ask(lists, sensitivity=s, length=90).alert_nights) for s in LEVELS)
    assert low <= medium <= high


def test_vitals_make_the_signal_whatever_metrics_are_asked():
    """Asking for steps alone does not blind the body signal."""
    steps = {"steps": series([8000.0 + 100 * (n % 5) for n in range(120)])}
    unusual = ask(fever(vitals(120, seed=4), 100, 5), metrics=("steps",), extra=steps)
    assert unusual.episodes
    assert unusual.outliers == ()


def test_an_artefact_is_a_single_outlier():
    """One metric gone wild on one night is no episode."""
    lists = vitals(120, seed=12)
    lists["hr_lowest_bpm"][110] = 95.0
    unusual = ask(lists, sensitivity="low")
    assert [(o.metric, o.score.day) for o in unusual.outliers[:1]] == [
        ("hr_lowest_bpm", FIRST + 110)
    ]
    assert FIRST + 110 not in unusual.alert_nights


@pytest.mark.parametrize("nights", [0, 1, 6, 7])
def test_too_early_is_said(nights):
    """Up to seven nights nothing can be judged, and it is said what is missing."""
    unusual = ask(vitals(nights)) if nights else find_unusual({}, start=DAY, end=DAY)
    assert unusual.unjudged[0].subject == "body_signal"
    assert unusual.unjudged[0].needed == 8 - nights
    assert unusual.judged_nights == 0


def test_the_eighth_night_is_provisional_and_later_ones_are_not():
    """A short history is said to be short."""
    assert ask(vitals(8)).provisional
    assert not ask(vitals(40)).provisional


def test_a_lasting_change_is_told_with_its_date():
    """A lasting change of one vital is a change point, not an endless alarm."""
    lists = vitals(160, seed=5)
    lists["hr_lowest_bpm"] = [
        v + (6 if n >= 130 else 0) for n, v in enumerate(lists["hr_lowest_bpm"])
    ]
    (point,) = ask(lists).changes["hr_lowest_bpm"]
    assert abs(point.since - (FIRST + 130)) <= 2
    assert point.low <= 6 <= point.high
    assert not point.is_break


def test_another_ring_is_named_and_soon_usual():
    """A shift on the day of a new ring is told as such, and raises no alarm."""
    lists = vitals(160, seed=5)
    lists["hr_lowest_bpm"] = [
        v + (5 if n >= 120 else 0) for n, v in enumerate(lists["hr_lowest_bpm"])
    ]
    end = DAY + timedelta(days=159)
    known = find_unusual(as_series(lists), start=DAY, end=end, breaks=(FIRST + 120,))
    unknown = find_unusual(as_series(lists), start=DAY, end=end)
    assert [p.is_break for p in known.changes["hr_lowest_bpm"]] == [True]
    assert len(known.alert_nights) <= len(unknown.alert_nights)


def test_a_metric_without_data_is_not_evaluated():
    """Nothing is said about a metric that is not there."""
    unusual = ask(vitals(60), metrics=("steps", "hr_lowest_bpm"))
    assert [unjudged.subject for unjudged in unusual.unjudged] == ["steps"]
    assert find_unusual({"steps": Series()}, start=DAY, end=DAY, metrics=("steps",)).outliers == ()


def test_pairs_alert_on_the_second_night():
    """Two raised nights in a row alert at medium, not at low."""
    nights = signals([0.0, 1.5, 1.5, 0.0])
    assert alerts(nights, LEVELS["medium"]) == [2]
    assert alerts(nights, LEVELS["low"]) == []
    assert episodes(nights, LEVELS["medium"])[0].rule == "pair"


def test_one_missing_night_neither_breaks_nor_makes_a_pair():
    """A run bridges one missing night, not two."""
    assert alerts(signals([1.5, None, 1.5]), LEVELS["medium"]) == [1]
    assert alerts(signals([1.5, None, None, 1.5]), LEVELS["medium"]) == []


def test_two_missing_nights_end_an_episode():
    """A fever with a hole of two nights is two episodes, never silently a longer one."""
    whole = episodes(signals([0, 3, 3, None, 3, 3, 0]), LEVELS["medium"])
    torn = episodes(signals([0, 3, 3, None, None, 3, 3, 0]), LEVELS["medium"])
    assert [(e.start - FIRST, e.end - FIRST) for e in whole] == [(1, 5)]
    assert [(e.start - FIRST, e.end - FIRST) for e in torn] == [(1, 2), (5, 6)]


def test_recovery_takes_two_quiet_nights():
    """One quiet night inside does not end an episode; two do."""
    assert len(episodes(signals([3, 0.5, 3]), LEVELS["medium"])) == 1
    assert len(episodes(signals([3, 0.5, 0.5, 3]), LEVELS["medium"])) == 2


def test_an_episode_reaches_over_its_raised_edges():
    """Nights that are raised as well belong to the story, calm ones do not."""
    (episode,) = episodes(signals([0.2, 1.4, 3, 1.3, 0.9]), LEVELS["low"])
    assert (episode.start - FIRST, episode.end - FIRST) == (1, 3)
    assert episode.alerts == 1
    assert strained_days([episode]) == frozenset()


def test_the_last_night_can_be_ongoing():
    """An episode that reaches the last judged night has not ended."""
    assert episodes(signals([0, 3, 3]), LEVELS["medium"])[0].ongoing


def test_chance_falls_with_the_signal():
    """The stronger, the rarer; and never quite impossible."""
    rate = alert_rate(signals(noise(200)), LEVELS["medium"])
    rates = [rate.chance_per_30(s / 10) for s in range(80)]
    assert all(a >= b > 0 for a, b in pairwise(rates))
    assert rate.chance_in(365, 3.0) > rate.chance_in(30, 3.0)


def test_the_same_input_gives_the_same_answer():
    """Nothing in the answer depends on anything but the data."""
    lists = fever(vitals(120, seed=4), 100, 5)
    assert ask(lists) == ask(lists)
    assert walk(as_series(lists)) == walk(as_series(lists))

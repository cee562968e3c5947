"""The second population: what its truth says is what its nights show, over people."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.second_population import METRICS, Person, Tag, population

Values = NDArray[np.float64]
# Made once for all tests: nothing in a person is changed.
people_of = cache(population)


def series(subject: Person, metric: str) -> Values:
    """The values of a metric, missing ones as NaN, on the metric's own scale."""
    values = [math.nan if value is None else value for value in subject.nights[metric]]
    return np.log(values) if METRICS[metric].scale == "log" else np.array(values)


def place(subject: Person, day: date) -> int:
    """The place of a day among the person's nights."""
    return (day - subject.first_day).days


def weekend(subject: Person) -> NDArray[np.bool_]:
    """Which nights are dated Saturday or Sunday."""
    days = range(len(subject.nights["sleep_score"]))
    return np.array([(subject.first_day + timedelta(days=day)).weekday() > 4 for day in days])


def mean_ratio(kind: str, measured: Callable[[Person], float], size: Callable[[Person], float],
               people: int = 20) -> float:  # fmt: skip
    """How much of the true size the nights show: the regression of measured on true sizes."""
    drawn = people_of(kind, people)
    sizes = np.array([size(subject) for subject in drawn])
    shown = np.array([measured(subject) for subject in drawn])
    return float(np.sum(shown * sizes) / np.sum(sizes * sizes))


def in_sd(subject: Person, metric: str, nights: Iterable[int], others: Iterable[int]) -> float:
    """The difference of means of two sets of nights, in SDs of the person."""
    values = series(subject, metric)
    difference = np.nanmean(values[list(nights)]) - np.nanmean(values[list(others)])
    return float(difference) / subject.truth.night_sd[metric]


@pytest.mark.parametrize("kind", ["step_1sd", "step_1_5sd", "step_2sd", "step_3sd"])
def test_a_step_is_as_large_as_said_and_lasts(kind: str) -> None:
    """The mean after the day, less the mean before it, is the size: ratio 1 within 0.2."""

    def shown(subject: Person) -> float:
        step = subject.truth.steps[0]
        night = place(subject, step.day)
        nights = range(len(subject.nights["steps"]))
        return in_sd(subject, step.metric, nights[night:], nights[:night])

    ratio = mean_ratio(kind, shown, lambda subject: subject.truth.steps[0].size_sd, 30)
    assert ratio == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("kind", ["ramp_3sd", "power_slope"])
def test_a_ramp_rises_by_its_size_in_its_time(kind: str) -> None:
    """The slope over the ramp's nights, times its length, is the size: ratio 1 within 0.2."""

    def shown(subject: Person) -> float:
        ramp = subject.truth.ramps[0]
        first, last = place(subject, ramp.start), place(subject, ramp.end)
        values = (
            series(subject, ramp.metric)[first : last + 1] / subject.truth.night_sd[ramp.metric]
        )
        there = ~np.isnan(values)
        days = np.arange(len(values))[there]
        slope = float(np.polyfit(days, values[there], 1)[0])
        return slope * (last - first)

    ratio = mean_ratio(kind, shown, lambda subject: subject.truth.ramps[0].size_sd)
    assert ratio == pytest.approx(1.0, abs=0.2)


def test_a_recent_change_begins_thirty_nights_before_the_end() -> None:
    """The power population changes on its last 30 nights exactly."""
    for subject in people_of("power_change", 5):
        assert place(subject, subject.truth.steps[0].day) == len(subject.nights["steps"]) - 30


def test_a_new_ring_shifts_what_it_says_and_nothing_without() -> None:
    """Three metrics shift by the known size (within 0.2); without a shift none is noted."""

    def shown(subject: Person) -> float:
        change = subject.truth.ring_changes[0]
        metric = min(change.shifts)
        night = place(subject, change.day)
        nights = range(len(subject.nights["steps"]))
        return in_sd(subject, metric, nights[night:], nights[:night])

    def size(subject: Person) -> float:
        metric = min(subject.truth.ring_changes[0].shifts)
        return subject.truth.ring_changes[0].shifts[metric] / subject.truth.night_sd[metric]

    assert mean_ratio("new_ring_shift", shown, size) == pytest.approx(1.0, abs=0.2)
    assert all(
        not subject.truth.ring_changes[0].shifts for subject in people_of("new_ring_same", 5)
    )


def test_a_regular_sleeper_sleeps_ninety_minutes_longer_at_weekends() -> None:
    """The difference of weekend and weekdays is 90 minutes within 4, over 10 people."""
    longer = []
    for subject in people_of("weekday_regular", 10):
        sleep, free = series(subject, "total_sleep_min"), weekend(subject)
        longer.append(float(np.nanmean(sleep[free]) - np.nanmean(sleep[~free])))
    assert np.mean(longer) == pytest.approx(90.0, abs=4.0)


def test_cycles_are_biphasic_and_their_controls_are_not() -> None:
    """Luteal nights are warmer by 0.2–0.4 °C with cycles; controls know no phase at all."""
    warmer = []
    for subject in people_of("cycle_regular", 15):
        values = series(subject, "temperature_deviation_c")
        luteal = np.zeros(len(values), dtype=bool)
        for cycle in subject.truth.cycles:
            if cycle.ovulation is not None:
                begin = max(place(subject, cycle.ovulation) + 2, 0)
                luteal[begin : max(place(subject, cycle.start) + cycle.days - 1, 0)] = True
            assert 18 <= cycle.days <= 41
        warmer.append(float(np.nanmean(values[luteal]) - np.nanmean(values[~luteal])))
        assert all(phase is not None and 0 <= phase < 1 for phase in subject.truth.cycle_phase)
    assert 0.2 < np.mean(warmer) < 0.4
    assert all(not any(subject.truth.cycle_phase) for subject in people_of("cycle_none", 3))


def test_a_pregnancy_raises_the_heart_rate_and_turns_before_birth() -> None:
    """Ten weeks before birth heart rate is 6–14 bpm above the months before conception."""
    raised = []
    for subject in people_of("pregnancy", 10):
        spell = next(spell for spell in subject.truth.spells if spell.name == "pregnancy")
        start, end = place(subject, spell.start), place(subject, spell.end)
        values = series(subject, "hr_lowest_bpm")
        raised.append(float(np.nanmean(values[end - 75 : end - 55]) - np.nanmean(values[:start])))
        assert all(cycle.start < spell.start for cycle in subject.truth.cycles)
    assert 6.0 < np.mean(raised) < 14.0


@pytest.mark.parametrize(("kind", "low", "high"), [("fever", 0.6, 1.5), ("fever_mild", 0.2, 0.5)])
def test_a_fever_warms_the_nights_it_names(kind: str, low: float, high: float) -> None:
    """The warmest night of an illness is as much above the rest as the peak says."""
    above, peaks = [], []
    for subject in people_of(kind, 10):
        values = series(subject, "temperature_deviation_c")
        for event in subject.truth.events:
            nights = slice(place(subject, event.start), place(subject, event.end) + 1)
            if np.isnan(values[nights]).any():
                continue
            height = event.peak["temperature_deviation_c"]
            warm = values[nights][int(np.argmax(values[nights]))]
            above.append(float(warm) - float(np.nanmedian(values)))
            peaks.append(height)
            assert event.peak["hr_lowest_bpm"] > 0 > event.peak["hrv_avg_ms"]
    assert len(peaks) > 20
    assert low < np.mean(peaks) < high
    assert np.mean(above) == pytest.approx(np.mean(peaks), abs=0.25)


def test_events_do_not_lie_on_each_other() -> None:
    """No two events of an eventful year share a night."""
    for subject in people_of("eventful", 5):
        names = {event.name for event in subject.truth.events}
        assert names >= {"alcohol", "fever"}
        nights = [
            event.start + timedelta(days=day)
            for event in subject.truth.events
            for day in range((event.end - event.start).days + 1)
        ]
        assert len(nights) == len(set(nights))


def after(subject: Person, tag: Tag) -> list[int]:
    """The nights dated one day after the tag, as far as there are nights."""
    last = len(subject.nights["steps"])
    return [night + 1 for day in tag.days if (night := place(subject, day)) + 1 < last]


@pytest.mark.parametrize(
    "kind",
    [
        "tag_effect_1sd",
        "tag_effect_2sd",
        "power_tag",
        "tag_pair",
        "tag_daily_effect",
        "tag_runs_effect",
        "tag_rare_effect",
    ],
)
def test_a_tag_does_what_it_says_in_the_night_after(kind: str) -> None:
    """Nights after the tag differ from the others by the effect: ratio 1 within 0.2."""

    def shown(subject: Person) -> float:
        tag = subject.truth.tags[0]
        tagged = after(subject, tag)
        others = set(range(len(subject.nights["steps"]))) - set(tagged)
        return in_sd(subject, tag.effects[0].metric, tagged, others)

    ratio = mean_ratio(kind, shown, lambda subject: subject.truth.tags[0].effects[0].size_sd, 30)
    assert ratio == pytest.approx(1.0, abs=0.2)


def test_a_tag_on_twenty_nights_is_on_twenty_of_the_last_180() -> None:
    """The recent half year has exactly the number of tags that the kind names."""
    for subject in people_of("power_tag", 5):
        last = subject.first_day + timedelta(days=len(subject.nights["steps"]) - 1)
        recent = [day for day in subject.truth.tags[0].days if day >= last - timedelta(days=180)]
        assert len(recent) == 20


def test_a_tag_after_a_bad_night_follows_bad_nights_and_does_nothing() -> None:
    """The night before such a tag is worse by more than 0.8 SD; no effect is noted."""
    worse = []
    for subject in people_of("tag_after_bad_night", 15):
        tag = subject.truth.tags[0]
        before = [place(subject, day) for day in tag.days]
        others = set(range(len(subject.nights["steps"]))) - set(before)
        worse.append(in_sd(subject, "hr_lowest_bpm", before, others))
        assert not tag.effects
    assert np.mean(worse) > 0.8


def test_every_way_of_tagging_keeps_to_its_way() -> None:
    """Weekend tags lie on Fridays and Saturdays, rare ones on 5 days, runs are 15 days or more."""
    for subject in people_of("tag_weekend", 3):
        assert {day.weekday() for day in subject.truth.tags[0].days} == {4, 5}
    for subject in people_of("tag_rare_none", 3):
        assert len(subject.truth.tags[0].days) == 5
    for subject in people_of("tag_runs_none", 3):
        days = subject.truth.tags[0].days
        joined = sum((later - day).days == 1 for day, later in pairwise(days))
        assert joined / len(days) > 0.9
    for subject in people_of("tag_daily_none", 3):
        days = subject.truth.tags[0].days
        assert len(days) > 0.85 * ((days[-1] - days[0]).days + 1)
    for subject in people_of("tag_cycle", 3):
        phases = [
            subject.truth.cycle_phase[place(subject, day)] for day in subject.truth.tags[0].days
        ]
        assert np.mean([phase is not None and phase > 0.45 for phase in phases]) > 0.75


@pytest.mark.parametrize("kind", ["driver_steps", "driver_steps_up", "driver_none"])
def test_a_driver_has_the_slope_it_says(kind: str) -> None:
    """The regression of a night's ln HRV on the steps before it is the slope, within 0.1 SD."""
    slopes, truths = [], []
    for subject in people_of(kind, 20):
        steps, hrv = np.exp(series(subject, "steps"))[:-1], series(subject, "hrv_avg_ms")[1:]
        there = ~np.isnan(steps + hrv)
        slope = float(np.polyfit(steps[there], hrv[there], 1)[0])
        driver = subject.truth.drivers[0]
        usual = math.exp(subject.truth.base["steps"]) * subject.truth.night_sd["steps"]
        slopes.append(slope * usual / subject.truth.night_sd["hrv_avg_ms"])
        truths.append(driver.slope * usual / subject.truth.night_sd["hrv_avg_ms"])
    assert np.mean(slopes) == pytest.approx(np.mean(truths), abs=0.1)


def test_a_later_bedtime_raises_the_heart_rate_by_its_slope() -> None:
    """The slope of heart rate on bedtime is raised by the known one against people without it."""

    def slope(kind: str) -> float:
        slopes = []
        for subject in people_of(kind, 20):
            bedtime, beats = (
                series(subject, "bedtime_min_from_midnight"),
                series(subject, "hr_lowest_bpm"),
            )
            there = ~np.isnan(bedtime + beats)
            size = subject.truth.night_sd["bedtime_min_from_midnight"]
            scale = size / subject.truth.night_sd["hr_lowest_bpm"]
            slopes.append(float(np.polyfit(bedtime[there], beats[there], 1)[0]) * scale)
        return float(np.mean(slopes))

    truth = people_of("driver_bedtime", 20)[0].truth.drivers[0]
    assert (truth.lag_days, truth.relation) == (0, "causal")
    assert slope("driver_bedtime") - slope("plain") == pytest.approx(truth.slope_sd, abs=0.1)


@pytest.mark.parametrize(
    ("kind", "event", "metric"),
    [
        ("alcohol", "alcohol", "hr_lowest_bpm"),
        ("training_load", "training_load", "steps"),
        ("travel", "travel", "efficiency_pct"),
    ],
)
def test_events_move_their_nights_by_what_they_say(kind: str, event: str, metric: str) -> None:
    """The first night of an event differs from usual ones, the way and about as far as planned."""
    shown, planned = [], []
    for subject in people_of(kind, 15):
        values = series(subject, metric)
        peaks = [planted for planted in subject.truth.events if planted.name == event]
        usual = float(np.nanmedian(values))
        for planted in peaks:
            night = place(subject, planted.start)
            if not math.isnan(values[night]):
                shown.append(float(values[night]) - usual)
                planned.append(planted.peak[metric])
    assert len(planned) > 30
    assert np.mean(shown) == pytest.approx(np.mean(planned), rel=0.35)


def test_a_season_is_highest_in_january() -> None:
    """Heart rate in December to February is 2.3 bpm above June to August, within 0.8."""
    differences = []
    for subject in people_of("season", 15):
        values = series(subject, "hr_lowest_bpm")
        months = np.array(
            [(subject.first_day + timedelta(days=d)).month for d in range(len(values))]
        )
        winter, summer = np.isin(months, (12, 1, 2)), np.isin(months, (6, 7, 8))
        differences.append(float(np.nanmean(values[winter]) - np.nanmean(values[summer])))
    assert np.mean(differences) == pytest.approx(2.3, abs=0.8)


@pytest.mark.parametrize("kind", ["driver_season", "driver_weekday", "driver_cycle"])
def test_a_spurious_relation_is_there_and_known_to_be_spurious(kind: str) -> None:
    """Steps and the next night's HRV correlate by more than 0.1 while the true slope is 0."""
    correlations = []
    for subject in people_of(kind, 15):
        steps, hrv = series(subject, "steps")[:-1], series(subject, "hrv_avg_ms")[1:]
        there = ~np.isnan(steps + hrv)
        correlations.append(float(np.corrcoef(steps[there], hrv[there])[0, 1]))
        driver = subject.truth.drivers[0]
        assert (driver.relation, driver.slope) == ("spurious", 0.0)
    assert abs(np.mean(correlations)) > 0.1


def test_times_of_life_show_in_the_nights() -> None:
    """Night shifts are slept in the morning; a newborn costs efficiency; an athlete's heart rests."""  # noqa: E501 - one sentence
    for subject in people_of("shift_work", 3):
        nights = [
            night
            for spell in subject.truth.spells
            for night in range(place(subject, spell.start), place(subject, spell.end) + 1)
        ]
        bedtimes = series(subject, "bedtime_min_from_midnight")[nights]
        assert np.nanmean(bedtimes) > 360
    for subject in people_of("newborn_parent", 3):
        spell = subject.truth.spells[0]
        start = place(subject, spell.start)
        efficiency = series(subject, "efficiency_pct")
        assert np.nanmean(efficiency[start : start + 30]) < np.nanmean(efficiency[:start]) - 3
    athletes = [
        np.nanmean(series(subject, "hr_lowest_bpm")) for subject in people_of("athlete", 10)
    ]
    usual = [np.nanmean(series(subject, "hr_lowest_bpm")) for subject in people_of("plain", 10)]
    assert np.mean(athletes) < np.mean(usual) - 5

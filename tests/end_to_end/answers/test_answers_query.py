"""Any arithmetic on one's records: what the answer says is what a loop over the truth counts."""

from __future__ import annotations

import json
import math
import re
import sys
from datetime import timedelta
from pathlib import Path
from statistics import fmean

import pytest

from annulet.errors import NoDataError, OuraUnavailable, ScopeMissing, UsageError

sys.path.insert(0, str(Path(__file__).parents[3] / "docs"))
from questions import QUESTIONS

PEOPLE = ("plain", "traveller", "fareast", "farwest", "shift", "sparse", "longtime", "unsynced")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def days_back(person, count):
    return [person.today - timedelta(days=n) for n in range(count - 1, -1, -1)]


def steps(person, day):
    """The steps of a finished day; None where nothing was recorded."""
    activity = person.truth.activity(day)
    return None if activity is None or day >= person.open_day else activity.steps


def single(answer, name):
    """A figure of the only line."""
    (row,) = answer["table"]["rows"]
    return row[answer["table"]["columns"].index(name)]


@pytest.mark.parametrize("name", PEOPLE)
async def test_counts_means_and_groups_are_the_truth(demo_cloud, open_person, name):
    """Days over a limit, nights by weekday, workouts by sport: for every kind of person."""
    person = open_person(demo_cloud, name)
    days = days_back(person, 90)
    known = {day: value for day in days if (value := steps(person, day)) is not None}
    counted = await person.ask("query", start="last 90 days", where=["steps >= 7000"])
    met = sum(value >= 7000 for value in known.values())
    assert counted["matched"]["rows"] == met == single(counted, "count")
    assert counted["matched"]["of"] - counted["matched"]["unknown"] == len(known)
    assert single(counted, "share_pct") == pytest.approx(100 * met / len(known), abs=0.06)

    nights = {day: night for day in days if (night := person.truth.night(day)) is not None}
    grouped = await person.ask(
        "query", start="last 90 days", metrics=["total_sleep_min"], by="weekday"
    )
    for group, _, _, count, mean, *_ in grouped["table"]["rows"]:
        expected = [n.total / 60 for d, n in nights.items() if WEEKDAYS[d.weekday()] == group]
        assert count == len(expected)
        assert mean == pytest.approx(fmean(expected), abs=0.06)

    workouts = person.truth.workouts(days[0], days[-1])
    sports = await person.ask("query", of="workouts", start="last 90 days", by="activity")
    assert sum(row[1] for row in sports["table"]["rows"]) == len(workouts)
    assert sports["matched"]["of"] == len(workouts)


async def test_the_night_after_a_tag(demo_cloud, open_person):
    """HRV after alcohol is that of the nights dated the day after the tag."""
    person = open_person(demo_cloud, "plain")
    days = days_back(person, 180)
    tagged = {
        tag.start.date()
        for tag in person.truth.tags(days[0] - timedelta(days=1), days[-1])
        if "alcohol" in str(tag.code)
    }
    answer = await person.ask(
        "query", start="last 180 days", metrics=["hrv"], where=["previous.tag = alcohol"]
    )
    expected = [
        night.hrv
        for day in days
        if day - timedelta(days=1) in tagged
        and (night := person.truth.night(day)) is not None
        and night.has_heart_rate
    ]
    assert single(answer, "count") == len(expected)
    assert single(answer, "mean") == pytest.approx(fmean(expected), abs=0.06)


@pytest.mark.parametrize("name", ["plain", "traveller", "shift", "longtime"])
async def test_a_year_is_one_round_trip(demo_cloud, open_person, name):
    """Whatever a year's question reads is under way at once; each collection is read alone."""
    person = open_person(demo_cloud, name)
    questions = (
        ({"where": ["steps >= 10000"]}, {"daily_activity"}),
        (
            {"metrics": ["hrv"], "where": ["previous.tag = alcohol"]},
            {"sleep", "enhanced_tag", "daily_activity"},  # no tag means nothing without the ring
        ),
        ({"metrics": ["hrv"], "by": "ring"}, {"sleep", "ring_configuration"}),
        (
            {"of": "workouts", "metrics": ["distance"], "where": ["day.readiness >= 70"]},
            {"workout", "daily_readiness"},
        ),
    )
    demo_cloud.options.latency = 0.05
    try:
        for arguments, collections in questions:
            demo_cloud.requests.clear()
            await person.ask("query", start="last 365 days", **arguments)
            assert demo_cloud.requests.round_trips == 1, arguments
            asked = [entry.path.rsplit("/", 1)[-1] for entry in demo_cloud.requests]
            assert set(asked) == collections
            assert max(map(asked.count, asked)) <= 2  # a year and a day more
    finally:
        demo_cloud.options.latency = 0.0


async def test_the_newest_rows_need_one_short_window(demo_cloud, open_person):
    """The last three runs are in the last weeks: one short window, newest first."""
    person = open_person(demo_cloud, "plain")
    demo_cloud.requests.clear()
    runs = await person.ask("query", start="last 3 runs", metrics=["distance"])
    assert len(demo_cloud.requests) == 2  # workouts, and when the ring was worn
    assert len(runs["rows"]["rows"]) == 3
    days = [row[0] for row in runs["rows"]["rows"]]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("name", ["plain", "unsynced"])
@pytest.mark.parametrize(
    ("arguments", "groups"),
    [
        ({"metrics": ["steps"], "by": "day"}, 366),
        ({"metrics": ["steps"], "by": "week", "calculate": ["mean", "sd"]}, 53),
        ({"metrics": ["steps", "hrv", "sleep", "sleep_score"], "by": "weekday"}, 7),
        ({"by": "week", "sort": "-count"}, 53),
    ],
)
async def test_a_long_answer_is_cut_and_says_so(demo_cloud, open_person, name, arguments, groups):
    """At most 2.5 kB, of whole groups, with the number of those that are not shown."""
    person = open_person(demo_cloud, name)
    answer = await person.ask("query", start="last 365 days", **arguments)
    assert len(json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()) <= 2500
    shown = list(dict.fromkeys(row[0] for row in answer["table"]["rows"]))
    lines = len(answer["table"]["rows"]) / len(shown)
    assert lines == len(arguments.get("metrics", [""]))
    notes = " ".join(answer["notes"])
    (counted,) = re.findall(r"(\d+) of (\d+) groups are shown", notes) or [(len(shown), len(shown))]
    assert int(counted[0]) == len(shown)
    before = re.findall(r"(\d+) groups before the first value", notes)
    assert abs(int(counted[1]) + sum(map(int, before)) - groups) <= 1
    if name == "unsynced":
        assert len(answer["coverage"]["missing"]) <= 10
        assert answer["coverage"]["days"] == 365
    if arguments["by"] == "week" and "sort" not in arguments:
        assert shown == sorted(shown)
        assert shown[-1] == (person.today - timedelta(days=person.today.weekday())).isoformat()


async def test_heart_rate_inside_workouts(demo_cloud, open_person):
    """Mean and highest rate of each workout, read only of those that may be meant."""
    person = open_person(demo_cloud, "plain")
    days = days_back(person, 180)
    expected = {}
    for workout in person.truth.workouts(days[0], days[-1]):
        if workout.activity == "running":
            beats = [row.bpm for row in person.truth.heartrate(workout.start, workout.end)]
            expected[workout.start.date().isoformat()] = (fmean(beats), max(beats))
    demo_cloud.requests.clear()
    answer = await person.ask(
        "query",
        of="workouts",
        start="last 180 days",
        where=["activity = running"],
        metrics=["hr_avg_bpm", "hr_max_bpm"],
        list=True,
    )
    assert len(expected) > 3
    assert demo_cloud.requests.count("heartrate") == len(expected)
    columns = answer["rows"]["columns"]
    for row in answer["rows"]["rows"]:
        cells = dict(zip(columns, row, strict=True))
        mean, highest = expected[cells["day"]]
        assert cells["hr_avg_bpm"] == pytest.approx(mean, abs=0.51)
        assert cells["hr_max_bpm"] == highest
    denied = open_person(demo_cloud, "plain", scopes=["daily", "workout"])
    blind = await denied.ask("query", of="workouts", metrics=["hr_max"], start="last 30 days")
    assert single(blind, "count") == 0
    assert any("heart rate" in note for note in blind["notes"])


async def test_small_models_are_understood(demo_cloud, open_person):
    """One text for a list, AND inside, units, German days: the same as the plain form."""
    person = open_person(demo_cloud, "plain")
    plain = await person.ask(
        "query", where=["total_sleep_min >= 420", "weekday = sat,sun"], start="last 90 days"
    )
    for where in (
        "total_sleep_min >= 7h AND weekday = sat,sun",
        ["sleep >= 7 hours", "weekday in (Samstag, Sonntag)"],
        '["sleep ≥ 420min", "weekend"]',
        {"sleep": ">= 7h", "weekend": True},
    ):
        answer = await person.ask("query", where=where, start="last 90 days")
        assert answer["matched"] == plain["matched"], where


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"where": ["stepz >= 1"]}, "steps >= 1"),
        ({"where": ["tag = a and b"]}, "tag = a and tag = b"),
        ({"metrics": ["hrv_avg"]}, "hrv_avg_ms"),
        ({"calculate": ["meen"], "metrics": ["steps"]}, "mean"),
        ({"by": "weekdy"}, "weekday"),
        ({"calculate": ["mean"]}, "metrics"),
        ({"metrics": ["steps"], "calculate": ["change"]}, "week"),
    ],
)
async def test_errors_say_what_to_write(demo_cloud, open_person, arguments, hint):
    """What cannot be understood comes back with the words that would be."""
    with pytest.raises(UsageError) as refused:
        await open_person(demo_cloud, "plain").ask("query", **arguments)
    assert hint in refused.value.hint


async def test_what_was_never_done_is_no_mistake(demo_cloud, open_person):
    """An activity or tag the person does not have: no rows, and what there is."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", of="workouts", where=["activity = curling"])
    assert answer["matched"]["rows"] == 0
    assert any("curling" in note and "running" in note for note in answer["notes"])


async def test_a_permission_that_is_missing_is_said(demo_cloud, open_person):
    """Without tags nothing is known about them; without anything readable there is no answer."""
    person = open_person(demo_cloud, "fewscopes", scopes=["daily", "workout"])
    answer = await person.ask("query", metrics=["hrv"], where=["previous.tag = alcohol"])
    assert answer["matched"]["unknown"] == answer["matched"]["of"]
    assert any("tags" in note for note in answer["notes"])
    with pytest.raises(ScopeMissing):
        await person.ask("query", of="tags")


async def test_a_condition_splits_days_with_a_judged_difference(demo_cloud, open_person):
    """By a condition: met and not met, and the difference with its interval."""
    answer = await open_person(demo_cloud, "plain").ask(
        "query", metrics=["hrv_avg_ms"], by="previous.tag = alcohol", start="last 365 days"
    )
    # Nothing is known of the days on which the ring was not worn.
    assert [row[0] for row in answer["table"]["rows"]] == ["met", "not met", "unknown"]
    (row,) = answer["difference"]["rows"]
    assert row[0] == "hrv_avg_ms"
    assert row[-1] == "lower"
    assert row[2] <= row[1] <= row[3] < 0


async def test_every_question_of_the_catalogue_is_answered_in_one_call(demo_cloud, open_person):
    """Sixty questions in people's words: each has a call, a sentence and a value or a count."""
    person = open_person(demo_cloud, "plain")
    asked = [(words, *call) for calls in QUESTIONS.values() for words, call in calls.items()]
    assert len(asked) == 60
    for words, tool, arguments in asked:
        answer = await person.ask(tool.removeprefix("oura_"), **arguments)
        assert answer["summary"], words
        if tool == "oura_query":
            assert len(json.dumps(answer, separators=(",", ":"))) <= 2500, words
            assert answer["coverage"]["with_data"], words
            figures = [row[-1] for row in answer["table"]["rows"]]
            assert any(figure is not None for figure in figures), words


async def test_what_is_not_known_says_why(demo_cloud, open_person):
    """Too early, not synced, not permitted: never a zero, and never a wrong reason."""
    newcomer = open_person(demo_cloud, "newcomer")
    early = await newcomer.ask("query", metrics=["training_load"])
    assert single(early, "count") == 0
    assert single(early, "mean") is None
    assert any("Too early" in note for note in early["notes"])
    unsynced = open_person(demo_cloud, "unsynced")
    streak = await unsynced.ask("query", where=["steps > 1"], calculate=["current_streak"])
    assert single(streak, "current_streak") is None
    assert "Current streak: unknown" in streak["summary"]
    assert any("unknown" in note for note in streak["notes"])
    today = await unsynced.ask("query", start="today", where=["steps > 1"])
    assert today["matched"] == {"rows": 0, "of": 1, "unknown": 1}
    assert single(today, "share_pct") is None
    assert any("not synced" in note for note in today["notes"])
    denied = open_person(demo_cloud, "plain", scopes=["daily"])
    tags = await denied.ask("query", metrics=["hrv"], where=["tag = alcohol"])
    assert not any("there is" in note for note in tags["notes"])


async def test_an_outage_is_an_error_and_not_a_zero(demo_cloud, open_person):
    """No page, no answer."""
    person = open_person(demo_cloud, "plain")
    demo_cloud.faults.add("status", 503, path="daily_activity")
    try:
        with pytest.raises((OuraUnavailable, NoDataError)):
            await person.ask("query", where=["steps >= 1"])
    finally:
        demo_cloud.faults.clear()


async def test_the_normal_range_of_hrv_is_told(demo_cloud, open_person):
    """The week's HRV beside the range of two months, from the same nights as the metric."""
    person = open_person(demo_cloud, "plain")
    daily = await person.ask("daily_summary", start="today", metrics=["hrv_7d_vs_60d_pct"])
    (note,) = [note for note in daily["notes"] if "normal range" in note]
    week, low, high = map(int, re.findall(r"(\d+) (?:ms|to)", note))
    nights = [person.truth.night(day) for day in days_back(person, 7)]
    known = [night.hrv for night in nights if night is not None and night.has_heart_rate]
    assert week == pytest.approx(math.exp(fmean(map(math.log, known))), abs=0.6)
    assert low < high
    assert ("within" in note) == (low <= week <= high)

"""What a query says besides its figures: under which condition, why not, what else there is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest


def notes(answer):
    """The notes in one text."""
    return " ".join(answer.get("notes", []))


def verdicts(answer):
    """The verdict of each metric that has one."""
    table = answer.get("difference", {"columns": ["metric", "verdict"], "rows": []})
    return {row[0]: row[-1] for row in table["rows"]}


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("next.hrv > hrv", "with HRV the day after above HRV that day"),
        ("previous.hrv > hrv", "with HRV the day before above HRV that day"),
        ("hrv > previous.hrv", "with HRV above HRV the day before"),
        ("previous.sleep <= sleep", "with sleep time the day before at most sleep time that day"),
        ("previous.bedtime < bedtime", "with bedtime the day before before bedtime that day"),
        ("previous.tag = alcohol", "with tag alcohol the day before"),
        ("workout = none", "with no workout"),
        ("tag != none", "with a tag"),
        ("weekend", "days (27 %) on a weekend"),
        ("weekend = no", "on Monday to Friday"),
        ("workout_count = 0", "with no workout"),
        ("weekend or tag = any", "with a tag or on a weekend"),
    ],
)
async def test_the_sentence_says_the_condition(demo_cloud, open_person, condition, words):
    """Each side with its own day, and everyday words for what there is and is not."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", where=[condition])
    assert words in answer["summary"]


async def test_groups_of_a_condition_are_named_by_it(demo_cloud, open_person):
    """With alcohol so much, without so much; no group of a day that is only not over."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "query",
        metrics=["hrv", "rhr"],
        by="previous.tag = alcohol",
        calculate=["mean"],
        start="last 90 days",
    )
    figures = {(row[0], row[1]): row[-1] for row in answer["table"]["rows"]}
    assert (
        f"HRV, mean: {figures['met', 'hrv_avg_ms']:g} ms with tag alcohol the day before and "
        f"{figures['not met', 'hrv_avg_ms']:g} ms without."
    ) in answer["summary"]
    assert "Resting heart rate, mean:" in answer["summary"]
    steps = await person.ask("query", metrics=["hrv"], by="steps > 8000", calculate=["mean"])
    assert [row[0] for row in steps["table"]["rows"]] == ["met", "not met"]
    assert "left out: steps" in notes(steps)


async def test_a_streak_at_an_unknown_end_is_unknown(demo_cloud, open_person):
    """Not none, and not 0: of the last days nothing is known."""
    person = open_person(demo_cloud, "unsynced")
    answer = await person.ask("query", where=["tag != alcohol"], calculate=["current_streak"])
    assert answer["table"]["rows"] == [[None]]
    assert "Current streak: unknown" in answer["summary"]
    assert "not synced" in notes(answer)


async def test_a_longest_streak_that_may_be_longer_is_said_so(demo_cloud, open_person):
    """Unknown days between two shorter runs may join them to a longer one."""
    person = open_person(demo_cloud, "sparse")
    answer = await person.ask(
        "query", where=["tag = none"], calculate=["longest_streak"], start="last 90 days"
    )
    assert "may have been longer" in notes(answer)
    plain = open_person(demo_cloud, "plain")
    known = await plain.ask("query", where=["tag = none"], calculate=["longest_streak"])
    assert "longer" not in notes(known)


async def test_days_without_a_workout_are_no_gaps(demo_cloud, open_person):
    """They have no length of a workout, and everything is known of them."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", where=["workout_min >= 30"], start="last 60 days")
    lacking = answer["matched"]["unknown"]
    assert lacking > 0
    assert f"{lacking} more without a workout" in answer["summary"]
    assert "unknown" not in answer["summary"]
    assert answer["coverage"].get("missing", []) in ([], [person.today.isoformat()])


@pytest.mark.parametrize("where", [{"where": ["tag = unicorn"]}, {"by": "tag = unicorn"}])
async def test_a_word_that_was_never_used_names_those_that_were(demo_cloud, open_person, where):
    """In conditions and in groups alike."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", metrics=["hrv"], start="last 90 days", **where)
    assert "No tag “unicorn”" in notes(answer)
    assert "alcohol" in notes(answer)


async def test_a_tag_that_lasts_into_the_period_is_no_unknown_word(demo_cloud, open_person):
    """It began before and is not counted; that it is there is said."""
    person = open_person(demo_cloud, "plain")
    (lasting,) = {
        tag.start.date()
        for tag in person.truth.tags(person.today - timedelta(days=90), person.today)
        if tag.end is not None and tag.end.date() > tag.start.date()
    }
    second = (lasting + timedelta(days=1)).isoformat()
    answer = await person.ask("query", of="tags", where=["tag = sick"], start=second, end=second)
    assert answer["matched"]["rows"] == 0
    assert "No tag" not in notes(answer)
    assert "Began before the period and lasts into it, so not counted: sick." in notes(answer)


async def test_clock_times_of_two_groups_are_compared(demo_cloud, open_person):
    """Bedtimes have a difference in minutes; a day sleeper's are not torn at noon."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "query", metrics=["bedtime", "wake_time"], by="weekend", start="last 90 days"
    )
    split = await person.ask(
        "query", metrics=["bedtime"], by="weekend = yes", calculate=["mean"], start="last 90 days"
    )
    assert "difference" not in answer
    means = {row[0]: row[-1] for row in split["table"]["rows"]}

    def minutes(clock):
        hour, minute = map(int, clock.split(":"))
        return hour * 60 + minute - 1440 * (hour >= 12)

    (row,) = split["difference"]["rows"]
    assert row[1] == pytest.approx(minutes(means["met"]) - minutes(means["not met"]), abs=2)
    shift = open_person(demo_cloud, "shift")
    sleeper = await shift.ask(
        "query", metrics=["midsleep"], by="previous.steps > 6000", start="last 90 days"
    )
    (row,) = sleeper["difference"]["rows"]
    assert abs(row[1]) < 120


@pytest.mark.parametrize(
    ("by", "judged", "not_judged"),
    [
        ("sleep > 7h", {"hrv_avg_ms"}, {"time_in_bed_min", "sleep_score", "deep_min"}),
        ("steps > 8000", {"hrv_avg_ms"}, {"active_calories_kcal", "activity_score"}),
        ("hrv > previous.hrv", {"steps"}, {"hrv_avg_ms", "readiness_score"}),
        ("bedtime < 23:00", {"total_sleep_min"}, {"midsleep_min_from_midnight"}),
        ("previous.sleep > 7h", {"total_sleep_min", "deep_min"}, {"readiness_score"}),
    ],
)
async def test_no_verdict_on_what_the_groups_are_made_of(
    demo_cloud, open_person, by, judged, not_judged
):
    """More sleep is more time in bed by definition: that is no finding, and it is said."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "query",
        metrics=[*judged, *not_judged],
        by=by,
        calculate=["mean"],
        start="last 90 days",
    )
    assert set(verdicts(answer)) == judged
    assert "o verdict on" in notes(answer)
    assert {row[1] for row in answer["table"]["rows"]} == judged | not_judged


async def test_a_figure_that_makes_no_sense_says_why(demo_cloud, open_person):
    """A variation of deviations, a sum of clock times."""
    person = open_person(demo_cloud, "plain")
    temperature = await person.ask("query", metrics=["temperature"], calculate=["cv_pct"])
    assert "no coefficient of variation" in temperature["summary"]
    assert "scale from zero: not temperature deviation" in notes(temperature)
    bedtime = await person.ask("query", metrics=["bedtime"], calculate=["sum"])
    assert "Clock times have no sum: bedtime." in notes(bedtime)


@pytest.mark.parametrize(
    ("name", "start"), [("newcomer", "last 30 days"), ("sparse", "2026-03-14")]
)
async def test_a_figure_of_several_days_says_what_it_needs(demo_cloud, open_person, name, start):
    """Ten of fourteen days, and not “up to 14 days before it”."""
    person = open_person(demo_cloud, name)
    answer = await person.ask("query", metrics=["sleep_debt"], start=start)
    assert "sleep debt needs 10 recorded days of 14" in notes(answer)


async def test_ties_at_the_cut_are_counted(demo_cloud, open_person):
    """Which of equal rows are shown is chance; how many more there are is not."""
    person = open_person(demo_cloud, "plain")
    cut = await person.ask("query", metrics=["rhr"], sort="rhr", limit=5, start="last 90 days")
    last = cut["rows"]["rows"][-1][1]
    equal = await person.ask("query", where=[f"rhr = {last}"], start="last 90 days")
    shown = sum(row[1] == last for row in cut["rows"]["rows"])
    more = equal["matched"]["rows"] - shown
    assert more > 0
    assert f"{more} more rows with resting heart rate {last} bpm, equal to the last" in notes(cut)
    whole = await person.ask("query", metrics=["rhr"], sort="rhr", start="last 90 days")
    assert "equal to the last" not in notes(whole)


async def test_a_range_that_is_still_to_come_is_said_so(demo_cloud, open_person):
    """Its group is empty, and the period is that of the other one."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "query", metrics=["hrv"], by="2027-01-01..2027-01-07; last week", calculate=["mean"]
    )
    assert "“2027-01-01..2027-01-07” is still to come." in answer["notes"]
    assert answer["period"]["end"] == date(2026, 5, 3).isoformat()

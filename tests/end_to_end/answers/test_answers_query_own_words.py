"""Questions in people's own words for what happened: events, counts, weeks, halves of the day."""

from __future__ import annotations

import pytest

from annulet.errors import UsageError


def value(answer, metric=""):
    (row,) = [row for row in answer["table"]["rows"] if not metric or metric in row]
    return row[-1]


def notes(answer) -> str:
    return " ".join(answer.get("notes", []))


@pytest.mark.parametrize(
    ("of", "name", "own"),
    [
        ("workouts", "workout_min", "duration_min"),
        ("workouts", "workout_distance_m", "distance_m"),
        ("workouts", "workout_calories_kcal", "calories_kcal"),
    ],
)
async def test_a_figure_of_workouts_is_that_of_each_row(demo_cloud, open_person, of, name, own):
    """Where rows are workouts, workout_min is the length of each one, not of its whole day."""
    person = open_person(demo_cloud, "plain")
    asked, plain = [
        await person.ask("query", of=of, metrics=[m], calculate=["sum"], start="last 365 days")
        for m in (name, own)
    ]
    assert value(asked) == value(plain)


async def test_a_kind_of_workout_is_that_of_each_row(demo_cloud, open_person):
    """Grouped by or chosen by workout: a day with two kinds is not counted twice."""
    person = open_person(demo_cloud, "plain")
    for name in ("workout", "activity"):
        answer = await person.ask("query", of="workouts", by=name, start="last 365 days")
        assert sum(row[1] for row in answer["table"]["rows"]) == answer["matched"]["of"]
    chosen = [
        await person.ask("query", of="workouts", where=[f"{name} = running"], start="last 365 days")
        for name in ("workout", "activity", "type")
    ]
    assert len({answer["matched"]["rows"] for answer in chosen}) == 1


async def test_a_figure_of_the_day_counts_once_a_day(demo_cloud, open_person):
    """A sum of the day's naps, steps or workouts over its events has each day once."""
    person = open_person(demo_cloud, "plain")
    days = await person.ask(
        "query", metrics=["workout_count"], calculate=["sum"], start="last 365 days"
    )
    events = await person.ask(
        "query", of="workouts", metrics=["workout_count"], calculate=["sum"], start="last 365 days"
    )
    assert value(events) == value(days) == events["matched"]["of"]
    assert "each day counted once" in notes(events)
    naps = await person.ask("query", metrics=["nap_min"], calculate=["sum"], start="last 180 days")
    sleeps = await person.ask(
        "query", of="sleeps", metrics=["nap_min"], calculate=["sum"], start="last 180 days"
    )
    assert value(sleeps) == value(naps)


async def test_a_small_number_counts_what_happened(demo_cloud, open_person):
    """Two naps are not two minutes of them; thirty are."""
    person = open_person(demo_cloud, "plain")

    async def days_with(*where):
        answer = await person.ask("query", where=list(where), start="last 365 days")
        return answer["matched"]["rows"]

    sleeps = await person.ask("query", of="naps", start="last 365 days", list=True)
    by_day = [row[0] for row in sleeps["rows"]["rows"]]
    assert await days_with("naps = 1") == sum(by_day.count(day) == 1 for day in set(by_day))
    assert await days_with("naps >= 2") == sum(by_day.count(day) > 1 for day in set(by_day))
    assert await days_with("naps >= 30") == await days_with("nap_min >= 30")
    assert await days_with("workouts >= 2") == await days_with("workout_count >= 2") > 0
    assert await days_with("tags >= 1") == await days_with("tag = any")
    with pytest.raises(UsageError, match="not counted"):
        await days_with("tags >= 2")


async def test_rows_of_one_kind(demo_cloud, open_person):
    """Meditations are not all sessions; what is no kind of row is refused with the call."""
    person = open_person(demo_cloud, "plain")
    asked = await person.ask("query", of="meditation", start="last 180 days")
    plain = await person.ask(
        "query", of="sessions", where=["type = meditation"], start="last 180 days"
    )
    assert asked["matched"] == plain["matched"]
    assert 0 < asked["matched"]["rows"] < asked["matched"]["of"]
    with pytest.raises(UsageError) as refused:
        await person.ask("query", of="alcohol")
    assert "“tag = alcohol”" in refused.value.hint


@pytest.mark.parametrize(
    ("phrase", "plain"),
    [
        ("alcohol", "tag = alcohol"),
        ("alcohol = yes", "tag = alcohol"),
        ("no alcohol", "tag != alcohol"),
        ("alcohol = false", "tag != alcohol"),
        ("after alcohol", "previous.tag = alcohol"),
        ("has tag alcohol", "tag = alcohol"),
        ("had a run", "workout = running"),
        ("meditation = yes", "session = meditation"),
        ("yesterday.tag = alcohol", "previous.tag = alcohol"),
        ("tag contains alco", "tag = alcohol"),
        ("tag like %alco%", "tag = alcohol"),
        ("tag does not contain alco", "tag != alcohol"),
        ("weekday between mon and fri", "weekday = mon-fri"),
        ("week = last week", "day = 2026-04-27..2026-05-03"),
        ("week = 2026-04-22", "day = 2026-04-20..2026-04-26"),
        ("week = 2026-W18", "day = 2026-04-27..2026-05-03"),
        ("quarter = 2026-Q1", "month = 2026-01, 2026-02, 2026-03"),
        ("quarter = Q1", "month = 1, 2, 3"),
        ("quarter != Q1", "month != 1, 2, 3"),
        ("month_of_year = 4", "month = april"),
        ("month = last month", "month = 2026-04"),
        ("day = last week", "day = 2026-04-27..2026-05-03"),
        ("quarter = last quarter", "quarter = 2026-Q1"),
        ("quarter >= 2026-Q1", "day >= 2026-01-01"),
        ("week >= 2026-04-22", "day >= 2026-04-22"),
        ("day > 2026-04", "day > 2026-04-30"),
        ("alcohol >= 1", "tag = alcohol"),
        ("previous.alcohol", "previous.tag = alcohol"),
        ("any tag", "tag = any"),
        ("had a nap", "nap_count > 0"),
        ("no naps", "nap_count = 0"),
        ("after a workout", "previous.workout_count > 0"),
        ("naps = 1,2", "nap_count = 1, 2"),
        ("naps = 1 or 2", "nap_count = 1, 2"),
        ("workouts in (1,2)", "workout_count = 1, 2"),
        ("tag like alco%", "tag = alcohol"),
        ("yoga", "workout = yoga"),
    ],
)
async def test_what_is_said_is_what_is_meant(demo_cloud, open_person, phrase, plain):
    """The same days as in the words of the grammar."""
    person = open_person(demo_cloud, "plain")
    asked, told = [
        await person.ask("query", where=[text], start="last 180 days") for text in (phrase, plain)
    ]
    assert asked["matched"] == told["matched"]
    assert asked["matched"]["rows"] > 0


@pytest.mark.parametrize(
    ("where", "hint"),
    [
        ("holiday = yes", "for a tag write tag = holiday, for a sport workout = holiday"),
        ("no magnesium", "for a tag write tag != magnesium"),
        ("after magnesium", "for a tag write previous.tag = magnesium"),
    ],
)
async def test_an_unknown_word_comes_back_as_what_it_may_be(demo_cloud, open_person, where, hint):
    """A word near no field is a tag or a sport; which of them is not guessed."""
    person = open_person(demo_cloud, "plain")
    with pytest.raises(UsageError) as refused:
        await person.ask("query", where=[where])
    assert hint in refused.value.message


@pytest.mark.parametrize("where", ["last week", "after monday", "workout days", "tag yesterday"])
async def test_words_of_time_are_no_names(demo_cloud, open_person, where):
    """No tag or workout is called so: none is looked for."""
    with pytest.raises(UsageError):
        await open_person(demo_cloud, "plain").ask("query", where=[where])


async def test_two_happenings_in_one_line(demo_cloud, open_person):
    """A name after “and” is a condition of its own."""
    person = open_person(demo_cloud, "plain")
    for line, *parts in (
        ("alcohol and caffeine", "tag = alcohol", "tag = caffeine"),
        ("steps > 8000 and alcohol", "steps > 8000", "tag = alcohol"),
    ):
        asked, plain = [
            await person.ask("query", where=where, start="last 365 days")
            for where in ([line], parts)
        ]
        assert asked["matched"] == plain["matched"]
        assert asked["matched"]["rows"] > 0


@pytest.mark.parametrize("where", ["hrv > mean + 5", "deep_min + rem_min > 180"])
async def test_arithmetic_is_refused_as_such(demo_cloud, open_person, where):
    """Sums of figures cannot be asked, and the answer says so."""
    with pytest.raises(UsageError, match="is arithmetic"):
        await open_person(demo_cloud, "plain").ask("query", where=[where])


async def test_the_top_three_are_not_the_newest_three(demo_cloud, open_person):
    """The most or the least of one row is looked for among all rows."""
    person = open_person(demo_cloud, "plain")
    top = await person.ask("query", metrics=["steps"], top=3)
    plain = await person.ask("query", metrics=["steps"], sort="-steps", limit=3)
    assert top["table"] == plain["table"]
    for figure, sort in (("max", "-steps"), ("min", "steps")):
        single = await person.ask("query", metrics=["steps"], calculate=[figure], limit=1)
        sorted_ = await person.ask(
            "query", metrics=["steps"], calculate=[figure], limit=1, sort=sort
        )
        assert single["table"] == sorted_["table"]


async def test_the_most_of_one_among_several(demo_cloud, open_person):
    """With several metrics or both ends, one row cannot hold them: they are of all rows."""
    person = open_person(demo_cloud, "plain")
    for figures in (["max"], ["max", "min"]):
        arguments = {"metrics": ["steps", "hrv"], "calculate": figures}
        cut = await person.ask("query", **arguments, limit=1)
        assert cut["table"] == (await person.ask("query", **arguments))["table"]
        assert "limit is left out" in notes(cut)
    group = await person.ask(
        "query", metrics=["steps"], calculate=["max"], by="month", limit=1, start="last 365 days"
    )
    whole = await person.ask("query", metrics=["steps"], calculate=["max"], start="last 365 days")
    assert value(whole) in group["table"]["rows"][0]


async def test_the_top_groups_are_the_largest(demo_cloud, open_person):
    """Without metrics too, the first groups are those with most rows."""
    person = open_person(demo_cloud, "plain")
    top = await person.ask("query", of="tags", by="tag", top=2, start="last 365 days")
    whole = await person.ask("query", of="tags", by="tag", start="last 365 days")
    counts = sorted((row[1] for row in whole["table"]["rows"]), reverse=True)
    assert [row[1] for row in top["table"]["rows"]] == counts[:2]


@pytest.mark.parametrize(
    ("of", "where", "plain"),
    [
        ("runs", "activity != yoga", "activity = running"),
        ("runs", "activity contains ing", "activity = running"),
        ("naps", "type != rest", "type = nap"),
        ("meditation", "type != breathing", "type = meditation"),
    ],
)
async def test_a_kind_of_row_stays_beside_other_conditions(
    demo_cloud, open_person, of, where, plain
):
    """Runs that are not yoga are runs."""
    person = open_person(demo_cloud, "plain")
    rows = {"runs": "workouts", "naps": "sleeps", "meditation": "sessions"}[of]
    asked = await person.ask("query", of=of, where=[where], start="last 365 days")
    told = await person.ask("query", of=rows, where=[plain], start="last 365 days")
    assert asked["matched"]["rows"] == told["matched"]["rows"] > 0


async def test_words_that_are_a_row_or_a_length(demo_cloud, open_person):
    """The latest HRV is no highest one; the longest workout is no streak."""
    person = open_person(demo_cloud, "plain")
    for word in ("latest", "newest", "first", "current"):
        with pytest.raises(UsageError, match="is a row and no figure"):
            await person.ask("query", metrics=["hrv"], calculate=[word])
    longest = await person.ask(
        "query", of="workouts", metrics=["duration"], calculate=["longest"], start="last 365 days"
    )
    most = await person.ask(
        "query", of="workouts", metrics=["duration"], calculate=["max"], start="last 365 days"
    )
    assert longest["table"] == most["table"]
    clock = await person.ask("query", metrics=["bedtime"], calculate=["latest"])
    assert "latest" in clock["summary"]


async def test_an_order_of_what_happened(demo_cloud, open_person):
    """Days with most workouts, not with the last spelling; tags have no order."""
    person = open_person(demo_cloud, "plain")
    asked = await person.ask("query", sort="-workouts", limit=3, start="last 365 days")
    plain = await person.ask("query", sort="-workout_count", limit=3, start="last 365 days")
    assert asked["rows"] == plain["rows"]
    assert "frozenset" not in str(asked)
    with pytest.raises(UsageError, match="not in the order of a tag"):
        await person.ask("query", sort="-tag", limit=3)


async def test_the_days_before_are_not_the_same_days(demo_cloud, open_person):
    """The previous seven days lie before the last seven; a period is not compared with itself."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("compare", period="last 7 days", against="previous 7 days")
    assert answer["against"]["end"] < answer["period"]["start"]
    answer = await person.ask("compare", period="last month", against="the month before")
    assert answer["against"]["start"] == "2026-03-01"
    with pytest.raises(UsageError, match="the same days"):
        await person.ask("compare", period="Monday", against="last Monday")
    groups = await person.ask("query", by="last 7 days; previous 7 days", metrics=["steps"])
    first, second = groups["table"]["rows"]
    assert first[2:] != second[2:]


async def test_a_month_of_two_years_is_called_so(demo_cloud, open_person):
    """May of a year back and of now; a quarter is of one year."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", where=["month = may"], start="last 365 days")
    assert "of 2025 and 2026 together" in notes(answer)
    quarter = await person.ask("query", where=["quarter = Q2"])
    assert "Give start 2026-04-01" in notes(quarter)


async def test_a_nap_comes_before_the_night_that_follows(demo_cloud, open_person):
    """As a driver a nap is of the day: the night meant is the next one, not the one before it."""
    answer = await open_person(demo_cloud, "sparse").ask("effects", driver="naps")
    assert "Figures of the same night" not in notes(answer)


async def test_the_oldest_rows_are_called_so(demo_cloud, open_person):
    """With a start rows stand in order of time; the answer names the days and how to turn it."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "query", of="tags", where=["tag = caffeine"], limit=1, start="last 90 days"
    )
    (row,) = answer["rows"]["rows"]
    assert "oldest 1 tag (" in answer["summary"]
    assert "sort “-start”" in notes(answer)
    newest = await person.ask(
        "query", of="tags", where=["tag = caffeine"], limit=1, start="last 90 days", sort="-start"
    )
    assert newest["rows"]["rows"][0][0] > row[0]
    assert " on 1 day" not in newest["summary"]


@pytest.mark.parametrize(
    ("where", "start"),
    [
        (["month = April"], "2026-04-01"),
        (["month = 2026-04"], "2026-04-01"),
        (["day >= 2026-04-01", "day <= 2026-04-10"], "2026-04-01"),
        (["year = 2026"], "2026-01-01"),
    ],
)
async def test_days_beyond_the_period_are_named(demo_cloud, open_person, where, start):
    """A month of which the usual thirty days hold a part is not told as the month."""
    person = open_person(demo_cloud, "plain")
    cut = await person.ask("query", where=where, metrics=["steps"], calculate=["sum"])
    assert f"Give start {start}" in notes(cut)
    whole = await person.ask(
        "query", where=where, metrics=["steps"], calculate=["sum"], start=start
    )
    assert "Only partly" not in notes(whole)


async def test_a_clock_of_twelve_hours_is_asked_about(demo_cloud, open_person):
    """Eleven in the morning is no bedtime of this person; the evening may have been meant."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", where=["bedtime > 11"])
    assert "perhaps 23:00 was meant" in notes(answer)
    assert "perhaps" not in notes(await person.ask("query", where=["bedtime > 23:00"]))


async def test_what_is_left_out_of_a_sentence_is_said(demo_cloud, open_person):
    """Figures and metrics beyond those of the sentence stand in the table, and it says so."""
    person = open_person(demo_cloud, "plain")
    figures = ["mean", "median", "min", "max", "sum", "sd", "p90", "p10"]
    answer = await person.ask("query", metrics=["steps"], calculate=figures)
    assert "2 more in the table" in answer["summary"]
    answer = await person.ask("query", where=["steps >= 10000"])
    assert "steps, steps" not in notes(answer)


@pytest.mark.parametrize("metric", ["steps", "readiness_score", "temperature_deviation_c"])
async def test_an_effect_does_not_depend_on_its_company(demo_cloud, open_person, metric):
    """What is said of a metric alone is said of it among others, illness left out of both."""
    person = open_person(demo_cloud, "plain")
    rows = []
    for company in ([], ["hrv_avg_ms"], ["hr_lowest_bpm", "total_sleep_min"]):
        answer = await person.ask("effects", tag="alcohol", metrics=[metric, *company], days=180)
        (row,) = [row for row in answer["table"]["rows"] if row[0] == metric]
        rows.append(row[:7])  # the adjusted p depends on how many are asked
    assert rows[0] == rows[1] == rows[2]


async def test_an_effect_of_a_tag_in_german(demo_cloud, open_person):
    """Effects know the words that a query knows."""
    person = open_person(demo_cloud, "plain")
    german = await person.ask("effects", tag="Alkohol", metrics=["hrv_avg_ms"])
    english = await person.ask("effects", tag="alcohol", metrics=["hrv_avg_ms"])
    assert german["table"] == english["table"]


async def test_a_condition_says_what_is_reckoned_from_it(demo_cloud, open_person):
    """Readiness is partly yesterday's activity: that it differs after it is no news."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "effects", when="steps >= 8000", metrics=["readiness_score", "hrv_avg_ms"]
    )
    assert "Readiness score: reckoned partly from days before" in notes(answer)

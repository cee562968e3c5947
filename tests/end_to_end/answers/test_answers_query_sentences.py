"""The sentence of a query says what its table says, and the notes say what it leaves open."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from annulet.errors import UsageError

PEOPLE = ("plain", "sparse", "shift", "fareast")
CALCULATIONS = (
    ["count"],
    ["days"],
    ["share_pct"],
    ["count", "days", "share_pct"],
    ["longest_streak"],
    ["mean"],
    ["sum", "mean"],
    ["max"],
    ["p90", "sd"],
)


def cells(answer, name):
    """The figures of one column of the table."""
    place = answer["table"]["columns"].index(name)
    return [row[place] for row in answer["table"]["rows"]]


def notes_of(answer):
    return " ".join(answer.get("notes", []))


def numbers(text):
    """Every number of a text, durations and clock times in minutes as well."""
    plain = {float(n.replace(",", "")) for n in re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)}
    lengths = {60.0 * int(h) + int(m) for h, m in re.findall(r"(\d+) h (\d{2}) min", text)}
    return plain | lengths


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("calculate", CALCULATIONS, ids="+".join)
@pytest.mark.parametrize("by", [None, "weekday", "month", "weekend"])
async def test_a_sentence_says_a_figure_of_the_table(demo_cloud, open_person, name, calculate, by):
    """Whatever is calculated, with groups and without: a number of the table is told."""
    person = open_person(demo_cloud, name)
    for metric, where in (("steps", []), ("sleep", ["sleep > 6h30m"]), ("hrv", [])):
        answer = await person.ask(
            "query", metrics=[metric], where=where, calculate=calculate, by=by, start="last 90 days"
        )
        told = numbers(answer["summary"])
        figures = [v for n in calculate for v in cells(answer, n) if isinstance(v, int | float)]
        assert figures
        assert any(abs(value - number) <= 0.51 for value in figures for number in told), answer
        assert "no value" not in answer["summary"].casefold()


async def test_the_direction_of_an_order_is_that_of_its_word(demo_cloud, open_person):
    """Best, highest, top and most put the largest first, by what is calculated."""
    person = open_person(demo_cloud, "plain")
    for word in ("best", "highest", "top", "most", "-mean", "highest mean", "most steps", "top 3"):
        answer = await person.ask(
            "query", metrics=["steps"], by="weekday", sort=word, start="last 90 days"
        )
        means = cells(answer, "mean")
        assert means == sorted(means, reverse=True), word
    for word in ("worst", "lowest", "fewest", "mean", "least"):
        answer = await person.ask(
            "query", metrics=["steps"], by="weekday", sort=word, start="last 90 days"
        )
        assert cells(answer, "mean") == sorted(cells(answer, "mean")), word
    medians = await person.ask(
        "query", metrics=["steps"], by="month", sort="best", calculate=["median"], limit=2
    )
    assert cells(medians, "median") == sorted(cells(medians, "median"), reverse=True)
    counts = await person.ask("query", where=["steps > 8000"], by="weekday", sort="most")
    assert cells(counts, "share_pct") == sorted(cells(counts, "share_pct"), reverse=True)


async def test_what_is_best_is_said_and_not_made_up(demo_cloud, open_person):
    """A low resting heart rate is the good one; of a temperature none is."""
    person = open_person(demo_cloud, "plain")
    pulse = await person.ask("query", metrics=["rhr"], by="weekday", sort="best")
    assert cells(pulse, "mean") == sorted(cells(pulse, "mean"))
    assert "lowest resting heart rate" in notes_of(pulse)
    best = await person.ask("query", metrics=["rhr"], calculate=["best"])
    assert best["table"]["columns"][2] == "min"
    for asked in ({"sort": "best", "by": "weekday"}, {"calculate": ["worst"]}):
        with pytest.raises(UsageError) as refused:
            await person.ask("query", metrics=["temperature"], **asked)
        assert "highest or lowest" in refused.value.hint


@pytest.mark.parametrize("by", ["week", "month", "quarter", "year"])
async def test_a_group_that_the_period_cuts_is_no_extreme(demo_cloud, open_person, by):
    """Four days of a month are not the month with the fewest steps."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "query", metrics=["steps"], by=by, calculate=["sum"], start="last 365 days"
    )
    groups = cells(answer, "group")
    note = next(n for n in answer["notes"] if n.startswith("Only partly in the period"))
    assert groups[-1] in note
    least = re.search(r"least in ([^(]+) \(", answer["summary"])
    if len(groups) > 3:
        assert least is not None
        assert least[1] not in note
    if by == "month":
        least_month = await person.ask(
            "query", metrics=["steps"], by=by, calculate=["sum"], sort="sum", limit=1,
            start="last 365 days",
        )  # fmt: skip
        assert re.search(r"\d+ of its \d+ days", least_month["summary"])


async def test_the_ends_of_the_usual_range_keep_their_side(demo_cloud, open_person):
    """Above the low end is not above the range."""
    person = open_person(demo_cloud, "plain")
    for where, words in (
        ("hrv > usual_low", "above the low end of your usual range"),
        ("hrv >= usual_low", "not below your usual range"),
        ("hrv < usual_low", "below your usual range"),
        ("hrv > usual_high", "above your usual range"),
        ("hrv < usual_high", "below the high end of your usual range"),
        ("usual_low < hrv < usual_high", "within your usual range"),
        ("usual_low <= hrv <= usual_high", "within your usual range"),
        ("bedtime > usual_high", "after the high end of your usual range"),
    ):
        answer = await person.ask("query", where=[where])
        assert words in answer["summary"], where


async def test_the_highest_rows_are_called_so(demo_cloud, open_person):
    """Three of a year, with their days; an unfinished today is not among the newest."""
    person = open_person(demo_cloud, "plain")
    top = await person.ask("query", metrics=["steps"], sort="-steps", limit=3, start="last 90 days")
    values = sorted(
        (activity.steps, day)
        for n in range(1, 90)
        if (activity := person.truth.activity(day := person.today - timedelta(days=n))) is not None
    )[-3:]
    assert "the 3 days with the highest steps" in top["summary"]
    assert "of 90 days" in top["summary"]
    assert {date.fromisoformat(row[0]) for row in top["rows"]["rows"]} == {d for _, d in values}
    for _, day in values:
        assert f"{day.day} " in top["summary"]
    newest = await person.ask("query", metrics=["steps"], limit=5)
    assert all(row[1] is not None for row in newest["rows"]["rows"])
    assert newest["rows"]["rows"][0][0] == (person.today - timedelta(days=1)).isoformat()


async def test_today_alone_is_told_to_be_unfinished(demo_cloud, open_person):
    """The steps so far are not those of the day."""
    person = open_person(demo_cloud, "plain")
    for question in ({"metrics": ["steps"]}, {"where": ["steps > 1"]}):
        answer = await person.ask("query", start="today", **question)
        assert "Today is not over" in notes_of(answer)


async def test_a_streak_of_a_metric_leaves_today_out(demo_cloud, open_person):
    """Days with a value in a row, up to yesterday."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "query", metrics=["steps"], calculate=["longest_streak"], start="last 30 days"
    )
    assert cells(answer, "longest_streak") == [29]
    assert "29 days" in answer["summary"]


async def test_words_of_clock_times_and_small_figures(demo_cloud, open_person):
    """Earlier and later, from and until, no needless digits, and ties together."""
    person = open_person(demo_cloud, "plain")
    clock = await person.ask("query", where=["bedtime >= 23:00"], metrics=["bedtime"])
    assert "bedtime 23:00 or later" in clock["summary"]
    assert "earliest" in clock["summary"]
    assert "lowest" not in clock["summary"]
    days = await person.ask("query", where=["day >= 2026-05-01"])
    assert "day from 2026-05-01" in days["summary"]
    warm = await person.ask("query", where=["temperature > 1f"])
    assert "0.556 °C" in warm["summary"]
    far = await person.ask("query", of="workouts", where=["distance > 3 miles"])
    assert "4,828 m" in far["summary"]
    streaks = await person.ask(
        "query", where=["steps > 1"], by="weekday", calculate=["longest_streak"]
    )
    assert "1 in each of 7 groups" in streaks["summary"]
    assert "never follow" in notes_of(streaks)
    odd = await person.ask("query", metrics=["temperature"], by="weekday", calculate=["sum_pct"])
    assert "says little" in notes_of(odd)
    with pytest.raises(UsageError):
        await person.ask("query", metrics=["steps"], calculate=["sum_pct"])


async def test_a_limit_beyond_all_values_is_told(demo_cloud, open_person):
    """Perhaps another unit was meant: the range there is says so."""
    person = open_person(demo_cloud, "plain")
    for where, words in (
        ("temperature > 37", "deviations from your usual"),
        ("sleep < 7", "for hours write 7h"),
        ("steps > 99000", "All values of steps are"),
    ):
        answer = await person.ask("query", where=[where])
        assert words in notes_of(answer), where
    usual = await person.ask("query", where=["steps > 5000"], start="last 90 days")
    assert "All values" not in notes_of(usual)


async def test_groups_before_the_first_value_are_left_out(demo_cloud, open_person):
    """A newcomer's ten years by month are one month or two."""
    person = open_person(demo_cloud, "newcomer")
    answer = await person.ask("query", metrics=["steps"], by="month", start="last 10 years")
    assert len(answer["table"]["rows"]) <= 2
    assert "before the first value" in notes_of(answer)
    unknown = await person.ask("query", by="tag", start="last 365 days")
    assert "most in unknown" not in unknown["summary"]

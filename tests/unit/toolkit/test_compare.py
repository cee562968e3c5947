"""oura_compare: both sides named, whole weeks, honest verdicts."""

import json
from datetime import date, timedelta

import jsonschema
import pytest

from annulet.errors import UsageError
from annulet.toolkit.arguments import validate
from annulet.toolkit.tools.compare import TOOL
from tests.unit.toolkit.people import TODAY, Ring, context, nights


async def ask(ring, **question):
    """Ask, and hold the answer against its own schema."""
    answer = await TOOL.run(context(ring), validate(TOOL, question))
    jsonschema.validate(answer, TOOL.output)
    return answer


def row(answer, metric):
    """One row of the table by column."""
    (cells,) = [r for r in answer["table"]["rows"] if r[0] == metric]
    return dict(zip(answer["table"]["columns"], cells, strict=True))


def mean(made, name, start, end):
    """The true mean of a range."""
    inside = [n[name] for d, n in made.items() if start <= d <= end]
    return sum(inside) / len(inside)


async def test_this_week_against_last_week():
    """Wednesday: three days of this week against seven whole days, with the right means."""
    made = nights(120)
    answer = await ask(Ring(made), period="this week", against="last week")
    assert answer["period"]["start"] == "2026-05-18"
    assert answer["against"] == {"start": "2026-05-11", "end": "2026-05-17", "with_data": 7}
    figures = row(answer, "hr_lowest_bpm")
    this = mean(made, "hr", date(2026, 5, 18), TODAY)
    last = mean(made, "hr", date(2026, 5, 11), date(2026, 5, 17))
    assert figures["period_mean"] == pytest.approx(this, abs=0.06)
    assert figures["against_mean"] == pytest.approx(last, abs=0.06)
    assert figures["difference"] == pytest.approx(this - last, abs=0.06)
    assert figures["difference_pct"] == pytest.approx(100 * (this - last) / last, abs=0.06)
    assert (figures["period_n"], figures["against_n"]) == (3, 7)


async def test_a_real_difference_is_called_on_the_right_side():
    """Higher in the period is higher; asked the other way round it is lower."""
    made = nights(120)
    for day, night in made.items():
        if day > TODAY - timedelta(days=14):
            night["hr"] += 6
    recent, earlier = "2026-05-07..2026-05-20", "2026-04-23..2026-05-06"
    there = await ask(Ring(made), period=recent, against=earlier)
    back = await ask(Ring(made), period=earlier, against=recent)
    assert row(there, "hr_lowest_bpm")["verdict"] == "higher"
    assert row(back, "hr_lowest_bpm")["verdict"] == "lower"
    assert "resting heart rate" in there["summary"]
    assert "higher" in there["summary"]


async def test_without_a_second_period_the_one_before_is_taken():
    """Seven days are compared with the seven before."""
    answer = await ask(Ring(nights(120)), period="last 7 days")
    assert answer["against"]["start"] == "2026-05-07"
    assert answer["against"]["end"] == "2026-05-13"


async def test_a_single_day_against_a_month():
    """One day is an honest comparison with a wide range."""
    figures = row(await ask(Ring(nights(120)), period="yesterday", against="last 30 days"), "steps")
    assert figures["low"] is not None
    assert figures["low"] < figures["difference"] < figures["high"]


async def test_today_does_not_spoil_this_weeks_steps():
    """The steps of an unfinished day are left out on purpose, and that is said."""
    made = nights(120)
    made[TODAY]["steps"] = 5
    answer = await ask(Ring(made), metrics=["steps"], period="this week", against="last week")
    assert row(answer, "steps")["period_mean"] > 1000
    assert row(answer, "steps")["verdict"] != "too few nights"
    assert any("Today is not over" in note for note in answer["notes"])


async def test_newcomers_and_empty_accounts():
    """Six days are too few for a verdict; nothing is nothing."""
    assert "too early" in (await ask(Ring(nights(6))))["summary"]
    empty = await ask(Ring({}))
    assert empty["summary"].startswith("Nothing recorded")
    assert all(r[2] is None for r in empty["table"]["rows"])


async def test_the_default_answer_stays_within_its_budget():
    """Nine metrics fit one and a half kilobytes."""
    answer = await ask(Ring(nights(120)), period="last 30 days")
    assert len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()) <= 1536


@pytest.mark.parametrize(
    "question",
    [
        {"period": "2026-06-01..2026-06-05"},
        {"period": "2026-05-05..2026-05-01"},
        {"period": "this week", "against": "someday"},
        {"period": "2020-01-01..2026-05-01"},
        {"metrics": ["mood"]},
    ],
)
async def test_bad_questions_say_what_to_ask_instead(question):
    """Future, reversed, unknown words, endless: a sentence and a hint."""
    with pytest.raises(UsageError) as refused:
        await ask(Ring(nights(10)), **question)
    assert refused.value.hint


async def test_a_year_of_long_ago_is_compared():
    """Rings of 2016 count; only days before there were rings are refused."""
    made = nights(20, end=date(2016, 3, 20)) | nights(20)
    answer = await ask(Ring(made), period="last 20 days", against="2016-03-01..2016-03-20")
    assert answer["against"]["with_data"] == 20
    with pytest.raises(UsageError, match="first ring"):
        await ask(Ring(made), period="today", against="2009-03-01")

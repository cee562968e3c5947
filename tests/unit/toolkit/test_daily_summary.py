"""oura_daily_summary: one row a day, averages of whole days, usual ranges, reasons for gaps."""

from datetime import timedelta
from statistics import fmean

import jsonschema
import pytest

from annulet.contract.documents import DailyResilience
from annulet.errors import ScopeMissing, UsageError
from annulet.toolkit.arguments import validate
from annulet.toolkit.tools.daily_summary import SECTIONS, TOOL
from tests.unit.toolkit.people import TODAY, Ring, context, nights


async def ask(ring, **question):
    """Ask, and hold the answer against its own schema."""
    answer = await TOOL.run(context(ring), validate(TOOL, question))
    jsonschema.validate(answer, TOOL.output)
    return answer


def column(answer, name):
    """One column of the table by day."""
    place = answer["table"]["columns"].index(name)
    return {row[0]: row[place] for row in answer["table"]["rows"]}


async def test_a_day_has_the_figures_that_were_measured():
    """Seconds become minutes, absent figures stay empty cells."""
    made = nights(3)
    answer = await ask(Ring(made), start="today", sections=["sleep", "readiness"])
    (row,) = answer["table"]["rows"]
    cells = dict(zip(answer["table"]["columns"], row, strict=True))
    assert cells["day"] == TODAY.isoformat()
    assert cells["total_sleep_min"] == made[TODAY]["sleep_min"]
    assert cells["hrv_avg_ms"] == made[TODAY]["hrv"]
    assert cells["temperature_deviation_c"] == pytest.approx(made[TODAY]["temp"])
    assert cells["deep_min"] is None
    assert answer["coverage"] == {"days": 1, "with_data": 1, "missing": []}


async def test_averages_leave_the_unfinished_day_out():
    """Half a day's steps count in the table and not in the mean; a field names the day."""
    made = nights(7)
    made[TODAY]["steps"] = 100
    answer = await ask(Ring(made), start="last 7 days", sections=["activity"])
    whole_days = [night["steps"] for day, night in made.items() if day != TODAY]
    assert f"{fmean(whole_days):,.0f} steps" in answer["summary"]
    assert column(answer, "steps")[TODAY.isoformat()] == 100
    assert answer["unfinished"] == TODAY.isoformat()
    assert any("still being counted" in note for note in answer["notes"])
    steps = await ask(Ring(made), start="last 7 days", metrics=["steps"])
    assert steps["summary"].startswith("Averages of 6 of 7 days:")


async def test_days_that_are_over_have_no_unfinished_one():
    """Yesterday is complete, and so are the nights of today."""
    for question in (
        {"start": "yesterday"},
        {"start": "today", "sections": ["sleep"]},
    ):
        assert "unfinished" not in await ask(Ring(nights(7)), **question)


async def test_a_measured_zero_is_a_figure():
    """Zero minutes of stress are a value, a day without a document is none."""
    made = nights(3)
    made[TODAY - timedelta(days=1)]["stress_min"] = 0
    del made[TODAY - timedelta(days=2)]
    answer = await ask(Ring(made), start="last 3 days", metrics=["stress_high_min"])
    cells = column(answer, "stress_high_min")
    assert cells[(TODAY - timedelta(days=1)).isoformat()] == 0
    assert (TODAY - timedelta(days=2)).isoformat() not in cells
    assert answer["coverage"]["missing"] == [(TODAY - timedelta(days=2)).isoformat()]


async def test_usual_ranges_come_from_the_days_before():
    """The judged day itself is no part of its range."""
    made = nights(40)
    made[TODAY]["hr"] = 99
    answer = await ask(Ring(made), start="today", metrics=["hr_lowest_bpm"], baselines=True)
    (row,) = answer["baselines"]["rows"]
    usual = dict(zip(answer["baselines"]["columns"], row, strict=True))
    assert usual["days"] == 39
    assert usual["low"] <= usual["median"] <= usual["high"] < 99


async def test_a_newcomer_is_told_why_there_is_no_usual_range():
    """Seven days before the period are needed."""
    answer = await ask(Ring(nights(3)), start="today", baselines=True)
    assert "baselines" not in answer
    assert any("Too early for usual ranges" in note for note in answer["notes"])


async def test_a_section_without_permission_is_named_and_the_others_stand():
    """One missing permission costs its own columns."""
    denied = ScopeMissing("No.", hint="Connect again.", scope="stress")
    failing = {"daily_stress": denied, "daily_resilience": denied}
    answer = await ask(Ring(nights(3), failing=failing), start="today")
    assert "stress_high_min" not in answer["table"]["columns"]
    assert "sleep_score" in answer["table"]["columns"]
    assert any(note.startswith("Not permitted: stress") for note in answer["notes"])


async def test_resilience_is_a_word_in_its_column():
    """The level is no number and is shown as Oura says it."""
    ring = Ring(nights(3))
    ring.add("daily_resilience", DailyResilience(day=TODAY, level="solid"))
    answer = await ask(ring, start="today", sections=["resilience"])
    assert column(answer, "resilience_level") == {TODAY.isoformat(): "solid"}
    assert "resilience solid" in answer["summary"]


async def test_columns_are_the_sections_or_the_metrics_that_were_asked_for():
    """Sections keep their order, a metric by name stands alone, an unknown one is refused."""
    both = await ask(Ring(nights(3)), start="today", sections=["readiness", "sleep"])
    assert both["table"]["columns"] == ["day", *SECTIONS["sleep"], *SECTIONS["readiness"]]
    alone = await ask(Ring(nights(3)), start="today", metrics=["steps"])
    assert alone["table"]["columns"] == ["day", "steps"]
    with pytest.raises(UsageError, match="no metric"):
        await ask(Ring(nights(3)), metrics=["stepz"])

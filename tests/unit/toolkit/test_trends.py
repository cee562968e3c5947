"""oura_trends: direction, change and noise in figures and in sentences."""

import json
from datetime import date, timedelta

import jsonschema
import pytest

from annulet.errors import OuraUnavailable, ScopeMissing, UsageError
from annulet.toolkit.arguments import validate
from annulet.toolkit.tools.trends import TOOL
from tests.unit.toolkit.people import TODAY, Ring, context, nights, with_fever


async def ask(ring, **question):
    """Ask, and hold the answer against its own schema."""
    answer = await TOOL.run(context(ring), validate(TOOL, question))
    jsonschema.validate(answer, TOOL.output)
    return answer


def row(answer, metric):
    """One row of the table by column."""
    (cells,) = [r for r in answer["table"]["rows"] if r[0] == metric]
    return dict(zip(answer["table"]["columns"], cells, strict=True))


def rising(per_day=0.25, days=180):
    """Nights whose HRV rises."""
    made = nights(days, seed=3)
    for place, night in enumerate(made.values()):
        night["hrv"] = round(night["hrv"] + per_day * place)
    return made


async def test_a_rising_hrv_rises_over_ninety_days_despite_illness():
    """The slope is found with its size, four ill nights in the later part notwithstanding."""
    made = with_fever(rising(), TODAY - timedelta(days=20))
    answer = await ask(Ring(made), metrics=["hrv_avg_ms"], window_days=90)
    figures = row(answer, "hrv_avg_ms")
    assert figures["direction"] == "rising"
    assert figures["slope_low"] <= 0.25 * 7 <= figures["slope_high"]
    assert "rising" in answer["summary"]
    assert any("look like illness" in note for note in answer["notes"])


async def test_the_table_has_the_contract_columns_and_plain_statistics():
    """Mean, SD, min, max and n are those of the window."""
    made = nights(120)
    figures = row(await ask(Ring(made)), "hr_lowest_bpm")
    window = [n["hr"] for d, n in made.items() if d > TODAY - timedelta(days=30)]
    assert figures["n"] == 30
    assert figures["mean"] == pytest.approx(sum(window) / 30, abs=0.06)
    assert (figures["min"], figures["max"]) == (min(window), max(window))
    assert set(figures) >= {"vs_prior_week_pct", "vs_prior_month_pct", "noise", "slope_per_week"}


async def test_change_is_against_the_window_before():
    """Twice the steps are plus a hundred percent, and beyond the usual noise."""
    made = nights(120)
    for day, night in made.items():
        night["steps"] = 12000 if day > TODAY - timedelta(days=31) else 6000
    answer = await ask(Ring(made), metrics=["steps"], end="yesterday")
    figures = row(answer, "steps")
    assert figures["vs_prior_window_pct"] == 100
    assert figures["change"] == 6000
    assert "more than your usual swings" in answer["summary"]


async def test_no_percent_for_temperature():
    """A temperature deviation changes in degrees; its percent cells are missing."""
    figures = row(await ask(Ring(nights(120))), "temperature_deviation_c")
    assert figures["vs_prior_window_pct"] is None
    assert figures["change"] is not None


async def test_the_default_answer_stays_within_its_budget():
    """Nine metrics fit two and a half kilobytes."""
    answer = await ask(Ring(nights(200)))
    assert len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()) <= 2560
    assert len(answer["table"]["rows"]) == 9


async def test_six_days_are_too_early():
    """A newcomer hears that it is too early; the cells are missing, not zero."""
    answer = await ask(Ring(nights(6)))
    assert "Too early" in answer["summary"]
    assert row(answer, "hrv_avg_ms")["slope_per_week"] is None
    assert row(answer, "hrv_avg_ms")["direction"] == "unclear"


async def test_an_empty_account_is_an_answer():
    """Nothing recorded is words, with no number anywhere."""
    answer = await ask(Ring({}))
    assert answer["summary"].startswith("Nothing recorded")
    assert answer["coverage"]["with_data"] == 0


async def test_too_few_nights_have_no_average():
    """Five of thirty nights give a count and no mean."""
    made = {d: n for d, n in nights(120).items() if d.toordinal() % 6 == 0}
    answer = await ask(Ring(made), metrics=["hrv_avg_ms"])
    assert row(answer, "hrv_avg_ms")["mean"] is None
    assert "too few" in answer["summary"]


async def test_a_short_window_says_how_to_get_a_slope():
    """Two weeks have no slope; the note names the window that has one."""
    answer = await ask(Ring(nights(120)), window_days=14)
    assert any("window_days" in note for note in answer["notes"])


async def test_one_missing_permission_costs_one_metric():
    """Without stress the other eight still answer, and the note says how to add it."""
    denied = ScopeMissing("No stress.", hint="Add the stress permission.")
    answer = await ask(Ring(nights(120), failing={"daily_stress": denied}))
    assert len(answer["table"]["rows"]) == 8
    assert any("Add the stress permission" in note for note in answer["notes"])


async def test_an_outage_of_everything_is_an_error():
    """Where nothing is left the tool fails."""
    down = OuraUnavailable("Oura does not answer.", hint="Try again later.")
    with pytest.raises(OuraUnavailable):
        await ask(Ring(nights(9), failing={"sleep": down}), metrics=["hrv_avg_ms"])


async def test_several_metrics_read_each_collection_once():
    """Four sleep metrics are one reading of sleep, one of what tells illness, one of rings."""
    ring = Ring(nights(120))
    await ask(ring, metrics=["hrv_avg_ms", "hr_lowest_bpm", "deep_min", "breath_avg_per_min"])
    assert sorted(ring.asked) == ["daily_readiness", "ring_configuration", "sleep"]


@pytest.mark.parametrize(
    "question",
    [{"metrics": ["mood"]}, {"end": "2031-01-01"}, {"window_days": 3}, {"end": "0002-01-01"}],
)
async def test_bad_questions_say_what_to_ask_instead(question):
    """Unknown metric, future end, tiny window, antiquity: a sentence and a hint."""
    with pytest.raises(UsageError) as refused:
        await ask(Ring(nights(10)), **question)
    assert refused.value.hint


async def test_a_window_in_the_past():
    """A window may end on any earlier day."""
    answer = await ask(Ring(nights(200)), end="2026-03-01")
    assert answer["period"]["end"] == "2026-03-01"
    assert date.fromisoformat(answer["period"]["start"]) == date(2026, 1, 31)

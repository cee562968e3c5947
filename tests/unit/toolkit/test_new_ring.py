"""A new ring that reads differently is no change of the person, in every judgement."""

from datetime import UTC, datetime, timedelta

import pytest

from annulet.contract.documents import RingConfiguration
from annulet.errors import ScopeMissing
from annulet.toolkit.arguments import validate
from annulet.toolkit.tools import anomalies, compare, daily_summary, effects, query, trends
from tests.unit.toolkit.people import TODAY, Ring, context, nights, tag

SINCE = TODAY - timedelta(days=30)
METRICS = {"metrics": ["hr_lowest_bpm", "hrv_avg_ms"]}


def ringed(*, shift=4, told=True, failing=None):
    """A person whose new ring reads resting heart rate so many bpm higher."""
    made = nights(360, seed=5)
    for day, night in made.items():
        night["hr"] += shift * (day > SINCE)
    ring = Ring(made, [tag(TODAY - timedelta(days=d)) for d in range(29)], failing)
    for day in (TODAY - timedelta(days=600), SINCE) if told else ():
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        ring.add("ring_configuration", RingConfiguration(id=f"{day}", set_up_at=at))
    return context(ring)


async def ask(tool, person, **question):
    """Ask one person."""
    return await tool.TOOL.run(person, validate(tool.TOOL, question))


async def verdicts(person):
    """The verdict of a comparison by metric, and its notes."""
    before = f"{SINCE - timedelta(days=29)}..{SINCE}"
    answer = await ask(compare, person, period="last 30 days", against=before, **METRICS)
    table = answer["table"]
    at = table["columns"].index("verdict")
    return {row[0]: row[at] for row in table["rows"]}, " ".join(answer.get("notes", []))


async def test_months_before_and_after_a_new_ring_are_compared_without_its_shift():
    """Without the ring's date the step is called; with it, it is told as the ring's."""
    unknown, _ = await verdicts(ringed(told=False))
    known, notes = await verdicts(ringed())
    assert unknown["hr_lowest_bpm"] == "higher"
    assert known["hr_lowest_bpm"] == "no clear difference"
    assert "new ring since" in notes
    assert "resting heart rate" in notes


async def test_no_slope_is_drawn_across_a_new_ring():
    """The slope of ninety days begins with the ring."""
    answer = await ask(trends, ringed(), window_days=90, **METRICS)
    table = answer["table"]
    at = table["columns"].index("direction")
    assert {row[at] for row in table["rows"]} <= {"unclear", "flat"}
    assert any("Slopes begin with the new ring" in note for note in answer["notes"])


async def test_a_lasting_change_with_a_new_ring_is_told_as_such():
    """The change point lies on the ring's first night, and the summary names the ring."""
    answer = await ask(anomalies, ringed(), start="last 60 days")
    points = {point["metric"]: point["since"] for point in answer["change_points"]}
    assert points["hr_lowest_bpm"] == (SINCE + timedelta(days=1)).isoformat()
    assert "the new ring" in answer["summary"]
    assert answer["days_flagged"] <= 3


async def test_a_long_run_of_tags_is_not_blamed_for_a_new_ring():
    """A tag of every day since the ring has no effect of its own."""
    answer = await ask(effects, ringed(), tag="alcohol", **METRICS)
    table = answer["table"]
    at = table["columns"].index("verdict")
    assert {row[0]: row[at] for row in table["rows"]}["hr_lowest_bpm"] not in ("higher", "lower")


@pytest.mark.parametrize("shift", [0, 4])
async def test_rings_that_may_not_be_read_change_nothing(shift):
    """Rings are asked for once; a missing permission costs nothing else."""
    person = ringed(shift=shift, failing={"ring_configuration": ScopeMissing("ring_configuration")})
    first, notes = await verdicts(person)
    await verdicts(person)
    assert first["hr_lowest_bpm"] == ("higher" if shift else "no clear difference")
    assert "new ring" not in notes
    assert person.client.asked.count("ring_configuration") == 1


async def test_days_are_compared_with_days_of_their_own_ring():
    """A condition that holds since the ring alone has nothing to be compared with."""
    known = await ask(
        query, ringed(shift=8), start="last 60 days", by=f"day > {SINCE}", metrics=["hr_lowest_bpm"]
    )
    unknown = await ask(
        query,
        ringed(shift=8, told=False),
        start="last 60 days",
        by=f"day > {SINCE}",
        metrics=["hr_lowest_bpm"],
    )
    assert unknown["difference"]["rows"][0][-1] == "higher"
    assert known["difference"]["rows"][0][-1] != "higher"
    assert any("days of the same ring" in note for note in known["notes"])


async def test_usual_ranges_begin_with_a_new_ring():
    """The usual range is that of the new ring, and says its days."""
    answer = await ask(daily_summary, ringed(shift=8), baselines=True)
    usual = {row[0]: row for row in answer["baselines"]["rows"]}
    old = await ask(daily_summary, ringed(shift=8, told=False), baselines=True)
    before = {row[0]: row for row in old["baselines"]["rows"]}
    assert usual["hr_lowest_bpm"][1] > before["hr_lowest_bpm"][1]
    assert usual["hr_lowest_bpm"][4] == 29  # set up in the morning, after the night of that day
    assert any("usual ranges begin with it" in note for note in answer["notes"])

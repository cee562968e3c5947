"""oura_sleep_sessions: nights and naps, what is not finished, and the course of a night."""

from datetime import datetime, timedelta, timezone

import jsonschema

from annulet.contract.documents import Sample, Sleep
from annulet.toolkit.arguments import validate
from annulet.toolkit.tools.sleep_sessions import TOOL
from tests.unit.toolkit.people import TODAY, Ring, context, nights

ZONE = timezone(timedelta(hours=2))


async def ask(ring, **question):
    """Ask, and hold the answer against its own schema."""
    answer = await TOOL.run(context(ring), validate(TOOL, question))
    jsonschema.validate(answer, TOOL.output)
    return answer


def sleep(day=TODAY, hour=1, hours=7.0, **fields):
    """A sleep that begins at an hour of its day."""
    start = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
    end = start + timedelta(hours=hours)
    known = {"type": "long_sleep", "bedtime_end": end, "total_sleep_duration": round(hours * 3000)}
    return Sleep(id=f"{start}", day=day, bedtime_start=start, **{**known, **fields})


def ring_with(*sleeps):
    """A person with these sleeps alone."""
    ring = Ring({})
    for document in sleeps:
        ring.add("sleep", document)
    return ring


def cells(answer):
    """The rows by column."""
    return [dict(zip(answer["table"]["columns"], r, strict=True)) for r in answer["table"]["rows"]]


async def test_a_nap_has_a_row_of_its_own_and_does_not_stand_for_the_night():
    """The summary tells the night; the nap is counted beside it and can be left out."""
    nap = sleep(hour=8, hours=0.5, type="late_nap")
    ring = ring_with(sleep(), nap)
    answer = await ask(ring)
    assert [row["type"] for row in cells(answer)] == ["long_sleep", "late_nap"]
    assert answer["summary"].startswith("Last night (Wed 20 May): 5 h 50 min asleep")
    assert answer["summary"].endswith(" 1 nap.")
    assert [row["type"] for row in cells(await ask(ring, include_naps=False))] == ["long_sleep"]


async def test_rejected_and_deleted_sleeps_never_show():
    """What Oura took back is no sleep."""
    answer = await ask(ring_with(sleep(type="rest"), sleep(hour=3, type="deleted")))
    assert answer["table"]["rows"] == []
    assert answer["coverage"]["missing"] == [TODAY.isoformat()]


async def test_a_sleep_in_progress_is_announced_and_not_listed():
    """Its figures are not final."""
    going_on = sleep(bedtime_end=None, total_sleep_duration=None)
    answer = await ask(ring_with(going_on))
    assert answer["table"]["rows"] == []
    assert any("still in progress" in note for note in answer["notes"])


async def test_several_nights_have_a_mean_and_name_the_gap():
    """The mean is over recorded nights, the missing one is named."""
    made = nights(7)
    gap = TODAY - timedelta(days=2)
    del made[gap]
    answer = await ask(Ring(made), start="last 7 days")
    mean = round(sum(night["sleep_min"] for night in made.values()) / 6)
    assert f"6 of 7 nights recorded, {mean // 60} h {mean % 60:02} min asleep" in answer["summary"]
    assert answer["coverage"]["missing"] == [gap.isoformat()]
    assert any("18 May" in note for note in answer["notes"])


async def test_the_course_is_in_steps_of_fifteen_minutes():
    """Means of what was measured, the stage held longest; a gap stays a gap."""
    start = datetime(TODAY.year, TODAY.month, TODAY.day, 1, tzinfo=ZONE)
    rates = Sample(
        interval=300, items=[60, 62, 64, None, None, None, 50, 52, None], timestamp=start
    )
    night = sleep(hours=0.75, heart_rate=rates, sleep_phase_5_min="112444333")
    (course,) = (await ask(ring_with(night), series=True))["series"]
    assert course == {
        "day": TODAY.isoformat(),
        "start": "2026-05-20T01:00+02:00",
        "interval_min": 15,
        "hr_bpm": [62, None, 51],
        "stage": ["deep", "awake", "rem"],
    }


async def test_without_being_asked_for_the_course_is_not_read():
    """A table of nights costs no series."""
    assert "series" not in await ask(ring_with(sleep()))

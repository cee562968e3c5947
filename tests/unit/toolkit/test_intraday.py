"""oura_intraday: extremes with their time, series with gaps, activity without invented steps."""

from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import pytest

from annulet.client.documents import Documents
from annulet.contract.documents import DailyActivity, HeartRateSample, Sample
from annulet.errors import UsageError
from annulet.toolkit.arguments import validate
from annulet.toolkit.tools.intraday import TOOL
from tests.unit.toolkit.people import NOW, TODAY, Ring, context

ZONE = timezone(timedelta(hours=2))
YESTERDAY = TODAY - timedelta(days=1)


class Pulse(Ring):
    """A person with heart-rate samples."""

    def __init__(self, samples=()):
        super().__init__({})
        self._samples = list(samples)

    async def heartrate(self, start, end, *, fields=None):
        """The samples between two instants."""
        del fields
        inside = [sample for sample in self._samples if start <= sample.timestamp <= end]
        return Documents(HeartRateSample, inside)


async def ask(ring, **question):
    """Ask, and hold the answer against its own schema."""
    answer = await TOOL.run(context(ring), validate(TOOL, question))
    jsonschema.validate(answer, TOOL.output)
    return answer


def at(hour, minute=0, day=YESTERDAY):
    """A time of the person's clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def beat(bpm, when, source="awake"):
    """One sample."""
    return HeartRateSample(bpm=bpm, source=source, timestamp=when.astimezone(UTC))


async def test_lowest_and_highest_come_with_their_time():
    """Statistics of the day in the person's zone, each source by itself."""
    ring = Pulse([beat(48, at(3), "rest"), beat(150, at(18, 30), "workout"), beat(60, at(12))])
    answer = await ask(ring, start="yesterday")
    assert answer["stats"] == {
        "min": 48,
        "max": 150,
        "avg": 86,
        "samples": 3,
        "min_at": "2026-05-19T03:00+02:00",
        "max_at": "2026-05-19T18:30+02:00",
    }
    assert {row[0]: row[1] for row in answer["by_source"]["rows"]} == {
        "rest": 1,
        "workout": 1,
        "awake": 1,
    }
    assert "lowest 48 (03:00), highest 150 (18:30); 3 samples." in answer["summary"]


async def test_several_days_name_the_day_of_an_extreme():
    """A time of day alone would be ambiguous; the month is English in every locale."""
    ring = Pulse([beat(48, at(3, day=TODAY - timedelta(days=15))), beat(90, at(12))])
    answer = await ask(ring, start="last 20 days")
    assert "lowest 48 (05 May 03:00), highest 90 (19 May 12:00)" in answer["summary"]


async def test_a_series_keeps_its_gaps():
    """Hours without samples are empty, not interpolated; the lowest and highest sample survive."""
    ring = Pulse(
        [
            beat(50, at(0, 10)),
            beat(60, at(0, 20)),
            beat(60, at(1)),
            beat(70, at(1, 9)),
            beat(80, at(3)),
        ]
    )
    answer = await ask(ring, start="2026-05-19T00:00", end="2026-05-19T04:00", resolution_min=60)
    assert answer["series"] == {
        "start": "2026-05-19T00:00+02:00",
        "interval_min": 60,
        "values": [50, 65, None, 80],
    }
    assert answer["period"]["end"] == "2026-05-19T04:00+02:00"


async def test_nothing_measured_is_said():
    """No statistics of nothing."""
    answer = await ask(Pulse(), start="yesterday")
    assert "stats" not in answer
    assert answer["summary"] == "No heart rate recorded on 19 May."
    assert answer["coverage"]["with_data"] == 0


async def test_a_series_too_long_to_read_is_refused_with_a_way_out():
    """Thirty days in steps of five minutes are no answer."""
    with pytest.raises(UsageError) as refused:
        await ask(Pulse(), start="last 30 days", resolution_min=5)
    assert "coarser" in refused.value.hint


def active(day, steps):
    """A day of activity that begins at four in the morning."""
    begin = at(4, day=day)
    met = Sample(interval=60, items=[1.0, 3.0, None, 5.0], timestamp=begin)
    return DailyActivity(
        id=f"{day}", day=day, timestamp=begin, steps=steps, met=met, class_5_min="1345"
    )


async def test_activity_is_met_and_minutes_and_the_steps_of_the_day():
    """Minutes by class come from the five-minute codes, MET from measured minutes."""
    ring = Ring({})
    ring.add("daily_activity", active(YESTERDAY, 9000))
    answer = await ask(ring, metric="activity", start="yesterday")
    assert answer["minutes"] == {"rest": 5, "low": 5, "medium": 5, "high": 5}
    assert answer["met"]["samples"] == 3
    assert answer["met"]["max"] == 5
    assert answer["steps_of_day"] == 9000
    assert "9,000 steps, 5 min of high activity" in answer["summary"]
    assert "unfinished" not in answer


async def test_the_activity_of_today_is_unfinished():
    """A field says so, and a note."""
    ring = Ring({})
    ring.add("daily_activity", active(TODAY, 0))
    answer = await ask(ring, metric="activity", start="today")
    assert answer["steps_of_day"] == 0
    assert answer["unfinished"] == NOW.astimezone(ZONE).date().isoformat()
    assert any("still being counted" in note for note in answer["notes"])


@pytest.mark.parametrize(("asked", "taken"), [(7, 5), (1000, 60), (-3, 0), (20, 15)])
async def test_any_resolution_is_taken_to_the_nearest_step(asked, taken):
    """The schema has a plain integer, because some vendors refuse a list of numbers."""
    answer = await ask(Pulse([beat(60, at(12))]), start="yesterday", resolution_min=asked)
    assert answer.get("series", {}).get("interval_min", 0) == taken
    assert f"resolution_min {asked} was taken as {taken}." in answer["notes"]

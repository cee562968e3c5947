"""When there is nothing yet, or never was: honest words, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from annulet.errors import UsageError
from annulet.simulator import SimulatedOura

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def town():
    """An ordinary person, a new one, and one whose ring lies in a drawer."""
    cloud = SimulatedOura(people=["newcomer"], now=datetime(2026, 5, 6, 15, 2, tzinfo=UTC))
    cloud.add_person("ann", zone="Europe/Berlin", days=100)
    cloud.add_person("gap", zone="Europe/Berlin", days=100, night_gaps=(1, 4, 5, 6, 20))
    for days in (1, 3, 40):
        cloud.add_person(f"silent{days}", zone="Europe/Berlin", days=100, synced_days_ago=days)
    return cloud


@pytest.fixture
def at(town):
    """Sets the clock on the wall in Berlin."""
    before = town.clock()

    def tell(day, hour, minute):
        town.clock.set(datetime(2026, 5, day, hour, minute, tzinfo=BERLIN))

    yield tell
    town.clock.set(before)


@pytest.mark.parametrize("hour", [0, 3, 6, 7])
async def test_before_the_app_is_opened_there_is_no_night_yet(town, open_person, at, hour):
    """Just after midnight and early in the morning, the night before is not passed off as it."""
    at(4, hour, 5)
    person = open_person(town, "ann")
    answer = await person.ask("sleep_sessions")
    assert answer["summary"] == "No night yet for today (Mon 4 May)."
    assert answer["coverage"] == {"days": 1, "with_data": 0, "missing": ["2026-05-04"]}
    assert answer["table"]["rows"] == []
    [note] = answer["notes"]
    assert note.startswith("No night for 4 May yet: it appears after you wake up and open")
    assert note.endswith("The newest night is 3 May.")
    answer = await person.ask("daily_summary")
    assert note in answer["notes"]
    begun = hour > 4
    summary = (
        "Today (Mon 4 May): no night yet, 0 steps."
        if begun
        else "Nothing yet for today (Mon 4 May)."
    )
    assert answer["summary"] == summary


async def test_after_breakfast_the_night_is_there(town, open_person, at):
    """The same day, once the app was opened."""
    at(4, 9, 0)
    answer = await open_person(town, "ann").ask("sleep_sessions")
    assert answer["summary"].startswith("Last night (Mon 4 May): ")
    assert "notes" not in answer


async def test_unfinished_days_do_not_pull_the_averages_down(town, open_person, at):
    """In the morning, the week's average of steps is that of six days."""
    at(4, 9, 0)
    person = open_person(town, "ann")
    answer = await person.ask("daily_summary", start="last 7 days", sections=["activity"])
    steps = [row[2] for row in answer["table"]["rows"]]
    assert len(steps) == 7
    assert f"{sum(steps[:-1]) / 6:,.0f} steps." in answer["summary"]
    assert "Today's activity is still being counted; averages leave it out." in answer["notes"]


@pytest.mark.parametrize(
    ("days", "since"), [(1, "2026-05-05"), (3, "2026-05-03"), (40, "2026-03-27")]
)
@pytest.mark.parametrize(
    "question",
    [
        ("daily_summary", {}),
        ("daily_summary", {"start": "last 7 days"}),
        ("daily_summary", {"sections": ["readiness"]}),
        ("daily_summary", {"sections": ["activity"]}),
        ("daily_summary", {"sections": ["stress", "heart_health"]}),
        ("daily_summary", {"sections": ["resilience"]}),
        ("sleep_sessions", {}),
        ("sleep_sessions", {"start": "last 30 days"}),
        ("sleep_sessions", {"series": True}),
        ("intraday", {"start": "today"}),
        ("intraday", {"start": "today", "metric": "activity"}),
        ("events", {}),
        ("trends", {"metrics": ["total_sleep_min"]}),
        ("anomalies", {}),
    ],
)
async def test_a_silent_ring_is_said_to_be_silent(town, open_person, days, since, question):
    """Since when, and what to do; not that it was not worn."""
    tool, arguments = question
    answer = await open_person(town, f"silent{days}").ask(tool, **arguments)
    [note] = [note for note in answer["notes"] if "has not synced" in note]
    assert note.startswith(f"Your ring has not synced since {since} 2")
    assert ": open the Oura app." in note
    assert not any("not worn" in note for note in answer["notes"])


async def test_a_night_without_the_ring_is_a_gap_and_not_a_delay(town, open_person):
    """Yesterday without a night while today has one; days in a row are told together."""
    answer = await open_person(town, "gap").ask("sleep_sessions", start="last 30 days")
    assert answer["notes"] == [
        (
            "No night recorded on 16 Apr, 30 Apr to 2 May, 5 May: "
            "the ring was not worn or empty, or there was no long sleep."
        )
    ]
    answer = await open_person(town, "gap").ask("daily_summary", start="yesterday")
    assert answer["summary"].startswith("Yesterday (Tue 5 May): no night recorded, activity score")
    assert answer["coverage"]["with_data"] == 1


async def test_a_newcomer_is_told_where_the_days_begin(town, open_person):
    """Six days are six days; nothing is said about a time before the ring."""
    person = open_person(town, "newcomer")
    for tool in ("daily_summary", "sleep_sessions"):
        answer = await person.ask(tool, start="last 30 days")
        assert answer["coverage"]["with_data"] == 6
        assert "No night before 1 May in this period." in answer["notes"]
        assert not any("not worn" in note for note in answer["notes"])
    answer = await person.ask("daily_summary", baselines=True)
    assert "baselines" not in answer
    assert "Too early for usual ranges: they need 7 days before 2026-05-06." in answer["notes"]


@pytest.mark.parametrize("tool", ["daily_summary", "sleep_sessions", "intraday", "events"])
async def test_an_empty_period_is_an_answer(town, open_person, tool):
    """Long ago there is nothing: no error, no zero."""
    answer = await open_person(town, "ann").ask(tool, start="2020-02-03", end="2020-02-05")
    days = ["2020-02-03", "2020-02-04", "2020-02-05"]
    assert answer["coverage"] == {"days": 3, "with_data": 0, "missing": days}
    assert answer["summary"].startswith(("No", "Nothing"))
    assert answer["summary"].endswith(" from 3 to 5 Feb 2020.")
    assert "stats" not in answer


async def test_a_sleep_that_never_ended_is_not_still_going_on(open_person):
    """What is in progress is noted the same day, and left out without a word much later."""
    cloud = SimulatedOura(people=["sparse"], now=datetime(2026, 5, 6, 15, 2, tzinfo=UTC))
    person = open_person(cloud, "sparse")
    for tool in ("daily_summary", "sleep_sessions"):
        answer = await person.ask(tool)
        assert sum("still in progress" in note for note in answer["notes"]) == 1
    cloud.clock.advance(timedelta(hours=19))
    for tool in ("daily_summary", "sleep_sessions"):
        answer = await person.ask(tool, start="2026-05-01", end="2026-05-04")
        assert not any("in progress" in note for note in answer.get("notes", []))


@pytest.mark.parametrize(
    ("start", "end", "understood"),
    [
        ("2026-05-05T14:00", "16:30", ("2026-05-05T14:00+02:00", "2026-05-05T16:30+02:00")),
        (
            "yesterday 14:00",
            "yesterday 15:00",
            ("2026-05-05T14:00+02:00", "2026-05-05T15:00+02:00"),
        ),
        ("2026-05-05T23:00Z", "2026-05-06T02:00+03:00", None),
        (
            "2026-05-05T20:00Z",
            "2026-05-05T21:00Z",
            ("2026-05-05T22:00+02:00", "2026-05-05T23:00+02:00"),
        ),
        ("last 3 hours", None, ("2026-05-06T14:02+02:00", "2026-05-06T17:02+02:00")),
        ("last 90 minutes", None, ("2026-05-06T15:32+02:00", "2026-05-06T17:02+02:00")),
        ("09:15", "10:15", ("2026-05-06T09:15+02:00", "2026-05-06T10:15+02:00")),
        ("today 09:15", None, ("2026-05-06T09:15+02:00", "2026-05-06T17:02+02:00")),
        ("09:15", "now", ("2026-05-06T09:15+02:00", "2026-05-06T17:02+02:00")),
        ("18:00", None, None),
        ("2026-05-05T25:00", None, None),
        ("2026-05-05T12:00", "2026-05-05T11:00", None),
    ],
)
async def test_times_of_day_as_people_write_them(town, open_person, start, end, understood):
    """Understood and echoed to the minute, or refused with an example."""
    arguments = {"start": start, **({"end": end} if end else {})}
    person = open_person(town, "ann")
    if understood is None:
        with pytest.raises(UsageError) as caught:
            await person.ask("intraday", **arguments)
        assert caught.value.hint
        return
    answer = await person.ask("intraday", **arguments)
    assert (answer["period"]["start"], answer["period"]["end"]) == understood


async def test_the_hour_that_comes_twice_is_not_the_future(open_person):
    """When the clocks go back, an earlier time of the clock may be a later instant."""
    now = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1)
    cloud = SimulatedOura(people=[], now=now.astimezone(UTC))
    cloud.add_person("ann", zone="Europe/Berlin", days=30, awake_now=False)
    answer = await open_person(cloud, "ann").ask("intraday", start="2026-10-25T02:30")
    assert answer["period"]["start"] == "2026-10-25T02:30+02:00"
    assert answer["period"]["end"] == "2026-10-25T02:10+01:00"

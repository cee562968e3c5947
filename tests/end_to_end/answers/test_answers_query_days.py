"""What a query says about days without data: only what was read, and only what is so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from annulet.errors import UsageError

PEOPLE = ("plain", "newcomer", "sparse", "unsynced", "shift", "fareast")


def single(answer, name):
    """A figure of the only line."""
    (row,) = answer["table"]["rows"]
    return row[answer["table"]["columns"].index(name)]


def notes_of(answer):
    return " ".join(answer.get("notes", []))


def worn_days(person, days):
    """The days of which the ring has activity or a night."""
    truth = person.truth
    return {d for d in days if truth.activity(d) is not None or truth.night(d) is not None}


def days_back(person, count):
    return [person.today - timedelta(days=n) for n in range(count - 1, -1, -1)]


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize(
    "question",
    [
        {"where": ["tag = alcohol"]},
        {"where": ["tag != alcohol"]},
        {"where": ["session = any"]},
        {"where": ["workout_min < 30"]},
        {"where": ["workout = none"]},
        {"metrics": ["vo2_max"]},
        {"metrics": ["vascular_age"]},
        {"metrics": ["distance"]},
        {"metrics": ["duration"]},
        {"metrics": ["steps"]},
        {"metrics": ["stress_high_min"]},
        {"by": "tag"},
        {"of": "workouts"},
        {"of": "tags"},
        {"of": "sessions", "by": "type"},
    ],
)
async def test_no_note_speaks_of_nights_that_were_not_read(demo_cloud, open_person, name, question):
    """A day without a tag, a workout or a VO2 max is no night without the ring."""
    person = open_person(demo_cloud, name)
    demo_cloud.requests.clear()
    answer = await person.ask("query", start="last 90 days", **question)
    read = [entry for entry in demo_cloud.requests if entry.path.endswith("/sleep")]
    # When the ring last synced is known from the last nights too; the period's are not read.
    assert len(read) <= (name == "unsynced")
    assert "night" not in notes_of(answer)


@pytest.mark.parametrize("name", PEOPLE)
async def test_a_day_without_the_ring_is_unknown_for_every_event(demo_cloud, open_person, name):
    """Tags, workouts and sessions alike: neither done nor not done."""
    person = open_person(demo_cloud, name)
    days = days_back(person, 91)[:-1]  # today's activity may not have arrived
    worn = worn_days(person, days)
    ends = {"start": days[0].isoformat(), "end": days[-1].isoformat()}
    for field in ("tag", "session", "workout"):
        answer = await person.ask("query", **ends, where=[f"{field} = curling"])
        matched = answer["matched"]
        assert matched["rows"] == 0
        assert matched["of"] - matched["unknown"] == len(worn)
        assert answer["coverage"]["with_data"] <= len(worn)


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("of", ["workouts", "sessions", "tags"])
async def test_the_coverage_of_events_is_the_days_with_the_ring(demo_cloud, open_person, name, of):
    """An empty list of events still tells on how many days there could have been one."""
    person = open_person(demo_cloud, name)
    answer = await person.ask("query", of=of, start="last 90 days")
    activity = {d for d in days_back(person, 90) if person.truth.activity(d) is not None}
    assert activity
    assert abs(answer["coverage"]["with_data"] - len(activity)) <= 1  # today may be under way


async def test_a_newcomer_has_no_streak_from_before_the_ring(demo_cloud, open_person):
    """Days before the first data are no days without alcohol."""
    person = open_person(demo_cloud, "newcomer")
    worn = len(worn_days(person, days_back(person, 90)))
    answer = await person.ask(
        "query",
        start="last 90 days",
        where=["tag != alcohol"],
        calculate=["longest_streak", "current_streak"],
    )
    assert single(answer, "longest_streak") <= worn < 90
    assert answer["matched"]["unknown"] == 90 - worn


@pytest.mark.parametrize("of", ["days", "workouts", "tags"])
async def test_an_empty_period_says_why(demo_cloud, open_person, of):
    """Long before the ring nothing was recorded, and the answer says that."""
    answer = await open_person(demo_cloud, "plain").ask(
        "query", of=of, start="2015-01-01", end="2015-02-01"
    )
    assert answer["coverage"]["with_data"] == 0
    assert "recorded nothing" in notes_of(answer)


async def test_seconds_of_a_clock_count(demo_cloud, open_person):
    """23:30:13 is after 23:30, and is shown as 23:30."""
    person = open_person(demo_cloud, "plain")
    bedtimes = [
        night.start.replace(tzinfo=None)
        for day in days_back(person, 90)
        if (night := person.truth.night(day)) is not None
    ]

    def minutes(instant):
        after_midnight = instant.hour * 60 + instant.minute + instant.second / 60
        return after_midnight - 1440 if after_midnight >= 720 else after_midnight

    known = sorted(map(minutes, bedtimes))
    (limit,) = {int(value // 1) for value in known[len(known) // 2 :][:1] if value % 1}
    clock = f"{limit % 1440 // 60:02}:{limit % 60:02}"
    answer = await person.ask(
        "query", start="last 90 days", where=[f"bedtime > {clock}"], metrics=["bedtime"]
    )
    assert answer["matched"]["rows"] == sum(value > limit for value in known)
    assert single(answer, "min") == clock
    shown = await person.ask("query", start="last 90 days", where=[f"bedtime = {clock}"])
    assert shown["matched"]["rows"] == sum(value // 1 == limit for value in known)
    assert date.fromisoformat(single(answer, "min_day"))


async def test_an_end_and_a_limit_look_back_as_far_as_needed(demo_cloud, open_person):
    """The newest ten workouts up to a day, though the month before it has fewer."""
    person = open_person(demo_cloud, "plain")
    end = person.today - timedelta(days=60)
    workouts = person.truth.workouts(end - timedelta(days=365), end)
    newest = sorted((w.start for w in workouts if w.start.date() <= end), reverse=True)[:25]
    answer = await person.ask("query", of="workouts", end=end.isoformat(), limit=25)
    assert [row[0] for row in answer["rows"]["rows"]] == [s.date().isoformat() for s in newest]
    assert answer["period"]["end"] == end.isoformat()


async def test_groups_that_are_made_of_a_metric_have_no_verdict_on_it(demo_cloud, open_person):
    """Nights of high HRV have a higher HRV: that is how they were chosen."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", by="hrv > 50", metrics=["hrv", "steps"])
    assert [row[0] for row in answer["difference"]["rows"]] == ["steps"]
    assert any("made by HRV" in note for note in answer["notes"])
    assert "chance: HRV" not in answer["summary"]
    before = await person.ask("query", by="previous.hrv > 50", metrics=["hrv"])
    assert [row[0] for row in before["difference"]["rows"]] == ["hrv_avg_ms"]


async def test_a_single_value_is_told_once(demo_cloud, open_person):
    """One value is no mean, lowest and highest of several."""
    person = open_person(demo_cloud, "plain")
    day = person.today - timedelta(days=1)
    answer = await person.ask("query", start=day.isoformat(), metrics=["steps"])
    assert answer["summary"].count(f"{person.truth.activity(day).steps:,}") == 1


async def test_a_word_of_several_names_is_told_which(demo_cloud, open_person):
    """Who asks for heart reads the heart rates there are."""
    with pytest.raises(UsageError) as refused:
        await open_person(demo_cloud, "plain").ask("query", metrics=["heart"])
    assert "hr_avg_bpm" in refused.value.hint
    assert "hr_lowest_bpm" in refused.value.hint

"""The documents and rows of simulated people keep the rules of the real ones."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from annulet.simulator import SimulatedOura
from annulet.simulator.world.person import Person

NOW = datetime(2026, 4, 6, 9, 0, tzinfo=UTC)
ZONES = ("Pacific/Honolulu", "America/New_York", "UTC", "Europe/Berlin", "Pacific/Kiritimati")
people = st.tuples(
    st.sampled_from(ZONES), st.integers(1, 6), st.sampled_from(["regular", "shift", "sparse"])
)


@lru_cache(maxsize=40)
def _person(zone: str, seed: int, kind: str) -> Person:
    traits: dict[str, Any] = {
        "regular": {"naps": 0.3, "random_episodes": True, "cycle": True},
        "shift": {"second_sleep": True},
        "sparse": {"sparse": True, "random_gaps": 0.2, "night_gaps": (3, 9)},
    }[kind]
    return SimulatedOura([], NOW).add_person("anna", zone, 120, seed, **traits)


def _documents(person: Person, collection: str, back: int) -> list[dict[str, Any]]:
    end = NOW - timedelta(days=back)
    documents = person.documents(collection, end - timedelta(days=4), end)
    return [document.data for document in documents]


@settings(max_examples=60, deadline=None)
@given(people, st.integers(0, 110))
def test_sleep(traits: tuple[str, int, str], back: int) -> None:
    """Stages add up, series fit the time in bed, and the day is that of the end plus six hours."""
    for sleep in _documents(_person(*traits), "sleep", back):
        if sleep["bedtime_end"] is None:
            continue
        start = datetime.fromisoformat(sleep["bedtime_start"])
        end = datetime.fromisoformat(sleep["bedtime_end"])
        in_bed, total = sleep["time_in_bed"], sleep["total_sleep_duration"]
        stages = [sleep[f"{name}_sleep_duration"] for name in ("deep", "light", "rem")]
        assert sum(stages) == total
        assert total + sleep["awake_time"] == in_bed == (end - start).total_seconds()
        assert sleep["efficiency"] == round(100 * total / in_bed)
        assert all(value % 30 == 0 and value >= 0 for value in (*stages, sleep["latency"]))
        assert abs(len(sleep["sleep_phase_5_min"]) - in_bed / 300) < 1
        assert abs(len(sleep["movement_30_sec"]) - in_bed / 30) <= 1
        phases = sleep["sleep_phase_30_sec"]
        assert [30 * phases.count(kind) for kind in "123"] == [stages[0], stages[1], stages[2]]
        assert phases.startswith("4" * (sleep["latency"] // 30))
        day = (end.replace(tzinfo=None) + timedelta(hours=6)).date()
        assert sleep["day"] == day.isoformat()
        _check_series(sleep, start)


def _check_series(sleep: dict[str, Any], start: datetime) -> None:
    if sleep.get("heart_rate") is None:
        return
    heart_rate, hrv = sleep["heart_rate"], sleep["hrv"]
    assert len(heart_rate["items"]) == len(hrv["items"]) == len(sleep["sleep_phase_5_min"])
    assert datetime.fromisoformat(heart_rate["timestamp"]) == start
    present = [value for value in heart_rate["items"] if value is not None]
    assert min(present) == sleep["lowest_heart_rate"]
    assert (sleep["average_heart_rate"] * 8) % 1 == 0
    assert (sleep["average_breath"] * 8) % 1 == 0
    present = [value for value in hrv["items"] if value is not None]
    assert round(sum(present) / len(present)) == sleep["average_hrv"]


@settings(max_examples=40, deadline=None)
@given(people, st.integers(0, 110))
def test_sleeps_do_not_overlap_and_are_counted(traits: tuple[str, int, str], back: int) -> None:
    """Periods count from zero in bedtime order, and no two sleeps overlap."""
    person = _person(*traits)
    day = person.truth.today - timedelta(days=back)
    sleeps = person.model.sleeps.of_day(person.model.calendar.index(day))
    assert [sleep.period for sleep in sleeps] == list(range(len(sleeps)))
    around = [
        sleep
        for near in range(-1, 2)
        for sleep in person.model.sleeps.of_day(person.model.calendar.index(day) + near)
    ]
    assert all(earlier.end <= later.start for earlier, later in pairwise(around))


@settings(max_examples=40, deadline=None)
@given(people, st.integers(2, 100))
def test_activity(traits: tuple[str, int, str], back: int) -> None:
    """The classes fill 24 hours from 04:00 local, with 1,440 METs."""
    for day in _documents(_person(*traits), "daily_activity", back):
        times = ("high_activity", "medium_activity", "low_activity", "sedentary", "resting")
        assert sum(day[f"{name}_time"] for name in times) + day["non_wear_time"] == 86_400
        assert len(day["class_5_min"]) == 288
        met = day["met"]()
        assert len(met["items"]) == 1440
        assert met["interval"] == 60
        assert day["timestamp"][11:16] == "04:00"
        assert day["timestamp"][:10] == day["day"]


@settings(max_examples=40, deadline=None)
@given(people, st.integers(0, 100))
def test_stress_and_workouts(traits: tuple[str, int, str], back: int) -> None:
    """Stress is in quarters of an hour; a workout's day is that of its local start."""
    person = _person(*traits)
    for day in _documents(person, "daily_stress", back):
        for name in ("stress_high", "recovery_high"):
            assert day.get(name) is None or day[name] % 900 == 0
    for workout in _documents(person, "workout", back):
        assert workout.get("label") is None
        assert workout["day"] == workout["start_datetime"][:10]


@settings(max_examples=25, deadline=None)
@given(people, st.integers(2, 100))
def test_heart_rate(traits: tuple[str, int, str], back: int) -> None:
    """Rows are in order, plausible, and five seconds apart in workouts."""
    day: date = (NOW - timedelta(days=back)).date()
    rows = _person(*traits).rows("heartrate", day)
    assert list(rows) == sorted(rows)
    assert all(30 < row.bpm < 220 for row in rows)
    in_workouts = [row.at for row in rows if row.source == "workout"]
    gaps = [later - earlier for earlier, later in pairwise(in_workouts)]
    assert all(gap == 5000 or gap > 60_000 for gap in gaps)


def test_a_day_has_about_twelve_hundred_rows() -> None:
    """A day has more than one page of rows, as on the live service."""
    person = _person("UTC", 1, "regular")
    counts = [
        len(person.rows("heartrate", (NOW - timedelta(days=back)).date())) for back in range(2, 62)
    ]
    assert 1000 < sum(counts) / len(counts) < 1500


def test_seven_charges_in_a_month() -> None:
    """The battery is charged five to eight times in a month and stays between 0 and 100 percent."""
    person = _person("UTC", 2, "regular")
    rows = [
        row
        for back in range(40, 9, -1)
        for row in person.rows("ring_battery_level", (NOW - timedelta(days=back)).date())
    ]
    assert all(0 <= row.level <= 100 for row in rows)
    charged_days = {row.at // 86_400_000 for row in rows if row.charging}
    assert 5 <= len(charged_days) <= 8

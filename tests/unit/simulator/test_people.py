"""Everybody is who the README says, and their truth is what the API says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from annulet.simulator import SimulatedOura
from annulet.simulator.world.person import Person

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ZONES = [
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/St_Johns",
    "UTC",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
]


def _nights(person: Person, first: datetime) -> dict[str, dict[str, object]]:
    found = person.documents("sleep", first, NOW)
    return {item.data["day"]: item.data for item in found if item.data["type"] == "long_sleep"}


@pytest.mark.parametrize("zone", ZONES)
def test_last_night_is_there_in_every_zone(zone: str) -> None:
    """Last night and the thirty before it are there, whatever the zone and the hour."""
    for hour in (0, 5, 11, 17, 22):
        now = datetime(2026, 5, 20, hour, 20, tzinfo=UTC)
        cloud = SimulatedOura([], now)
        truth = cloud.add_person("anna", zone, 60, 3).truth
        wanted = [truth.today - timedelta(days=back) for back in range(31)]
        assert not set(wanted) - set(truth.nights)


@pytest.mark.parametrize(
    ("now", "change"),
    [
        (datetime(2026, 4, 4, 12, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_nights_are_whole_across_the_change_of_the_clocks(now: datetime, change: date) -> None:
    """The night of the change carries both offsets, and its duration is real time."""
    cloud = SimulatedOura([], now)
    person = cloud.add_person("anna", "Europe/Berlin", 40, 3)
    night = person.truth.nights[change]
    assert night.start.utcoffset() != night.end.utcoffset()
    [document] = [
        item.data
        for item in person.documents("sleep", now - timedelta(days=30), now)
        if item.data["day"] == change.isoformat() and item.data["type"] == "long_sleep"
    ]
    start = datetime.fromisoformat(document["bedtime_start"])
    end = datetime.fromisoformat(document["bedtime_end"])
    assert (end - start).total_seconds() == document["time_in_bed"]


def test_plain_has_what_is_planted(cloud: SimulatedOura) -> None:
    """The fevers, the alcohol nights with their tags, the rise of HRV."""
    truth = cloud.people["plain"].truth
    fever = truth.illness[-1]
    assert (truth.today - fever.start).days == 24
    worst = truth.day(fever.start + timedelta(days=3))
    assert worst.temperature_deviation is not None
    assert worst.temperature_deviation > 0.5
    tagged = {
        tag.start.date() + timedelta(days=1)
        for tag in truth.tags(truth.first_day, truth.today)
        if tag.code == "tag_generic_alcohol"
    }
    assert tagged == set(truth.alcohol_nights)
    assert truth.hrv_rise_per_week == 1.2


def test_the_planted_rise_of_hrv_can_be_measured(cloud: SimulatedOura) -> None:
    """A straight line through the last ninety nights has about the planted slope."""
    truth = cloud.people["plain"].truth
    points = [
        ((day - truth.today).days, night.hrv)
        for day, night in truth.nights.items()
        if (truth.today - day).days < 90
    ]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum(
        (x - mean_x) ** 2 for x, _ in points
    )
    assert 0.8 < 7 * slope < 1.6


def test_the_traveller_is_elsewhere_on_some_days() -> None:
    """Documents carry the offset of the place where the person was."""
    person = SimulatedOura(["traveller"], NOW).people["traveller"]
    offsets = {night["bedtime_end"][-6:] for night in _nights(person, LONG_AGO).values()}
    assert {"+01:00", "+02:00", "+09:00", "-04:00"} <= offsets


def test_the_far_east_falls_asleep_after_midnight() -> None:
    """In Auckland the night begins on its own local day, and the day before in UTC."""
    person = SimulatedOura(["fareast"], NOW).people["fareast"]
    nights = person.truth.nights
    late = [n for n in nights.values() if n.start.date() == n.day]
    assert len(late) > 0.9 * len(nights)
    assert all(n.start.astimezone(UTC).date() < n.day for n in late)


def test_the_day_sleeper_sleeps_twice_a_day() -> None:
    """Two sleeps by day, and now and then one that ends after 18:00 and counts for the next."""
    person = SimulatedOura(["shift"], NOW).people["shift"]
    truth = person.truth
    kinds = [
        [sleep.kind for sleep in truth.sleeps(truth.today - timedelta(days=back))]
        for back in range(1, 60)
    ]
    assert kinds.count(["long_sleep", "sleep"]) > 30
    assert [] in kinds
    assert ["long_sleep", "long_sleep", "sleep"] in kinds


def test_the_sparse_one_has_holes_and_surprises(cloud: SimulatedOura) -> None:
    """Every kind of hole and surprise the contract knows."""
    person = cloud.people["sparse"]
    sleeps = [item.data for item in person.documents("sleep", LONG_AGO, NOW)]
    kinds = {sleep.get("type") for sleep in sleeps}
    assert {"rest", "deleted", "power_nap", "long_sleep", "sleep"} <= kinds
    assert any(sleep["bedtime_end"] is None for sleep in sleeps)
    assert any(sleep.get("heart_rate") is None for sleep in sleeps)
    assert any("measure_of_tomorrow" in sleep for sleep in sleeps)
    scores = [item.data for item in person.documents("daily_sleep", LONG_AGO, NOW)]
    assert any(score.get("score") is None for score in scores)
    oxygen = [item.data for item in person.documents("daily_spo2", LONG_AGO, NOW)]
    assert {"average": None} in [item.get("spo2_percentage") for item in oxygen]
    ages = person.documents("daily_cardiovascular_age", LONG_AGO, NOW)
    assert any("id" not in item.data for item in ages)
    truth = person.truth
    assert len(truth.nights) < (truth.today - truth.first_day).days - 20


def test_an_unfinished_sleep_disappears(cloud: SimulatedOura) -> None:
    """A sleep that never got an end is there at first and gone a day later."""
    person = cloud.people["sparse"]

    def unfinished() -> list[object]:
        found = person.documents("sleep", NOW - timedelta(days=1), NOW)
        return [item for item in found if item.data["bedtime_end"] is None]

    assert len(unfinished()) == 1
    cloud.clock.advance(timedelta(days=1))
    assert unfinished() == []


def test_five_years_and_two_rings() -> None:
    """The current ring is the one set up last, which is not the first in the list."""
    person = SimulatedOura(["longtime"], NOW).people["longtime"]
    rings = [item.data for item in person.rings()]
    newest = max(rings, key=lambda ring: str(ring["set_up_at"]))
    assert len(rings) == 2
    assert newest["hardware_type"] == person.truth.ring.hardware_type == "or5"
    assert (person.truth.today - person.truth.first_day).days == 5 * 365
    old = person.documents("daily_sleep", LONG_AGO, NOW - timedelta(days=1500))
    assert old
    assert all(item.data["timestamp"][-6:] in {"+10:00", "+11:00"} for item in old)


def test_six_days_of_data(cloud: SimulatedOura) -> None:
    """The newcomer has six nights and nothing before."""
    truth = cloud.people["newcomer"].truth
    assert len(truth.nights) == 6
    assert (truth.today - truth.first_day).days == 5


def test_a_ring_that_has_not_synced() -> None:
    """Nothing after the last sync is there, and the nights before it are."""
    truth = SimulatedOura(["unsynced"], NOW).people["unsynced"].truth
    today = NOW.date()
    assert max(truth.nights) == today - timedelta(days=3)
    assert truth.heartrate(NOW - timedelta(days=2), NOW) == []


def test_the_order_of_questions_does_not_matter() -> None:
    """Two clouds asked in another order say the same."""
    one = SimulatedOura(["plain"], NOW).people["plain"]
    two = SimulatedOura(["plain"], NOW).people["plain"]
    late = NOW - timedelta(days=3)
    first = [item.data for item in one.documents("sleep", late, NOW)]
    for back in (300, 20, 100):
        two.documents("sleep", NOW - timedelta(days=back + 2), NOW - timedelta(days=back))
        two.rows("heartrate", (NOW - timedelta(days=back)).date())
    assert [item.data for item in two.documents("sleep", late, NOW)] == first
    assert one.rows("heartrate", late.date()) == two.rows("heartrate", late.date())


def test_threads_may_ask_at_once() -> None:
    """Test and server ask from different threads and get the same people."""
    alone = SimulatedOura(["plain"], NOW).people["plain"].truth.nights
    truth = SimulatedOura(["plain"], NOW).people["plain"].truth
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: truth.nights, range(4)))
    assert all(nights == alone for nights in found)


def test_another_seed_gives_other_people() -> None:
    """A seed changes the figures and not the kind of person."""
    one = SimulatedOura(["plain"], NOW).people["plain"].truth
    two = SimulatedOura(["plain"], NOW, seed=1).people["plain"].truth
    assert [n.hrv for n in one.nights.values()] != [n.hrv for n in two.nights.values()]
    assert one.alcohol_nights == two.alcohol_nights


def test_the_past_stays_when_time_goes_on(cloud: SimulatedOura) -> None:
    """A new day adds a night and changes none."""
    truth = cloud.people["plain"].truth
    before = truth.nights
    cloud.clock.advance(timedelta(days=2))
    after = truth.nights
    assert {day: after[day] for day in before} == before
    assert len(after) == len(before) + 2

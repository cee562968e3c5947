"""The demo people are as the README says, and their truth is what the API says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

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
    sleeps = [document.data for document in person.documents("sleep", first, NOW)]
    return {sleep["day"]: sleep for sleep in sleeps if sleep["type"] == "long_sleep"}


def data(person: Person, collection: str) -> list[dict]:
    """Every document of a collection."""
    return [document.data for document in person.documents(collection, LONG_AGO, NOW)]


def test_last_night_is_known_in_every_zone() -> None:
    """Last night and the thirty before it are known in every zone at every hour."""
    for zone in ZONES:
        for hour in (0, 5, 11, 17, 22):
            cloud = SimulatedOura([], datetime(2026, 5, 20, hour, 20, tzinfo=UTC))
            truth = cloud.add_person("anna", zone, 60, 3).truth
            expected = {truth.today - timedelta(days=back) for back in range(31)}
            assert expected <= set(truth.nights), (zone, hour)


def test_nights_across_a_clock_change() -> None:
    """A night with a clock change carries both offsets, and its duration is elapsed time."""
    for now, change in (
        (datetime(2026, 4, 4, 12, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), date(2026, 10, 25)),
    ):
        person = SimulatedOura([], now).add_person("anna", "Europe/Berlin", 40, 3)
        [night] = [
            document.data
            for document in person.documents("sleep", now - timedelta(days=30), now)
            if document.data["day"] == change.isoformat() and document.data["type"] == "long_sleep"
        ]
        start = datetime.fromisoformat(night["bedtime_start"])
        end = datetime.fromisoformat(night["bedtime_end"])
        assert start.utcoffset() != end.utcoffset()
        assert (end - start).total_seconds() == night["time_in_bed"]


def test_plain_has_what_is_planned(cloud: SimulatedOura) -> None:
    """``plain`` has the fevers, the alcohol nights with their tags and the rise of HRV."""
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


def test_the_planned_rise_of_hrv_can_be_measured(cloud: SimulatedOura) -> None:
    """A straight line through the last ninety nights has about the planned slope."""
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
    """Documents carry the offset of the zone where the person was."""
    person = SimulatedOura(["traveller"], NOW).people["traveller"]
    offsets = {night["bedtime_end"][-6:] for night in _nights(person, LONG_AGO).values()}
    assert {"+01:00", "+02:00", "+09:00", "-04:00"} <= offsets


def test_the_far_east_falls_asleep_after_midnight() -> None:
    """In Auckland the night begins on its own local day, and the day before in UTC."""
    person = SimulatedOura(["fareast"], NOW).people["fareast"]
    nights = person.truth.nights
    late = [night for night in nights.values() if night.start.date() == night.day]
    assert len(late) > 0.9 * len(nights)
    assert all(night.start.astimezone(UTC).date() < night.day for night in late)


def test_the_day_sleeper_sleeps_twice_a_day() -> None:
    """Most days have two sleeps; a sleep that ends after 18:00 counts for the next day."""
    person = SimulatedOura(["shift"], NOW).people["shift"]
    truth = person.truth
    kinds = [
        [sleep.kind for sleep in truth.sleeps(truth.today - timedelta(days=back))]
        for back in range(1, 60)
    ]
    assert kinds.count(["long_sleep", "sleep"]) > 30
    assert [] in kinds
    assert ["long_sleep", "long_sleep", "sleep"] in kinds


def test_sparse_has_unusual_documents(cloud: SimulatedOura) -> None:
    """``sparse`` has every unusual kind of document that the README names."""
    person = cloud.people["sparse"]
    sleeps = data(person, "sleep")
    kinds = {sleep.get("type") for sleep in sleeps}
    assert {"rest", "deleted", "power_nap", "long_sleep", "sleep"} <= kinds
    assert any(sleep["bedtime_end"] is None for sleep in sleeps)
    assert any(sleep.get("heart_rate") is None for sleep in sleeps)
    assert any("measure_of_tomorrow" in sleep for sleep in sleeps)
    scores = data(person, "daily_sleep")
    assert any(score.get("score") is None for score in scores)
    spo2 = data(person, "daily_spo2")
    assert {"average": None} in [document.get("spo2_percentage") for document in spo2]
    assert any("id" not in document for document in data(person, "daily_cardiovascular_age"))
    truth = person.truth
    assert len(truth.nights) < (truth.today - truth.first_day).days - 20


def test_an_unfinished_sleep_disappears(cloud: SimulatedOura) -> None:
    """A sleep without an end disappears after a day."""
    person = cloud.people["sparse"]

    def unfinished() -> list[object]:
        sleeps = person.documents("sleep", NOW - timedelta(days=1), NOW)
        return [sleep for sleep in sleeps if sleep.data["bedtime_end"] is None]

    assert len(unfinished()) == 1
    cloud.clock.advance(timedelta(days=1))
    assert unfinished() == []


def test_five_years_and_two_rings() -> None:
    """The ring in use is the one set up last, which is not the first in the list."""
    person = SimulatedOura(["longtime"], NOW).people["longtime"]
    rings = [document.data for document in person.rings()]
    newest = max(rings, key=lambda ring: str(ring["set_up_at"]))
    assert len(rings) == 2
    assert newest["hardware_type"] == person.truth.ring.hardware_type == "or5"
    assert (person.truth.today - person.truth.first_day).days == 5 * 365
    old = person.documents("daily_sleep", LONG_AGO, NOW - timedelta(days=1500))
    assert {score.data["timestamp"][-6:] for score in old} == {"+10:00", "+11:00"}


def test_six_days_of_data(cloud: SimulatedOura) -> None:
    """The newcomer has six nights, one for each day."""
    truth = cloud.people["newcomer"].truth
    assert len(truth.nights) == 6
    assert (truth.today - truth.first_day).days == 5


def test_a_ring_that_has_not_synced() -> None:
    """The nights up to the last sync are known, and nothing after it."""
    truth = SimulatedOura(["unsynced"], NOW).people["unsynced"].truth
    today = NOW.date()
    assert max(truth.nights) == today - timedelta(days=3)
    assert truth.heartrate(NOW - timedelta(days=2), NOW) == []


def test_the_order_of_requests_does_not_matter() -> None:
    """Requests in another order get the same documents and rows."""
    ordered = SimulatedOura(["plain"], NOW).people["plain"]
    shuffled = SimulatedOura(["plain"], NOW).people["plain"]
    late = NOW - timedelta(days=3)
    expected = [document.data for document in ordered.documents("sleep", late, NOW)]
    for back in (300, 20, 100):
        shuffled.documents("sleep", NOW - timedelta(days=back + 2), NOW - timedelta(days=back))
        shuffled.rows("heartrate", (NOW - timedelta(days=back)).date())
    assert [document.data for document in shuffled.documents("sleep", late, NOW)] == expected
    assert ordered.rows("heartrate", late.date()) == shuffled.rows("heartrate", late.date())


def test_requests_from_several_threads() -> None:
    """Several threads at once get the same nights as one."""
    expected = SimulatedOura(["plain"], NOW).people["plain"].truth.nights
    truth = SimulatedOura(["plain"], NOW).people["plain"].truth
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: truth.nights, range(4)))
    assert all(nights == expected for nights in results)


def test_another_seed_gives_other_people() -> None:
    """Another seed changes the measured values and keeps the planned episodes."""
    first = SimulatedOura(["plain"], NOW).people["plain"].truth
    second = SimulatedOura(["plain"], NOW, seed=1).people["plain"].truth
    assert {night.hrv for night in first.nights.values()} != {
        night.hrv for night in second.nights.values()
    }
    assert first.alcohol_nights == second.alcohol_nights


def test_the_past_does_not_change(cloud: SimulatedOura) -> None:
    """A new day adds a night and changes none."""
    truth = cloud.people["plain"].truth
    before = truth.nights
    cloud.clock.advance(timedelta(days=2))
    after = truth.nights
    assert {day: after[day] for day in before} == before
    assert len(after) == len(before) + 2

"""A date in a query means 00:00 UTC of that day and is compared with each record's key instant."""

from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from annulet.contract.collections import COLLECTIONS, Query
from annulet.simulator import SimulatedOura
from annulet.simulator.world.person import Person

NOW = datetime(2026, 5, 20, 23, 30, tzinfo=UTC)
DAY = date(2026, 5, 12)
FAR = datetime(2026, 1, 1, tzinfo=UTC)


async def _days(cloud: SimulatedOura, person: str, collection: str, a: date, b: date) -> list[str]:
    transport = httpx2.ASGITransport(app=cloud.app)
    headers = {"authorization": f"Bearer {cloud.issue_token(person)}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://oura.test") as http:
        answer = await http.get(
            f"/v2/usercollection/{collection}",
            params={"start_date": a.isoformat(), "end_date": b.isoformat()},
            headers=headers,
        )
    field = COLLECTIONS[collection].day
    return [item[field] for item in answer.json()["data"]]


def _cloud(zone: str, **traits: object) -> tuple[SimulatedOura, Person]:
    cloud = SimulatedOura([], NOW)
    return cloud, cloud.add_person("anna", zone, 60, 7, naps=0.0, **traits)


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize(
    "collection", ["daily_sleep", "daily_readiness", "daily_stress", "daily_spo2", "sleep_time"]
)
async def test_scores_are_found_by_their_own_day(zone: str, collection: str) -> None:
    """A single day finds the scores of that day in every zone."""
    cloud, _ = _cloud(zone)
    assert await _days(cloud, "anna", collection, DAY, DAY) == [DAY.isoformat()]


@pytest.mark.parametrize(
    ("zone", "before", "after"), [("Europe/Berlin", 0, 1), ("Asia/Tokyo", 1, 0)]
)
async def test_activity_is_found_by_four_in_the_morning_local(
    zone: str, before: int, after: int
) -> None:
    """The activity of a day is not found by that day alone, but with one day more on one side."""
    cloud, _ = _cloud(zone)
    first, last = DAY - timedelta(days=before), DAY + timedelta(days=after)
    assert await _days(cloud, "anna", "daily_activity", DAY, DAY) == []
    assert await _days(cloud, "anna", "daily_activity", first, last) == [DAY.isoformat()]


async def test_a_night_west_of_greenwich_begins_after_midnight_utc() -> None:
    """At -05:00 a night is found with the day after, not with the day before."""
    cloud, _ = _cloud("America/Bogota", bedtime=-2.4, bedtime_sd=0.1)
    assert await _days(cloud, "anna", "sleep", DAY, DAY) == []
    assert DAY.isoformat() in await _days(cloud, "anna", "sleep", DAY, DAY + timedelta(days=1))
    assert DAY.isoformat() not in await _days(cloud, "anna", "sleep", DAY - timedelta(days=1), DAY)


async def test_a_night_east_of_greenwich_begins_the_day_before() -> None:
    """At +02:00 a night is found with the day before, not with the days after."""
    cloud, _ = _cloud("Europe/Helsinki", bedtime=-0.8, bedtime_sd=0.1)
    assert DAY.isoformat() in await _days(cloud, "anna", "sleep", DAY - timedelta(days=1), DAY)
    later = await _days(cloud, "anna", "sleep", DAY, DAY + timedelta(days=2))
    assert DAY.isoformat() not in later


@pytest.mark.parametrize("person", ["plain", "traveller", "fareast", "shift", "sparse"])
async def test_every_collection_follows_the_rule(person: str) -> None:
    """A range gives exactly the documents whose key instant lies in it, oldest first."""
    cloud = SimulatedOura([person], NOW)
    first, last = date(2026, 5, 3), date(2026, 5, 14)
    low = datetime(2026, 5, 3, tzinfo=UTC)
    high = datetime(2026, 5, 14, tzinfo=UTC)
    for name, collection in COLLECTIONS.items():
        if collection.query is not Query.DAY:
            continue
        known = cloud.people[person].documents(name, FAR, NOW)
        wanted = [item.data[collection.day] for item in known if low <= item.key <= high]
        assert await _days(cloud, person, name, first, last) == wanted
        assert [item.key for item in known] == sorted(item.key for item in known)

"""A date in a query is 00:00 UTC of that day, compared with each document's key instant."""

from datetime import UTC, date, datetime, timedelta

import httpx2

from annulet.contract.collections import COLLECTIONS, Query
from annulet.simulator import SimulatedOura

NOW = datetime(2026, 5, 20, 23, 30, tzinfo=UTC)
DAY = date(2026, 5, 12)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def days(
    cloud: SimulatedOura, person: str, collection: str, before: int = 0, after: int = 0
) -> list[str]:
    """The days of the documents from so many days before ``DAY`` to so many after."""
    transport = httpx2.ASGITransport(app=cloud.app)
    headers = {"authorization": f"Bearer {cloud.issue_token(person)}"}
    query = {
        "start_date": (DAY - timedelta(days=before)).isoformat(),
        "end_date": (DAY + timedelta(days=after)).isoformat(),
    }
    async with httpx2.AsyncClient(transport=transport, base_url="http://oura.test") as http:
        answer = await http.get(f"/v2/usercollection/{collection}", params=query, headers=headers)
    return [document[COLLECTIONS[collection].day] for document in answer.json()["data"]]


def cloud_in(zone: str, **traits: object) -> SimulatedOura:
    cloud = SimulatedOura([], NOW)
    cloud.add_person("anna", zone, 60, 7, naps=0.0, **traits)
    return cloud


async def test_scores_are_found_by_their_own_day() -> None:
    """A single day finds the scores of that day in every zone."""
    for zone in ("Pacific/Honolulu", "UTC", "Pacific/Kiritimati"):
        cloud = cloud_in(zone)
        for name in ("daily_sleep", "daily_readiness", "daily_stress", "daily_spo2", "sleep_time"):
            assert await days(cloud, "anna", name) == [DAY.isoformat()], (zone, name)


async def test_activity_is_found_by_four_in_the_morning_local() -> None:
    """East of Greenwich a day's activity is found with the day before, else with the day after."""
    for zone, before, after in (("Europe/Berlin", 0, 1), ("Asia/Tokyo", 1, 0)):
        cloud = cloud_in(zone)
        assert await days(cloud, "anna", "daily_activity") == []
        assert await days(cloud, "anna", "daily_activity", before, after) == [DAY.isoformat()]


async def test_a_night_west_of_greenwich_begins_after_midnight_utc() -> None:
    """At -05:00 a night is found with the day after, not with the day before."""
    cloud = cloud_in("America/Bogota", bedtime=-2.4, bedtime_sd=0.1)
    assert await days(cloud, "anna", "sleep") == []
    assert DAY.isoformat() in await days(cloud, "anna", "sleep", after=1)
    assert DAY.isoformat() not in await days(cloud, "anna", "sleep", before=1)


async def test_a_night_east_of_greenwich_begins_the_day_before() -> None:
    """At +02:00 a night is found with the day before, not with the days after."""
    cloud = cloud_in("Europe/Helsinki", bedtime=-0.8, bedtime_sd=0.1)
    assert DAY.isoformat() in await days(cloud, "anna", "sleep", before=1)
    assert DAY.isoformat() not in await days(cloud, "anna", "sleep", after=2)


async def test_every_collection_follows_the_rule() -> None:
    """A range gives exactly the documents whose key instant lies in it, oldest first."""
    names = ["plain", "traveller", "fareast", "shift", "sparse"]
    cloud = SimulatedOura(names, NOW)
    low, high = datetime(2026, 5, 3, tzinfo=UTC), datetime(2026, 5, 14, tzinfo=UTC)
    for person in names:
        for name, collection in COLLECTIONS.items():
            if collection.query is Query.DAY:
                documents = cloud.people[person].documents(name, LONG_AGO, NOW)
                keys = [document.key for document in documents]
                assert keys == sorted(keys)
                in_range = [document for document in documents if low <= document.key <= high]
                expected = [document.data[collection.day] for document in in_range]
                assert await days(cloud, person, name, 9, 2) == expected, (person, name)

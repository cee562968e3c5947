"""Only what is needed is asked for, and never less than the question needs."""

from datetime import UTC, date, datetime

import httpx2
import pytest

from annulet.errors import UsageError

DAY = date(2026, 5, 6)
NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("daily_sleep", "score", "day,score"),
        ("sleep", "average_hrv", "average_hrv,day"),
        ("sleep", "lowest_heart_rate", "average_heart_rate,day,lowest_heart_rate"),
        ("workout", "end_datetime", "day,end_datetime,start_datetime"),
        # What decides whether steps were counted needs nothing beside it.
        ("daily_activity", "steps", "active_calories,day,non_wear_time,score,steps"),
        ("daily_stress", "stress_high", "day,day_summary,recovery_high,stress_high"),
        ("rest_mode_period", "episodes", "end_day,end_time,episodes,start_day"),
        ("daily_resilience", "level", None),
        ("enhanced_tag", "comment", None),
        ("tag", "text", None),
    ],
)
async def test_fields_carry_the_day_and_go_only_where_they_help(
    oura, connect, name, field, expected
):
    """The day is always among the fields; where Oura ignores the choice none is sent."""
    async with connect() as client:
        await client.collection(name, DAY, DAY, fields=[field])
    assert oura.asked[0].get("fields") == expected


async def test_fields_of_series_carry_what_tells_samples_apart(oura, connect):
    """Instant and source are needed to keep each sample once."""
    async with connect() as client:
        await client.heartrate(NOON, NOON, fields=["bpm"])
        await client.ring_battery_level(NOON, NOON, fields=("level",))
        await client.ring_configuration(fields="size")
    assert [asked["fields"] for asked in oura.asked] == [
        "bpm,source,timestamp",
        "level,timestamp",
        "set_up_at,size",
    ]


async def test_no_fields_means_whole_documents(oura, connect):
    """Without a choice no parameter is sent."""
    async with connect() as client:
        await client.daily_activity(DAY, DAY)
    assert "fields" not in oura.asked[0]


async def test_a_choice_that_loses_the_day_is_taken_back(oura, connect):
    """Where the day does not come back, whole documents are asked for, once."""
    oura.script = [
        httpx2.Response(200, json={"data": [{"id": "a", "score": 80}], "next_token": None}),
        httpx2.Response(
            200, json={"data": [{"id": "a", "score": 80, "day": "2026-05-06"}], "next_token": None}
        ),
    ]
    async with connect() as client:
        documents = await client.daily_sleep(DAY, DAY, fields=["score"])
        assert [document.score for document in documents] == [80]
        await client.daily_sleep(DAY, DAY, fields=["contributors"])
    assert [asked.get("fields") for asked in oura.asked] == ["day,score", None]


async def test_whole_documents_instead_of_fields_are_as_good(oura, connect):
    """A server that ignores the choice answers the question all the same."""
    oura.stock["daily_sleep"] = [{"id": "a", "day": "2026-05-06", "score": 80, "contributors": {}}]
    async with connect() as client:
        assert (await client.daily_sleep(DAY, DAY, fields=["score"]))[0].score == 80


@pytest.mark.parametrize("name", ["sleep", "enhanced_tag"])
async def test_an_unknown_field_is_refused_before_anything_is_asked(oura, connect, name):
    """A slip is told with the nearest names, also where Oura takes no notice of a choice."""
    async with connect() as client:
        with pytest.raises(UsageError, match="no field “coment”") as refused:
            await client.collection(name, DAY, DAY, fields=["day", "coment"])
    near = "comment" if name == "enhanced_tag" else "movement_30_sec"
    assert f"Did you mean {near}" in str(refused.value)
    assert oura.asked == []

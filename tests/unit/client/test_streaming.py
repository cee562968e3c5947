"""Export: raw, complete, once, in windows."""

from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from annulet.errors import OuraUnavailable, UsageError

DAY = date(2026, 5, 6)


@pytest.mark.parametrize(("name", "longest"), [("daily_activity", 30), ("daily_sleep", 180)])
async def test_days_come_raw_once_and_in_order(oura, connect, name, longest):
    """Every document exactly as Oura sent it, window after window."""
    oura.by_date_rule = True
    days = [DAY - timedelta(days=n) for n in reversed(range(400))]
    oura.stock[name] = [
        {"id": f"{d}", "day": f"{d}", "timestamp": f"{d}T00:00:00Z", "new": None} for d in days
    ]
    async with connect() as client:
        batches = [batch async for batch in client.stream(name, days[5], days[-3])]
    assert [row for batch in batches for row in batch.rows] == oura.stock[name][5:-2]
    assert [batch.done for batch in batches] == list(range(1, batches[0].windows + 1))
    assert batches[-1].through == days[-3]
    assert max(len(batch.rows) for batch in batches) == longest


async def test_series_come_raw_once_and_in_order(oura, connect):
    """Samples at the border of two windows belong to one of them."""
    start = datetime(2026, 5, 1, tzinfo=UTC)
    oura.by_date_rule = True
    oura.stock["heartrate"] = [
        {"timestamp": (start + timedelta(hours=n)).isoformat(), "bpm": 60, "source": "rest"}
        for n in range(24 * 12)
    ]
    async with connect() as client:
        end = start + timedelta(days=10)
        batches = [batch async for batch in client.stream("heartrate", start, end)]
    assert [row for batch in batches for row in batch.rows] == oura.stock["heartrate"][:241]
    assert [batch.windows for batch in batches] == [2, 2]
    assert batches[-1].through == end


async def test_what_spans_windows_comes_once(oura, connect):
    """Rest mode over three months is one document of an export."""
    oura.stock["rest_mode_period"] = [
        {"id": "long", "start_day": "2026-01-15", "end_day": "2026-04-20"},
        {"id": "short", "start_day": "2026-04-25", "end_day": "2026-04-26"},
    ]
    async with connect() as client:
        rows = [
            row["id"]
            async for batch in client.stream("rest_mode_period", date(2026, 2, 1), DAY)
            for row in batch.rows
        ]
    assert rows == ["long", "short"]


@pytest.mark.parametrize("identifier", ["same", "", None])
async def test_documents_with_one_id_are_all_exported(oura, connect, identifier):
    """Tags over months, although each window is asked with a wide margin."""
    days = [DAY - timedelta(days=n) for n in reversed(range(400))]
    oura.stock["enhanced_tag"] = [
        {"id": identifier, "start_day": f"{d}", "start_time": f"{d}T09:00:00"} for d in days
    ]
    async with connect() as client:
        batches = [batch async for batch in client.stream("enhanced_tag", days[0], days[-1])]
    assert [row for batch in batches for row in batch.rows] == oura.stock["enhanced_tag"]


async def test_collections_without_ranges_come_at_once(oura, connect):
    """Rings and the profile are one batch each."""
    oura.stock["ring_configuration"] = [{"id": "r"}]
    oura.stock["personal_info"] = [{"id": "p", "age": 40}]
    async with connect() as client:
        for name in ("ring_configuration", "personal_info"):
            batches = [batch async for batch in client.stream(name)]
            assert [batch.rows for batch in batches] == [oura.stock[name]]


async def test_a_failing_window_ends_the_export_with_an_error(oura, connect):
    """The batches before it stand; no window is left out without an error."""
    oura.script = [oura.serve, *[httpx2.Response(500)] * 9]
    async with connect() as client:
        export = client.stream("sleep", DAY - timedelta(days=80), DAY)
        assert (await anext(export)).done == 1
        with pytest.raises(OuraUnavailable):
            await anext(export)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("daily_sleep", None, None),
        ("heartrate", DAY, DAY),
        ("daily_sleep", DAY, DAY - timedelta(days=1)),
        ("moods", DAY, DAY),
    ],
)
async def test_a_range_that_does_not_fit_is_refused(connect, oura, name, start, end):
    """Nothing is asked for a range that makes no sense."""
    async with connect() as client:
        with pytest.raises(UsageError):
            await anext(client.stream(name, start, end))
    assert oura.requests == []

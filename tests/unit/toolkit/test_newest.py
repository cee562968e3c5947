"""What is the newest of a ring: its last sync, its battery, the ring itself."""

from tests.unit.toolkit.people import TODAY
from tests.unit.toolkit.raw_oura import RawOura, activity, ago, cells, night, notes

OLD_BATTERY = [{"timestamp": f"{ago(4)}T20:00:00+00:00", "level": 40}]
RING = {"id": "r", "hardware_type": "gen4", "set_up_at": "2025-01-01T10:00:00+00:00"}


async def test_an_old_battery_row_is_no_old_sync():
    """Last night was synced: nothing else is claimed, by any tool."""
    oura = RawOura(sleep=[night()], ring_battery_level=OLD_BATTERY, ring_configuration=[RING])
    answer = await oura.answer("oura_device")
    assert answer["battery_pct"] == 40
    assert "The battery was read on 2026-05-16 22:00; the ring has synced since" in notes(answer)
    assert "open the Oura app" not in notes(answer)
    answer = await oura.answer("oura_permissions")
    assert answer["last_sync"] == "2026-05-20T07:00+02:00"
    answer = await oura.answer("oura_intraday", start="today")
    assert "2026-05-16" not in notes(answer)


async def test_activity_of_yesterday_was_synced_yesterday_at_least():
    """A day with steps is a sign of life; a day without any is none."""
    oura = RawOura(daily_activity=[activity(ago(1)), activity(steps=0)])
    answer = await oura.answer("oura_permissions")
    assert answer["last_sync"] == "2026-05-19T04:00+02:00"


async def test_a_battery_row_that_is_the_newest_of_all_is_the_last_sync():
    """Then the ring has really not synced since."""
    oura = RawOura(ring_battery_level=OLD_BATTERY, ring_configuration=[RING], sleep=[night(ago(5))])
    answer = await oura.answer("oura_device")
    assert "your ring has not synced since: open the Oura app." in notes(answer)


async def test_a_ring_of_the_future_is_not_the_current_one():
    """It is left out with a note, and begins no time of its own."""
    future = {"id": "f", "hardware_type": "or5", "set_up_at": "2031-01-01T10:00:00Z"}
    oura = RawOura(ring_configuration=[RING, future], sleep=[night()])
    answer = await oura.answer("oura_device")
    assert answer["summary"].startswith("Oura Ring 4")
    assert "1 ring with a set-up date in the future left out." in answer["notes"]
    answer = await oura.answer("oura_query", metrics=["hrv_avg_ms"], by="ring", start=f"{TODAY}")
    assert [next(iter(row.values())) for row in cells(answer)] == ["gen4 since 2025-01-01"]

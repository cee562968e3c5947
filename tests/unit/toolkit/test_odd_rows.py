"""Rows that are odd as a whole: shared ids, no documents among them, nights without figures."""

import json

import pytest

from tests.unit.toolkit.people import TODAY
from tests.unit.toolkit.raw_oura import RawOura, ago, cells, night, notes

FIGURES = ("total_sleep_duration", "deep_sleep_duration", "light_sleep_duration")
MORE_FIGURES = ("rem_sleep_duration", "awake_time", "efficiency", "average_hrv")
NO_FIGURES = dict.fromkeys((*FIGURES, *MORE_FIGURES))


@pytest.mark.parametrize("identifier", ["0", "", None, 7])
async def test_an_id_that_all_documents_share_hides_no_day(identifier):
    """Nights are told apart by their day and start as well."""
    oura = RawOura(sleep=[night(ago(n), id=identifier) for n in range(5)])
    answer = await oura.answer("oura_sleep_sessions", start="last 5 days")
    assert answer["coverage"]["with_data"] == 5
    assert len(answer["table"]["rows"]) == 5


@pytest.mark.parametrize("item", [None, "x", [], 5])
async def test_an_item_that_is_no_document_is_left_out_and_counted(item):
    """The night beside it is told."""
    answer = await RawOura(sleep=[item, night(), item]).answer("oura_sleep_sessions")
    assert answer["summary"].startswith("Last night (Wed 20 May): 7 h 12 min asleep")
    assert "2 of sleep" in notes(answer)


async def test_rows_that_cannot_be_dated_are_counted():
    """In a summary of the day, beside the section they are missing from."""
    undated = {"id": "u", "spo2_percentage": {"average": 96}}
    dated = {"id": "d", "day": f"{TODAY}", "spo2_percentage": {"average": 97}}
    oura = RawOura(sleep=[night()], daily_spo2=[undated, dated])
    answer = await oura.answer("oura_daily_summary", sections=["sleep", "spo2"])
    assert cells(answer)[0]["spo2_avg_pct"] == 97
    assert "1 of daily spo2" in notes(answer)


@pytest.mark.parametrize("hrv", ["NaN", "-Infinity", "1e999"])
async def test_a_number_that_is_none_spoils_only_itself(hrv):
    """The rest of the night, and the other nights, are told."""
    body = json.dumps({"data": [night(average_hrv="HRV"), night(ago(1))], "next_token": None})
    oura = RawOura(sleep=body.replace('"HRV"', hrv).encode())
    rows = cells(await oura.answer("oura_sleep_sessions", start="last 2 days"))
    assert [(row["total_sleep_min"], row["hrv_avg_ms"]) for row in rows] == [(432, 45), (432, None)]


async def test_a_byte_order_mark_is_skipped():
    """It is no part of the JSON that follows."""
    body = json.dumps({"data": [night()], "next_token": None}).encode()
    answer = await RawOura(sleep=b"\xef\xbb\xbf" + body).answer("oura_sleep_sessions")
    assert len(answer["table"]["rows"]) == 1


@pytest.mark.parametrize(("day", "when"), [(TODAY, "20 May"), (ago(1), "19 May")])
async def test_a_recorded_night_without_figures_is_not_denied(day, when):
    """Not "no night yet", and not "the ring was not worn"."""
    sleeps = [night(ago(n)) for n in range(6) if ago(n) != day]
    oura = RawOura(sleep=[*sleeps, night(day, **NO_FIGURES)])
    answer = await oura.answer("oura_daily_summary", start=f"{day}", sections=["sleep"])
    assert f"A night is recorded on {when}: its figures are missing at Oura." in answer["notes"]
    assert "worn" not in notes(answer)
    assert "no night" not in answer["summary"].lower()
    answer = await oura.answer("oura_trends", metrics=["total_sleep_min"], end=f"{day}")
    assert "its figures are missing" in notes(answer)


@pytest.mark.parametrize("end", [None, "garbage"])
async def test_a_night_without_day_and_end_is_placed_by_its_length(end):
    """Its start, its time in bed and its figures say all there is to know."""
    oura = RawOura(sleep=[{**night(), "day": None, "bedtime_end": end}])
    answer = await oura.answer("oura_sleep_sessions")
    assert answer["summary"].startswith("Last night (Wed 20 May): 7 h 12 min asleep, 23:00")
    daily = await oura.answer("oura_daily_summary", sections=["sleep"])
    assert "slept 7 h 12 min" in daily["summary"]


async def test_a_sleep_in_progress_has_no_end():
    """Oura sends no figures while it lasts, and so no end is made up."""
    oura = RawOura(sleep=[night(bedtime_end=None, **NO_FIGURES)])
    answer = await oura.answer("oura_sleep_sessions")
    assert answer["table"]["rows"] == []
    assert "still in progress" in notes(answer)


async def test_contradictions_are_counted_and_the_rest_is_told():
    """A night of 833 minutes in 480, and one with more deep sleep than sleep."""
    oura = RawOura(
        sleep=[
            night(ago(2), total_sleep_duration=50_000),
            night(ago(1), deep_sleep_duration=40_000, lowest_heart_rate=255),
            night(),
        ]
    )
    answer = await oura.answer("oura_sleep_sessions", start="last 3 days")
    told = [(r["total_sleep_min"], r["deep_min"], r["hr_lowest_bpm"]) for r in cells(answer)]
    assert told == [(None, 86, 52), (432, None, None), (432, 86, 52)]
    assert "1 night without a measurement of sleep time" in notes(answer)
    assert "1 night without a measurement of deep sleep" in notes(answer)
    assert "contradictory at Oura" in notes(answer)
    for tool, more in (("oura_trends", {}), ("oura_daily_summary", {"start": "last 3 days"})):
        answer = await oura.answer(tool, metrics=["total_sleep_min"], **more)
        assert "1 night without a measurement of sleep time" in notes(answer)


async def test_two_sleeps_of_one_day_are_no_contradiction():
    """The time in bed of a shift worker is no span from first to last."""
    morning = night(
        id="m",
        bedtime_start="2026-05-20T09:00:00+02:00",
        bedtime_end="2026-05-20T13:00:00+02:00",
        **dict.fromkeys(("deep_sleep_duration", "light_sleep_duration", "rem_sleep_duration")),
        time_in_bed=14_400,
        total_sleep_duration=12_000,
        awake_time=2_400,
        efficiency=83,
    )
    oura = RawOura(sleep=[night(), morning])
    answer = await oura.answer("oura_daily_summary", metrics=["total_sleep_min", "time_in_bed_min"])
    assert cells(answer) == [{"day": "2026-05-20", "total_sleep_min": 632, "time_in_bed_min": 720}]
    assert "contradicts" not in notes(answer)


async def test_a_night_in_utc_is_told_on_the_person_s_clock():
    """By sentences, rows and clock metrics."""
    utc = {"bedtime_start": "2026-05-19T21:00:00Z", "bedtime_end": "2026-05-20T05:00:00Z"}
    oura = RawOura(sleep=[night(**utc)])
    answer = await oura.answer("oura_sleep_sessions")
    assert "23:00 to 07:00" in answer["summary"]
    assert cells(answer)[0]["bedtime"] == "2026-05-19T23:00+02:00"
    answer = await oura.answer("oura_query", metrics=["bedtime"], start="today", list=True)
    assert "23:00" in answer["summary"]


async def test_a_series_without_an_offset_begins_with_its_night():
    """A local time stamp stands beside instants."""
    pulse = {"interval": 300.0, "items": [52, 54, 56], "timestamp": "2026-05-19T23:00:00"}
    answer = await RawOura(sleep=[night(heart_rate=pulse)]).answer(
        "oura_sleep_sessions", series=True
    )
    assert answer["series"][0]["hr_bpm"][0] == 54


async def test_one_night_under_two_ids_is_one_night():
    """The record with more sleep in it is told."""
    second = night(id="second", total_sleep_duration=20_000, efficiency=69, awake_time=8_800)
    oura = RawOura(sleep=[second, night(), night(ago(1))])
    answer = await oura.answer("oura_sleep_sessions", start="last 2 days")
    assert [row["total_sleep_min"] for row in cells(answer)] == [432, 432]
    answer = await oura.answer("oura_query", of="sleeps", start="last 2 days")
    assert answer["matched"]["rows"] == 2

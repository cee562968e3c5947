"""Each kind of odd document that people have reported, asked through the answers.

The documents are written from the reports: a plain person of forty days, and the one oddity.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annulet.client import OuraClient
from annulet.errors import NoDataError
from annulet.toolkit.answers import TOOLS, answer
from annulet.toolkit.context import Connection, Context, Zone

NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
TODAY = NOW.date()
DAYS = 40
Rows = list[dict[str, Any]]
Stock = dict[str, Rows]


def night(day: date, start: str = "23:00", minutes: int = 480, **fields: Any) -> dict[str, Any]:
    """A sleep that ends on a day; asleep for nine tenths of its time."""
    hour, minute = map(int, start.split(":"))
    evening = day - timedelta(days=1) if hour >= 18 else day
    begins = datetime(evening.year, evening.month, evening.day, hour, minute, tzinfo=UTC)
    asleep = minutes * 54
    return {
        "id": f"{day}-{start}",
        "day": day.isoformat(),
        "type": "long_sleep",
        "bedtime_start": begins.isoformat(),
        "bedtime_end": (begins + timedelta(minutes=minutes)).isoformat(),
        "time_in_bed": minutes * 60,
        "total_sleep_duration": asleep,
        "deep_sleep_duration": asleep // 4,
        "light_sleep_duration": asleep // 2,
        "rem_sleep_duration": asleep - asleep // 4 - asleep // 2,
        "awake_time": minutes * 6,
        "average_hrv": 45,
        "lowest_heart_rate": 52,
        "average_heart_rate": 57.5,
        "average_breath": 14.5,
        "efficiency": 90,
        "latency": 600,
        "restless_periods": 120,
        **fields,
    }


def made(day: date, name: str, **fields: Any) -> dict[str, Any]:
    """A daily document."""
    stamp = f"{day}T04:00:00+00:00"
    return {"id": f"{name}-{day}", "day": day.isoformat(), "timestamp": stamp, **fields}


def person() -> Stock:
    """Forty ordinary days up to today."""
    days = [TODAY - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    worn = {"non_wear_time": 600, "active_calories": 400, "total_calories": 2300}
    stress = {"stress_high": 3600, "recovery_high": 5400, "day_summary": "normal"}
    yesterday = datetime(2026, 5, 5, tzinfo=UTC)
    return {
        "sleep": [night(day) for day in days],
        "daily_sleep": [made(day, "s", score=80) for day in days],
        "daily_readiness": [made(day, "r", score=78, temperature_deviation=0.1) for day in days],
        "daily_activity": [made(day, "a", score=85, steps=9000, **worn) for day in days],
        "daily_stress": [made(day, "t", **stress) for day in days],
        "daily_spo2": [made(day, "o", spo2_percentage={"average": 96.5}) for day in days],
        "heartrate": [beat(yesterday + timedelta(minutes=5 * n), 60 + n % 20) for n in range(288)],
        "ring_battery_level": [battery(NOW - timedelta(hours=2), 73)],
        "ring_configuration": [{"id": "x", "hardware_type": "gen4", "set_up_at": "2025-01-01"}],
        "personal_info": [{"id": "p", "age": 40}],
    }


def beat(when: datetime, bpm: object, source: str = "awake") -> dict[str, Any]:
    """A heart-rate sample."""
    return {"timestamp": when.isoformat(), "bpm": bpm, "source": source}


def battery(when: datetime, level: object) -> dict[str, Any]:
    """A battery reading."""
    return {"timestamp": when.isoformat(), "level": level, "charging": False}


def context_of(stock: Stock) -> Context:
    """A person's context over these documents; every range is served whole."""

    def serve(request: httpx2.Request) -> httpx2.Response:
        name = request.url.path.rsplit("/", 1)[1]
        rows = stock.get(name, [])
        if name == "personal_info":
            return httpx2.Response(200, json=rows[0])
        if request.url.params.get("latest"):
            rows = rows[-1:]
        return httpx2.Response(200, json={"data": rows, "next_token": None})

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(serve))

    async def connection() -> Connection:
        return Connection("default", granted=None)

    zone = Zone(ZoneInfo("UTC"), "UTC")
    return Context(OuraClient("token", http=http), lambda: NOW, zone, connection)


async def ask(stock: Stock, tool: str, **arguments: Any) -> dict[str, Any]:
    """One question about these documents."""
    return await answer(f"oura_{tool}", arguments, context_of(stock))


async def daily_cell(stock: Stock, day: date, column: str) -> object:
    """What the daily table says of a day; ``None`` where it says nothing."""
    told = await ask(stock, "daily_summary", start=day.isoformat(), metrics=[column])
    table = told["table"]
    cells = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    return cells[0].get(column) if cells else None


def changed(collection: str, place: int = -2, **fields: Any) -> Stock:
    """A person with one document changed, that of yesterday if not said otherwise."""
    stock = person()
    stock[collection][place] |= fields
    return stock


YESTERDAY = TODAY - timedelta(days=1)
NOT_WORN = {"steps": 0, "score": None, "non_wear_time": 86_400, "active_calories": 0}
UNMEASURED_STRESS = {"day_summary": None, "stress_high": 0, "recovery_high": 0}
MISSING = [
    ("daily_spo2", {"spo2_percentage": {"average": 0.0}}, "spo2_avg_pct"),
    ("daily_spo2", {"spo2_percentage": {"average": 140}}, "spo2_avg_pct"),
    ("daily_stress", UNMEASURED_STRESS, "stress_high_min"),
    ("daily_stress", UNMEASURED_STRESS, "recovery_high_min"),
    ("daily_activity", NOT_WORN, "steps"),
    ("sleep", {"average_hrv": -102}, "hrv_avg_ms"),
    ("sleep", {"lowest_heart_rate": 0}, "hr_lowest_bpm"),
    ("daily_readiness", {"temperature_deviation": 23.0}, "temperature_deviation_c"),
    ("daily_sleep", {"score": 10**30}, "sleep_score"),
    ("sleep", {"total_sleep_duration": 90_001 + 3600}, "total_sleep_min"),
]
READ = [
    ("sleep", {"average_hrv": 45.7}, "hrv_avg_ms", 46),
    ("daily_sleep", {"score": 77.5}, "sleep_score", 78),
    ("sleep", {"lowest_heart_rate": "61", "average_heart_rate": 66}, "hr_lowest_bpm", 61),
    ("daily_readiness", {"temperature_deviation": 0}, "temperature_deviation_c", 0),
    ("daily_stress", {"stress_high": 0, "day_summary": "restored"}, "stress_high_min", 0),
    ("sleep", {"total_sleep_duration": None}, "total_sleep_min", 432),
    ("sleep", {"day": None}, "total_sleep_min", 432),
    ("sleep", {"day": f"{YESTERDAY}T00:00:00+00:00"}, "total_sleep_min", 432),
    ("sleep", {"type": "deep_rest"}, "total_sleep_min", 432),
    ("sleep", {"time_in_bed": 10_440, "total_sleep_duration": 10_440}, "total_sleep_min", 174),
]


@pytest.mark.parametrize(("collection", "fields", "column"), MISSING)
async def test_not_measured_and_impossible_values_are_missing(collection, fields, column):
    """The cell is empty, the mean is that of the others, a note counts."""
    stock = changed(collection, **fields)
    assert await daily_cell(stock, YESTERDAY, column) is None
    told = await ask(stock, "query", start="last 10 days", metrics=[column], calculate=["mean"])
    usual = await ask(person(), "query", start="last 10 days", metrics=[column], calculate=["mean"])
    assert told["table"]["rows"][0] == usual["table"]["rows"][0]
    summary = await ask(stock, "daily_summary", start="last 10 days", metrics=[column])
    assert any("1 night without" in n or "1 day without" in n for n in summary["notes"]), summary


@pytest.mark.parametrize(("collection", "fields", "column", "value"), READ)
async def test_numbers_and_days_are_read_in_any_form(collection, fields, column, value):
    """Fractions, texts, real zeros, a day that is derived, a type that is new."""
    assert await daily_cell(changed(collection, **fields), YESTERDAY, column) == value


@pytest.mark.parametrize(
    ("sleeps", "minutes"),
    [
        ([("22:00", 216), ("03:00", 200), ("06:50", 51)], 420),
        ([("01:00", 207), ("12:00", 313)], 468),
        ([("02:00", 193)], 174),
    ],
    ids=["a night in pieces", "a shift worker", "a short night"],
)
async def test_no_sleep_of_a_day_vanishes(sleeps, minutes):
    """Two long sleeps and a piece, two shifts, a short night: the whole main sleep."""
    stock = person()
    kinds = ["long_sleep", "long_sleep", "sleep"] if len(sleeps) > 1 else ["sleep"]
    parts = [
        night(YESTERDAY, start, length, type=kind)
        for (start, length), kind in zip(sleeps, kinds, strict=False)
    ]
    stock["sleep"][-2:-1] = parts
    total = await daily_cell(stock, YESTERDAY, "total_sleep_min")
    assert total == pytest.approx(minutes, abs=1.5)
    assert total == round(sum(part["total_sleep_duration"] for part in parts) / 60)


@pytest.mark.parametrize("order", [1, -1])
async def test_a_second_document_of_a_day_takes_nothing_away(order):
    """80 and then null is 80, in either order."""
    stock = person()
    first = stock["daily_sleep"][-2]
    later = first | {"id": "later", "score": None, "timestamp": f"{YESTERDAY}T09:00:00+00:00"}
    stock["daily_sleep"][-2:-1] = [first, later][::order]
    assert await daily_cell(stock, YESTERDAY, "sleep_score") == 80


async def test_one_bad_row_never_kills_a_collection():
    """A row without offset is UTC, a row without time is left out and counted."""
    stock = person()
    stock["heartrate"][10]["timestamp"] = "2026-05-05T00:50:00"
    stock["heartrate"][20]["timestamp"] = None
    stock["heartrate"][30]["bpm"] = 0
    told = await ask(stock, "intraday", start="2026-05-05")
    assert told["stats"]["min"] == 60
    assert any("sample" in note for note in told["notes"]), told["notes"]


async def test_a_workout_does_not_lead_the_average_of_a_day():
    """700 dense samples of one hour count for an hour."""
    stock = person()
    workout = datetime(2026, 5, 5, 17, tzinfo=UTC)
    dense = [beat(workout + timedelta(seconds=5 * n), 150, "workout") for n in range(720)]
    stock["heartrate"] = sorted([*stock["heartrate"], *dense], key=lambda row: row["timestamp"])
    told = await ask(stock, "intraday", start="2026-05-05")
    assert told["stats"]["avg"] == pytest.approx(69.5 + 80 / 24, abs=1.5)


async def test_texts_are_cut_with_a_sign_and_never_lie():
    """A long comment ends in “…”; a workout that ends before it starts has no duration."""
    stock = person()
    tag = {"id": "t", "tag_type_code": "custom", "custom_name": "late", "comment": "word " * 80}
    tag |= {"start_day": str(YESTERDAY), "start_time": f"{YESTERDAY}T20:00:00+00:00"}
    workout = {"id": "w", "day": str(YESTERDAY), "activity": "running"}
    workout |= {"start_datetime": f"{YESTERDAY}T18:00:00+00:00"}
    workout |= {"end_datetime": f"{YESTERDAY}T17:00:00+00:00"}
    stock |= {"enhanced_tag": [tag], "workout": [workout]}
    stock["ring_configuration"][0]["hardware_type"] = "or5"
    told = await ask(stock, "events")
    assert any(str(cell).endswith("…") for cell in told["tag"]["rows"][0])
    row = dict(zip(told["workout"]["columns"], told["workout"]["rows"][0], strict=True))
    assert row["duration_min"] is None
    assert "Oura Ring 5" in (await ask(stock, "device"))["summary"]


@pytest.mark.parametrize(
    "arguments",
    [{"tag": "late"}, {"when": "tag contains late"}, {"driver": "workout_min"}, {}],
    ids=["tag", "condition", "driver", "everything"],
)
async def test_effects_count_the_rows_they_cannot_read(arguments):
    """A tag or workout without a time is left out of what an effect is looked for after."""
    stock = person()
    code = {"tag_type_code": "custom", "custom_name": "late"}
    evenings = [TODAY - timedelta(days=back) for back in range(2, 30, 3)]
    stock["enhanced_tag"] = [
        {"id": f"t{d}", "start_day": f"{d}", "start_time": f"{d}T20:00:00+00:00", **code}
        for d in evenings
    ]
    stock["workout"] = [
        {"id": f"w{d}", "day": f"{d}", "activity": "running"}
        | {"start_datetime": f"{d}T17:00:00+00:00", "end_datetime": f"{d}T18:00:00+00:00"}
        for d in evenings
    ]
    stock["enhanced_tag"].append({"id": "no time", **code})
    stock["workout"].append({"id": "no time", "activity": "running"})
    notes = " ".join((await ask(stock, "effects", **arguments))["notes"])
    assert "left out" in notes
    assert ("1 of enhanced tag" in notes) == ("driver" not in arguments)
    assert ("1 of workout" in notes) == (not arguments.keys() & {"tag", "when"})


async def test_the_newest_value_is_one_that_exists():
    """A reading of next year is no sync, and an empty level hides no earlier one."""
    stock = person()
    stock["ring_battery_level"].append(battery(NOW - timedelta(minutes=5), None))
    assert (await ask(stock, "device"))["battery_pct"] == 73
    stock["ring_battery_level"].append(battery(NOW + timedelta(days=300), 50))
    assert (await ask(stock, "device"))["battery_pct"] == 73
    assert "2027" not in str(await ask(stock, "permissions"))


async def test_the_heart_rate_of_now_is_the_newest_with_its_time():
    """A range that reaches now carries the newest sample."""
    stock = person()
    stock["heartrate"].append(beat(NOW - timedelta(minutes=4), 71))
    told = await ask(stock, "intraday", start="today")
    assert told["newest"]["bpm"] == 71
    assert told["newest"]["at"].startswith("2026-05-06T14:58")


# Changes by collection: what they make of the metric beside them, the same, missing or another.
SAME, GONE = object(), None
Change = Callable[[dict[str, Any]], dict[str, Any]]
FEVER = {"temperature_deviation": 36.6}
CHANGES: list[tuple[str, str, Change, object]] = [
    ("sleep", "hrv_avg_ms", lambda d: d | {"average_hrv": -1}, GONE),
    ("sleep", "hrv_avg_ms", lambda d: d | {"average_hrv": str(d["average_hrv"])}, SAME),
    ("sleep", "hrv_avg_ms", lambda d: d | {"average_hrv": [3]}, GONE),
    ("sleep", "hr_lowest_bpm", lambda d: d | {"lowest_heart_rate": 0}, GONE),
    ("sleep", "hr_lowest_bpm", lambda d: d | {"lowest_heart_rate": 52.0}, SAME),
    ("sleep", "total_sleep_min", lambda d: d | {"total_sleep_duration": None}, SAME),
    ("sleep", "total_sleep_min", lambda d: d | {"type": "deep_rest"}, SAME),
    ("sleep", "total_sleep_min", lambda d: {k: v for k, v in d.items() if k != "day"}, SAME),
    ("sleep", "total_sleep_min", lambda d: d | {"moon": {"phase": [None]}}, SAME),
    ("daily_sleep", "sleep_score", lambda d: d | {"score": 10**30}, GONE),
    ("daily_sleep", "sleep_score", lambda d: d | {"score": "NaN"}, GONE),
    ("daily_sleep", "sleep_score", lambda d: d | {"day": f"{d['day']}T00:00:00"}, SAME),
    ("daily_sleep", "sleep_score", lambda d: d | {"contributors": "none"}, SAME),
    ("daily_readiness", "temperature_deviation_c", lambda d: d | FEVER, GONE),
    ("daily_spo2", "spo2_avg_pct", lambda d: d | {"spo2_percentage": {"average": 0}}, GONE),
    ("daily_spo2", "spo2_avg_pct", lambda d: d | {"breathing_disturbance_index": -5}, SAME),
    ("daily_stress", "stress_high_min", lambda d: d | UNMEASURED_STRESS, GONE),
    ("daily_activity", "steps", lambda d: d | NOT_WORN, GONE),
    ("daily_activity", "steps", lambda d: d | {"steps": str(d["steps"])}, SAME),
]  # fmt: skip
COLUMNS = sorted({column for _, column, _, _ in CHANGES})
QUESTIONS: dict[str, dict[str, Any]] = {
    "sleep_sessions": {"start": "last 7 days", "series": True},
    "trends": {"metrics": COLUMNS},
    "compare": {"period": "last 14 days", "against": "2026-04-01..2026-04-14", "metrics": COLUMNS},
    "query": {"metrics": COLUMNS, "by": "weekday"},
    "effects": {"when": "steps > 8000", "metrics": COLUMNS},
}


async def table_of(stock: Stock) -> tuple[dict[str, dict[str, object]], list[str]]:
    """The last thirty days, and the notes about them."""
    told = await ask(stock, "daily_summary", start="last 30 days", metrics=COLUMNS)
    columns = told["table"]["columns"]
    rows = (dict(zip(columns, row, strict=True)) for row in told["table"]["rows"])
    return {str(row["day"]): row for row in rows}, told.get("notes", [])


@given(
    odd=st.lists(
        st.tuples(st.sampled_from(CHANGES), st.integers(2, 25)),
        unique_by=lambda pair: (pair[0][0], pair[1]),
        max_size=8,
    ),
    samples=st.lists(
        st.sampled_from([None, "", "61", 0, -3, 10**9, {"a": 1}, True, "x"]), max_size=4
    ),
)
@settings(max_examples=6)
async def test_any_mixture_of_kinds_is_answered_without_an_invented_number(odd, samples):
    """Each cell is what was measured or empty; what was left out is counted; nothing crashes."""
    stock = copy.deepcopy(person())
    expected, _ = await table_of(stock)
    gone: dict[str, int] = {}
    for (collection, column, change, outcome), back in odd:
        day = (TODAY - timedelta(days=back)).isoformat()
        place = next(n for n, row in enumerate(stock[collection]) if row.get("day") == day)
        stock[collection][place] = change(stock[collection][place])
        if outcome is GONE:
            expected[day][column] = None
            gone[column] = gone.get(column, 0) + 1
    for number, value in enumerate(samples):
        stock["heartrate"][40 + number]["bpm"] = value
        stock["heartrate"][80 + number]["timestamp"] = value
    shown, notes = await table_of(stock)
    assert shown == expected
    counted = [note for note in notes if "not measured, impossible" in note]
    parts = counted[0].partition(":")[0].split(";") if counted else []
    assert len(parts) == len(gone), (notes, gone)
    assert sum(int(part.split()[0]) for part in parts) == sum(gone.values())
    for tool in TOOLS:
        name = tool.removeprefix("oura_")
        try:
            told = await ask(stock, name, **QUESTIONS.get(name, {}))
        except NoDataError:
            continue
        assert told["summary"]
        if name == "intraday":
            assert 20 <= told["stats"]["min"] <= told["stats"]["max"] <= 260

"""Answers become pictures: whatever a tool may answer, with the figures of the answer in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import httpx2
import pytest

from annulet.charts import draw_lines, draw_svg, png
from annulet.charts.terminal import plain_text
from annulet.client import OuraClient
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Connection, Context, Zone
from annulet.toolkit.scenes import build_scene, next_question
from annulet.toolkit.scenes.answer_parts import daily_series
from annulet.toolkit.scenes.fields import Fields

_NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
_QUESTIONS = [
    ("oura_sleep_sessions", {"start": "last night"}),
    ("oura_sleep_sessions", {"start": "last 7 days"}),
    ("oura_daily_summary", {}),
    ("oura_daily_summary", {"start": "last 30 days"}),
    ("oura_intraday", {}),
    ("oura_intraday", {"metric": "activity"}),
    ("oura_trends", {}),
    ("oura_trends", {"metrics": ["hrv_avg_ms"]}),
    ("oura_anomalies", {"start": "last 90 days"}),
    ("oura_compare", {"period": "last week"}),
    ("oura_query", {"metrics": ["total_sleep_min"], "by": "weekday"}),
    ("oura_query", {"metrics": ["steps", "hrv"], "by": "month", "start": "last 365 days"}),
    ("oura_query", {"of": "workouts", "start": "last 90 days", "list": True}),
    ("oura_query", {"metrics": ["bedtime"], "where": ["bedtime > 22:00"]}),
    ("oura_query", {"where": ["steps >= 2000"], "start": "last 365 days"}),
    ("oura_effects", {"tag": "alcohol"}),
]


def draw_picture(tool, answer, more=None, **options):
    """Return the picture of an answer, ``None`` where it has none."""
    scene = build_scene(tool, answer, more)
    return None if scene is None else draw_svg(scene, **options)


def lines_of(tool, answer, **options):
    """Return the lines of an answer; empty where it has none."""
    scene = build_scene(tool, answer)
    return "" if scene is None else plain_text(draw_lines(scene, **options))


_NAMES = [f"{tool.removeprefix('oura_')}-{n}" for n, (tool, _) in enumerate(_QUESTIONS)]


@pytest.fixture(scope="module")
def cloud():
    """One simulated cloud for all pictures."""
    return SimulatedOura(now=_NOW)


@pytest.fixture
async def ask(cloud):
    """Ask a tool about a person."""
    clients = []

    async def ask_tool(person, tool, arguments):
        transport = httpx2.ASGITransport(app=cloud.app)
        http = httpx2.AsyncClient(transport=transport)
        client = OuraClient(cloud.issue_token(person), http=http, api_url="http://127.0.0.1:1")
        clients.extend((client, http))

        async def connection():
            return Connection("x")

        zone = Zone(ZoneInfo("Europe/Berlin"), "Europe/Berlin")
        return await answer(tool, arguments, Context(client, lambda: _NOW, zone, connection))

    yield ask_tool
    for client in clients:
        await client.aclose()


@pytest.mark.parametrize(("tool", "arguments"), _QUESTIONS, ids=_NAMES)
async def test_an_answer_becomes_a_picture(ask, tool, arguments):
    """Each of the questions that has a picture gets one, at every width, also as PNG."""
    result = await ask("plain", tool, arguments)
    question = next_question(tool, arguments, result)
    more = await ask("plain", *question) if question else None
    for width, theme in ((360, "dark"), (760, "light"), (760, "page")):
        svg = draw_picture(tool, result, more, theme=theme, width=width)
        assert svg is not None
        ET.fromstring(svg)
        assert "No data in this period" not in svg
        if theme != "page":
            assert png(svg, 1.0).startswith(b"\x89PNG")


@pytest.mark.parametrize(("tool", "arguments"), _QUESTIONS[:-1], ids=_NAMES[:-1])
async def test_a_newcomer_gets_a_calm_picture_or_none(ask, tool, arguments):
    """Six days of history are no reason for an exception or an invented line."""
    result = await ask("newcomer", tool, arguments)
    question = next_question(tool, arguments, result)
    more = await ask("newcomer", *question) if question else None
    svg = draw_picture(tool, result, more)
    if svg is None:  # a single record or group has no picture
        assert tool == "oura_query"
        return
    ET.fromstring(svg)


async def test_terminal_charts_fit_the_terminal(ask):
    """No chart of an answer is wider than the terminal, and ASCII stays ASCII."""
    for tool, arguments in _QUESTIONS:
        result = await ask("plain", tool, arguments)
        text = lines_of(tool, result, width=60, ascii_only=True)
        assert text.isascii()
        assert all(len(line) <= 60 for line in text.splitlines())
    assert lines_of("oura_permissions", {"summary": "x"}) == ""


def query_answer(columns, lines, **changes):
    """An answer of oura_query about four weeks."""
    period = {"start": "2026-04-06", "end": "2026-05-03", "timezone": "UTC"}
    counts = {"matched": {"rows": 28, "of": 28, "unknown": 0}}
    table = {"columns": columns, "rows": lines}
    return {"summary": "s", "period": period, **counts, "table": table, **changes}


def test_groups_are_bars_from_zero_with_their_figures():
    """Each group has a bar as long as its value; one without a value says so; clocks are read."""
    head = ["group", "metric", "unit", "mean"]
    steps = query_answer(head, [["mon", "steps", "steps", 4000], ["tue", "steps", "steps", 8000]])
    steps["table"]["rows"].append(["wed", "steps", "steps", None])
    monday, tuesday, wednesday = lines_of("oura_query", steps, width=80).splitlines()
    block = "\N{FULL BLOCK}"
    assert monday.startswith("Mon ")
    assert monday.endswith(" 4,000")
    assert tuesday.count(block) == pytest.approx(2 * monday.count(block), abs=1)
    assert block not in wednesday
    assert wednesday.endswith("no data")
    colder = query_answer(
        head,
        [
            ["2026-04", "temperature_deviation_c", "\N{DEGREE SIGN}C", -0.2],
            ["2026-05", "temperature_deviation_c", "\N{DEGREE SIGN}C", 0.2],
        ],
    )
    april, may = lines_of("oura_query", colder, width=80).splitlines()
    assert april.index(block) < may.index(block)
    assert april.count(block) == pytest.approx(may.count(block), abs=1)
    late = query_answer(
        head, [["no", "bedtime", "clock", "23:30"], ["yes", "bedtime", "clock", "00:30"]]
    )
    early, weekend = lines_of("oura_query", late, width=80).splitlines()
    assert "Monday to Friday" in early
    assert early.endswith("23:30")
    assert weekend.count(block) > early.count(block)


def test_records_are_dots_on_their_days():
    """A listed record stands over its own day, and what is not listed is said."""
    rows = {"columns": ["day", "steps"], "rows": [["2026-05-03", 9000], ["2026-04-06", 7000]]}
    answer = query_answer(["count"], [[28]], rows=rows)
    lines = lines_of("oura_query", answer, width=80).splitlines()
    assert [line.rstrip()[-1] for line in lines if "\N{BULLET}" in line] == ["\N{BULLET}"] * 2
    assert lines[0].index("\N{BULLET}") > 27 > lines[5].index("\N{BULLET}")
    assert "2 of 28 are drawn" in draw_picture("oura_query", answer)
    assert lines_of("oura_query", query_answer(["count"], [[28]])) == ""


def night_answer(**changes):
    columns = ["day", "type", "bedtime", "wake_time", "total_sleep_min", "deep_min", "light_min"]
    rows = [
        ["2026-05-06", "sleep", "2026-05-06T14:00+02:00", "2026-05-06T14:40+02:00", 35, None, 35],
        [
            "2026-05-06",
            "long_sleep",
            "2026-05-05T23:12+02:00",
            "2026-05-06T07:02+02:00",
            432,
            80,
            0,
        ],
    ]
    period = {"start": "2026-05-06", "end": "2026-05-06", "timezone": "Europe/Berlin"}
    table = {"columns": columns, "rows": rows}
    result = {"summary": "s", "period": period, "table": table}
    result["coverage"] = {"days": 1, "with_data": 1, "missing": []}
    return {**result, **changes}


def test_the_night_is_drawn_and_not_the_nap():
    """The picture shows the long sleep, with its hours in the person's own clock."""
    course = {
        "start": "2026-05-05T23:12+02:00",
        "interval_min": 15,
        "stage": ["light", "deep"] * 16,
    }
    svg = draw_picture("oura_sleep_sessions", night_answer(), {"series": [course]})
    assert "7 h 12 min" in svg
    assert "23:12 \N{EN DASH} 07:02" in svg
    assert "Deep 1 h 20 min" in svg


def test_the_picture_of_a_night_asks_for_its_course_once():
    """A night without its course names the question that brings it; one with it does not."""
    asked = next_question(
        "oura_sleep_sessions", {"start": "last night", "series": False}, night_answer()
    )
    assert asked == (
        "oura_sleep_sessions",
        {"start": "2026-05-06", "end": "2026-05-06", "series": True},
    )
    assert next_question("oura_sleep_sessions", {}, night_answer(series=[])) is None


def test_half_a_day_is_not_unusual():
    """While today's steps are still counted, they are not marked against whole days."""
    days = [date(2026, 5, 5), date(2026, 5, 6)]
    summary = {
        "summary": "s",
        "period": {"start": "2026-05-05", "end": "2026-05-06", "timezone": "UTC"},
        "coverage": {"days": 2, "with_data": 2, "missing": []},
        "table": {
            "columns": ["day", "steps", "hrv_avg_ms"],
            "rows": [[d.isoformat(), s, 30] for d, s in zip(days, (9000, 900), strict=True)],
        },
        "baselines": {
            "columns": ["metric", "median", "low", "high", "days"],
            "rows": [["steps", 8000, 6000, 10000, 60], ["hrv_avg_ms", 50, 45, 55, 60]],
        },
    }
    told = {**summary, "unfinished": summary["period"]["end"]}
    attention = "#a1560a"
    assert draw_picture("oura_daily_summary", summary).count(attention) == 2
    assert draw_picture("oura_daily_summary", told).count(attention) == 1


def test_what_is_still_counted_is_no_drop_at_the_end():
    """Steps of half a day are not drawn after those of whole days; alone, they are all there is."""
    rows = [["2026-05-04", 9000], ["2026-05-05", 9500], ["2026-05-06", 900]]
    told = {
        "period": {"start": "2026-05-04", "end": "2026-05-06", "timezone": "UTC"},
        "table": {"columns": ["day", "steps"], "rows": rows},
        "unfinished": "2026-05-06",
    }
    assert max(daily_series(Fields(told))["steps"].values) == date(2026, 5, 5)
    told["table"]["rows"] = rows[-1:]
    assert daily_series(Fields(told))["steps"].values == {date(2026, 5, 6): 900}


def test_a_missing_night_keeps_its_place_among_the_bars():
    """A week with a gap has seven lines, and says where nothing was recorded."""
    rows = [[f"2026-05-0{n}", "long_sleep", 400] for n in (1, 2, 4, 5, 6, 7)]
    told = {
        "period": {"start": "2026-05-01", "end": "2026-05-07", "timezone": "UTC"},
        "table": {"columns": ["day", "type", "total_sleep_min"], "rows": rows},
    }
    lines = lines_of("oura_sleep_sessions", told, width=60).splitlines()
    assert len(lines) == 7
    assert lines[2].startswith("3 May")
    assert lines[2].endswith("no data")


def test_lines_of_characters_say_from_when_to_when():
    """Below the first and the last day stand their dates; a chosen column is drawn, too."""
    rows = [[f"2026-05-{n:02}", n] for n in range(1, 22)]
    told = {
        "period": {"start": "2026-05-01", "end": "2026-05-21", "timezone": "UTC"},
        "table": {"columns": ["day", "latency_min"], "rows": rows},
    }
    text = lines_of("oura_daily_summary", told, width=60).splitlines()
    assert text[0].startswith("Time to fall asleep ")
    assert text[1].split() == ["1", "May", "21", "May"]
    assert len(text[1]) == len(text[0])


async def test_a_day_is_judged_alike_alone_and_among_others(ask):
    """The last of 14 days is measured against the same usual range as the day on its own."""
    period = {"start": "last 14 days"}
    days = await ask("plain", "oura_daily_summary", period)
    tool, arguments = next_question("oura_daily_summary", period, days)
    last = await ask("plain", tool, arguments)
    among = daily_series(Fields(days), Fields(last))
    alone = daily_series(Fields(last))
    compared = [name for name in alone if alone[name].usual is not None]
    assert len(compared) > 5
    for name in compared:
        assert among[name].usual == alone[name].usual
    assert last["period"]["start"] == last["period"]["end"] == days["period"]["end"]


async def test_pictures_tell_the_figures_of_the_sentence(ask):
    """Lowest, highest and their times are those that the answer tells, not those of intervals."""
    for person in ("plain", "traveller"):
        day = await ask(person, "oura_intraday", {"resolution_min": 60})
        svg = draw_picture("oura_intraday", day)
        for name in ("min", "max"):
            figure, at = day["stats"][name], day["stats"][f"{name}_at"]
            assert f"{figure} bpm \N{MIDDLE DOT} {at[11:16]}" in svg
        night = await ask(person, "oura_sleep_sessions", {"start": "last night", "series": True})
        columns = night["table"]["columns"]
        lowest = next(
            row[columns.index("hr_lowest_bpm")]
            for row in night["table"]["rows"]
            if row[columns.index("type")] == "long_sleep"
        )
        assert f"lowest {lowest} \N{MIDDLE DOT}" in draw_picture("oura_sleep_sessions", night)


def test_a_night_in_pieces_is_drawn_whole():
    """Two pieces of one night are one picture with the sums, as the daily figures have them."""
    columns = ["day", "type", "bedtime", "wake_time", "total_sleep_min", "deep_min"]
    rows = [
        ["2026-05-06", "long_sleep", "2026-05-05T23:00+02:00", "2026-05-06T03:00+02:00", 220, 60],
        ["2026-05-06", "sleep", "2026-05-06T04:00+02:00", "2026-05-06T07:00+02:00", 160, 23],
        ["2026-05-06", "late_nap", "2026-05-06T15:00+02:00", "2026-05-06T16:00+02:00", 55, 0],
    ]
    told = night_answer(table={"columns": columns, "rows": rows})
    courses = [
        {"start": row[2], "interval_min": 15, "stage": ["deep"] * slots, "hr_bpm": [50] * slots}
        for row, slots in zip(rows, (16, 12, 4), strict=True)
    ]
    svg = draw_picture("oura_sleep_sessions", told, {"series": courses})
    assert "6 h 20 min" in svg
    assert "23:00 \N{EN DASH} 07:00" in svg
    assert "Deep 1 h 23 min" in svg
    week = told | {"period": {**told["period"], "start": "2026-05-05"}}
    assert "6 h 20 min" in draw_picture("oura_sleep_sessions", week)


def test_answers_without_a_picture_have_none():
    """Permissions and an answer without a period are not drawn."""
    assert draw_picture("oura_permissions", {"summary": "x"}) is None
    assert draw_picture("oura_daily_summary", {"summary": "x"}) is None
    assert next_question("oura_daily_summary", {}, {"summary": "x"}) is None


def test_strange_cells_do_not_break_a_picture():
    """Missing cells, words where numbers belong and unknown metrics leave a picture standing."""
    rows = [["new_thing", None], ["hrv_avg_ms", "much"], ["steps", 12.5]]
    result = night_answer(table={"columns": ["metric", "change"], "rows": rows})
    svg = draw_picture("oura_trends", result)
    assert "New thing" in svg
    start = date(2026, 5, 6) - timedelta(days=3)
    period = {"start": start.isoformat(), "end": "2026-05-06", "timezone": "UTC"}
    odd = {"summary": "s", "period": period, "episodes": [{"start": "?"}], "coverage": {}}
    assert "Unusual days" in draw_picture("oura_anomalies", odd)


def test_listed_records_of_two_metrics_are_two_named_pictures():
    """Each metric has lines of its own under its name, over the days of what is listed."""
    table = [[name, unit, 7, 1] for name, unit in (("steps", "steps"), ("hrv_avg_ms", "ms"))]
    days = [f"2026-04-{day}" for day in range(24, 31)]
    answer = query_answer(
        ["metric", "unit", "count", "mean"],
        table,
        rows={
            "columns": ["day", "steps", "hrv_avg_ms"],
            "rows": [[day, 5000 + 100 * n, 50 + n] for n, day in enumerate(days)],
        },
    )
    text = lines_of("oura_query", answer, width=80)
    assert "Steps" in text
    assert "HRV" in text
    assert "24 Apr" in text
    assert "30 Apr" in text
    assert "6 Apr" not in text

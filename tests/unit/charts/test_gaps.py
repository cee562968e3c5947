"""Missing is missing: gaps stay gaps, an empty period says so, nothing is drawn as zero."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annulet import charts
from annulet.charts import (
    DailySeries,
    Heading,
    Intraday,
    Night,
    Samples,
    StackedNight,
    Timeline,
    UnusualDays,
    draw_svg,
)
from annulet.charts.terminal import plain_text
from annulet.charts.trend import rolling_mean

_SVG = "{http://www.w3.org/2000/svg}"
_HEAD = Heading("Title")
_START = date(2026, 5, 1)
_ZONE = timezone(timedelta(hours=-7))
_NOON = datetime(2026, 5, 1, 12, tzinfo=_ZONE)


def days(count):
    """The first days of May."""
    return [_START + timedelta(days=n) for n in range(count)]


def root(scene):
    """Return the parsed picture of a scene."""
    return ET.fromstring(draw_svg(scene))


def elements(svg, name):
    """Return the elements of that name."""
    return list(ET.fromstring(svg).iter(f"{_SVG}{name}"))


def test_trend_line_breaks_where_too_few_days_exist():
    """Ten days without data split the smoothed line in two."""
    values = {d: 50.0 + n % 3 for n, d in enumerate(days(30)) if not 10 <= n < 20}
    svg = draw_svg(charts.trend(DailySeries("HRV", values, "ms"), _START, days(30)[-1], _HEAD))
    lines = [p for p in elements(svg, "path") if p.get("fill") == "none"]
    assert len(lines) - 1 == 2  # the legend shows one more
    assert "20 of 30 days" in svg


def test_rolling_mean_needs_four_days_of_seven():
    """Three days make no mean."""
    values = dict.fromkeys(days(3), 10.0)
    assert rolling_mean(values, days(7)) == {}
    values[days(4)[3]] = 14.0
    assert rolling_mean(values, days(7))[days(4)[3]] == pytest.approx(11.0)


def test_missing_nights_are_not_bars():
    """A night without data is a dash on the ground; a short one is a bar."""
    nights = [StackedNight(_START, {"light": 1.0}), StackedNight(days(7)[1], {"light": 400.0})]
    svg = draw_svg(charts.stage_bars(nights, _START, days(7)[-1], _HEAD))
    bars = [r for r in elements(svg, "rect") if r.find(f"{_SVG}title") is not None]
    dashes = [line for line in elements(svg, "line") if line.get("stroke-dasharray")]
    assert len(bars) == 2
    assert len(dashes) == 6  # five nights and the legend


@pytest.mark.parametrize(
    "scene",
    [
        charts.trend(DailySeries("HRV", {}), _START, days(7)[-1], _HEAD),
        charts.overview([DailySeries("HRV", {})], _START, days(7)[-1], _HEAD),
        charts.stage_bars([], _START, days(7)[-1], _HEAD),
        charts.night(Night(_NOON, _NOON), _HEAD),
        charts.night(Night(_NOON, _NOON, [None, "unknown"]), _HEAD),
        charts.intraday(Intraday(_NOON, _NOON, Samples(_NOON, 5, [None]), "HR", "bpm"), _HEAD),
        charts.timeline(Timeline(days(2)[1], _START), _HEAD),
        charts.differences([], _HEAD),
    ],
    ids=["trend", "tiles", "stages", "night", "unknown", "intraday", "reversed", "no rows"],
)
def test_an_empty_period_says_so(scene):
    """Without data there is a sentence instead of an empty frame, and no line of characters."""
    assert "No data in this period" in draw_svg(scene)
    assert charts.draw_lines(scene) == []


def test_a_single_value_is_a_picture():
    """One night, one sample, one day: drawn, with no line invented."""
    series = DailySeries("HRV", {_START: 50.0}, "ms")
    svg = draw_svg(charts.trend(series, _START, _START, _HEAD))
    assert len([c for c in elements(svg, "circle") if c.find(f"{_SVG}title") is not None]) == 1
    assert not [p for p in elements(svg, "path") if p.get("fill") == "none"]
    samples = Samples(_NOON, 5, [61.0])
    sample = Intraday(_NOON, _NOON + timedelta(minutes=5), samples, "Heart rate", "bpm")
    assert "61 bpm" in draw_svg(charts.intraday(sample, _HEAD))


def test_episodes_side_by_side_keep_their_numbers():
    """Two short episodes in a quarter of a year stand apart far enough to be read."""
    close = (UnusualDays(days(40)[36], days(40)[37]), UnusualDays(days(40)[39], days(40)[39]))
    strip = Timeline(_START, days(90)[-1], close)
    svg = draw_svg(charts.timeline(strip, _HEAD), width=charts.PHONE)
    numbers = [t for t in elements(svg, "text") if t.text in {"1", "2"}]
    first, second = (float(t.get("x")) for t in numbers)
    assert second - first > 18


def test_a_day_without_a_usual_range_leaves_no_empty_room():
    """Tiles shrink to their figure where nothing can be drawn below it."""
    bare = DailySeries("Steps", {_START: 4000.0})
    known = DailySeries("HRV", {_START: 50.0}, "ms", band=(45.0, 55.0))
    heights = [
        float(root(charts.overview([series], _START, _START, _HEAD)).get("height"))
        for series in (bare, known)
    ]
    assert heights[0] < heights[1]


def test_night_with_totals_only_shows_them():
    """Stage minutes are told even where the course of the night is not known."""
    told = Night(_NOON, _NOON + timedelta(hours=7), totals={"deep": 70.0, "rem": None})
    svg = draw_svg(charts.night(told, _HEAD))
    assert "Deep 1 h 10 min" in svg
    assert "REM" not in svg


_numbers = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.integers(-9, 9)


@settings(max_examples=60, deadline=None)
@given(st.lists(_numbers, max_size=40), st.sampled_from([200, 360, 760]), st.booleans())
def test_any_numbers_give_a_finite_picture(numbers, width, banded):
    """Huge, tiny, infinite and missing numbers neither raise nor leave the frame."""
    values = dict(zip(days(len(numbers)), numbers, strict=True))
    band = (-1.0, 1.0) if banded else None
    last = days(max(len(numbers), 1))[-1]
    samples = Samples(_NOON, 5, numbers)
    night = Night(_NOON, _NOON + timedelta(hours=3), heart_rate=samples, hrv=samples)
    series = DailySeries("M", values, band=band)
    intraday = Intraday(_NOON, _NOON + timedelta(hours=3), samples, "M", "")
    scenes = [
        charts.trend(series, _START, last, _HEAD),
        charts.overview([series], _START, last, _HEAD),
        charts.night(night, _HEAD),
        charts.intraday(intraday, _HEAD),
    ]
    for scene in scenes:
        lines = plain_text(charts.draw_lines(scene, width=max(width // 8, 30)))
        assert all(len(line) <= max(width // 8, 30) for line in lines.splitlines())
        svg = draw_svg(scene, width=width)
        for node in elements(svg, "circle"):
            assert -1 <= float(node.get("cx")) <= width + 1
            assert 0 <= float(node.get("cy")) < 2000

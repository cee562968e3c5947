"""Missing is missing: gaps stay gaps, an empty period says so, nothing is drawn as zero."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annulet import charts
from annulet.charts import DailySeries, Episode, Heading, Intraday, Night, Samples, Timeline
from annulet.charts.trend import rolling_line

_SVG = "{http://www.w3.org/2000/svg}"
_HEAD = Heading("Title")
_START = date(2026, 5, 1)
_ZONE = timezone(timedelta(hours=-7))
_NOON = datetime(2026, 5, 1, 12, tzinfo=_ZONE)


def days(count):
    """The first days of May."""
    return [_START + timedelta(days=n) for n in range(count)]


def elements(svg, name):
    """Return the elements of that name."""
    return list(ET.fromstring(svg).iter(f"{_SVG}{name}"))  # noqa: S314 -- our own output


def test_trend_line_breaks_where_too_few_days_exist():
    """Ten days without data split the smoothed line in two."""
    values = {d: 50.0 + n % 3 for n, d in enumerate(days(30)) if not 10 <= n < 20}
    svg = charts.trend(DailySeries("HRV", values, "ms"), _START, days(30)[-1], _HEAD)
    lines = [p for p in elements(svg, "path") if p.get("fill") == "none"]
    assert len(lines) - 1 == 2  # the legend shows one more
    assert "20 of 30 days" in svg


def test_rolling_line_needs_four_days_of_seven():
    """Three days make no mean."""
    values = dict.fromkeys(days(3), 10.0)
    assert rolling_line(values, days(7)) == {}
    values[days(4)[3]] = 14.0
    assert rolling_line(values, days(7))[days(4)[3]] == pytest.approx(11.0)


def test_missing_days_are_not_bars():
    """A day without steps is a dash on the ground, a day with zero steps is a bar."""
    values = {days(7)[0]: 0.0, days(7)[1]: 4000.0}
    svg = charts.daily_bars(DailySeries("Steps", values), _START, days(7)[-1], _HEAD)
    bars = [r for r in elements(svg, "rect") if r.find(f"{_SVG}title") is not None]
    assert len(bars) == 2


@pytest.mark.parametrize(
    "svg",
    [
        charts.trend(DailySeries("HRV", {}), _START, days(7)[-1], _HEAD),
        charts.daily_bars(DailySeries("HRV", {}), _START, days(7)[-1], _HEAD),
        charts.stage_bars([], _START, days(7)[-1], _HEAD),
        charts.night(Night(_NOON, _NOON), _HEAD),
        charts.night(Night(_NOON, _NOON, [None, "unknown"]), _HEAD),
        charts.intraday(Intraday(_NOON, _NOON, Samples(_NOON, 5, [None]), "HR", "bpm"), _HEAD),
        charts.timeline(Timeline(days(2)[1], _START), _HEAD),
    ],
    ids=["trend", "bars", "stages", "night", "unknown stages", "intraday", "reversed"],
)
def test_an_empty_period_says_so(svg):
    """Without data there is a sentence instead of an empty frame."""
    assert "No data in this period" in svg


def test_a_single_value_is_a_picture():
    """One night, one sample, one day: drawn, with no line invented."""
    one = DailySeries("HRV", {_START: 50.0}, "ms")
    svg = charts.trend(one, _START, _START, _HEAD)
    assert len([c for c in elements(svg, "circle") if c.find(f"{_SVG}title") is not None]) == 1
    assert not [p for p in elements(svg, "path") if p.get("fill") == "none"]
    sample = Intraday(_NOON, _NOON, Samples(_NOON, 5, [61.0]), "Heart rate", "bpm")
    assert "61 bpm" in charts.intraday(sample, _HEAD)


def test_episodes_side_by_side_keep_their_numbers():
    """Two short episodes in a quarter of a year stand apart far enough to be read."""
    close = (Episode(days(40)[36], days(40)[37]), Episode(days(40)[39], days(40)[39]))
    strip = Timeline(_START, days(90)[-1], close)
    svg = charts.timeline(strip, _HEAD, width=charts.PHONE)
    numbers = [t for t in elements(svg, "text") if t.text in {"1", "2"}]
    first, second = (float(t.get("x")) for t in numbers)
    assert second - first > 18


def test_a_day_without_a_usual_range_leaves_no_empty_room():
    """Tiles shrink to their figure where nothing can be drawn below it."""
    bare = DailySeries("Steps", {_START: 4000.0})
    known = DailySeries("HRV", {_START: 50.0}, "ms", band=(45.0, 55.0))
    heights = [
        float(ET.fromstring(charts.overview([one], _START, _START, _HEAD)).get("height"))  # noqa: S314 -- our own output
        for one in (bare, known)
    ]
    assert heights[0] < heights[1]


def test_night_with_totals_only_shows_them():
    """Stage minutes are told even where the course of the night is not known."""
    told = Night(_NOON, _NOON + timedelta(hours=7), totals={"deep": 70.0, "rem": None})
    svg = charts.night(told, _HEAD)
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
    samples = Samples(_NOON, 5, numbers, numbers, numbers)
    night = Night(_NOON, _NOON + timedelta(hours=3), heart_rate=samples, hrv=samples)
    pictures = [
        charts.trend(DailySeries("M", values, band=band), _START, last, _HEAD, width=width),
        charts.daily_bars(DailySeries("M", values), _START, last, _HEAD, width=width),
        charts.night(night, _HEAD, width=width),
        charts.intraday(
            Intraday(_NOON, _NOON + timedelta(hours=3), samples, "M", ""), _HEAD, width=width
        ),
        charts.sparkline(numbers, "M", band=band),
    ]
    for svg in pictures:
        for node in elements(svg, "circle"):
            assert -1 <= float(node.get("cx")) <= width + 1
            assert 0 <= float(node.get("cy")) < 2000

"""Lines of characters: never wider than asked, gaps shown, every mark over its own date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from annulet import charts
from annulet.charts import (
    DailySeries,
    Extreme,
    Heading,
    Intraday,
    Night,
    Samples,
    StackedNight,
    Timeline,
    UnusualDays,
    draw_lines,
    draw_svg,
)
from annulet.charts.palette import TERMINAL
from annulet.charts.terminal import plain_text

_HEAD = Heading("Title")
_WIDTHS = (30, 40, 60, 80, 120)
_START = date(2026, 2, 6)
_EVENING = datetime(2026, 5, 2, 23, tzinfo=UTC)


@pytest.fixture
def scenes(series, one_night, one_day, unusual, nights):
    """One scene of every kind."""
    first, last = unusual.start, unusual.end
    rows = [
        charts.MetricDifference("A metric with a very long name", -6.2, (-10, -2), unit="°C"),
        charts.MetricDifference("Steps", None, words="too few days"),
    ]
    return [
        charts.trend(series, first, last, _HEAD),
        charts.night(one_night, _HEAD),
        charts.intraday(one_day, _HEAD),
        charts.stage_bars(nights, first, nights[-1].day, _HEAD),
        charts.timeline(unusual, _HEAD),
        charts.overview([series] * 3, first, last, _HEAD),
        charts.differences(rows, _HEAD),
    ]


def text_of(scene, width=60, **options):
    """Return the lines of a scene without styles."""
    return plain_text(draw_lines(scene, width=width, **options)).splitlines()


def test_no_line_is_wider_than_the_terminal(scenes):
    """Every scene has lines, they do not wrap, and ASCII stays ASCII without question marks."""
    for scene, width, ascii_only in product(scenes, _WIDTHS, (True, False)):
        lines = text_of(scene, width, ascii_only=ascii_only)
        assert lines
        assert max(map(len, lines)) <= width
        if ascii_only:
            assert "\n".join(lines).isascii()
            assert "?" not in "\n".join(lines)


def test_styles_are_those_of_the_palette(scenes):
    """The command line knows a colour for each style."""
    for scene in scenes:
        assert {piece.style for line in draw_lines(scene) for piece in line} <= set(TERMINAL)


@pytest.mark.parametrize("width", _WIDTHS)
@pytest.mark.parametrize("days", [7, 30, 61, 90, 365])
def test_marks_stand_over_their_own_dates(width, days):
    """The strip covers the whole period at any width: no day is cut, none reads as another."""
    for unusual in (0, days // 3, days - 1):
        day = _START + timedelta(days=unusual)
        period = Timeline(_START, _START + timedelta(days=days - 1), (UnusualDays(day, day),))
        strip, axis = text_of(charts.timeline(period, _HEAD), width)
        assert len(strip) == min(days, width)
        marked = [n for n, mark in enumerate(strip) if mark == "▲"]
        for column in marked:
            assert column / len(strip) * days <= unusual + 1
            assert (column + 1) / len(strip) * days >= unusual
        assert marked
        assert axis.startswith("6 Feb")
        if days >= 30:
            assert len(axis) == len(strip)


def test_days_without_data_are_no_usual_days():
    """A column is a gap when all of its days are unknown."""
    unknown = [_START + timedelta(days=n) for n in range(10)]
    period = Timeline(_START, _START + timedelta(days=59), (), (), unknown)
    assert text_of(charts.timeline(period, _HEAD), 30)[0] == "·" * 5 + "─" * 25


def test_a_gap_is_a_dot_and_not_the_lowest_level():
    """Missing is not low; a measured zero is."""
    values = {_START: 0.0, _START + timedelta(days=2): 2.0}
    scene = charts.overview(
        [DailySeries("Steps", values)], _START, _START + timedelta(days=2), _HEAD
    )
    assert text_of(scene)[0] == "Steps ▁·█"


def test_bars_say_what_is_missing():
    """A night without data has words instead of a bar of no length."""
    nights = [StackedNight(_START, {}, 400.0)]
    scene = charts.stage_bars(nights, _START, _START + timedelta(days=1), _HEAD)
    lines = text_of(scene, 40)
    assert lines[0].startswith("6 Feb ███")
    assert lines[0].endswith("6.7 h asleep")
    assert lines[1].endswith("no data")
    assert "█" not in lines[1]


def test_hypnogram_keeps_each_stage_in_its_row():
    """Stages have rows of their own, below each other in the order of depth."""
    night = Night(_EVENING, _EVENING + timedelta(minutes=20), ["awake", "light", "deep", "rem"])
    rows = text_of(charts.night(night, _HEAD), 30)
    assert rows[0] == "Awake ░░░░░░"
    assert rows[1] == "  REM " + " " * 18 + "▒" * 6
    assert rows[3] == " Deep " + " " * 12 + "█" * 6
    assert rows[4].split() == ["23:00", "23:20"]


def test_coarse_blocks_say_what_they_stand_for():
    """Blocks of 15 minutes do not add up to the minutes of the legend, and both drawings say so."""
    stages = ["light", "deep", "deep", "light"]
    hour = timedelta(hours=1)
    coarse = charts.night(Night(_EVENING, _EVENING + hour, stages, 15.0, {"deep": 38.0}), _HEAD)
    fine = charts.night(Night(_EVENING, _EVENING + hour, stages * 3, 5.0), _HEAD)
    for drawing in (draw_svg(coarse), "\n".join(text_of(coarse))):
        assert "the most frequent stage of each 15 min" in drawing
    assert "Deep 38 min" in draw_svg(coarse)
    assert "30 min" not in draw_svg(coarse)
    assert "most frequent" not in draw_svg(fine)


def test_lowest_and_highest_are_those_of_the_finer_measurements():
    """What the answer tells stands in the picture and in the lines, not the means of intervals."""
    samples = Samples(
        _EVENING,
        15,
        [60.0, 54.0, 70.0, None],
        told_lowest=Extreme(53.0, _EVENING + timedelta(minutes=21)),
        told_highest=Extreme(81.0, _EVENING + timedelta(minutes=36)),
        told_average=61.4,
    )
    data = Intraday(_EVENING, _EVENING + timedelta(hours=1), samples, "Heart rate", "bpm")
    scene = charts.intraday(data, _HEAD)
    svg, lines = draw_svg(scene), text_of(scene)
    assert "53 bpm · 23:21" in svg
    assert "81 bpm · 23:36" in svg
    assert "lowest 53 bpm, highest 81 bpm, average 61 bpm" in svg
    assert lines[0].startswith("81 │")
    assert lines[5].startswith("53 │")
    night = Night(_EVENING, _EVENING + timedelta(hours=1), heart_rate=samples)
    assert "lowest 53 · average 61" in draw_svg(charts.night(night, _HEAD))
    bare = Samples(_EVENING, 15, samples.values)
    assert bare.lowest() == Extreme(54.0, _EVENING + timedelta(minutes=15))
    assert bare.average() == pytest.approx(184 / 3)


def test_a_difference_stands_on_its_side_of_zero():
    """Clear ones are filled, those within chance are rings, unknown ones have no mark."""
    rows = [
        charts.MetricDifference("HRV", -6.0, (-10.0, -2.0), unit="ms", is_clear=True),
        charts.MetricDifference("Sleep", 2.0, (-3.0, 7.0), unit="min"),
        charts.MetricDifference("Steps", None),
    ]
    clear, chance, unknown = text_of(charts.differences(rows, _HEAD))
    assert clear.index("●") < clear.index("│")
    assert chance.index("│") < chance.index("○")
    assert not {"●", "○", "─"} & set(unknown)

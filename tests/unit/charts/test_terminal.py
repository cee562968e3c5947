"""Terminal charts: never wider than asked, gaps shown, and ASCII where nothing else works."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annulet.charts.palette import TERMINAL
from annulet.charts.terminal import bars, hypnogram, line, plain, sparkline, week_strip

_VALUES = [50.0, 52.0, None, 48.0, 60.0]
_STAGES = ["awake", "light", "light", "deep", "deep", None, "rem"] * 20


def everything(width, *, ascii_only):
    """All terminal charts of the made-up values."""
    rows = [("Mon 1", 8000.0), ("A very long name of a row", None), ("Wed", 12345.0)]
    return [
        sparkline(_VALUES * 30, width, ascii_only=ascii_only),
        *bars(rows, width, unit="steps", ascii_only=ascii_only),
        *hypnogram(_STAGES, "23:12", "07:02", width, ascii_only=ascii_only),
        *line(_VALUES * 30, "1 May", "30 May", width, ascii_only=ascii_only),
        week_strip([True, False, None] * 60, width, ascii_only=ascii_only),
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_no_line_is_wider_than_the_terminal(width, ascii_only):
    """Lines do not wrap."""
    for one in everything(width, ascii_only=ascii_only):
        assert len("".join(bit.text for bit in one)) <= width


def test_ascii_is_ascii():
    """Old consoles get no question marks."""
    assert plain(everything(60, ascii_only=True)).isascii()


def test_styles_are_those_of_the_palette():
    """The command line knows a colour for each style."""
    for one in everything(60, ascii_only=False):
        assert {bit.style for bit in one} <= set(TERMINAL)


def test_a_gap_is_a_dot_and_not_the_lowest_block():
    """Missing is not low."""
    assert plain([sparkline([1.0, None, 2.0])]) == "▁·█"
    assert plain([sparkline([None, None])]) == "··"


def test_bars_say_what_is_missing():
    """A day without data has words instead of a bar of no length."""
    shown = plain(bars([("Mon", 0.0), ("Tue", None)], 40))
    assert shown.splitlines()[0].endswith(" 0")
    assert shown.splitlines()[1].endswith("no data")


def test_hypnogram_keeps_each_stage_in_its_row():
    """A short night fits one character an interval."""
    rows = plain(hypnogram(["awake", "light", "deep", "rem"], "23:00", "23:20")).splitlines()
    assert rows[0] == "Awake ░"
    assert rows[1] == "  REM    ▒"
    assert rows[3] == " Deep   █"


@given(
    st.lists(st.none() | st.floats(allow_nan=True), max_size=200),
    st.integers(1, 120),
    st.booleans(),
)
def test_any_values_give_lines(values, width, ascii_only):
    """Strange numbers and narrow terminals neither raise nor hang."""
    assert len(plain([sparkline(values, width, ascii_only=ascii_only)])) <= width
    line(values, "a", "b", width, ascii_only=ascii_only)
    bars([("x", value) for value in values], width, ascii_only=ascii_only)

"""Forms in which people and small models write conditions, by kind, and what is offered instead."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.parser import parse_condition
from tests.unit.analytics.query.test_parser import read
from tests.unit.analytics.query.vocabulary import DAY_COLUMNS, DAYS, SHORT, WORKOUTS

QUIET = settings(max_examples=300, deadline=None)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("sleep_hours > 7", ("total_sleep_min", ">", (420.0,))),
        ("sleep_h > 7.5", ("total_sleep_min", ">", (450.0,))),
        ("sleep_sec < 20000", ("total_sleep_min", "<", (20000 / 60,))),
        ("previous.sleep_hours >= 7", ("previous.total_sleep_min", ">=", (420.0,))),
        ("sleep_hours > 400min", ("total_sleep_min", ">", (400.0,))),
        ("sleep_min > 400", ("total_sleep_min", ">", (400.0,))),
        ("total_sleep_min > 7h", ("total_sleep_min", ">", (420.0,))),
        ("distance_km > 5", ("walking_distance_m", ">", (5000.0,))),
        ("distance_miles > 3", ("walking_distance_m", ">", (3 * 1609.344,))),
        ("distance_m > 5", ("walking_distance_m", ">", (5.0,))),
    ],
)
def test_a_unit_in_a_name_is_that_of_the_number(text, meaning):
    """Seven of ``sleep_hours`` are seven hours, never seven minutes."""
    assert read(text) == meaning


def test_a_unit_that_does_not_fit_is_refused():
    """Steps have no hours, and a score no kilometres."""
    for text in ("steps_hours > 1", "sleep_score_km > 1", "hrv_hours > 3"):
        with pytest.raises(ExpressionError) as refused:
            read(text)
        assert not refused.value.corrected


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("steps >= 10000;", ("steps", ">=", (10000.0,))),
        ('"steps >= 10000"', ("steps", ">=", (10000.0,))),
        ("'steps >= 10000'", ("steps", ">=", (10000.0,))),
        ("bedtime > 23", ("bedtime", ">", (-60.0,))),
        ("wake_time < 7", ("wake_time", "<", (420.0,))),
        ("monday", ("weekday", "=", (0,))),
        ("on mondays", ("weekday", "=", (0,))),
        ("on weekends", ("weekday", "=", (5, 6))),
        ("in march", ("month", "=", ((None, 3),))),
        ("day = monday", ("weekday", "=", (0,))),
        ("day != weekend", ("weekday", "!=", (5, 6))),
        ("weekday = 7", ("weekday", "=", (6,))),
        ("hrv is null", ("hrv_avg_ms", "=", ("none",))),
        ("hrv is not null", ("hrv_avg_ms", "!=", ("none",))),
        ("bedtime is missing", ("bedtime", "=", ("none",))),
        ("hrv > p90", ("hrv_avg_ms", ">", "p90")),
        ("steps = max", ("steps", "=", "max")),
    ],
)
def test_plain_forms(text, meaning):
    """Closing signs, quotes, hours, days without a field, absence, and the period's own figures."""
    assert read(text) == meaning


def test_ranges_in_any_form():
    """Two ends, with or without a sign."""
    meaning = ("and", ("steps", ">=", (5000.0,)), ("steps", "<=", (8000.0,)))
    for text in (
        "steps = 5000..8000",
        "steps = 5000-8000",
        "steps = 5000 to 8000",
        "steps in 5000..8000",
        "steps 5000-8000",
        "steps between 5000 and 8000",
        "steps from 5000 to 8000",
    ):
        assert read(text) == meaning, text
    assert read("steps != 5000..8000")[0] == "or"
    assert read("sleep = 7h-8h") == read("sleep between 7h and 8h")
    assert read("temperature = -0.2") == ("temperature_deviation_c", "=", (-0.2,))


@pytest.mark.parametrize("number", ["0", "1", "3", "6"])
def test_a_counted_weekday_is_ambiguous(number):
    """Some count from Sunday, some from Monday, from 0 or 1."""
    with pytest.raises(ExpressionError) as refused:
        read(f"weekday = {number}")
    assert "write its name" in refused.value.message


@pytest.mark.parametrize("text", [" > 60", "* > 60", "😀 > 60", "… < 3"])
def test_what_is_no_name_has_no_nearest(text):
    """Signs resemble no field."""
    with pytest.raises(ExpressionError) as refused:
        read(text)
    assert refused.value.nearest == ()
    assert refused.value.corrected == ""


NAMES = [*DAY_COLUMNS, *SHORT, "weekday", "month"]
BROKEN = st.tuples(
    st.sampled_from(NAMES),
    st.integers(0, 12),
    st.sampled_from(["", "z", "_km", "_hours", "_score", "_weeks", "_avg", ";", "'", "--"]),
)
VALUES = st.sampled_from(
    ["10000", "7", "sat", "a and b", "5, hrv > 3", "'; DROP TABLE x; --", "x or y and z", "23:30"]
)


@QUIET
@given(BROKEN, st.sampled_from([">=", "=", "==", "<", "!="]), VALUES)
def test_a_correction_parses_back_and_keeps_what_was_right(broken, sign, value):
    """Whatever is refused: what is offered can be read, with the same value and the same words."""
    name, cut, tail = broken
    written = name[:cut] + name[cut + 1 :] + tail
    for vocabulary in (DAYS, WORKOUTS):
        try:
            parse_condition(f"{written} {sign} {value}", vocabulary)
        except ExpressionError as error:
            if not error.corrected or error.corrected.startswith('["'):
                continue
            condition = parse_condition(error.corrected, vocabulary)
            assert condition is not None
            if value == "10000":
                assert "10000" in error.corrected
            if tail in {"_km", "_hours", "_weeks"}:
                assert tail in error.corrected

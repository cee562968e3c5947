"""Conditions as people and models write them mean what a reader expects; mistakes are placed."""

import pytest

from annulet.analytics.query.columns import QueryField
from annulet.analytics.query.conditions import Comparison, Junction, Statistic
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.parser import parse_condition
from tests.unit.analytics.query.vocabulary import DAYS, TODAY, WORKOUTS


def shape(condition):
    """A condition as nested tuples."""
    if isinstance(condition, Junction):
        return (condition.word, *map(shape, condition.parts))
    operand = condition.operand
    if isinstance(operand, QueryField | Statistic):
        operand = operand.name
    return (condition.field.name, condition.operator, operand)


def read(text, vocabulary=DAYS):
    return shape(parse_condition(text, vocabulary))


def test_many_spellings_of_one_condition():
    """Signs, words, units, languages: each spelling means the same comparison."""
    same = {
        ("steps", ">=", (10000.0,)): (
            "steps >= 10000",
            "steps>=10000",
            "steps ≥ 10,000",
            "Steps => 10k",
            "steps at least 10000 steps",
            "steps is at least 10000",
            "10000 <= steps",
            "steps mindestens 10000",
            "steps >= 10.000",
            "(steps >= 10000)",
            "not steps < 10000",
            "NOT (steps < 10000)",
        ),
        ("total_sleep_min", ">", (450.0,)): (
            "total_sleep_min > 450",
            "sleep > 7h30m",
            "sleep > 7h 30min",
            "sleep > 7.5h",
            "sleep > 7,5 h",
            "sleep over 7 hours 30 minutes",
            "sleep > 450min",
            "sleep > 7:30",
            "sleep more than 450 min",
            "total-sleep-min > 450",
        ),
        ("bedtime", ">", (-30.0,)): (
            "bedtime > 23:30",
            "bedtime after 11:30pm",
            "bedtime > 11:30 PM",
            "bedtime is later than 23:30",
        ),
        ("bedtime", ">", (30.0,)): ("bedtime > 00:30", "bedtime > 12:30am", "bedtime > 24:30"),
        ("wake_time", "<", (390.0,)): ("wake_time < 6:30", "wake_time before 06:30"),
        ("weekday", "=", (5, 6)): (
            "weekday = sat,sun",
            "weekday == Saturday, Sunday",
            "weekday in (sat, sun)",
            "weekday = sat or sun",
            "weekday = Samstag,Sonntag",
            "weekday is weekend",
            "weekday = sa/so",
            "weekday = sat-sun",
            "weekday in [sat, sun]",
        ),
        ("weekend", "=", (True,)): ("weekend = yes", "weekend", "weekend = true", "weekend is ja"),
        ("month", "=", ((None, 3),)): ("month = 3", "month = march", "month = März", "month=mar"),
        ("month", "=", ((2026, 5),)): ("month = 2026-05", "month = 2026/5"),
        ("tag", "=", ("late meal",)): (
            "tag = late meal",
            'tag = "Late Meal"',
            "tag = late_meal",
            "tag equals late-meal",
            "tag is late meal",
            "tag = 'late meal'",
        ),
        ("tag", "!=", ("alcohol",)): ("tag != alcohol", "tag not alcohol", "tag is not alcohol"),
        ("previous.tag", "=", ("alcohol",)): ("previous.tag = alcohol", "prev.tag == alcohol"),
        ("hrv_avg_ms", ">", "previous.hrv_avg_ms"): ("hrv > previous.hrv", "hrv>prev.hrv_avg_ms"),
        ("hrv_avg_ms", "<", "usual_low"): ("hrv < usual_low", "hrv_avg_ms below usual_low"),
        ("hrv_avg_ms", ">", "mean"): ("hrv > mean", "hrv > average", "hrv above avg"),
        ("day", ">=", (TODAY - 1,)): ("day >= 2026-06-01", "day >= yesterday", "day >= gestern"),
        ("temperature_deviation_c", ">", (0.3,)): ("temperature > 0.3", "temperature > 0,3 °C"),
        ("temperature_deviation_c", "<", (-0.2,)): ("temperature < -0.2", "temperature < −0.2C"),
        ("walking_distance_m", ">", (5000.0,)): ("walking_distance_m > 5km", "distance > 5 km"),
    }
    for meaning, texts in same.items():
        for text in texts:
            assert read(text) == meaning, text


def test_junctions_and_ranges():
    """``and``, ``or``, ``between`` and two signs in a row."""
    hrv, steps = ("hrv_avg_ms", ">", (40.0,)), ("steps", "<", (5000.0,))
    for text in ("hrv > 40 AND steps < 5000", "hrv > 40 && steps < 5000", "hrv>40 und steps<5000"):
        assert read(text) == ("and", hrv, steps)
    assert read("hrv > 40 or steps < 5000") == ("or", hrv, steps)
    between = ("and", ("total_sleep_min", ">=", (420.0,)), ("total_sleep_min", "<=", (480.0,)))
    for text in ("7h <= sleep <= 8h", "sleep between 7h and 8h", "sleep between 420 and 480 min"):
        assert read(text) == between, text
    assert read("8h >= sleep >= 7h") == ("and", between[2], between[1])
    assert read('tag = "wine and cheese"') == ("tag", "=", ("wine and cheese",))
    assert read("sleep between 7h and 8h and steps < 5000") == ("and", between, steps)


def test_a_negation_is_the_other_sign_and_unknown_stays_unknown():
    """Not of a range is outside of it; words, switches and absent names can be denied too."""
    assert read("not (steps between 5000 and 6000)") == (
        "or",
        ("steps", "<", (5000.0,)),
        ("steps", ">", (6000.0,)),
    )
    assert read("not weekend") == ("weekend", "!=", (True,))
    assert read("nicht tag = alcohol") == ("tag", "!=", ("alcohol",))
    for none in ("no tag", "ohne tag", "tag = none", "tag is null", "tag = no"):
        assert read(none) == ("tag", "=", ("none",)), none
    for some in ("tag is not null", "tag != none"):
        assert read(some) == ("tag", "!=", ("none",)), some
    assert read("tag = yes") == read("tag = any")


def test_other_names_of_neighbours_statistics_and_tags():
    """A day before without its dot, the usual range in words, Oura's own code of a tag."""
    same = {
        "previous.tag = alcohol": (
            "previous_tag = alcohol",
            "previous day tag = alcohol",
            "prev.tag = tag_generic_alcohol",
        ),
        "next.steps > 9": ("next_steps > 9", "next day's steps > 9"),
        "hrv < usual_low": ("hrv < usual low", "hrv below usual", "hrv < my usual range"),
        "hrv > usual_high": ("hrv above normal", "hrv > Usual High"),
        "month = 2026-03": ("month = March 2026", "month is märz 2026"),
        "steps > 9 and sleep > 7h": ("steps > 9; sleep > 7h", "(steps > 9) AND (sleep > 7h)"),
    }
    for plain, spellings in same.items():
        for text in spellings:
            assert read(text) == read(plain), text


def test_events_see_their_day():
    """``day.`` reads the day of an event; where only the day has the field it may be left out."""
    assert read("day.sleep > 7h", WORKOUTS) == ("total_sleep_min", ">", (420.0,))
    assert parse_condition("sleep > 7h", WORKOUTS).field.assumed
    assert parse_condition("day.sleep > 7h", WORKOUTS).field.of_day
    assert not parse_condition("distance > 5km", WORKOUTS).field.of_day
    assert read("activity = run", WORKOUTS) == ("activity", "=", ("running",))
    assert read("start >= 18:00", WORKOUTS) == ("start", ">=", (1080.0,))


@pytest.mark.parametrize(
    ("text", "position", "corrected"),
    [
        ("stepz >= 10000", 1, "steps >= 10000"),
        ("hrv > 40 and stpes < 5000", 14, "hrv > 40 and steps < 5000"),
        ("previous.tga = alcohol", 1, "previous.tag = alcohol"),
        ("tag = alcohol and caffeine", 19, "tag = alcohol and tag = caffeine"),
        ("hrv > 40, steps < 5000", 7, "hrv > 40 and steps < 5000"),
        ("hrv > 40 and steps < 5000 or sleep > 7h", 14, ""),
        ("(hrv > 40) and steps < 5000 or sleep > 7h", 16, ""),
        ("zzz > 1", 1, ""),
        ("hrv > 40bpm", 7, ""),
        ("sleep > many", 9, ""),
        ("bedtime > 450min", 11, ""),
        ("steps", 1, ""),
        ("steps >=", 9, ""),
        ("tag > alcohol", 1, ""),
        ("steps > 1,2,3", 1, ""),
        ("hrv > previous.steps", 7, ""),
        ("weekday = someday", 11, ""),
        ("month = 13", 9, ""),
        ("day = 2026-02-30", 7, ""),
        ("someday.steps > 1", 1, ""),
        ("", 0, ""),
    ],
)
def test_mistakes_are_placed_and_corrected(text, position, corrected):
    """A mistake names its character, and what was meant where only one thing can be meant."""
    with pytest.raises(ExpressionError) as raised:
        parse_condition(text, DAYS)
    assert (raised.value.position, raised.value.corrected) == (position, corrected)
    if corrected:
        parse_condition(corrected, DAYS)


def test_brackets_that_mix_words_come_back_as_a_list():
    """What belongs together is said by the brackets: each is an entry of its own."""
    with pytest.raises(ExpressionError) as raised:
        parse_condition("(hrv > 40 or steps < 5000) and sleep > 7h", DAYS)
    assert raised.value.corrected == '["hrv > 40 or steps < 5000", "sleep > 7h"]'


def test_unknown_names_come_with_the_nearest():
    with pytest.raises(ExpressionError) as raised:
        parse_condition("sleep_scor > 80", DAYS)
    assert raised.value.nearest[0] == "sleep_score"
    assert len(raised.value.nearest) == 3
    assert raised.value.corrected == "sleep_score > 80"


def test_comparison_is_the_only_plain_condition():
    assert isinstance(parse_condition("steps > 1", DAYS), Comparison)

"""What a person would ask: streaks, groups, clock times, today, the usual range."""

from datetime import date

import pytest

from annulet.analytics.clock_times import circular_mean, circular_sd
from annulet.analytics.query.aggregates import quantile
from annulet.analytics.query.calendar_columns import CALENDAR_GROUPS
from annulet.analytics.query.columns import QueryField
from annulet.analytics.query.engine import run
from annulet.analytics.query.evaluation import Evidence
from annulet.analytics.query.grouping import Grouping, Range
from annulet.analytics.query.parser import parse_condition
from annulet.analytics.query.question import RecordQuery, Sort
from annulet.analytics.query.rows import DayFigures, Row
from tests.unit.analytics.query.vocabulary import (
    DAY_COLUMNS,
    DAYS,
    FIRST,
    WORKOUT_COLUMNS,
    WORKOUTS,
    ask,
    day_figures,
    evidence,
    matched,
)

ALCOHOL, NONE = frozenset({"alcohol"}), frozenset()


def test_the_night_after_a_tag():
    """Nights are dated by waking: the night after a tag is on the next day."""
    records = evidence({"tag": [NONE, ALCOHOL, NONE, NONE], "hrv_avg_ms": [50, 51, 30, 52]})
    result = ask(records, "previous.tag = alcohol", metrics=["hrv"], calculate=("mean", "count"))
    assert result.lines[0].figures == {"mean": 30.0, "count": 1.0, "days": 1.0}
    assert result.matched.unknown == 1  # the first day: nobody knows about the day before


def test_missing_is_never_zero():
    """A gap is unknown on both sides of a condition; a measured zero is a value."""
    steps = [0, None, 5, 10]
    assert matched({"steps": steps}, "steps < 5") == (1, 4, 1)
    assert matched({"steps": steps}, "steps >= 5") == (2, 4, 1)
    assert matched({"steps": steps}, "steps = 0") == (1, 4, 1)


def test_unfinished_today_is_left_out():
    """Where a condition waits for a figure of today, today is no row; the night of today is."""
    columns = {"steps": [9000, 12000, 400], "hrv_avg_ms": [40, 50, 60]}
    known = {"unfinished": ["steps"], "today": FIRST + 2}
    assert matched(columns, "steps >= 10000", **known) == (1, 2, 0)
    assert matched(columns, "hrv > 45", **known) == (2, 3, 0)
    assert matched(columns, "previous.steps > 10000", **known) == (1, 3, 1)
    result = ask(evidence(columns, **known), metrics=["hrv", "steps"], calculate=("count", "mean"))
    assert [line.figures["count"] for line in result.lines] == [3.0, 2.0]


def test_streaks_end_at_unknown_days_and_outlast_an_open_today():
    """An unknown day ends a run and is told; an undecided today is no end of the current one."""
    steps = [9, 9, None, 9, 9, 9, 1, 9, 9, None]
    result = ask(
        evidence({"steps": steps}), "steps > 5", calculate=("longest_streak", "current_streak")
    )
    line = result.lines[0]
    assert (line.figures["longest_streak"], line.figures["current_streak"]) == (3.0, 2.0)
    assert (line.longest.first, line.current.last) == (FIRST + 3, FIRST + 8)
    assert result.ended_by_unknown
    none = ask(evidence({"steps": [1, 1]}), "steps > 5", calculate=("longest_streak",))
    assert none.lines[0].figures["longest_streak"] == 0.0
    over = ask(evidence({"steps": [9, 9, 1]}), "steps > 5", calculate=("current_streak",))
    assert over.lines[0].figures["current_streak"] == 0.0


def test_clock_times_go_round():
    """Bedtimes around midnight: mean, SD, order and comparison on an axis from noon to noon."""
    bedtimes = [-30.0, 30.0, 90.0, -700.0]  # 23:30, 00:30, 01:30, 12:20
    records = evidence({"bedtime": bedtimes})
    result = ask(records, "bedtime > 23:00", metrics=["bedtime"], calculate=("mean", "min", "max"))
    figures_ = result.lines[0].figures
    assert figures_["mean"] == pytest.approx(30.0)
    assert (figures_["min"], figures_["max"]) == (-30.0, 90.0)
    assert result.matched.rows == 3
    assert circular_mean([0.0, 720.0], from_noon=True) is None
    assert circular_sd([10.0]) is None
    assert circular_sd([-30.0, 30.0]) == pytest.approx(30.0, rel=0.01)
    change = ask(
        records, metrics=["bedtime"], calculate=("change",), by=Grouping(calendar="day")
    ).lines
    assert [line.figures["change"] for line in change[:3]] == [None, 60.0, 60.0]


def test_usual_range_and_the_periods_own_average():
    """`usual_low` comes from before the period; without a baseline nothing is known."""
    columns = {"hrv_avg_ms": [30, 40, 50]}
    assert matched(columns, "hrv < usual_low", usual={"hrv_avg_ms": (35, 60)}) == (1, 3, 0)
    assert matched(columns, "hrv > usual_high") == (0, 3, 3)
    assert matched(columns, "hrv > mean") == (1, 3, 0)
    assert matched(columns, "hrv >= median") == (2, 3, 0)


def test_groups_of_the_calendar():
    """Each name of a group, on a day at the turn of a year."""
    day = date(2027, 1, 2).toordinal()  # a Saturday
    assert {name: group(day) for name, group in CALENDAR_GROUPS.items()} == {
        "day": "2027-01-02",
        "weekday": "sat",
        "weekend": "yes",
        "night": "fri",
        "week": "2026-12-28",
        "month": "2027-01",
        "month_of_year": "jan",
        "season": "winter",
        "quarter": "2027-Q1",
        "year": "2027",
    }


def test_sorted_groups_and_parts_of_the_sum():
    """The best month first; each weekday's part of all steps; the change from week to week."""
    steps = [1] * 7 + [2] * 7 + [3] * 7
    records = evidence({"steps": steps})
    weeks = ask(
        records,
        metrics=["steps"],
        calculate=("sum_pct", "change"),
        by=Grouping(calendar="week"),
        sort=Sort("mean", descending=True),
        limit=2,
    )
    assert [line.group for line in weeks.lines] == ["2026-05-18", "2026-05-11"]
    assert weeks.groups_left_out == 1
    assert weeks.lines[0].figures["sum_pct"] == pytest.approx(50.0)
    assert weeks.lines[0].figures["change"] == 1.0
    ranges = (Range("first", FIRST, FIRST + 6), Range("empty", FIRST + 50, FIRST + 56))
    named = ask(records, metrics=["steps"], calculate=("count", "mean"), by=Grouping(ranges=ranges))
    assert [(line.group, line.figures["count"], line.figures["mean"]) for line in named.lines] == [
        ("first", 7.0, 1.0),
        ("empty", 0.0, None),
    ]
    assert named.matched.of == 7


def workouts():
    """Three runs and a swim; the second run has no distance."""
    runs = [
        (0, "running", 5000.0, 30.0, 1080.0),
        (0, "swimming", 1000.0, 40.0, 480.0),
        (2, "running", None, 20.0, 420.0),
        (9, "running", 8000.0, 50.0, 1200.0),
    ]
    rows = [
        Row(
            FIRST + day,
            f"{n:02}",
            {
                name: value
                for name, value in zip(
                    ("activity", "distance_m", "duration_min", "start"),
                    (activity, distance, length, start),
                    strict=True,
                )
                if value is not None
            },
        )
        for n, (day, activity, distance, length, start) in enumerate(runs)
    ]
    days = DayFigures(day_figures({"total_sleep_min": [400, 450, 480, 300]}))
    return Evidence(rows, days)


def test_workouts_by_sport_and_by_their_day():
    """The last runs, one sport against another, and the sleep of the day of a workout."""
    records = workouts()
    last = ask(
        records,
        "activity = run",
        vocabulary=WORKOUTS,
        metrics=["distance"],
        calculate=("count", "mean", "max"),
        sort=Sort(WORKOUTS.resolve("start"), descending=True),
        limit=2,
    )
    assert [row.day - FIRST for row in last.rows] == [9, 2]
    assert last.lines[0].figures["count"] == 1.0
    assert last.lines[0].figures["mean"] == 8000.0
    assert last.matched.rows == 3
    slept = ask(records, "day.sleep >= 7h", vocabulary=WORKOUTS, calculate=("count", "days"))
    assert (slept.matched.rows, slept.matched.unknown) == (1, 1)
    by_sport = ask(
        records,
        vocabulary=WORKOUTS,
        metrics=["duration_min"],
        calculate=("count", "sum", "share_pct"),
        by=Grouping(field=QueryField(WORKOUT_COLUMNS["activity"], of_day=False)),
    )
    assert [
        (line.group, line.figures["sum"], line.figures["share_pct"]) for line in by_sport.lines
    ] == [
        ("running", 100.0, 75.0),
        ("swimming", 40.0, 25.0),
    ]
    evening = ask(records, "start after 18:30", vocabulary=WORKOUTS, calculate=("count",))
    assert evening.matched.rows == 1


def test_nothing_asked_nothing_found():
    """Without rows there are counts of zero and no figure."""
    result = run(
        RecordQuery(metrics=(QueryField(DAY_COLUMNS["steps"]),)), Evidence([], DayFigures({}))
    )
    assert result.matched.of == 0
    assert result.lines[0].figures == {
        "count": 0.0,
        "mean": None,
        "min": None,
        "max": None,
        "days": 0.0,
    }
    assert result.lines[0].min_row is None


def test_quantiles_interpolate():
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.25) == 1.75
    assert quantile([7.0], 0.9) == 7.0


def test_a_condition_reads_neighbours_outside_the_period():
    """`previous` and `next` also see days that are not rows."""
    records = evidence({"steps": [1, 9, 2]})
    inner = Evidence(records.rows[1:2], records.days)
    assert ask(inner, "previous.steps < steps", "next.steps < steps").matched.rows == 1
    assert parse_condition("next.steps < 3", WORKOUTS).field.offset == 1


def test_an_unknown_yesterday_is_why_there_is_no_current_streak():
    """No streak because nothing is known of the last day: said so; because it failed: not."""
    counted = {"calculate": ("current_streak",)}
    unknown = ask(evidence({"steps": [9, 9, None]}), "steps > 3", **counted)
    assert unknown.lines[0].figures["current_streak"] == 2.0  # today is not over yet
    before = ask(evidence({"steps": [9, None, None]}), "steps > 3", **counted)
    assert before.lines[0].figures["current_streak"] is None
    assert before.ended_by_unknown
    failed = ask(evidence({"steps": [9, None, 1]}), "steps > 3", **counted)
    assert failed.lines[0].figures["current_streak"] == 0.0
    assert not failed.ended_by_unknown


def test_a_streak_may_have_been_longer_where_unknown_days_could_make_it_so():
    """Also where the unknown day stands between two shorter runs, and not beside the longest."""
    counted = {"calculate": ("longest_streak",)}
    apart = [9, 9, 9, 1, 9, 9, None, 9, 9]
    assert ask(evidence({"steps": apart}), "steps > 3", **counted).ended_by_unknown
    too_short = [9, 9, 9, 9, 1, 9, None, 9, 1]
    assert not ask(evidence({"steps": too_short}), "steps > 3", **counted).ended_by_unknown
    open_today = [1, 9, 9, None]
    for name in ("longest_streak", "current_streak"):
        result = ask(evidence({"steps": open_today}), "steps > 3", calculate=(name,))
        assert not result.ended_by_unknown


@pytest.mark.parametrize(
    ("today_tags", "condition", "verdict"),
    [
        ({"sauna"}, "tag = sauna", True),
        ({"sauna"}, "tag != sauna", False),
        ({"sauna"}, "tag = any", True),
        ({"sauna"}, "tag = none", False),
        ({"sauna"}, "tag = alcohol", None),
        ({"sauna"}, "tag != alcohol", None),
        ((), "tag = alcohol", None),
        ((), "tag = none", None),
        ((), "tag != any", None),
    ],
)
def test_what_happened_today_is_known_and_what_did_not_is_open(today_tags, condition, verdict):
    """An open day counts where its tags decide, and is left out where more may come."""
    tags = [frozenset({"alcohol"}), frozenset(), frozenset(today_tags)]
    known = matched({"tag": tags[:2]}, condition)
    counts = matched({"tag": tags}, condition, today=FIRST + 2, unfinished={"tag"})
    more = (0, 0, 0) if verdict is None else (int(verdict), 1, 0)
    assert counts == tuple(a + b for a, b in zip(known, more, strict=True))


def test_open_days_stand_in_no_group():
    """A day of which it is open where it belongs is in none of the groups."""
    records = evidence(
        {"tag": [frozenset({"alcohol"}), frozenset()], "steps": [5, 6]},
        today=FIRST + 1,
        unfinished={"tag", "steps"},
    )
    for by in (
        Grouping(field=DAYS.resolve("tag")),
        Grouping(condition=parse_condition("steps > 3", DAYS)),
    ):
        result = ask(records, calculate=("count",), by=by)
        assert [line.group for line in result.lines] in (["alcohol"], ["met"])
        assert result.matched.of == 1

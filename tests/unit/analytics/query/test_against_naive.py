"""The engine says what a loop that a person could write says, and keeps the laws of counting."""

import math
import statistics

from hypothesis import given, settings
from hypothesis import strategies as st

from annulet.analytics.query.columns import QueryField
from annulet.analytics.query.grouping import Grouping
from annulet.analytics.query.parser import parse_condition
from annulet.analytics.query.question import Sort
from tests.unit.analytics.query.vocabulary import DAY_COLUMNS, DAYS, FIRST, ask, evidence

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
QUIET = settings(max_examples=80, deadline=None)
VALUE = st.one_of(st.none(), st.integers(0, 9))
TAGS = st.one_of(st.none(), st.frozensets(st.sampled_from(["alcohol", "sauna"]), max_size=2))
DAY_LIST = st.lists(st.tuples(VALUE, VALUE, TAGS), min_size=1, max_size=40)
NUMBER = st.tuples(
    st.sampled_from(["steps", "previous.steps", "next.hrv_avg_ms", "hrv_avg_ms"]),
    st.sampled_from(["=", "!=", ">", ">=", "<", "<="]),
    st.integers(0, 9).map(str) | st.sampled_from(["previous.hrv_avg_ms", "hrv_avg_ms", "mean"]),
).filter(lambda c: not (c[0].endswith("steps") and "hrv" in c[2]))
WORD = st.tuples(
    st.sampled_from(["tag", "previous.tag"]),
    st.sampled_from(["=", "!="]),
    st.sampled_from(["alcohol", "sauna", "any", "none"]),
)
CALENDAR = st.tuples(st.just("weekday"), st.sampled_from(["=", "!="]), st.sampled_from(WEEKDAYS))
COMPARISON = NUMBER | WORD | CALENDAR
LINE = st.tuples(st.sampled_from([" and ", " or "]), st.lists(COMPARISON, min_size=1, max_size=3))


def columns(days):
    steps, hrv, tags = zip(*days, strict=True)
    return {"steps": steps, "hrv_avg_ms": hrv, "tag": tags}


def written(line):
    word, comparisons = line
    return word.join(" ".join(comparison) for comparison in comparisons)


def naive_value(days, place, name):
    """What a field is on a day, read from the plain list."""
    prefix, _, column = name.rpartition(".")
    place += {"previous": -1, "next": 1}.get(prefix, 0)
    if column == "weekday":
        return WEEKDAYS[place % 7]
    if not 0 <= place < len(days):
        return None
    return days[place][("steps", "hrv_avg_ms", "tag").index(column)]


def naive_comparison(days, place, comparison):
    name, sign, operand = comparison
    left = naive_value(days, place, name)
    if operand == "mean":
        values = [naive_value(days, n, name) for n in range(len(days))]
        values = [v for v in values if v is not None]
        right = sum(values) / len(values) if values else None
        if right is not None and sign in {"=", "!="}:
            right = round(right)
    elif operand.isdigit():
        right = int(operand)
    elif "hrv" in operand:
        right = naive_value(days, place, operand)
    else:
        right = operand
    if left is None or right is None:
        return None
    if isinstance(left, frozenset):
        holds = bool(left) if right == "any" else not left if right == "none" else right in left
        return holds if sign == "=" else not holds
    return {
        "=": left == right,
        "!=": left != right,
        ">": sign == ">" and left > right,
        ">=": sign == ">=" and left >= right,
        "<": sign == "<" and left < right,
        "<=": sign == "<=" and left <= right,
    }[sign]


def naive_line(days, place, line):
    word, comparisons = line
    verdicts = [naive_comparison(days, place, comparison) for comparison in comparisons]
    decisive = word == " or "
    if decisive in verdicts:
        return decisive
    return None if None in verdicts else not decisive


def naive_verdicts(days, lines):
    return [
        naive_line(days, place, (" and ", []))
        if not lines
        else (
            False
            if False in (each := [naive_line(days, place, line) for line in lines])
            else None
            if None in each
            else True
        )
        for place in range(len(days))
    ]


@QUIET
@given(DAY_LIST, st.lists(LINE, max_size=2))
def test_counts_and_figures_are_those_of_a_loop(days, lines):
    """Rows met, unknown rows, share, mean, SD, extremes and streaks, for any condition."""
    verdicts = naive_verdicts(days, lines)
    values = [days[n][1] for n, v in enumerate(verdicts) if v and days[n][1] is not None]
    result = ask(
        evidence(columns(days)),
        *map(written, lines),
        metrics=["hrv_avg_ms"],
        calculate=("count", "share_pct", "mean", "sd", "min", "max", "sum", "longest_streak"),
    )
    counts = result.matched
    assert (counts.rows, counts.of, counts.unknown) == (
        verdicts.count(True),
        len(days),
        verdicts.count(None),
    )
    figures = result.lines[0].figures
    assert figures["count"] == len(values)
    decided = len(days) - verdicts.count(None)
    share = 100 * verdicts.count(True) / decided if decided else None
    assert figures["share_pct"] == share
    assert figures["mean"] == (None if not values else math.fsum(values) / len(values))
    assert figures["sum"] == (sum(values) if values else None)
    assert figures["min"] == min(values, default=None)
    assert figures["max"] == max(values, default=None)
    assert figures["sd"] == (statistics.stdev(values) if len(values) > 1 else None)
    longest = run = 0
    for place, verdict in enumerate(verdicts):
        # Without a condition the days in a row are those with a value.
        goes_on = verdict if lines else days[place][1] is not None
        run = run + 1 if goes_on else 0
        longest = max(longest, run)
    assert figures["longest_streak"] == longest
    if values:
        assert result.lines[0].min_row.day == FIRST + next(
            n for n, v in enumerate(verdicts) if v and days[n][1] == min(values)
        )


@QUIET
@given(DAY_LIST, LINE)
def test_groups_part_the_whole(days, line):
    """Weekdays, tags and met or not met: the groups hold each row as often as a loop puts it."""
    records = evidence(columns(days))
    by_weekday = ask(records, written(line), calculate=("count",), by=Grouping(calendar="weekday"))
    assert sum(group.figures["count"] for group in by_weekday.lines) == by_weekday.matched.rows
    parts = ask(
        records,
        calculate=("count", "share_pct"),
        by=Grouping(condition=parse_condition(written(line), DAYS)),
    )
    verdicts = naive_verdicts(days, [line])
    sizes = {"met": verdicts.count(True), "not met": verdicts.count(False)}
    sizes["unknown"] = verdicts.count(None)
    assert {group.group: group.figures["count"] for group in parts.lines} == {
        name: size for name, size in sizes.items() if size
    }
    assert sum(group.figures["share_pct"] for group in parts.lines) > 99.999
    tagged = ask(records, calculate=("count",), by=Grouping(field=QueryField(DAY_COLUMNS["tag"])))
    for group in tagged.lines:
        members = {"none": not any, "unknown": None}
        names = [day[2] for day in days]
        if group.group not in members:
            assert group.figures["count"] == sum(1 for n in names if n and group.group in n)
    assert sum(group.figures["count"] for group in tagged.lines) == sum(
        max(len(n), 1) if n is not None else 1 for n in names
    )


@QUIET
@given(DAY_LIST, LINE, st.integers(0, 39))
def test_a_split_period_adds_up(days, line, cut):
    """Counts and sums of two parts are those of the whole, neighbours of days included."""
    if line[1][0][2] == "mean" or any(comparison[2] == "mean" for comparison in line[1]):
        return
    records = evidence(columns(days))
    whole = ask(records, written(line), metrics=["steps"], calculate=("count", "sum"))
    parts = [
        ask(
            type(records)(rows, records.days),
            written(line),
            metrics=["steps"],
            calculate=("count", "sum"),
        )
        for rows in (records.rows[:cut], records.rows[cut:])
    ]
    for name in ("rows", "of", "unknown"):
        assert getattr(whole.matched, name) == sum(getattr(part.matched, name) for part in parts)
    total = sum(part.lines[0].figures["sum"] or 0 for part in parts)
    assert (whole.lines[0].figures["sum"] or 0) == total


@QUIET
@given(DAY_LIST, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_figure(days, shuffler):
    """Rows in any order give the same figures and the same groups."""
    records = evidence(columns(days))
    mixed = list(records.rows)
    shuffler.shuffle(mixed)
    asked = {
        "metrics": ["steps", "hrv"],
        "calculate": ("count", "mean", "median", "p90", "max", "longest_streak"),
        "by": Grouping(calendar="weekend"),
    }
    straight = ask(records, "steps > 3", **asked)
    shuffled = ask(type(records)(mixed, records.days), "steps > 3", **asked)
    assert straight.lines == shuffled.lines


@QUIET
@given(DAY_LIST, LINE)
def test_an_unknown_day_only_adds_an_unknown_row(days, line):
    """One more day without any figure counts as unknown; no figure moves."""
    if any(
        comparison[2] == "mean" or comparison[0].startswith("previous") for comparison in line[1]
    ):
        return
    if any("previous" in comparison[2] or comparison[0] == "weekday" for comparison in line[1]):
        return
    before = ask(evidence(columns(days)), written(line), metrics=["hrv"], calculate=("mean",))
    longer = [*days, (None, None, None)]
    after = ask(evidence(columns(longer)), written(line), metrics=["hrv"], calculate=("mean",))
    assert after.matched.of == before.matched.of + 1
    assert after.matched.rows == before.matched.rows
    assert after.matched.unknown == before.matched.unknown + 1
    assert after.lines[0].figures == before.lines[0].figures


@QUIET
@given(DAY_LIST, st.booleans(), st.integers(1, 10))
def test_order_and_limit_are_those_of_a_sorted_list(days, descending, limit):
    """The first rows by a field; ties in order of time, reversed when the order is."""
    result = ask(
        evidence(columns(days)),
        calculate=("count",),
        sort=Sort(DAYS.resolve("steps"), descending),
        limit=limit,
    )
    places = range(len(days))
    if descending:
        places = reversed(places)
    known = [n for n in places if days[n][0] is not None]
    known.sort(key=lambda n: -days[n][0] if descending else days[n][0])
    expected = known + [n for n in range(len(days)) if days[n][0] is None]
    assert [row.day - FIRST for row in result.rows] == expected[:limit]

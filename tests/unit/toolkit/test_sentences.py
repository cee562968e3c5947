"""No sentence of a judgement claims what was not judged, or writes a number that misleads."""

import re
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from annulet.analytics.metric_trend import FittedSlope, MetricTrend, WindowChange
from annulet.analytics.period_difference import PeriodDifference
from annulet.analytics.series import Series, Summary
from annulet.analytics.tag_effects import TagEffect, TagEffects
from annulet.toolkit.dates import Period
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.tools import compare, effects
from annulet.toolkit.wording.number_format import amount, change, interval, is_clock, moved_words
from annulet.toolkit.wording.trend_sentences import trend_summary
from tests.unit.toolkit.people import TODAY

NAMES = sorted(METRICS)
NUMBERS = st.one_of(
    st.sampled_from([0.0, -0.0, 1e-9, -1e-9, 0.04, -0.04, 0.5, 59.6, 1e6, -1e6]),
    st.floats(-1e5, 1e5),
)
QUIET = settings(max_examples=150, deadline=None)
PERIOD = Period(TODAY - timedelta(days=29), TODAY)
BEFORE = Period(TODAY - timedelta(days=59), TODAY - timedelta(days=30))

SIGNED_ZERO = re.compile(r"[+-]0(?:\.0+)?(?![\d.:])")
SCIENTIFIC = re.compile(r"\de[+-]?\d")
EMPTY_INTERVAL = re.compile(r"95 %: (\S+) to \1\b")
# What a person may take for a diagnosis, a cause, an order or a reassurance.
NEVER = re.compile(
    r"\b(?:because of|caused by|causes|due to|you have|you are ill|you should|you must|see a doctor"
    r"|don't worry|nothing to worry|healthy|everything is fine|proves?|certainly|significant)\b",
    re.IGNORECASE,
)


def check(words, names=()):
    """What holds for every sentence."""
    assert not SIGNED_ZERO.search(words), words
    assert not SCIENTIFIC.search(words), words
    assert "nan" not in words, words
    assert "inf" not in words.replace("information", ""), words
    assert not NEVER.search(words), words
    if names and all(is_clock(METRICS[name]) for name in names):
        assert not re.search(r"\b(?:above|below|higher|lower|rising|falling)\b", words), words


@QUIET
@given(st.sampled_from(NAMES), NUMBERS, NUMBERS)
def test_numbers_of_any_size_are_written_plainly(name, first, second):
    """No signed zero, no scientific notation; an interval that is one has two ends."""
    metric = METRICS[name]
    low, high = sorted((first, second))
    for words in (amount(first, metric), change(first, metric), interval(low, high, metric)):
        check(words)
    if low < 0 < high and high - low > 1e-3 * max(abs(low), abs(high)) and high - low > 1e-3:
        assert not EMPTY_INTERVAL.search(interval(low, high, metric))
    if is_clock(metric):
        assert moved_words(first, metric) in {"earlier", "later"}


def slopes():
    """Slopes with their interval in order, clear ones without zero in it."""

    def made(numbers):
        low, middle, high = sorted(numbers)
        return FittedSlope(middle, low, high, low > 0 or high < 0)

    return st.one_of(st.none(), st.tuples(NUMBERS, NUMBERS, NUMBERS).map(made))


def changes():
    """Changes, judged or not."""
    return st.one_of(
        st.none(),
        st.builds(WindowChange, NUMBERS, st.none()),
        st.builds(WindowChange, NUMBERS, st.none(), NUMBERS, st.floats(1e-6, 1e5), st.booleans()),
    )


def trends():
    """Trends of every shape an engine can make."""

    def made(window, nights, moved, slope):
        named = "unclear"
        if slope is not None and slope.is_clear:
            named = "rising" if slope.per_week > 0 else "falling"
        return MetricTrend(window, nights, nights, moved, None, None, slope, named)

    windows = st.one_of(st.none(), st.builds(Summary, st.just(9), *([NUMBERS] * 4)))
    return st.builds(made, windows, st.integers(0, 30), changes(), slopes())


@QUIET
@given(st.dictionaries(st.sampled_from(NAMES), trends(), min_size=1, max_size=9))
def test_trends_claim_nothing_that_was_not_judged(by_name):
    """Directions and swings are told of judged metrics alone."""
    days = tuple(range(TODAY.toordinal() - 20, TODAY.toordinal()))
    series = {name: Series(days, (1.0,) * len(days)) for name in by_name}
    words = trend_summary(by_name, series, PERIOD, TODAY)
    check(words, by_name)
    if not any(trend.slope for trend in by_name.values()):
        assert "no clear direction" not in words
        assert "flat" not in words
    if not any(t.vs_window and t.vs_window.noise for t in by_name.values()):
        assert "usual swings" not in words


def differences():
    """Differences, judged or not; what is called has an interval without zero."""

    def made(numbers, judged):
        low, middle, high = sorted(numbers)
        if not judged:
            return PeriodDifference(50.0, 49.0, 9, 9, 1.0, None, None, None, "too few nights", 20)
        named = "no clear difference"
        if low > 0 or high < 0:
            named = "higher" if middle > 0 else "lower"
        return PeriodDifference(50.0, 49.0, 9, 9, middle, middle, low, high, named, 90)

    return st.builds(made, st.tuples(NUMBERS, NUMBERS, NUMBERS), st.booleans())


@QUIET
@given(st.dictionaries(st.sampled_from(NAMES), differences(), min_size=1, max_size=9))
def test_comparisons_name_what_was_not_judged(by_name):
    """No clear difference is said of judged metrics alone, and the others are named."""
    words = compare._summary(by_name, PERIOD, BEFORE, TODAY)
    check(words, by_name)
    unjudged = [name for name, d in by_name.items() if d.low is None]
    if len(unjudged) == len(by_name):
        assert "no clear difference" not in words.lower()
    elif unjudged:
        assert "Too few days to judge" in words


def tag_results():
    """Effects of every kind."""

    def made(numbers, judged):
        low, middle, high = sorted(numbers)
        if not judged:
            return TagEffect(2, 90)
        clear = low > 0 or high < 0
        named = ("higher" if middle > 0 else "lower") if clear else "no clear difference"
        return TagEffect(20, 90, middle, low, high, 0.01, 0.02, named)

    return st.builds(made, st.tuples(NUMBERS, NUMBERS, NUMBERS), st.booleans())


@QUIET
@given(
    st.dictionaries(st.sampled_from(NAMES), tag_results(), min_size=1, max_size=9),
    st.sampled_from(["nights", "times"]),
    st.integers(0, 7),
)
def test_effects_claim_no_cause(by_name, compared, lag):
    """An effect is an association, and its caveats say so."""
    told = TagEffects(by_name, compared)
    check(effects._summary(told, "late meal", lag), by_name)
    notes = effects._caveats(told)
    for note in notes:
        check(note)
    if any(effect.p is not None for effect in by_name.values()):
        assert any("association" in note for note in notes)


def test_what_cannot_be_told_has_its_reason():
    """A tag on every night is said to leave nothing to compare."""
    untold = TagEffects(
        {"steps": TagEffect(60, 2, verdict="cannot tell")}, "none", "only 2 are not"
    )
    words = effects._summary(untold, "magnesium", 0)
    assert words.startswith("Cannot tell")
    assert "only 2" in words

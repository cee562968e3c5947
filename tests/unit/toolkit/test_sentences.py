"""No sentence of a judgement claims what was not judged, or writes a number that misleads."""

import ast
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import annulet.toolkit
from annulet.analytics.alert_rate import AlertRate
from annulet.analytics.baseline import Score
from annulet.analytics.change_points import ChangePoint
from annulet.analytics.episodes import LEVELS, SignalEpisode
from annulet.analytics.metric_trend import FittedSlope, MetricTrend, WindowChange
from annulet.analytics.outliers import Outlier, Unjudged
from annulet.analytics.period_difference import PeriodDifference
from annulet.analytics.relations import Relation
from annulet.analytics.series import Series, Summary
from annulet.analytics.signal import SignalNight
from annulet.analytics.tag_effects import TagEffect, TagEffects
from annulet.analytics.traits import VITALS
from annulet.analytics.unusual_nights import UnusualNights
from annulet.toolkit import driver_effects
from annulet.toolkit.dates import Period
from annulet.toolkit.effect_drivers import SCANNED_DRIVERS, driver_named
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.tools import compare
from annulet.toolkit.wording.anomaly_sentences import anomaly_summary, outlier_note
from annulet.toolkit.wording.effect_sentences import AskedEvent, effect_caveats, effects_summary
from annulet.toolkit.wording.episode_details import read_details
from annulet.toolkit.wording.episode_sentences import long_words, short_words
from annulet.toolkit.wording.number_format import amount, change, interval, moved_words
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
    r"|don't worry|nothing to worry|healthy|everything is fine|proves?|certainly|significant"
    r"|no reason to|you are fine|try to|make sure|reduce your|avoid|consult|infection|disease)\b",
    re.IGNORECASE,
)
# What is said to come by chance is said of so many nights or days.
RATE = re.compile(r"[^.]*\bchance\b[^.]*", re.IGNORECASE)
PERIOD_OF_RATE = re.compile(r"\b\d+ (?:nights?|days?)\b")


def check(words, names=()):
    """What holds for every sentence."""
    assert not SIGNED_ZERO.search(words), words
    assert not SCIENTIFIC.search(words), words
    assert "nan" not in words, words
    assert "inf" not in words.replace("information", ""), words
    assert not NEVER.search(words), words
    for sentence in RATE.findall(re.sub(r"(\d)\.(\d)", r"\1,\2", words)):
        assert PERIOD_OF_RATE.search(sentence), words
    if names and all(METRICS[name].is_clock for name in names):
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
    if metric.is_clock:
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


POINTS = st.builds(
    ChangePoint, st.just(TODAY.toordinal() - 9), NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.booleans()
)


@QUIET
@given(
    st.dictionaries(st.sampled_from(NAMES), trends(), min_size=1, max_size=9),
    st.lists(POINTS, min_size=1, max_size=2),
    st.booleans(),
)
def test_what_stepped_is_told_as_no_slope(by_name, points, is_one):
    """A lasting change is told with its day; of the same metric no direction is."""
    days = tuple(range(TODAY.toordinal() - 20, TODAY.toordinal()))
    series = {name: Series(days, (1.0,) * len(days)) for name in by_name}
    names = list(by_name)[:1] if is_one else list(by_name)
    words = trend_summary(by_name, series, PERIOD, TODAY, dict.fromkeys(names, points))
    check(words, by_name)
    if not is_one:
        for direction in ("rising", "falling", "flat", "no clear direction"):
            assert direction not in words


@QUIET
@given(st.dictionaries(st.sampled_from(NAMES), trends(), min_size=1, max_size=9))
def test_trends_claim_nothing_that_was_not_judged(by_name):
    """Directions and swings are told of judged metrics alone."""
    days = tuple(range(TODAY.toordinal() - 20, TODAY.toordinal()))
    series = {name: Series(days, (1.0,) * len(days)) for name in by_name}
    words = trend_summary(by_name, series, PERIOD, TODAY, {})
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
    st.sampled_from(["tag", "day", "night"]),
)
def test_effects_claim_no_cause(by_name, compared, lag, of):
    """An effect is an association, and its caveats say so."""
    told = TagEffects(by_name, compared)
    asked = AskedEvent("late meal", lag, of)
    check(effects_summary(told, asked), by_name)
    notes = effect_caveats(told, asked)
    for note in notes:
        check(note)
    if any(effect.p is not None for effect in by_name.values()):
        assert any("association" in note for note in notes)


def test_what_cannot_be_told_has_its_reason():
    """A tag on every night is said to leave nothing to compare."""
    untold = TagEffects(
        {"steps": TagEffect(60, 2, verdict="cannot tell")}, "none", "only 2 are not"
    )
    words = effects_summary(untold, AskedEvent("magnesium", 0, "tag"))
    assert words.startswith("Cannot tell")
    assert "only 2" in words


def vital_scores():
    """A judged night of each vital, also far out."""
    return st.fixed_dictionaries(
        {
            name: st.builds(
                Score,
                st.just(0),
                st.floats(0.01, 300.0),
                st.floats(-9.0, 9.0),
                st.floats(-0.5, 5.5),
                st.floats(0.01, 40.0),
                st.integers(7, 60),
                st.just(0.0),
            )
            for name in VITALS
        }
    )


@st.composite
def unusual_periods(draw):
    """What can be unusual in some days: stretches of every length and strength, or nothing."""
    last, runs = TODAY.toordinal(), []
    scores = {name: {} for name in METRICS}
    lengths = draw(st.lists(st.integers(1, 9), max_size=12))
    vitals, signal = draw(vital_scores()), draw(st.floats(1.3, 12.0))
    for place, nights in enumerate(lengths):
        run = []
        for day in range(last - 11 - 20 * place, last - 11 - 20 * place + nights):
            judged = {name: score._replace(day=day) for name, score in vitals.items()}
            for name, score in judged.items():
                scores[name][day] = score
            run.append(SignalNight(day, max(signal / (1 + place), 1.3), judged))
        peak = max(run, key=lambda night: night.signal)
        rule = "night" if peak.signal >= 2.0 else "pair"
        runs.append(SignalEpisode(tuple(run), peak, place == 0 and draw(st.booleans()), rule, 1))
    judged_nights = draw(st.integers(0, 365)) if not runs else draw(st.integers(1, 365))
    early = (Unjudged("body_signal", draw(st.integers(0, 7)), 1),) if draw(st.booleans()) else ()
    point = ChangePoint(last - 20, 50.0, 53.0, 1.0, 5.0, draw(st.booleans()))
    per_30, height, stretch = draw(st.tuples(*([st.floats(0.05, 4.0)] * 3)))
    outlier = Outlier("steps", Score(last - 3, 2e4, 3.1, 8e3, 2e3, 60, 2e4))
    return UnusualNights(
        LEVELS[draw(st.sampled_from(sorted(LEVELS)))],
        tuple(runs),
        tuple(night.day for run in runs for night in run.nights),
        (outlier,) * draw(st.integers(0, 1)),
        {"hr_lowest_bpm": (point,)} if draw(st.booleans()) else {},
        () if judged_nights else early,
        judged_nights,
        60,
        scores,
        AlertRate(per_30, 300, height, stretch),
        None,
    )


@QUIET
@given(unusual_periods(), st.integers(1, 400), st.booleans())
def test_unusual_nights_are_told_without_a_verdict_on_the_person(unusual, days, unread):
    """Counts and rates have their unit and period; what was not judged is not called quiet."""
    period = Period(TODAY - timedelta(days=days - 1), TODAY)
    words = anomaly_summary(unusual, period, TODAY, unread=unread)
    check(words)
    check(outlier_note(unusual, days))
    if not unusual.judged_nights:
        assert "No unusual" not in words
        assert "chance" not in words
    for place, episode in enumerate(unusual.episodes):
        details = read_details(episode, unusual, [])
        short = short_words(details)
        check(short)
        assert len(short) <= 200
        assert short.endswith("Not a diagnosis.")
        if place < 2:
            check(long_words(details, TODAY, {episode.start: ["late meal"]}))
            check(long_words(replace(details, absent=("hrv_avg_ms",)), TODAY))


def relation_figures():
    """Relations of every kind."""

    def made(numbers, judged):
        low, middle, high = sorted(numbers)
        if not judged:
            return Relation(9)
        clear = low > 0 or high < 0
        named = ("higher" if middle > 0 else "lower") if clear else "no clear difference"
        return Relation(90, middle, low, high, 0.01, 0.02, named)

    return st.builds(made, st.tuples(NUMBERS, NUMBERS, NUMBERS), st.booleans())


@QUIET
@given(
    st.sampled_from(SCANNED_DRIVERS),
    st.dictionaries(st.sampled_from(NAMES), relation_figures(), min_size=1, max_size=9),
    st.integers(0, 7),
)
def test_relations_claim_no_cause(name, by_metric, lag):
    """What goes with a driver is not said to come from it."""
    driver = driver_named(name, TODAY.toordinal())
    check(" ".join(driver_effects._judged_words(driver, by_metric, lag)), by_metric)


SOURCES = sorted(Path(annulet.toolkit.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_text_of_an_answer_judges_or_orders(source):
    """No text of the toolkit, docstrings apart, has a word of the lexicon."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    documented = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    docs = {ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, documented)}
    for text in texts:
        if isinstance(text, str) and text not in docs:
            assert not NEVER.search(text), text

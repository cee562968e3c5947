"""How often each claim of an answer holds, for people of one kind.

A claim is measured where nothing happens (how often something is called), or where something is
known to have happened (how often it is called). Every figure has its interval over people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from annulet.analytics.change_points import change_points
from annulet.analytics.episodes import LEVELS, alerts
from annulet.analytics.metric_trend import describe_trend
from annulet.analytics.period_difference import compare_periods
from annulet.analytics.rhythm import cyclic_patterns, find_rhythm
from annulet.analytics.series import Series
from annulet.analytics.tag_effects import tag_effects
from annulet.analytics.traits import traits_of
from annulet.analytics.unusual_nights import JudgedVitals, find_unusual, judge_vitals
from annulet.analytics.usual_range import usual_range
from annulet.toolkit.effect_events import Event
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.reading.history import history_start
from benchmarks.detector import estimates
from benchmarks.detector.estimates import Estimate
from benchmarks.detector.subjects import Subject

__all__ = [
    "CALLED",
    "alert_claims",
    "change_point_claims",
    "change_power",
    "effect_claims",
    "period_claims",
    "ramp_steps",
    "range_claims",
    "slope_power",
    "step_power",
    "trend_claims",
]

CALLED = ("higher", "lower")
WINDOWS = (7, 30, 90, 180)
_DAYS_A_YEAR = 365.0
_RAMP_DAYS = 360


class Counts:
    """What was counted and among how many, by claim and person."""

    def __init__(self) -> None:
        self._people: defaultdict[str, list[list[float]]] = defaultdict(list)
        self._open: dict[str, list[float]] = {}

    def add(self, claim: str, counted: float, among: float = 1.0) -> None:
        """Count something of the person at hand."""
        row = self._open.setdefault(claim, [0.0, 0.0])
        row[0] += counted
        row[1] += among

    def next_person(self) -> None:
        """Close the person at hand."""
        for claim, row in self._open.items():
            self._people[claim].append(row)
        self._open = {}

    def estimates(self, per: float = 1.0) -> dict[str, Estimate]:
        """Every claim's rate with its interval over people."""
        return {
            claim: estimates.rate([row[0] for row in rows], [row[1] for row in rows], per)
            for claim, rows in self._people.items()
            if len(rows) > 1 and sum(row[1] for row in rows)
        }


def context(subject: Subject, until: int) -> tuple[JudgedVitals, dict[str, dict[int, float]]]:
    """What the product takes into account of a person up to a day: illness and rhythm."""
    vitals = judge_vitals({m: s.between(1, until) for m, s in subject.vitals.items()})
    return vitals, cyclic_patterns(vitals.rhythm, subject.series, vitals.ill)


def trend_claims(people: Iterable[Subject]) -> dict[str, Estimate]:
    """Noise bands that hold, and false directions and changes, where nothing lasting happens."""
    counts = Counts()
    for subject in people:
        vitals, patterns = context(subject, subject.last)
        for length in WINDOWS:
            if 2 * length > subject.last - subject.first + 1:
                continue
            called = judged = 0
            for metric, series in subject.nine.items():
                read = series.between(history_start(subject.end, length), subject.end)
                trend = describe_trend(
                    read, traits_of(metric), end=subject.end, length=length,
                    left_out=vitals.ill, pattern=patterns.get(metric),
                )  # fmt: skip
                change = trend.vs_window
                if change and change.noise is not None and change.judged is not None:
                    judged = 1
                    counts.add(f"noise band {length} d", abs(change.judged) <= change.noise)
                    counts.add(f"change called {length} d", change.is_beyond)
                    called |= change.is_beyond
                if trend.slope:
                    slope = trend.slope.is_clear
                    counts.add(f"slope called {length} d", slope)
                    outside = trend.slope.low > 0 or trend.slope.high < 0
                    counts.add(f"slope outside 95 % {length} d", outside)
                    called |= slope
            if judged:
                counts.add(f"any of nine in trends {length} d", called)
        counts.next_person()
    return counts.estimates()


def period_claims(people: Iterable[Subject]) -> dict[str, Estimate]:
    """False differences of two periods, where nothing lasting happens."""
    counts = Counts()
    for subject in people:
        vitals, patterns = context(subject, subject.last)
        for days, before, apart in ((2, 7, 0), (7, 7, 0), (30, 30, 0), (90, 90, 0), (30, 30, 180)):
            name = f"{days} v {before}" + (" half a year apart" if apart else "")
            if days + before + apart > subject.last - subject.first + 1:
                continue
            called = judged = 0
            first = subject.end - timedelta(days - 1), subject.end
            last = first[0] - timedelta(1 + apart)
            second = last - timedelta(before - 1), last
            for metric, series in subject.nine.items():
                start = min(history_start(subject.end, max(days, before)), second[0])
                difference = compare_periods(
                    series.between(start, subject.end), traits_of(metric), first, second,
                    left_out=vitals.ill, pattern=patterns.get(metric),
                )  # fmt: skip
                if difference.low is not None and difference.high is not None:
                    judged = 1
                    counts.add(f"difference called {name}", difference.verdict in CALLED)
                    counts.add(
                        f"difference outside 95 % {name}", difference.low > 0 or difference.high < 0
                    )
                    called |= difference.verdict in CALLED
            if judged:
                counts.add(f"any of nine compared {name}", called)
        counts.next_person()
    return counts.estimates()


def change_power(people: Iterable[Subject]) -> Estimate:
    """How often a step thirty nights ago is called when the thirty days are compared."""
    hits = []
    for subject in people:
        metric, _, size = subject.steps[0]
        month = timedelta(29)
        first = subject.end - month, subject.end
        second = first[0] - timedelta(30), first[0] - timedelta(1)
        series = subject.series[metric].between(history_start(subject.end, 30), subject.end)
        difference = compare_periods(series, traits_of(metric), first, second)
        hits.append(difference.verdict == ("higher" if size > 0 else "lower"))
    return estimates.share(sum(hits), len(hits))


def slope_power(people: Iterable[Subject], length: int = 90) -> Estimate:
    """How often a slope over the last nights is called in its direction."""
    hits = []
    for subject in people:
        metric, size = subject.ramps[0]
        series = subject.series[metric].between(history_start(subject.end, length), subject.end)
        trend = describe_trend(series, traits_of(metric), end=subject.end, length=length)
        hits.append(trend.direction == ("rising" if size > 0 else "falling"))
    return estimates.share(sum(hits), len(hits))


def change_point_claims(people: Iterable[Subject], metrics: Sequence[str] = ()) -> Estimate:
    """Change points a year and metric, where nothing lasting happens."""
    counts = Counts()
    for subject in people:
        vitals, patterns = context(subject, subject.last)
        for metric in metrics or subject.nine:
            calm = _explained(subject.series[metric].without(vitals.ill), patterns.get(metric))
            years = (subject.last - subject.first + 1) / _DAYS_A_YEAR
            counts.add("a year", len(change_points(calm, traits_of(metric))), years)
        counts.next_person()
    return counts.estimates()["a year"]


def step_power(people: Iterable[Subject], within: int = 30) -> tuple[Estimate, Estimate]:
    """How often a lasting step is found, and how often within five nights, of those found.

    Found is a change in its direction within so many nights: many a small step is told as one "at
    once or over weeks", whose day is a middle.
    """
    errors = []
    trials = 0
    for subject in people:
        metric, day, size = subject.steps[0]
        points = change_points(subject.series[metric], traits_of(metric))
        trials += 1
        alike = [point for point in points if (point.low > 0) == (size > 0)]
        nearest = min((abs(point.since - day) for point in alike), default=within + 1)
        errors += [nearest] if nearest <= within else []
    dated = sum(error <= 5 for error in errors)
    return estimates.share(len(errors), trials), estimates.share(dated, len(errors))


def alert_claims(people: Iterable[Subject], level: str = "medium") -> dict[str, Estimate]:
    """False alert nights in thirty, those announced, and illness that alerts."""
    counts = Counts()
    for subject in people:
        start = subject.first + 60
        unusual = find_unusual(
            subject.vitals, start=date.fromordinal(start), end=subject.end, sensitivity=level
        )
        recorded = [n.day for n in judge_vitals(subject.vitals).nights if n.signal is not None]
        clear = [day for day in recorded if day >= start and day not in subject.eventful]
        false = [day for day in unusual.alert_nights if day not in subject.eventful]
        counts.add("false alert nights in 30", len(false), len(clear) / 30)
        counts.add("announced in 30", unusual.rate.per_30 * len(clear) / 30, len(clear) / 30)
        rare = [e for e in unusual.episodes if unusual.chance(e) <= 0.1]
        clearly = [e for e in rare if not _touches(e.start, e.end, subject.eventful)]
        counts.add("a stretch that chance makes in one of ten", bool(clearly))
        for began, ended in subject.illnesses:
            if began >= start:
                alerted = any(began <= day <= ended + 1 for day in unusual.alert_nights)
                counts.add("illness that alerts", alerted)
        counts.next_person()
    return counts.estimates()


def ramp_steps(people: Iterable[Subject]) -> tuple[Estimate, Estimate]:
    """How often a slope is told as a step on a day, and how often as a lasting change at all."""
    told = []
    for subject in people:
        metric, _ = subject.ramps[0]
        points = change_points(subject.series[metric], traits_of(metric))
        told.append([p.is_gradual for p in points if p.since > subject.last - _RAMP_DAYS])
    at_once = sum(not all(gradual) for gradual in told)
    return estimates.share(at_once, len(told)), estimates.share(sum(map(bool, told)), len(told))


def range_claims(people: Iterable[Subject], nights: Sequence[int]) -> dict[int, Estimate]:
    """How often the next day lies in the usual range, by the days behind it."""
    counts = Counts()
    for subject in people:
        for series in subject.nine.values():
            for at in range(90, len(series), 17):
                for n in nights:
                    usual = usual_range(series.values[at - n : at])
                    counts.add(str(n), usual.low <= series.values[at] <= usual.high)
        counts.next_person()
    return {int(name): estimate for name, estimate in counts.estimates().items()}


def effect_claims(people: Iterable[Subject], days: int = 180) -> dict[str, Estimate]:
    """Answers about a tag that call what is not so, and those that call what is so."""
    counts = Counts()
    for subject in people:
        until = subject.last
        ill = judge_vitals(subject.vitals).ill
        rhythm = find_rhythm(subject.series["temperature_deviation_c"], is_sure=False)
        for tag in subject.tags:
            asked = dict.fromkeys((*subject.nine, *tag.effects))
            recent = {m: (subject.series[m].window(until, days), traits_of(m)) for m in asked}
            tagged = frozenset(day for day in tag.nights if until - days < day <= until)
            evenings = Event(frozenset(day - 1 for day in tagged), lag_days=0)
            told = tag_effects(
                recent,
                tagged,
                left_out=_left_out(ill, tagged),
                rhythm=rhythm,
                nights_back={m: evenings.nights_back(METRICS[m]) for m in recent},
            )
            if not tag.effects:
                false = any(e.verdict in CALLED for e in told.effects.values())
                counts.add("an answer calls something", false)
            for metric, size in tag.effects.items():
                effect = told.effects[metric]
                right = effect.verdict == ("higher" if size > 0 else "lower")
                counts.add("a true effect is called", right)
                if effect.low is not None and effect.high is not None:
                    counts.add("the interval holds it", effect.low <= size <= effect.high)
        counts.next_person()
    return counts.estimates()


def false_nights_at(people: Iterable[Subject], threshold: float) -> tuple[Estimate, Estimate]:
    """False nights in thirty and illness recall of the body signal at a threshold."""
    counts = Counts()
    for subject in people:
        start = subject.first + 60
        signals = {n.day: n.signal for n in judge_vitals(subject.vitals).nights if n.signal}
        for day, signal in signals.items():
            if day >= start and day not in subject.eventful:
                counts.add("false", signal >= threshold, 1 / 30)
        for began, ended in subject.illnesses:
            if began >= start:
                span = range(began, ended + 2)
                counts.add("recall", any(signals.get(d, -9.0) >= threshold for d in span))
        counts.next_person()
    rates = counts.estimates()
    return rates["false"], rates["recall"]


def level_alert_nights(nights: JudgedVitals, level: str) -> list[int]:
    """The alert nights of a person at a level."""
    judged = [night for night in nights.nights if night.signal is not None]
    return [judged[i].day for i in alerts(judged, LEVELS[level])]


def _left_out(ill: frozenset[int], tagged: frozenset[int]) -> frozenset[int]:
    return frozenset() if 2 * len(ill & tagged) > len(ill) else ill


def _explained(series: Series, pattern: dict[int, float] | None) -> Series:
    if pattern is None:
        return series
    pairs = zip(series.days, series.values, strict=True)
    return Series(series.days, tuple(value - pattern[day] for day, value in pairs))


def _touches(start: int, end: int, days: frozenset[int]) -> bool:
    return any(day in days for day in range(start, end + 1))

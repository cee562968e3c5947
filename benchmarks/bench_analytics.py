"""Speed of the analytics: nine metrics over 120 nights and over two years, pure Python.

The floor beside it is one pass of ``statistics`` over the same nights: mean and SD of a trailing
window of 60 nights for every night, which is less than any baseline has to do.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from annulet.analytics.metric_trend import describe_trend
from annulet.analytics.period_difference import compare_periods
from annulet.analytics.series import Series
from annulet.analytics.tag_effects import tag_effects
from annulet.analytics.traits import traits_of
from annulet.analytics.unusual_nights import find_unusual
from benchmarks.detector.detectors import FIRST_DAY, metric_series
from benchmarks.detector.population import METRICS, Person, simulate

BUDGET_MS = {120: 25, 730: 250}


def main() -> int:
    code = 0
    for nights, budget in BUDGET_MS.items():
        data = _series(simulate(1, nights, 5)[0])
        end = date.fromordinal(FIRST_DAY + nights - 1)
        floor = _best(lambda d=data: _floor(d))
        print(
            f"\nNine metrics, {nights} nights (trailing mean and SD by statistics: {floor:.1f} ms)"
        )
        for name, work in _work(data, end, nights).items():
            took = _best(work)
            over = name == "anomalies" and took > budget
            code |= over
            limit = f"budget {budget} ms" if name == "anomalies" else ""
            print(f"  {name:32s}{took:8.1f} ms  {took / floor:5.2f} of that  {limit}")
    return code


def _work(data: dict[str, Series], end: date, nights: int) -> dict[str, Callable[[], object]]:
    start = date.fromordinal(FIRST_DAY)
    week = (date.fromordinal(end.toordinal() - 6), end)
    before = (date.fromordinal(end.toordinal() - 13), date.fromordinal(end.toordinal() - 7))
    recent = {m: (s.window(end, 180), traits_of(m)) for m, s in data.items()}
    often = frozenset(range(FIRST_DAY + nights - 110, FIRST_DAY + nights, 6))
    seldom = frozenset(range(FIRST_DAY + nights - 110, FIRST_DAY + nights, 19))
    return {
        "anomalies": lambda: find_unusual(data, start=start, end=end, metrics=METRICS),
        "trends over 90 days": lambda: [
            describe_trend(s, traits_of(m), end=end, length=90) for m, s in data.items()
        ],
        "week against week": lambda: [
            compare_periods(s, traits_of(m), week, before) for m, s in data.items()
        ],
        "effects, 18 tagged of 180": lambda: tag_effects(recent, often),
        "effects, 6 tagged, exact": lambda: tag_effects(recent, seldom),
    }


def _series(person: Person) -> dict[str, Series]:
    return {metric: metric_series(person, column) for column, metric in enumerate(METRICS)}


def _floor(data: dict[str, Series]) -> None:
    for series in data.values():
        for n in range(7, len(series)):
            window = series.values[max(0, n - 60) : n]
            statistics.stdev(window, statistics.fmean(window))


def _best(work: Callable[[], object], times: int = 5) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best * 1000


if __name__ == "__main__":
    sys.exit(main())

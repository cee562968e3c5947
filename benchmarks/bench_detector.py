"""Detector quality on simulated people, beside the plain z-score and published rules.

Strict scoring; every figure is about simulated people and none about real ones.
Usage: ``python benchmarks/bench_detector.py [--quick]``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.detector import detectors, suites
from benchmarks.detector.population import Person
from benchmarks.detector.scoring import Outcome, evaluate, matched

SEEDS = (11, 12, 13, 14, 15)
COMPARED: dict[str, Callable[[Person], np.ndarray]] = {
    "annulet: body signal": detectors.annulet,
    "plain z, 9 metrics, 30 nights with the night": detectors.in_window_z,
    "plain z, 4 vitals, 30 nights with the night": lambda p: detectors.in_window_z(p, columns=4),
    "z of the 30 nights before, 4 vitals": detectors.previous_z,
    "the same, directed": lambda p: detectors.previous_z(p, directed=True),
}


def main(*, quick: bool) -> int:
    users, seeds = (60, SEEDS[:1]) if quick else (150, SEEDS)
    people = suites.population(users, seeds)
    print(f"{len(people)} simulated people, 360 scored nights each; strict scoring\n")
    scores = {name: [score(p) for p in people] for name, score in COMPARED.items()}
    recall = _matched(people, scores)
    _nominal(people, scores)
    second = _second(max(users, 100), SEEDS)
    checks = {
        "fever recall at 1 false-alert night in 30 >= 0.90": recall[0] >= 0.90,
        "at least three times the plain z-score's": recall[0] >= 3 * recall[1],
        "second illness 12 nights later >= 0.88": second >= 0.88,
        **_hard(users, seeds),
        **_answers(users),
    }
    print("\nGates")
    for name, passed in checks.items():
        print(f"  {'ok  ' if passed else 'FAIL'} {name}")
    return 0 if all(checks.values()) else 1


def _matched(people: list[Person], scores: dict[str, list[np.ndarray]]) -> tuple[float, float]:
    fever = {}
    for target in (0.5, 1.0, 2.0):
        _head(f"Matched at {target} false-alert nights in 30 clear nights")
        for name, found in scores.items():
            outcome = matched(people, found, target)
            _line(name, outcome)
            fever[name, target] = outcome.recall["fever"]
    ours, plain = (fever[name, 1.0] for name in list(scores)[:2])
    print(f"\nFever recall at 1.0: {ours:.2f} against {plain:.2f}, {ours / plain:.1f} times.")
    return ours, plain


def _nominal(people: list[Person], scores: dict[str, list[np.ndarray]]) -> None:
    _head("At published or shipped thresholds")
    for level in ("low", "medium", "high"):
        alert = suites.medium_alerts(people, level)
        _line(f"annulet, {level}", evaluate(people, alert, float("nan")))
    plain = scores["plain z, 9 metrics, 30 nights with the night"]
    for z in (2.0, 3.0):
        alert = [np.nan_to_num(s) >= z for s in plain]
        _line(f"plain z >= {z:.0f}, any of 9", evaluate(people, alert, z))
    night = [detectors.nightsignal(p) for p in people]
    for bpm in (3.0, 4.0):
        alert = [np.nan_to_num(s) >= bpm for s in night]
        _line(f"NightSignal's rule, +{bpm:.0f} bpm twice", evaluate(people, alert, bpm))
    iqr = [detectors.iqr_rule(p) > 0 for p in people]
    _line("1.5 IQR and |z| > 2, any of 9", evaluate(people, iqr, float("nan")))


def _second(users: int, seeds: tuple[int, ...]) -> float:
    people = suites.second_illness(users, seeds)
    print("\nSecond fever, twelve nights after the first ended, at 1.0 false-alert nights")
    answers = {}
    for name in list(COMPARED)[:3]:
        found = [COMPARED[name](p) for p in people]
        threshold = matched(people, found, 1.0).threshold
        first, again = suites.second_illness_recall(found, threshold)
        answers[name] = again
        print(f"  {name:46s} first {first:.2f}  second {again:.2f}")
    return next(iter(answers.values()))


def _hard(users: int, seeds: tuple[int, ...]) -> dict[str, bool]:
    print("\nHard cases (S >= 2.0 alone)")
    cases = {
        "main": {},
        "40 % of nights missing": {"missing": 0.40},
        "everybody cycles": {"cycle_share": 1.0},
        "nobody cycles": {"cycle_share": 0.0},
        "artefacts on 3 %, no events": {"rates": {}, "artefacts": 0.03},
    }
    outcomes: dict[str, Outcome] = {}
    for name, scenario in cases.items():
        people = suites.population(users, seeds[:2], **scenario)
        alert = [np.nan_to_num(detectors.annulet(p), nan=-9.0) >= 2.0 for p in people]
        outcomes[name] = evaluate(people, alert, 2.0)
        _line(name, outcomes[name])
    calm = suites.population(users, seeds[:2], rates={})
    rates, spurious = suites.z_rates(calm), suites.spurious_levels(calm)
    shifted = suites.level_shift(max(users, 100), 21)
    print(f"  P(|z| >= 2) by nights of history: {_rounded(rates)}")
    print(f"  +6 bpm for good: recognised {shifted.noticed:.2f}, on night", end=" ")
    print(f"{shifted.median_night:.0f}; alert nights {shifted.alert_nights:.1f} of 45")
    print(f"  new levels out of nothing: {spurious:.2f} a year")
    main_case = outcomes["main"]
    return {
        "S >= 2.0: false-alert nights <= 1.2 in 30": main_case.false_nights <= 1.2,
        "S >= 2.0: fever recall >= 0.85": main_case.recall["fever"] >= 0.85,
        "S >= 2.0: mean delay <= 1.3 nights": main_case.delay["fever"] <= 1.3,
        "P(|z| >= 2) <= 0.08 with any history": max(rates.values()) <= 0.085
        and rates["all"] <= 0.08,
        "+6 bpm recognised in >= 0.8": shifted.noticed >= 0.8,
        "new levels out of nothing <= 0.1 a year": spurious <= 0.1,
    }


def _answers(users: int) -> dict[str, bool]:
    print("\nTrends and effects without anything to find")
    trends = {n: suites.false_trends(8 * users, 5, n) for n in (30, 60, 90, 180)}
    print(f"  called rising or falling (AR 0.35), by days: {_rounded(trends)}")
    pairs, tags = suites.false_effects(suites.population(max(users // 15, 4), (31,)), 25, 7)
    print(f"  25 tags without effect a person: {pairs:.3f} of pairs, {tags:.3f} of tags called")
    return {
        "false trends <= 0.08": max(trends.values()) <= 0.08,
        "false effects <= 0.05 of pairs": pairs <= 0.05,
    }


def _head(title: str) -> None:
    print(f"\n{title}")
    columns = ("threshold", "FA nights", "FA runs", "precision", "fever", "alcohol", "travel")
    print(f"  {'':46s}" + "".join(f"{c:>10s}" for c in (*columns, "load", "delay")))


def _line(name: str, found: Outcome) -> None:
    figures = (
        found.threshold,
        found.false_nights,
        found.false_episodes,
        found.precision,
        *found.recall.values(),
        found.delay["fever"],
    )
    print(f"  {name:46s}" + "".join(f"{f:10.2f}" if f == f else f"{'-':>10s}" for f in figures))  # noqa: PLR0124 - NaN is unequal to itself


def _rounded(rates: dict) -> str:
    return ", ".join(f"{name}: {rate:.3f}" for name, rate in rates.items())


if __name__ == "__main__":
    began = time.perf_counter()
    code = main(quick="--quick" in sys.argv)
    print(f"\n{time.perf_counter() - began:.0f} s")
    sys.exit(code)

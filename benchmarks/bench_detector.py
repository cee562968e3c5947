"""Detector quality on simulated people, beside the plain z-score and published rules.

Strict scoring; every figure is about simulated people and none about real ones.
Usage: ``python benchmarks/bench_detector.py [--quick]``.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from annulet.analytics.signal import Walk
from benchmarks.detector import detectors, suites
from benchmarks.detector.estimates import Estimate
from benchmarks.detector.population import Person
from benchmarks.detector.scoring import Outcome, evaluate, matched

SEEDS = (11, 12, 13, 14, 15)
OURS = "annulet: body signal"
PLAIN = "plain z, 9 metrics, 30 nights with the night"
COMPARED: dict[str, Callable[[Person], np.ndarray]] = {
    PLAIN: detectors.in_window_z,
    "plain z, 4 vitals, 30 nights with the night": lambda p: detectors.in_window_z(p, columns=4),
    "z of the 30 nights before, 4 vitals": detectors.previous_z,
    "the same, directed": lambda p: detectors.previous_z(p, directed=True),
}


def main(*, quick: bool) -> int:
    """Run and print; 1 where a gate of the specification is missed."""
    users, seeds = (60, SEEDS[:1]) if quick else (150, SEEDS)
    people = suites.population(users, seeds)
    judged = suites.judge(people)
    print(f"{len(people)} simulated people, 360 scored nights each; strict scoring\n")
    scores = {name: [score(p) for p in people] for name, score in COMPARED.items()}
    scores = {OURS: suites.signals(people, judged), **scores}
    checks = {
        **_matched(people, scores),
        **_second(max(users, 100), SEEDS),
        **_hard(users, seeds),
        **_answers(users),
    }
    _nominal(people, judged, scores)
    print("\nGates (each missed only beyond its 95 % interval)")
    for name, passed in checks.items():
        print(f"  {'ok  ' if passed else 'FAIL'} {name}")
    return 0 if all(checks.values()) else 1


def _matched(people: list[Person], scores: dict[str, list[np.ndarray]]) -> dict[str, bool]:
    fever = {}
    for target in (0.5, 1.0, 2.0):
        _head(f"Matched at {target} false-alert nights in 30 clear nights")
        for name, nights in scores.items():
            outcome = matched(people, nights, target)
            _line(name, outcome)
            fever[name, target] = outcome.recall["fever"]
    ours, plain = fever[OURS, 1.0], fever[PLAIN, 1.0]
    print(f"\nFever recall at 1.0: {_interval(ours)} against {_interval(plain)}, ", end="")
    print(f"{ours.value / plain.value:.1f} times.")
    return {
        "fever recall at 1 false-alert night in 30 >= 0.90": ours.may_reach(0.90),
        "at least three times the plain z-score's": ours.may_reach(3 * plain.low),
    }


def _nominal(people: list[Person], judged: list[Walk], scores: dict[str, list[np.ndarray]]) -> None:
    _head("At published or shipped thresholds")
    for level in ("low", "medium", "high"):
        alert = suites.level_alerts(people, judged, level)
        _line(f"annulet, {level}", evaluate(people, alert, float("nan")))
    for z in (2.0, 3.0):
        alert = [np.nan_to_num(s) >= z for s in scores[PLAIN]]
        _line(f"plain z >= {z:.0f}, any of 9", evaluate(people, alert, z))
    night = [detectors.nightsignal(p) for p in people]
    for bpm in (3.0, 4.0):
        alert = [np.nan_to_num(s) >= bpm for s in night]
        _line(f"NightSignal's rule, +{bpm:.0f} bpm twice", evaluate(people, alert, bpm))
    iqr = [detectors.iqr_rule(p) > 0 for p in people]
    _line("1.5 IQR and |z| > 2, any of 9", evaluate(people, iqr, float("nan")))


def _second(users: int, seeds: tuple[int, ...]) -> dict[str, bool]:
    people = suites.second_illness(users, seeds)
    print("\nSecond fever, twelve nights after the first ended, at 1.0 false-alert nights")
    recall = {}
    for name, score in [(OURS, detectors.annulet), *list(COMPARED.items())[:2]]:
        nights = [score(p) for p in people]
        threshold = matched(people, nights, 1.0).threshold
        first, recall[name] = suites.second_illness_recall(nights, threshold)
        print(f"  {name:46s} first {first.value:.2f}  second {recall[name].value:.2f}")
    return {"second illness 12 nights later >= 0.88": recall[OURS].may_reach(0.88)}


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
        alert = [np.nan_to_num(detectors.annulet(p)) >= 2.0 for p in people]
        outcomes[name] = evaluate(people, alert, 2.0)
        _line(name, outcomes[name])
    main_case = outcomes["main"]
    return {
        "S >= 2.0: false-alert nights <= 1.2 in 30": main_case.false_nights.may_stay_within(1.2),
        "S >= 2.0: fever recall >= 0.85": main_case.recall["fever"].may_reach(0.85),
        "S >= 2.0: mean delay <= 1.3 nights": main_case.delay["fever"].may_stay_within(1.3),
        **_calm(users, seeds),
    }


def _calm(users: int, seeds: tuple[int, ...]) -> dict[str, bool]:
    people = suites.population(users, seeds[:2], rates={})
    judged = suites.judge(people)
    rates, spurious = suites.z_rates(judged), suites.spurious_levels(people, judged)
    shifted = suites.level_shift(max(users, 100), 21)
    print(f"  P(|z| >= 2) by nights of history: {_listed(rates)}")
    print(f"  +6 bpm for good: recognised {_interval(shifted.noticed)}, on night", end=" ")
    print(f"{shifted.median_night:.0f}; alert nights {shifted.alert_nights.value:.1f} of 45")
    print(f"  new levels out of nothing: {_interval(spurious)} a year")
    return {
        "P(|z| >= 2) <= 0.08 with any history": all(
            rate.may_stay_within(0.08) for rate in rates.values()
        ),
        "+6 bpm recognised in >= 0.8": shifted.noticed.may_reach(0.8),
        "new levels out of nothing <= 0.1 a year": spurious.may_stay_within(0.1),
    }


def _answers(users: int) -> dict[str, bool]:
    print("\nTrends and effects without anything to detect")
    trends = {str(n): suites.false_trends(8 * users, 5, n) for n in (30, 60, 90, 180)}
    print(f"  called rising or falling (AR 0.35), by days: {_listed(trends)}")
    pairs, tags = suites.false_effects(suites.population(max(users // 15, 4), (31,)), 25, 7)
    print(f"  25 tags without effect a person: {_interval(pairs)} of pairs, ", end="")
    print(f"{_interval(tags)} of tags called")
    return {
        "false trends <= 0.08": all(called.may_stay_within(0.08) for called in trends.values()),
        "false effects <= 0.02 of pairs": pairs.may_stay_within(0.02),
        "false effects <= 0.06 of tags": tags.may_stay_within(0.06),
    }


def _head(title: str) -> None:
    print(f"\n{title}")
    columns = ("threshold", "FA nights", "FA runs", "precision", "fever", "alcohol", "travel")
    print(f"  {'':46s}" + "".join(f"{c:>10s}" for c in (*columns, "load", "delay")))


def _line(name: str, outcome: Outcome) -> None:
    figures = (
        outcome.threshold,
        outcome.false_nights.value,
        outcome.false_episodes.value,
        outcome.precision,
        *(recall.value for recall in outcome.recall.values()),
        outcome.delay["fever"].value,
    )
    cells = (f"{'-':>10s}" if math.isnan(figure) else f"{figure:10.2f}" for figure in figures)
    print(f"  {name:46s}" + "".join(cells))


def _listed(rates: dict[str, Estimate]) -> str:
    return ", ".join(f"{name}: {rate.value:.3f}" for name, rate in rates.items())


def _interval(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


if __name__ == "__main__":
    began = time.perf_counter()
    code = main(quick="--quick" in sys.argv)
    print(f"\n{time.perf_counter() - began:.0f} s")
    sys.exit(code)

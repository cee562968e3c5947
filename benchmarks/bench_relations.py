"""How often oura_effects calls what is not there, asked about a driver or about everything.

Usage: ``python benchmarks/bench_relations.py [PEOPLE] [SEED] [KIND …]``.

Of some hundred figures a few lie above their limit by chance. Where one does, it is measured again
on more people of that kind, drawn anew; a gate fails where the whole 95 % interval of these lies
above the limit. Figures are about simulated people alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.detector.estimates import Estimate
from benchmarks.detector.relations import false_answers, false_scans, power
from benchmarks.detector.subjects import OWN_KINDS, Subject, of_kind
from benchmarks.second_population import KINDS

MOST_FALSE = 0.05
LEAST_FOUND = 0.6
WINDOWS = (60, 180)
CAUSAL = ("driver_steps", "driver_steps_up", "driver_bedtime")
SHORT = ("newcomer", "history_7", "history_14")
MORE = 5
SCAN = "looked through"
PLANTED = (("driver_steps_up", ("steps", 0), "hrv_avg_ms"),)


def main(people: int, seed: int, kinds: list[str]) -> int:
    """Print every figure; return 1 where a gate is broken."""
    broken = 0
    print(f"{people} people a kind, seed {seed}; share of answers (95 % interval)\n")
    print(f"| kind | nights | driver | calls what is not there | among {MORE} × as many others |")
    print("|---|---|---|---|---|")
    together: dict[int, list[float]] = {days: [] for days in WINDOWS}
    for kind in (k for k in kinds or (*KINDS, *OWN_KINDS) if k not in (*CAUSAL, *SHORT)):
        group = of_kind(kind, people, seed=seed)
        others: list[Subject] = []
        for days in WINDOWS:
            answers = _answers(group, days)
            together[days] += [told.value for told in answers.values()]
            above = {name: told for name, told in answers.items() if told.value > MOST_FALSE}
            others = others or (of_kind(kind, MORE * people, seed=seed + 1) if above else [])
            again = _answers(others, days) if above else {}
            for name, told in above.items():
                broken += not again[name].may_stay_within(MOST_FALSE)
                print(f"| {kind} | {days} | {name} | {_words(told)} | {_words(again[name])} |")
    for days, values in together.items():
        if values:
            print(f"| mean of all | {days} | all | {sum(values) / len(values):.3f} | |")
    for kind, driver, metric in (row for row in PLANTED if not kinds or row[0] in kinds):
        for days in WINDOWS:
            told = power(of_kind(kind, MORE * people, seed=seed), days, driver, metric)
            broken += not told.may_reach(LEAST_FOUND)
            print(f"found: {kind}, {days} nights: {_words(told)}")
    print("a gate is broken" if broken else "all gates hold")
    return 1 if broken else 0


def _answers(group: list[Subject], days: int) -> dict[str, Estimate]:
    return {**false_answers(group, days), SCAN: false_scans(group, days)}


def _words(told: Estimate) -> str:
    return f"{told.value:.3f} ({told.low:.3f} to {told.high:.3f})"


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    names = [word for word in sys.argv[1:] if not word.isdigit()]
    people_, seed_ = (*numbers, *(40, 101)[len(numbers) :])
    sys.stdout.reconfigure(line_buffering=True)
    raise SystemExit(main(people_, seed_, names))

"""How often ``driver`` of oura_effects calls what is not there, and finds what is.

Usage: ``python benchmarks/bench_relations.py [PEOPLE] [SEED] [KIND …]``. A gate fails where the
whole 95 % interval lies on the wrong side of it. Figures are about simulated people alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.detector.relations import false_answers, power
from benchmarks.detector.subjects import OWN_KINDS, of_kind
from benchmarks.second_population import KINDS

MOST_FALSE = 0.05
LEAST_FOUND = 0.6
WINDOWS = (60, 180)
CAUSAL = ("driver_steps", "driver_steps_up", "driver_bedtime")
SHORT = ("newcomer", "history_7", "history_14")
PLANTED = (("driver_steps_up", ("steps", 0), "hrv_avg_ms"),)


def main(people: int, seed: int, kinds: list[str]) -> int:
    """Print every figure; return 1 where a gate is broken."""
    broken = 0
    print(f"{people} people a kind, seed {seed}; share of answers (95 % interval)\n")
    print("| kind | nights | driver | calls what is not there |")
    print("|---|---|---|---|")
    together: dict[int, list[float]] = {days: [] for days in WINDOWS}
    for kind in kinds or [*(k for k in KINDS if k not in (*CAUSAL, *SHORT)), *OWN_KINDS]:
        group = of_kind(kind, people, seed=seed)
        for days in WINDOWS:
            for driver, told in false_answers(group, days).items():
                is_broken = not told.may_stay_within(MOST_FALSE)
                broken += is_broken
                together[days].append(told.value)
                if is_broken or told.value > MOST_FALSE:
                    print(
                        f"| {kind} | {days} | {driver} | {told.value:.3f} {_ends(told)} |",
                        flush=True,
                    )
    for days, values in together.items():
        print(f"| mean of all | {days} | all | {sum(values) / len(values):.3f} |")
    for kind, driver, metric in PLANTED if not kinds else ():
        for days in WINDOWS:
            told = power(of_kind(kind, 2 * people, seed=seed), days, driver, metric)
            broken += not told.may_reach(LEAST_FOUND)
            print(f"found: {kind}, {days} nights: {told.value:.2f} {_ends(told)}")
    print("a gate is broken" if broken else "all gates hold")
    return 1 if broken else 0


def _ends(told: object) -> str:
    return f"({told.low:.3f} to {told.high:.3f})"


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    names = [word for word in sys.argv[1:] if not word.isdigit()]
    people_, seed_ = (*numbers, *(40, 101)[len(numbers) :])
    raise SystemExit(main(people_, seed_, names))

"""Runs every fault on a cluster, and writes what was seen: ``docs/explanation/faults.md``."""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cluster.fault_table import FAULTS, Fault
from cluster.tally import Finding
from cluster.three_replicas import Cluster, running_cluster

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/explanation/faults.md"
TEST: Final = "tests/cluster/test_faults.py::test_a_fault_is_outlived"
_HEAD: Final = """\
# Faults

What goes wrong around a service of three replicas, what the people who use it see, and what is
lost. `make cluster` makes each of these faults happen and writes this page: three processes of
`annulet serve` on one PostgreSQL, {parts}, and a simulated Oura, all on one machine. Times are of
a busy machine with two processors.

A question that is refused says why and what to do. `oura_unavailable`, `rate_limited` and
`HTTP 503` mean that it can be asked again.

| fault | what the people saw | lost | test |
| --- | --- | --- | --- |
"""


def missing_program(cluster: Cluster, fault: Fault) -> str:
    """The program that a fault needs and this machine lacks; empty where it can happen."""
    return "" if cluster.parts.get(fault.needs, True) else fault.needs


def run_fault(cluster: Cluster, fault: Fault) -> Finding | None:
    """Make one fault happen; ``None`` where a promise was broken, which is printed."""
    if missing := missing_program(cluster, fault):
        return Finding(f"not run here: needs {missing}", "–")
    begun = time.monotonic()
    try:
        finding = fault.run(cluster)
    except Exception:  # noqa: BLE001 - whatever it was, the other faults are still to be run
        traceback.print_exc()
        print("\n".join(line for line in cluster.read_new_logs().splitlines() if "ERROR" in line))
        cluster.mend()
        finding = None
    seconds = time.monotonic() - begun
    print(f"{fault.name:20} {seconds:5.0f} s  {finding or 'BROKEN'}", flush=True)
    return finding


def write_page(parts: Mapping[str, bool], findings: Mapping[str, Finding]) -> None:
    """Write the page from what was seen."""
    others = [name for name, is_there in parts.items() if is_there and name != "PostgreSQL"]
    rows = [_HEAD.format(parts=", ".join(others) or "a round robin")]
    for fault in FAULTS:
        finding = findings[fault.name]
        test = f"`{TEST}[{fault.name}]`"
        rows.append(f"| {fault.title} | {finding.saw} | {finding.lost} | {test} |\n")
    PAGE.write_text("".join(rows), "utf-8")


def main(words: Sequence[str] | None = None) -> int:
    """Run the named faults, or all of them for the page; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these faults, and write nothing")
    names = parser.parse_args(words).names
    # an end from outside leaves nothing running either
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    chosen = [fault for fault in FAULTS if not names or fault.name in names]
    with running_cluster() as cluster:
        missing = [name for name, is_there in cluster.parts.items() if not is_there]
        if missing:
            packages = " ".join(missing).lower()
            print(f"not installed, so some faults are left out: apt-get install {packages}")
        findings = {fault.name: run_fault(cluster, fault) for fault in chosen}
        parts = cluster.parts
    broken = [name for name, finding in findings.items() if finding is None]
    if broken:
        print(f"broken: {', '.join(broken)}")
        return 1
    if not names:
        write_page(parts, findings)
        print(f"written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

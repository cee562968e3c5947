"""The first reply of ``annulet mcp`` beside three others, idle and beside two busy loops.

Beside it are a bare SDK server, a loop of the standard library (the floor) and the PyPI peer
``mcp-oura``, where that can be installed. Every round starts each program once, one after the
other, and a ratio is the median over the rounds of annulet / other within one round: what else the
machine does falls on both. The load is printed, because absolute times mean nothing beside it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from bench_mcp_server import BARE, Speaking
from questions import peer

ROUNDS = 9
QUICK_ROUNDS = 3
BUSY_LOOPS = 2
PEER_FOLDER = Path(__file__).parents[1] / ".bench"
FLOOR = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    info = {"name": "floor", "version": "1"}
    result = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": info}
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
"""
ANNULET = "annulet mcp"


def programs() -> dict[str, list[str]]:
    """The commands by name."""
    commands = {
        ANNULET: [sys.executable, "-m", "annulet", "mcp"],
        "stdlib loop": [sys.executable, "-c", FLOOR],
        "bare SDK": [sys.executable, "-c", BARE % "{}"],
    }
    command, version = peer.installed(PEER_FOLDER)
    if command:
        commands[version] = command
    else:
        print(version)
    return commands


def first_reply_s(command: list[str], environment: dict[str, str]) -> float:
    """Seconds from the start of the process to the reply to ``initialize``."""
    program = Speaking(command, environment)
    try:
        return program.open()
    finally:
        program.process.kill()
        program.process.communicate()


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Programs that do nothing but count, for as long as the block lasts."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def measure(commands: dict[str, list[str]], rounds: int) -> dict[str, list[float]]:
    """Seconds to the first reply by program, a number a round."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home, "ANNULET_HOME": home}
        environment |= {"OURA_ACCESS_TOKEN": "x", "OURA_TOKEN": "x"}  # the peer wants one to start
        for command in commands.values():  # compiled files are there before anything is measured
            first_reply_s(command, environment)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(first_reply_s(command, environment))
    return times


def tell(title: str, times: dict[str, list[float]]) -> None:
    """Print a line a program."""
    print(f"{title} (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")
    for name, seconds in times.items():
        pairs = zip(times[ANNULET], seconds, strict=True)
        ratios = [ours_s / theirs_s for ours_s, theirs_s in pairs]
        median_ms = statistics.median(seconds) * 1000
        print(f"  {name:16} {median_ms:6.0f} ms   annulet / it {statistics.median(ratios):.2f}")


def main() -> None:
    """Measure twice."""
    rounds = QUICK_ROUNDS if "--quick" in sys.argv else ROUNDS
    commands = programs()
    tell("nothing beside it from here", measure(commands, rounds))
    with busy_loops(BUSY_LOOPS):
        times = measure(commands, rounds)
        tell(f"beside {BUSY_LOOPS} busy loops", times)


if __name__ == "__main__":
    main()

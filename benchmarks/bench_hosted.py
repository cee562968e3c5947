"""The hosted service under load: `annulet serve` beside a bare server of the SDK, on one core.

Both are real processes pinned to the same core; the client uses the other one. The bare server
gives every caller a prepared answer; annulet identifies the caller, answers
`oura_daily_summary`, and keeps its audit log. Twenty people ask the same question again; the row
"anew" shows questions that were not asked before, of documents that are still in memory. What
counts is processor time per call (calls per second of one core): elapsed time is shown too, but
other programs disturb it.

Memory: how much more the process holds after 1,000 connected people have asked, one after another,
than after one has.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "load"))
from load_client import ERAS, EndpointCall, ask, ask_many
from people import RING, connect
from processes import OneCore, cores, free_port

from annulet.simulator import SimulatedOura

Side = tuple[OneCore, list[EndpointCall]]
Pair = tuple[tuple[float, float], tuple[float, float]]
CALLS = 1_000
ROUNDS = 5
AT_ONCE = 8
PEOPLE = 1_000
LOAD = Path(__file__).parent / "load"
LEAST_RATIO = 0.70
MOST_MEGABYTES = 150


def environment(home: Path, oura_url: str) -> dict[str, str]:
    """Of a service with its own folder."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("ANNULET_")}
    return environ | {
        "ANNULET_HOME": str(home),
        "ANNULET_OURA_API_URL": oura_url,
        "ANNULET_CLIENT_ID": "load",
        "ANNULET_CLIENT_SECRET": "load",
        "ANNULET_CAPACITY": str(PEOPLE),
        "ANNULET_QUESTIONS_PER_SECOND": "0",
        "ANNULET_PORT": str(free_port()),
    }


def serving(settings: dict[str, str]) -> OneCore:
    """`annulet serve`."""
    log = Path(settings["ANNULET_HOME"]).with_suffix(".log")
    port = int(settings["ANNULET_PORT"])
    return OneCore("-m", "annulet", "serve", port=port, environment=settings, log=log)


async def endpoint_calls(
    settings: dict[str, str], oura: SimulatedOura, count: int
) -> list[EndpointCall]:
    """Connect that many people and return a call to the endpoint of each."""
    base = f"http://127.0.0.1:{settings['ANNULET_PORT']}"
    pairs = [line.split() for line in await connect(settings, oura, count)]
    return [EndpointCall(base + path, key) for path, key in pairs]


async def rate(server: OneCore, to: list[EndpointCall], era: str) -> tuple[float, float]:
    """Calls per second of one core, by processor time and by elapsed time."""
    before = server.seconds
    elapsed = await ask_many(to, era, calls=CALLS, at_once=AT_ONCE)
    return CALLS / (server.seconds - before), elapsed


async def speed(folder: Path, oura: SimulatedOura, oura_url: str) -> bool:
    """Calls per second beside the bare server, round by round in turn."""
    settings = environment(folder / "speed", oura_url)
    ours = await endpoint_calls(settings, oura, 20)
    green = True
    with serving(settings) as service:
        first, *_ = [await ask(call) for call in ours]
        answer = folder / "answer.json"
        answer.write_text(json.dumps(first["structuredContent"], separators=(",", ":")))
        port = free_port()
        command = (str(LOAD / "bare.py"), str(port), str(answer))
        log = folder / "bare.log"
        with OneCore(*command, port=port, environment=dict(os.environ), log=log) as bare:
            theirs = [EndpointCall(f"{bare.url}/mcp")]
            anew = [replace(ours[n % 20], days=1 + n % 9) for n in range(180)]
            print(f"{'calls per second':18}{'annulet':>9}{'bare':>8}{'ratio':>7}{'elapsed':>9}")
            for name, calls, era in (
                *((era, ours, era) for era in ERAS),
                ("anew", anew, ERAS[0]),
            ):
                pairs = await rounds((service, calls), (bare, theirs), era)
                ratio = show(name, pairs)
                green &= ratio >= LEAST_RATIO or name == "anew"
    return green


async def rounds(mine: Side, theirs: Side, era: str) -> list[Pair]:
    """Both in turn, after one round that does not count."""
    both = [(await rate(*mine, era), await rate(*theirs, era)) for _ in range(ROUNDS + 1)]
    return both[1:]


def show(name: str, pairs: list[Pair]) -> float:
    """One line of the table; returns the ratio by processor time."""
    mine, base = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
    ratio, lapse = (statistics.median(p[0][by] / p[1][by] for p in pairs) for by in (0, 1))
    print(f"{name:18}{mine:9.0f}{base:8.0f}{ratio:7.2f}{lapse:9.2f}")
    return ratio


async def memory(folder: Path, oura: SimulatedOura, oura_url: str) -> bool:
    """What a thousand people add."""
    held = []
    for count in (1, PEOPLE):
        settings = environment(folder / f"memory-{count}", oura_url)
        everybody = await endpoint_calls(settings, oura, count)
        with serving(settings) as service:
            for call in everybody:
                assert not (await ask(call)).get("isError")
            held.append(service.megabytes)
    more = held[1] - held[0]
    print(
        f"memory after 1 person {held[0]:.0f} MB, after {PEOPLE} {held[1]:.0f} MB: +{more:.0f} MB"
    )
    return more <= MOST_MEGABYTES


async def main() -> int:
    """Measure both; 1 where a budget is missed."""
    os.sched_setaffinity(0, {cores()[1]})
    oura = SimulatedOura([RING])
    with tempfile.TemporaryDirectory(prefix="annulet-load-") as name, oura.serve() as cloud:
        folder = Path(name)
        fast = await speed(folder, oura, cloud.url)
        small = await memory(folder, oura, cloud.url)
    return 0 if fast and small else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

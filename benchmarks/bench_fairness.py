"""One person who asks 24 questions at a time, beside 20 who ask one after another.

The service runs on one core and the clients on the other one. Half of the others' questions may
take twice as long as without the greedy person. The limit on questions a second is off, so that
only the turns count.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "load"))
from load_client import ERAS, EndpointCall, ask, open_asker
from people import RING
from processes import cores

from annulet.simulator import SimulatedOura
from bench_hosted import endpoint_calls, environment, serving

OTHERS = 20
AT_ONCE = 24
SECONDS = 10.0
MOST_TIMES = 2.0


async def latencies(calls: list[EndpointCall], until: float) -> list[float]:
    """The seconds of every question of people who ask one after another."""
    taken: list[float] = []

    async def keep_asking(call: EndpointCall) -> None:
        async with open_asker(call, ERAS[0]) as ask_again:
            while (begun := time.perf_counter()) < until:
                await ask_again()
                taken.append(time.perf_counter() - begun)

    await asyncio.gather(*(keep_asking(call) for call in calls))
    return taken


async def main() -> int:
    """Print both medians; 1 where the others wait too long."""
    os.sched_setaffinity(0, {cores()[1]})
    oura = SimulatedOura([RING])
    with tempfile.TemporaryDirectory(prefix="annulet-fair-") as name, oura.serve() as cloud:
        settings = environment(Path(name) / "home", cloud.url)
        greedy, *others = await endpoint_calls(settings, oura, OTHERS + 1)
        with serving(settings):
            for call in (greedy, *others):
                await ask(call)
            medians = {}
            for who, crowd in (("alone", []), ("beside", [greedy] * AT_ONCE)):
                until = time.perf_counter() + SECONDS
                taken, own = await asyncio.gather(latencies(others, until), latencies(crowd, until))
                medians[who] = statistics.median(taken)
                rate, own_rate = len(taken) / SECONDS, len(own) / SECONDS
                print(
                    f"{who:7} {1000 * medians[who]:6.0f} ms  {rate:5.0f} a second; {own_rate:.0f}"
                )
    times = medians["beside"] / medians["alone"]
    print(f"the others' median beside the greedy person: {times:.2f} times")
    return 0 if times <= MOST_TIMES else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

"""Hostile load on one `annulet serve` while an honest person asks.

``bench_hostile.py [SECONDS]`` (600). The service has one core, the attackers another. Printed are
the statuses of all answers, the memory of the process and its growth in the second half, the time
of `/healthz`, and what the honest person saw: a question to an endpoint and a page, each over a
new connection. Refusals with 503 and ``Retry-After`` are how a service sheds load; they are counted
apart, and the honest person must see none.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "load"))
sys.path.insert(0, str(Path(__file__).parent / "hostile"))
from attacks import ATTACKS, HOST, Attack
from load_client import EndpointCall, ask
from people import RING, connect
from processes import OneCore, cores, free_port

from annulet.simulator import SimulatedOura

SHED = 503
SERVER_ERROR = 500
HEALTH_LIMIT_S = 0.5
HONEST_LIMIT_S = 10.0
GROWTH_LIMIT_MB_MIN = 2.0


@dataclass
class Record:
    """What was seen.

    Attributes:
        statuses: How many answers had each status, by attack.
        health: Seconds of each `/healthz`.
        honest: Seconds of each question and page of the honest person.
        failures: What the honest person, or a probe, saw instead of an answer.
        memory: Seconds since the start and megabytes of the process.
    """

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    health: list[float] = field(default_factory=list)
    honest: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)

    @property
    def errors(self) -> dict[str, int]:
        """Answers with a status of 500 and above, but for refusals under load, by attack."""
        return {
            name: bad
            for name, counts in self.statuses.items()
            if (bad := sum(n for s, n in counts.items() if s >= SERVER_ERROR and s != SHED))
        }

    @property
    def growth_mb_min(self) -> float:
        """Megabytes a minute by which memory grows in the second half."""
        late = self.memory[len(self.memory) // 2 :]
        times, sizes = zip(*late, strict=True)
        return statistics.linear_regression(times, sizes).slope * 60


async def attack(attack: Attack, port: int, key: str, end: float, seed: int, seen: Record) -> None:
    """Open one connection after another until the end."""
    counts = seen.statuses.setdefault(attack.__name__, Counter())
    for pieces, pause_s in attack(random.Random(seed), key):
        if time.monotonic() > end:
            return
        try:
            async with asyncio.timeout(90):
                counts[await _status(pieces, pause_s, port, end)] += 1
        except (OSError, TimeoutError, ValueError, IndexError):
            counts[0] += 1
        await asyncio.sleep(0.02)


async def _status(pieces: list[bytes], pause_s: float, port: int, end: float) -> int:
    """Send the pieces and return the status of the answer; 0 where the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            if reader.at_eof() or time.monotonic() > end:
                break
            writer.write(piece.replace(HOST, b"127.0.0.1:%d" % port))
            await writer.drain()
            await asyncio.sleep(pause_s)
        async with asyncio.timeout(15):
            head = await reader.read(64)
        return int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/") else 0
    finally:
        writer.close()


async def timed_get(port: int, path: str) -> float:
    """Seconds of one request over a new connection.

    Raises:
        ValueError: The answer is not 200.
    """
    begun = time.perf_counter()
    async with asyncio.timeout(HONEST_LIMIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        status = await reader.readline()
        writer.close()
    if b" 200 " not in status:
        raise ValueError(f"{path}: {status!r}")
    return time.perf_counter() - begun


async def honest(call: EndpointCall, port: int, end: float, seen: Record) -> None:
    """A question and a page, again and again."""
    while time.monotonic() < end:
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(HONEST_LIMIT_S):
                assert not (await ask(call)).get("isError")
            seen.honest.append(time.perf_counter() - begun)
            seen.honest.append(await timed_get(port, "/sign-in"))
        except (OSError, TimeoutError, ValueError, AssertionError, EOFError) as failure:
            seen.failures.append(f"honest {type(failure).__name__} {str(failure)[:80]}")
        await asyncio.sleep(0.3)


async def watch(service: OneCore, end: float, seen: Record) -> None:
    """The probe and the memory, four times a second."""
    begun = time.monotonic()
    while time.monotonic() < end:
        try:
            seen.health.append(await timed_get(service.port, "/healthz"))
        except (OSError, TimeoutError, ValueError) as failure:
            seen.failures.append(f"healthz {type(failure).__name__} {failure}")
        seen.memory.append((time.monotonic() - begun, service.megabytes))
        await asyncio.sleep(0.25)


async def measure(folder: Path, seconds: float) -> Record:
    """Attack a fresh service for some seconds."""
    oura = SimulatedOura([RING])
    seen = Record()
    with oura.serve() as cloud:
        port = free_port()
        settings = {k: v for k, v in os.environ.items() if not k.startswith("ANNULET_")} | {
            "ANNULET_HOME": str(folder / "home"),
            "ANNULET_OURA_API_URL": cloud.url,
            "ANNULET_CLIENT_ID": "load",
            "ANNULET_CLIENT_SECRET": "load",
            "ANNULET_PORT": str(port),
        }
        pairs = [line.split() for line in await connect(settings, oura, 2)]
        (path, key), (_, hostile_key) = pairs
        serve = ("-m", "annulet", "serve")
        log = folder / "serve.log"
        with OneCore(*serve, port=port, environment=settings, log=log) as service:
            call = EndpointCall(service.url + path, key)
            await ask(call)
            end = time.monotonic() + seconds
            attackers = [
                attack(kind, port, hostile_key, end, seed, seen)
                for kind, count in ATTACKS.items()
                for seed in range(count)
            ]
            await asyncio.gather(
                *attackers, honest(call, port, end, seen), watch(service, end, seen)
            )
            seen.honest.append(await timed_get(port, "/healthz"))
    return seen


def report(seen: Record) -> bool:
    """Print what was seen; whether every demand is met."""
    for name, counts in seen.statuses.items():
        print(f"{name:20}", dict(sorted(counts.items())))
    total = sum((counts for counts in seen.statuses.values()), Counter[int]())
    sizes = [size for _, size in seen.memory]
    honest_ms = sorted(1000 * seconds for seconds in seen.honest)
    p99 = honest_ms[int(0.99 * (len(honest_ms) - 1))]
    print(f"answers {total.total():,}; 5xx {sum(seen.errors.values())} {seen.errors or ''}")
    print(f"refused under load (503 with Retry-After) {total[SHED]:,}")
    print(f"memory {sizes[0]:.0f} MB at first, {max(sizes):.0f} MB at most", end="; ")
    print(f"{seen.growth_mb_min:+.2f} MB a minute in the second half")
    healthz = f"{1000 * statistics.median(seen.health):.0f} ms, {1000 * max(seen.health):.0f} ms"
    print(f"/healthz median and longest {healthz} of {len(seen.health)}")
    print(f"honest median {statistics.median(honest_ms):.0f} ms, p99 {p99:.0f} ms", end=", ")
    print(f"longest {honest_ms[-1]:.0f} ms of {len(honest_ms)}; failures {len(seen.failures)}")
    for failure, count in Counter(seen.failures).most_common(5):
        print(f"  {count} × {failure}")
    is_quick = max(seen.health) < HEALTH_LIMIT_S
    is_bounded = seen.growth_mb_min < GROWTH_LIMIT_MB_MIN
    return not seen.errors and not seen.failures and is_quick and is_bounded


def main() -> int:
    """Measure; 1 where a demand is missed."""
    os.sched_setaffinity(0, {cores()[1]})
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    with tempfile.TemporaryDirectory(prefix="annulet-hostile-") as name:
        return 0 if report(asyncio.run(measure(Path(name), seconds))) else 1


if __name__ == "__main__":
    sys.exit(main())

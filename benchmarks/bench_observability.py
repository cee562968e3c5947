"""What it costs a question that an operator sees it: metrics and traces beside the log alone.

Three processes of `annulet serve` are pinned to the same core and asked in turn; they differ only
in their settings. The traces go to a collector that throws them away. What counts is processor
time per call, that of the threads that send traces included.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "load"))
from load_client import ERAS, ask
from people import RING
from processes import cores, free_port

from annulet.simulator import SimulatedOura
from bench_hosted import endpoint_calls, environment, rate, serving

PEOPLE = 20
ROUNDS = 7
LEAST = {"metrics": 0.93, "traces": 0.60}


@contextmanager
def discarding_collector() -> Iterator[str]:
    """Takes traces and forgets them; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces"
    server.shutdown()
    server.server_close()


def variants(collector: str) -> dict[str, dict[str, str]]:
    """The settings of each process by its name; the first is what the others are compared to."""
    return {
        "log alone": {},
        "metrics": {"ANNULET_METRICS_PORT": str(free_port())},
        "traces": {"ANNULET_TRACES_URL": collector},
    }


async def measure(folder: Path, collector: str) -> dict[str, list[float]]:
    """Calls per second of one core, by variant and round."""
    oura = SimulatedOura([RING])
    rates: dict[str, list[float]] = {}
    with oura.serve() as cloud, ExitStack() as stack:
        servers = {}
        for name, settings in variants(collector).items():
            environ = environment(folder / name.replace(" ", "-"), cloud.url)
            calls = await endpoint_calls(environ, oura, PEOPLE)
            servers[name] = (stack.enter_context(serving(environ | settings)), calls)
            assert not (await ask(calls[0])).get("isError"), name
        for count in range(ROUNDS + 1):
            for name, (server, calls) in servers.items():
                per_second, _ = await rate(server, calls, ERAS[0])
                if count:  # the first round warms up
                    rates.setdefault(name, []).append(per_second)
    return rates


def main() -> int:
    """Measure; 1 where a ratio is missed."""
    os.sched_setaffinity(0, {cores()[1]})
    with tempfile.TemporaryDirectory(prefix="annulet-load-") as name, discarding_collector() as url:
        rates = asyncio.run(measure(Path(name), url))
    alone, is_green = rates["log alone"], True
    print(f"{'calls per second':18}{'median':>9}{'ratio':>7}")
    for variant, values in rates.items():
        ratio = statistics.median(v / a for v, a in zip(values, alone, strict=True))
        print(f"{variant:18}{statistics.median(values):9.0f}{ratio:7.2f}")
        is_green &= ratio >= LEAST.get(variant, 0.0)
    return 0 if is_green else 1


if __name__ == "__main__":
    sys.exit(main())

"""``annulet mcp`` beside a bare SDK server, measured in one run: start, memory, calls a second.

The bare server has one tool that returns a prepared answer. annulet really answers: the simulated
cloud runs in this process, and after the first question the answer comes from memory. Ratios are
annulet / bare; budgets: start and first answer within 1.15, memory within 15 MB.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from annulet.simulator import SimulatedOura

STARTS = 7
CALLS = 300
BARE = """
import anyio, json
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
PAYLOAD = json.loads(%r)
TEXT = json.dumps(PAYLOAD, separators=(",", ":"))
SCHEMA = {"type": "object", "properties": {}}
async def listed(ctx, params):
    tool = types.Tool(name="oura_daily_summary", description="x", input_schema=SCHEMA)
    return types.ListToolsResult(tools=[tool])
async def called(ctx, params):
    block = types.TextContent(type="text", text=TEXT)
    return types.CallToolResult(content=[block], structured_content=PAYLOAD)
server = Server("bare", on_list_tools=listed, on_call_tool=called)
async def main():
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
anyio.run(main)
"""


class Speaking:
    """One server process, spoken to line by line."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self.number = 0

    def ask(self, method: str, **params: object) -> dict[str, object]:
        """Send a request and wait for its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.number += 1
        body = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.process.stdin.write(json.dumps(body).encode() + b"\n")
        self.process.stdin.flush()
        answer: dict[str, object] = json.loads(self.process.stdout.readline())
        return answer

    def open(self) -> float:
        """Shake hands; returns seconds since the process was started."""
        info = {"name": "bench", "version": "1"}
        self.ask("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=info)
        return time.perf_counter() - self.begun

    def question(self) -> dict[str, object]:
        """The one question of this benchmark."""
        return self.ask("tools/call", name="oura_daily_summary", arguments={})

    def memory_mb(self) -> float:
        """Resident memory of the process."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def close(self) -> None:
        """Stop writing; the server ends."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def measure(command: list[str], environment: dict[str, str]) -> dict[str, float]:
    """Start often, then ask often."""
    handshakes, firsts = [], []
    for _ in range(STARTS):
        server = Speaking(command, environment)
        handshakes.append(server.open())
        server.question()
        firsts.append(time.perf_counter() - server.begun)
        server.close()
    server = Speaking(command, environment)
    server.open()
    server.ask("tools/list")
    server.question()
    memory = server.memory_mb()
    begun = time.perf_counter()
    for _ in range(CALLS):
        server.question()
    rate = CALLS / (time.perf_counter() - begun)
    server.close()
    return {
        "handshake_ms": 1000 * statistics.median(handshakes),
        "first_answer_ms": 1000 * statistics.median(firsts),
        "memory_mb": memory,
        "calls_per_s": rate,
    }


def main() -> None:
    """Measure both and print the ratios."""
    cloud = SimulatedOura(["plain"])
    with cloud.serve() as running, tempfile.TemporaryDirectory() as home:
        environment = {
            "PATH": os.environ["PATH"],
            "ANNULET_HOME": home,
            "ANNULET_OURA_API_URL": running.url,
            "ANNULET_ACCESS_TOKEN": cloud.issue_token("plain"),
        }
        command = [sys.executable, "-m", "annulet", "mcp"]
        probe = Speaking(command, environment)
        probe.open()
        result = probe.question()["result"]
        probe.close()
        assert isinstance(result, dict)
        assert not result.get("isError"), result
        payload = json.dumps(result["structuredContent"])
        ours = measure(command, environment)
        bare = measure([sys.executable, "-c", BARE % payload], environment)
    print(f"{'':18}{'annulet':>10}{'bare SDK':>10}{'ratio':>8}")
    for name, value in ours.items():
        print(f"{name:18}{value:10.1f}{bare[name]:10.1f}{value / bare[name]:8.2f}")
    print(f"memory beyond the bare server: {ours['memory_mb'] - bare['memory_mb']:.1f} MB")


if __name__ == "__main__":
    main()

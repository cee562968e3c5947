"""The local door: connect, ask through a real MCP client over a real stdio server, disconnect."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Final

from annulet.cli.commands.demo.browser import Browser
from annulet.cli.commands.demo.stage import PERSON, Stage, say
from annulet.errors import AnnuletError

__all__ = ["QUESTIONS", "local_journey"]

QUESTIONS: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("What may you read?", "oura_permissions", {}),
    ("Which ring do I have?", "oura_device", {}),
    ("How did I sleep last night?", "oura_daily_summary", {"sections": ["sleep", "readiness"]}),
    (
        "My sleep of the last 7 nights?",
        "oura_daily_summary",
        {"start": "last 7 days", "sections": ["sleep"]},
    ),
    ("Show me last night in detail", "oura_sleep_sessions", {"series": True}),
    ("My heart rate yesterday?", "oura_intraday", {"start": "yesterday", "resolution_min": 60}),
    (
        "Is my HRV rising?",
        "oura_trends",
        {"metrics": ["hrv_avg_ms"], "window_days": 90},
    ),
    ("Anything unusual in the last 30 days?", "oura_anomalies", {}),
    (
        "This week against last week?",
        "oura_compare",
        {"period": "this week", "against": "last week"},
    ),
    ("What did I do and tag this week?", "oura_events", {"start": "last 7 days"}),
    ("What does alcohol do to my nights?", "oura_effects", {"tag": "alcohol"}),
)
_ADDRESS: Final = re.compile(r"https?://\S+")


async def local_journey(stage: Stage) -> None:
    """Connect, ask, disconnect."""
    say(f"A simulated Oura cloud answers on {stage.url}; it is afternoon in {stage.zone}.")
    await _connect(stage)
    await _ask(stage)
    await _disconnect(stage)


async def _connect(stage: Stage) -> None:
    say("\n$ annulet connect --no-browser", style="bold")
    process = await asyncio.create_subprocess_exec(
        *stage.command("connect", "--no-browser", "--port", str(stage.callback_port)),
        env=stage.environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None  # noqa: S101 - piped above
    told = ""
    while (found := _ADDRESS.search(told)) is None or not told.endswith("\n"):
        line = await process.stderr.readline()
        if not line:
            break
        told += line.decode()
    if found is None:
        raise AnnuletError(f"annulet connect did not begin: {told.strip()}")
    async with Browser() as browser:
        await browser.open(found[0])
        permissions = await browser.allow(PERSON)
    say(f"The consent page was sent with all {permissions} permissions ticked.")
    output, _ = await process.communicate()
    if process.returncode:
        raise AnnuletError("annulet connect failed.", hint="Run it by hand to see why.")
    say(output.decode().strip(), style="green")


async def _ask(stage: Stage) -> None:
    from mcp.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    say("\n$ annulet mcp   (asked by the MCP SDK's own client, over stdio)", style="bold")
    command, *words = stage.command("mcp")
    server = StdioServerParameters(command=command, args=words, env=stage.environment())
    async with Client(stdio_client(server)) as client:
        for question, tool, arguments in QUESTIONS:
            before = _upstream(stage)
            result = await client.call_tool(tool, arguments)
            answer = result.structured_content or {}
            size = len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode())
            say(f"\n? {question}", style="bold cyan")
            say(f"  {answer.get('summary') or answer}")
            for note in answer.get("notes", [])[:2]:
                say(f"  · {note}", style="dim")
            asked = _upstream(stage) - before
            say(f"  {tool} · {size:,} bytes · {asked} requests to Oura", style="dim")


async def _disconnect(stage: Stage) -> None:
    say("\n$ annulet disconnect", style="bold")
    say(await _run(stage, "disconnect"))
    say("\n$ annulet daily --json", style="bold")
    say(await _run(stage, "daily", "--json"))


async def _run(stage: Stage, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *stage.command(*words),
        env=stage.environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, remarks = await process.communicate()
    return (output or remarks).decode().strip()


def _upstream(stage: Stage) -> int:
    return sum("usercollection" in request.path for request in stage.cloud.requests)

"""The demo of the local install: connect, ask through the MCP SDK's client, disconnect."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Final

from annulet.cli.commands.demo.browser import Browser
from annulet.cli.commands.demo.environment import PERSON, DemoEnvironment, say
from annulet.errors import AnnuletError
from annulet.toolkit.tool import Arguments
from annulet.toolkit.wording.number_format import counted

QUESTIONS: Final[tuple[tuple[str, str, Arguments], ...]] = (
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


async def show_local_install(environment: DemoEnvironment) -> None:
    """Connect, ask, disconnect."""
    zone = environment.zone
    say(f"A simulated Oura cloud answers on {environment.url}; it is afternoon in {zone}.")
    await _connect(environment)
    await _ask(environment)
    await _disconnect(environment)


async def _connect(environment: DemoEnvironment) -> None:
    say("\n$ annulet connect --no-browser", style="bold")
    process = await asyncio.create_subprocess_exec(
        *environment.command("connect", "--no-browser", "--port", str(environment.callback_port)),
        env=environment.variables(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None  # noqa: S101 - piped above
    output_text = ""
    while (address := _ADDRESS.search(output_text)) is None or not output_text.endswith("\n"):
        line = await process.stderr.readline()
        if not line:
            break
        output_text += line.decode()
    if address is None:
        raise AnnuletError(f"annulet connect did not begin: {output_text.strip()}")
    async with Browser() as browser:
        await browser.open(address[0])
        permissions = await browser.allow(PERSON)
    say(f"The consent page was sent with all {permissions} permissions ticked.")
    output, _ = await process.communicate()
    if process.returncode:
        raise AnnuletError("annulet connect failed.", hint="Run it by hand to see why.")
    say(output.decode().strip(), style="green")


async def _ask(environment: DemoEnvironment) -> None:
    from mcp.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    say("\n$ annulet mcp   (asked by the MCP SDK's own client, over stdio)", style="bold")
    command, *words = environment.command("mcp")
    server = StdioServerParameters(command=command, args=words, env=environment.variables())
    async with Client(stdio_client(server)) as client:
        for question, tool, arguments in QUESTIONS:
            before = _upstream(environment)
            result = await client.call_tool(tool, dict(arguments))
            answer = result.structured_content or {}
            size = len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode())
            say(f"\n? {question}", style="bold cyan")
            say(f"  {answer.get('summary') or answer}")
            for note in answer.get("notes", [])[:2]:
                say(f"  · {note}", style="dim")
            asked = _upstream(environment) - before
            requests = counted(asked, "request")
            say(f"  {tool} · {size:,} bytes · {requests} to Oura", style="dim")


async def _disconnect(environment: DemoEnvironment) -> None:
    say("\n$ annulet disconnect", style="bold")
    say(await _run(environment, "disconnect"))
    say("\n$ annulet daily --json", style="bold")
    say(await _run(environment, "daily", "--json"))


async def _run(environment: DemoEnvironment, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *environment.command(*words),
        env=environment.variables(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, remarks = await process.communicate()
    return (output or remarks).decode().strip()


def _upstream(environment: DemoEnvironment) -> int:
    return sum("usercollection" in request.path for request in environment.cloud.requests)

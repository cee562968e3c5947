"""The same question on the command line and in a chat: the same answer, in both forms."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import TOOLS

AFTERNOON = ("Pacific/Honolulu", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo")
QUESTIONS = (
    ("oura_permissions", {}),
    ("oura_device", {"profile": True}),
    ("oura_daily_summary", {"start": "last 7 days", "sections": ["sleep", "activity"]}),
    ("oura_daily_summary", {"baselines": True}),
    ("oura_sleep_sessions", {"start": "last night", "series": True, "include_naps": False}),
    ("oura_intraday", {"start": "yesterday", "resolution_min": 60}),
    ("oura_intraday", {"metric": "activity", "start": "yesterday"}),
    ("oura_trends", {"metrics": ["hrv_avg_ms", "steps"], "window_days": 60}),
    ("oura_anomalies", {"sensitivity": "high", "detail": True}),
    ("oura_compare", {"period": "last 7 days", "against": "last month"}),
    ("oura_events", {"start": "last 30 days", "kinds": ["workout", "tag"], "zones": True}),
    ("oura_effects", {"tag": "caffeine", "days": 90, "lag_days": 1}),
    ("oura_query", {"where": ["steps >= 8000", "weekday = sat,sun"], "metrics": ["steps"]}),
)
REFUSALS = (
    ("oura_effects", {"tag": "no such thing"}, 2),
    ("oura_trends", {"metrics": ["happiness"]}, 2),
    ("oura_daily_summary", {"start": "2026-05-09", "end": "2026-05-01"}, 2),
)


@pytest.fixture(scope="module")
def stage():
    """A cloud on loopback, and a person for whom it is day."""
    now = datetime.now(UTC)  # noqa: TID251 - the commands have the real clock
    zone = min(AFTERNOON, key=lambda name: abs(now.astimezone(ZoneInfo(name)).hour - 15))
    cloud = SimulatedOura(people=[], now=now)
    cloud.add_person("someone", zone=zone, days=150, caffeine=0.4, naps=0.3)
    with cloud.serve() as running:
        inherited = {name: value for name, value in os.environ.items() if "ANNULET" not in name}
        yield {
            **inherited,
            "ANNULET_OURA_API_URL": running.url,
            "ANNULET_ACCESS_TOKEN": cloud.issue_token("someone"),
            "ANNULET_TIMEZONE": zone,
        }


def typed(tool, arguments):
    """The command line of a question."""
    words = [TOOLS[tool].command]
    for name, value in arguments.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(option if value else f"--no-{option[2:]}")
        else:
            values = value if isinstance(value, list) else [value]
            words += [word for text in values for word in (option, str(text))]
    return [*words, "--json"]


async def typed_answers(environment, questions):
    """Every question as a process of its own, two at a time."""
    turn = asyncio.Semaphore(2)

    async def one(tool, arguments):
        async with turn:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "annulet", *typed(tool, arguments)),
                env=environment | {"PYTHONIOENCODING": "utf-8"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            output, remarks = await process.communicate()
            return output.decode(), remarks.decode(), process.returncode

    return await asyncio.gather(*(one(tool, arguments) for tool, arguments in questions))


async def test_command_line_and_chat_answer_alike(stage):
    """All eleven tools and their refusals: one object in three places."""
    asked = [*QUESTIONS, *((tool, arguments) for tool, arguments, _ in REFUSALS)]
    codes = [0] * len(QUESTIONS) + [code for _, _, code in REFUSALS]
    printed = await typed_answers(stage, asked)
    server = StdioServerParameters(command=sys.executable, args=["-m", "annulet", "mcp"], env=stage)
    async with Client(stdio_client(server)) as client:
        for (tool, arguments), (output, remarks, code), expected in zip(
            asked, printed, codes, strict=True
        ):
            result = await client.call_tool(tool, arguments)
            structured = result.structured_content
            assert json.loads(result.content[0].text) == structured, tool
            assert json.loads(output) == structured, tool
            assert output.strip() == result.content[0].text, tool
            assert remarks == "", tool
            assert (code, bool(result.is_error)) == (expected, expected != 0), tool
            assert next(iter(structured)) == ("error" if expected else "summary")

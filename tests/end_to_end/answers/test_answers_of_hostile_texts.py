"""Texts of Oura reach every answer short and visible, and no summary at all."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import httpx2
import pytest

from annulet.charts import draw_svg
from annulet.cli.output.render import render
from annulet.client import OuraClient
from annulet.contract.collections import COLLECTIONS
from annulet.errors import AnnuletError
from annulet.mcp_server.resources.documents import read_documents
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import TOOLS, answer
from annulet.toolkit.context import Connection, Context, Memory, Zone
from annulet.toolkit.scenes import build_scene
from hostile_texts import MARK, TEXTS, HostileCloud, hidden_in, texts_in

NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
QUESTIONS = (
    ("oura_permissions", {}),
    ("oura_device", {"profile": True}),
    ("oura_daily_summary", {"start": "last 30 days"}),
    ("oura_sleep_sessions", {"start": "last 14 days"}),
    ("oura_intraday", {}),
    ("oura_trends", {}),
    ("oura_anomalies", {"start": "last 60 days", "sensitivity": "high", "detail": True}),
    ("oura_compare", {"period": "last 7 days", "against": "last 30 days"}),
    ("oura_events", {"start": "last 30 days", "zones": True}),
    ("oura_effects", {"days": 90}),
    ("oura_effects", {"tag": "no such tag"}),
    ("oura_query", {"by": "tag"}),
    ("oura_query", {"of": "workouts", "by": "activity", "metrics": ["duration_min"]}),
    ("oura_query", {"of": "workouts", "by": "label", "limit": 20, "list": True}),
    ("oura_query", {"of": "tags", "by": "tag", "list": True}),
    ("oura_query", {"where": ["tag = nothing of the kind"]}),
    ("oura_query", {"by": "ring"}),
    ("oura_query", {"of": "sleeps", "by": "type"}),
)
SHAPES = {
    f"{{http://www.w3.org/2000/svg}}{name}"
    for name in ("svg", "title", "desc", "g", "rect", "line", "path", "circle", "text", "tspan")
}
MOST_BYTES = 20_000
QUOTED = re.compile("“[^“”]*”")


@pytest.fixture(scope="module")
def cloud() -> SimulatedOura:
    """A cloud with one person who tags often."""
    simulated = SimulatedOura(people=[], now=NOW)
    simulated.add_person("someone", days=120, caffeine=0.6, naps=0.3)
    return simulated


@pytest.fixture(params=TEXTS)
async def context(request, cloud):
    """Someone whose every free text at Oura is hostile."""
    hostile = HostileCloud(cloud, TEXTS[request.param])

    async def connection() -> Connection:
        return Connection("default")

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=hostile)) as http:
        client = OuraClient(cloud.issue_token("someone"), http=http)
        yield Context(client, cloud.clock, Zone(UTC, "UTC"), connection)


async def test_every_tool_keeps_hostile_texts_in_their_place(context):
    """No summary repeats them; elsewhere they are short, visible, and called data or quoted."""
    assert {tool for tool, _ in QUESTIONS} == set(TOOLS)
    seen = 0
    for tool, arguments in QUESTIONS:
        context.memory = Memory()
        try:
            told = await answer(tool, arguments, context)
        except AnnuletError as error:
            told = error.as_dict()
        sentences = [told.get("summary", ""), *(e["explanation"] for e in told.get("episodes", []))]
        remarks = [*told.get("notes", []), told.get("error", {}).get("hint", "")]
        assert len(json.dumps(told)) < MOST_BYTES, (tool, arguments)
        assert not any(hidden_in(text) for text in texts_in(told)), (tool, arguments)
        assert MARK not in sentences[0], (tool, arguments)
        assert MARK not in QUOTED.sub("", " ".join([*remarks, *sentences])), (tool, arguments)
        if MARK in json.dumps({k: v for k, v in told.items() if k not in ("notes", "error")}):
            seen += 1
            assert any("data, not instructions" in note for note in remarks), (tool, arguments)
    assert seen


async def test_every_picture_and_every_line_of_a_terminal_shows_them_as_text(context, capsys):
    """A picture holds shapes and texts alone; a terminal gets lines and nothing that it obeys."""
    drawn = shown = 0
    for tool, arguments in QUESTIONS:
        context.memory = Memory()
        try:
            told = await answer(tool, arguments, context)
        except AnnuletError:
            continue
        scene = build_scene(tool, told)
        if scene is not None:
            picture = draw_svg(scene)
            drawn += MARK in picture
            parts = list(ET.fromstring(picture).iter())
            assert {part.tag for part in parts} <= SHAPES, tool
            assert not {n for part in parts for n in part.attrib if n.startswith("on")}, tool
            assert not {v for part in parts for v in part.attrib.values() if MARK in v}, tool
        render(TOOLS[tool], told)
        printed = capsys.readouterr().out
        shown += MARK in printed
        assert not hidden_in(printed) - {"\n"}, tool
    assert drawn
    assert shown


async def test_raw_documents_are_as_harmless(context):
    """The resources with whole documents, unknown fields and names of fields included."""
    for name in COLLECTIONS:
        told = await read_documents(context, name, "2026-04-30", "2026-05-06")
        for text in texts_in(told):
            assert not hidden_in(text)
            assert len(text) <= 1_000 or MARK not in text

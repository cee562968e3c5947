"""Resources against the simulated cloud: the same facts as the tools, and whole documents."""

import json
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import httpx2
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from annulet.client import OuraClient
from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.request_person import RequestPerson
from annulet.simulator import SimulatedOura
from annulet.toolkit.context import Connection, Context, Zone

NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)


@asynccontextmanager
async def plain_person(tools=None):
    """A client of the server, and the simulated cloud behind it."""
    cloud = SimulatedOura(["plain"], NOW)

    async def connection():
        return Connection(account="plain")

    async with (
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=cloud.app)) as http,
        OuraClient(cloud.issue_token("plain"), http=http) as oura,
    ):
        context = Context(oura, lambda: NOW, Zone(UTC, "UTC"), connection)

        async def open_context():
            return context

        person = RequestPerson(open_context, tools)
        server = build_server(find_person=lambda _ctx: person, **build_catalogue_bundle())
        async with Client(server) as client:
            yield client, cloud


async def read(client, uri):
    """A resource as an object."""
    return json.loads((await client.read_resource(uri)).contents[0].text)


async def test_today_is_what_the_tool_says():
    """A resource and the tool behind it never disagree."""
    async with plain_person() as (client, _):
        answer = await client.call_tool("oura_daily_summary", {"start": "today"})
        assert await read(client, "oura://today") == answer.structured_content
        assert (await read(client, "oura://connection"))["connected"] is True


async def test_the_linked_series_is_whole():
    """The link beside an answer leads to what the answer left out."""
    async with plain_person() as (client, _):
        result = await client.call_tool("oura_intraday", {"start": "yesterday"})
        assert "series" not in result.structured_content
        series = (await read(client, result.content[1].uri))["series"]
    assert len(series["values"]) == 288


async def test_every_listed_resource_and_template_can_be_read():
    """Nothing is offered that is not there."""
    async with plain_person() as (client, _):
        for resource in (await client.list_resources()).resources:
            assert (await client.read_resource(resource.uri)).contents[0].text
        for template in (await client.list_resource_templates()).resource_templates:
            uri = template.uri_template.replace("{collection}", "daily_sleep")
            uri = uri.replace("{start}", "2026-05-18").replace("{end}", "2026-05-19")
            assert await read(client, uri)


async def test_raw_documents_are_complete():
    """As many nights as the person's truth has, each as Oura sent it."""
    async with plain_person() as (client, cloud):
        documents = await read(client, "oura://documents/daily_sleep/2026-05-01/2026-05-20")
        hearts = await read(client, "oura://documents/heartrate/2026-05-18/2026-05-19")
    truth = cloud.people["plain"].truth
    days = [date(2026, 5, day) for day in range(1, 21) if truth.night(date(2026, 5, day))]
    assert [row["day"] for row in documents["documents"]] == [day.isoformat() for day in days]
    assert {"id", "contributors"} <= set(documents["documents"][0])
    assert len(hearts["documents"]) > 300


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("oura://documents/secrets/2026-05-01/2026-05-02", "no collection"),
        ("oura://documents/heartrate/2025-09-01/2026-05-20", "too many"),
        ("oura://documents/daily_sleep/2026-05-09/2026-05-01", ""),
        ("oura://daily/2026-02-31/2026-03-01", ""),
    ],
)
async def test_a_range_that_cannot_be_read_is_explained(uri, words):
    """A wrong address of a known kind says what is wrong with it."""
    async with plain_person() as (client, _):
        with pytest.raises(MCPError) as refusal:
            await client.read_resource(uri)
    assert refusal.value.code == -32602
    assert words in refusal.value.message
    assert refusal.value.data["error"]["hint"]


async def test_documents_are_no_way_around_switches():
    """An endpoint with a tool switched off gives no raw documents."""
    async with plain_person(frozenset({"oura_device"})) as (client, _):
        with pytest.raises(MCPError):
            await client.read_resource("oura://documents/daily_sleep/2026-05-01/2026-05-02")

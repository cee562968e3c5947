"""The tool list: hints, schemas, order, and the charts that go with it."""

import jsonschema
from mcp.client import Client

from annulet.mcp_server.apps.app_resource import AppResource
from annulet.mcp_server.protocol.catalogue import build_output_schema

APP = AppResource(
    "ui://annulet/night",
    "night",
    "Night",
    "A night.",
    ("oura_sleep_sessions",),
    lambda: "<p>hi</p>",
)


async def test_every_tool_says_that_it_only_reads(client):
    """Titles and hints are complete, as directories of servers demand."""
    for tool in (await client.list_tools()).tools:
        hints = tool.annotations
        assert tool.title
        assert (hints.read_only_hint, hints.destructive_hint) == (True, False)
        assert (hints.idempotent_hint, hints.open_world_hint) == (True, True)


async def test_the_order_is_that_of_the_toolkit(client, mcp_fakes):
    """Asked twice, the list is the same, in the order in which the tools were given."""
    first = (await client.list_tools()).tools
    second = (await client.list_tools(cache_mode="bypass")).tools
    assert [tool.name for tool in first] == list(mcp_fakes.FAKE_TOOLS)
    assert first == second


def test_the_output_schema_admits_an_answer_and_a_failure(mcp_fakes):
    """Some clients check failures against it too, and lose tools with a union at the root."""
    schema = build_output_schema(mcp_fakes.FAKE_TOOLS["oura_daily_summary"])
    validator = jsonschema.Draft202012Validator(schema)
    assert set(schema) == {"type", "properties"}
    assert validator.is_valid({"summary": "fine"})
    assert validator.is_valid({"error": {"code": "x", "message": "y", "hint": "z"}})
    assert not validator.is_valid({"error": {"code": "x"}})


async def test_a_tool_with_a_chart_says_where_it_is(era, mcp_fakes):
    """A client that shows pages finds the page of a tool and can read it."""
    async with Client(mcp_fakes.make_server(apps=(APP,)), mode=era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        page = await client.read_resource("ui://annulet/night")
        listed = [resource.uri for resource in (await client.list_resources()).resources]
    meta = tools["oura_sleep_sessions"].meta
    assert meta["ui"]["resourceUri"] == meta["ui/resourceUri"] == "ui://annulet/night"
    assert tools["oura_daily_summary"].meta is None
    assert page.contents[0].mime_type == "text/html;profile=mcp-app"
    assert page.contents[0].text == "<p>hi</p>"
    assert "ui://annulet/night" in listed


async def test_lists_say_how_long_they_hold(mcp_fakes):
    """In the newer era every list carries a lifetime; what is personal is private."""
    async with Client(mcp_fakes.make_server(), mode="2026-07-28") as client:
        tools = await client.list_tools()
        prompts = await client.list_prompts()
        today = await client.read_resource("oura://today")
        glossary = await client.read_resource("oura://glossary")
    assert tools.ttl_ms > 0
    assert tools.cache_scope == "private"
    assert (prompts.ttl_ms > 0, prompts.cache_scope) == (True, "public")
    assert (today.ttl_ms, today.cache_scope) == (0, "private")
    assert glossary.cache_scope == "public"

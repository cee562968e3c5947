"""Resources: glossary, connection, today, series."""

import json

import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from annulet.mcp_server.resources.glossary import TERMS
from annulet.toolkit.metrics import METRICS


async def test_the_listed_resources_can_be_read(client):
    """Whatever the list names, reading it gives content of the promised kind."""
    for resource in (await client.list_resources()).resources:
        content = (await client.read_resource(resource.uri)).contents[0]
        assert content.mime_type == resource.mime_type
        assert content.text


def test_the_glossary_explains_every_metric():
    """No metric of the toolkit is left without its unit and a sentence."""
    assert set(METRICS) <= set(TERMS)


async def test_a_series_is_asked_for_its_days(client):
    """An address with two days becomes the same question a tool would get."""
    templates = [
        t.uri_template for t in (await client.list_resource_templates()).resource_templates
    ]
    assert "oura://daily/{start}/{end}" in templates


async def test_an_answer_without_its_series_links_to_it(client, mcp_fakes):
    """The link is an extra beside the text, and leads to a listed template."""
    result = await client.call_tool("oura_sleep_sessions", {})
    link = result.content[1]
    assert link.type == "resource_link"
    assert link.uri == "oura://sleep/2026-05-01/2026-05-01"
    assert mcp_fakes.both_forms(result)["summary"]


@pytest.mark.parametrize(
    "uri", ["oura://nothing", "oura://daily/x/y", "oura://secret/2026-01-01/2026-01-02", "ui://x/y"]
)
async def test_an_unknown_address_is_not_found(client, era, uri):
    """Each era has its own code for it."""
    with pytest.raises(MCPError) as refusal:
        await client.read_resource(uri)
    assert refusal.value.code == (-32002 if era == "legacy" else -32602)


async def test_a_switched_off_tool_has_no_resources(era, mcp_fakes):
    """A resource is no way around an endpoint's switches."""
    server = mcp_fakes.make_server(tools=frozenset({"oura_permissions"}))
    async with Client(server, mode=era) as client:
        assert json.loads((await client.read_resource("oura://connection")).contents[0].text)
        with pytest.raises(MCPError):
            await client.read_resource("oura://today")


async def test_a_failure_to_read_says_what_to_do(era, mcp_fakes):
    """The error of a resource carries the same code, message and hint as a tool's."""

    async def refuse(_name, _arguments, _context):
        raise mcp_fakes.FAILURES["not_connected"]

    server = mcp_fakes.make_server(answer=refuse)
    async with Client(server, mode=era) as client:
        with pytest.raises(MCPError) as refusal:
            await client.read_resource("oura://today")
    assert "annulet connect" in refusal.value.message
    assert refusal.value.data == mcp_fakes.FAILURES["not_connected"].as_dict()


async def test_a_crash_while_reading_is_one_fixed_sentence(era, mcp_fakes):
    """Not even here does the text of an exception leave."""

    async def crash(_name, _arguments, _context):
        raise ValueError(mcp_fakes.SECRET_TEXT)

    async with Client(mcp_fakes.make_server(answer=crash), mode=era) as client:
        with pytest.raises(MCPError) as refusal:
            await client.read_resource("oura://today")
    assert mcp_fakes.SECRET_TEXT not in str(refusal.value.error)
    assert "bug" in refusal.value.message

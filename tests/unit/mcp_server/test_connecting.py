"""Not connected, from inside the chat."""

import mcp_types as types
import pytest
from mcp.client import Client

ADDRESS = "https://annulet.example/connect/oura"


def answering(action, asked):
    """A client's way of treating a request for input."""

    async def callback(_context, params):
        asked.append(params)
        return types.ElicitResult(action=action)

    return callback


@pytest.mark.parametrize("action", ["accept", "decline", "cancel"])
async def test_a_client_that_opens_pages_is_asked_once(mcp_fakes, action):
    """It gets our page; when the ring is still not connected, the failure says what to do."""
    asked = []
    server = mcp_fakes.make_server(connect_url=ADDRESS)
    options = {"elicitation_callback": answering(action, asked)}
    async with Client(server, mode="2026-07-28", **options) as client:
        result = await client.call_tool("oura_failing", {"how": "not_connected"})
    assert [(params.mode, params.url) for params in asked] == [("url", ADDRESS)]
    error = mcp_fakes.both_forms(result)["error"]
    assert error["code"] == "not_connected"
    assert ADDRESS in error["hint"]


async def test_a_client_that_cannot_open_pages_gets_the_address_in_both_forms(era, mcp_fakes):
    """Without the capability the failure itself carries the page."""
    async with Client(mcp_fakes.make_server(connect_url=ADDRESS), mode=era) as client:
        result = await client.call_tool("oura_failing", {"how": "revoked"})
    error = mcp_fakes.both_forms(result)["error"]
    assert result.is_error
    assert error["code"] == "needs_reconnect"
    assert error["hint"].endswith(f"Open {ADDRESS}")


async def test_a_missing_membership_does_not_ask_to_connect(mcp_fakes):
    """Connecting again would not help there."""
    asked = []
    server = mcp_fakes.make_server(connect_url=ADDRESS)
    options = {"elicitation_callback": answering("accept", asked)}
    async with Client(server, mode="2026-07-28", **options) as client:
        result = await client.call_tool("oura_failing", {"how": "membership"})
    assert asked == []
    assert mcp_fakes.both_forms(result)["error"]["code"] == "membership_inactive"

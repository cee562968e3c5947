"""Tool calls: answers and failures in both forms and both eras."""

import json
import logging

import anyio
import pytest
from mcp.client import Client

from annulet.mcp_server import failures
from annulet.mcp_server.content_form import CONTENT_FORMS


async def test_an_answer_is_the_same_compact_json_in_both_forms(client, mcp_fakes):
    """Whichever form a client shows, the model sees the same object without spare blanks."""
    result = await client.call_tool("oura_daily_summary", {"start": "yesterday"})
    assert not result.is_error
    assert mcp_fakes.both_forms(result)["asked"] == {"start": "yesterday"}
    assert '": ' not in result.content[0].text
    assert "–" in result.content[0].text


@pytest.mark.parametrize("form", CONTENT_FORMS)
async def test_one_form_carries_everything_where_one_is_asked_for(form, era, mcp_fakes):
    """The SDK's client checks the structured form against the output schema, where there is one."""
    async with Client(mcp_fakes.make_server(form=form), mode=era) as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert all((tool.output_schema is None) == (form == "text") for tool in listed.values())
        answer = await client.call_tool("oura_daily_summary", {"start": "yesterday"})
        failure = await client.call_tool("oura_failing", {"how": "usage"})
    asked = {"start": "yesterday"}
    if form != "structured":
        assert json.loads(answer.content[0].text)["asked"] == asked
    if form != "text":
        assert answer.structured_content["asked"] == asked
    assert (answer.structured_content is None, answer.content == []) == (
        form == "text",
        form == "structured",
    )
    assert json.loads(failure.content[0].text) == mcp_fakes.FAILURES["usage"].as_dict()
    assert failure.is_error


@pytest.mark.parametrize("how", ["usage", "no_data", "vault", "not_connected", "revoked"])
async def test_a_person_s_failures_say_what_to_do(client, mcp_fakes, how):
    """An anticipated failure carries code, message and hint in both forms."""
    result = await client.call_tool("oura_failing", {"how": how})
    expected = mcp_fakes.FAILURES[how].as_dict()
    assert result.is_error
    assert mcp_fakes.both_forms(result) == expected


@pytest.mark.parametrize("how", ["scope", "membership", "unavailable", "limited", "rejected"])
async def test_oura_s_failures_say_what_to_do(client, mcp_fakes, how):
    """What Oura refuses arrives like every other failure."""
    result = await client.call_tool("oura_failing", {"how": how})
    assert result.is_error
    assert mcp_fakes.both_forms(result) == mcp_fakes.FAILURES[how].as_dict()


async def test_a_crash_is_one_fixed_sentence(client, mcp_fakes, caplog):
    """The text of an unexpected exception reaches neither the client nor the log."""
    with caplog.at_level(logging.DEBUG):
        result = await client.call_tool("oura_broken", {})
    assert result.is_error
    assert mcp_fakes.both_forms(result) == failures.BUG
    assert mcp_fakes.SECRET_TEXT not in result.content[0].text
    assert mcp_fakes.SECRET_TEXT not in caplog.text
    assert "oura_broken failed: ValueError < conftest.py" in caplog.text


async def test_an_answer_that_is_not_json_is_a_crash(client, mcp_fakes):
    """A number JSON cannot carry is our bug, told as one."""
    result = await client.call_tool("oura_unencodable", {})
    assert mcp_fakes.both_forms(result) == failures.BUG


async def test_an_unknown_tool_names_those_there_are(client, mcp_fakes):
    """A wrong name is a useful failure, not a protocol breakdown."""
    result = await client.call_tool("oura_sleep", {})
    error = mcp_fakes.both_forms(result)["error"]
    assert result.is_error
    assert error["code"] == "bad_input"
    assert "oura_daily_summary" in error["hint"]


async def test_a_tool_that_is_switched_off_is_neither_listed_nor_called(era, mcp_fakes):
    """An endpoint's switches hold for the list and for the call."""
    server = mcp_fakes.make_server(tools=frozenset({"oura_permissions"}))
    async with Client(server, mode=era) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        result = await client.call_tool("oura_daily_summary", {})
    assert names == ["oura_permissions"]
    assert "switched off" in mcp_fakes.both_forms(result)["error"]["message"]


async def test_a_failure_under_progress_stays_a_plain_failure(era, mcp_fakes):
    """Reporting progress does not change how a failure looks."""

    async def ignore(_progress, _total, _message):
        return None

    async with Client(mcp_fakes.make_server(), mode=era) as client:
        result = await client.call_tool(
            "oura_failing", {"how": "limited"}, progress_callback=ignore
        )
    assert mcp_fakes.both_forms(result) == mcp_fakes.FAILURES["limited"].as_dict()


async def test_a_cancelled_question_leaves_the_connection_usable(client, mcp_fakes):
    """A client that gives up on a question can ask the next one at once."""
    with anyio.move_on_after(0.1) as scope:
        await client.call_tool("oura_slow", {"seconds": 60})
    assert scope.cancelled_caught
    result = await client.call_tool("oura_daily_summary", {})
    assert not result.is_error

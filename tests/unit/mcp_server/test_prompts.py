"""The prompts in a client's menu."""

import re

import mcp_types as types
import pytest
from mcp.shared.exceptions import MCPError

from annulet.mcp_server.protocol.instructions import INSTRUCTIONS
from annulet.mcp_server.protocol.prompts import PROMPTS


async def test_every_prompt_can_be_had(client):
    """Each listed prompt yields one message that names tools which exist."""
    listed = (await client.list_prompts()).prompts
    assert [prompt.name for prompt in listed] == [prompt.name for prompt in PROMPTS]
    for prompt in listed:
        given = {a.name: "last week" for a in prompt.arguments or [] if a.required}
        result = await client.get_prompt(prompt.name, given)
        text = result.messages[0].content.text
        assert "{" not in text
        assert set(re.findall(r"oura_\w+", text)) <= set(re.findall(r"oura_\w+", INSTRUCTIONS))


async def test_arguments_go_into_the_text_on_one_line(client):
    """A tag appears as given, and cannot smuggle a paragraph in."""
    result = await client.get_prompt("tag_experiment", {"tag": "late\n\nmeal " + "x" * 500})
    text = result.messages[0].content.text
    assert "“late meal" in text
    assert "\n" not in text
    assert len(text) < 1000


@pytest.mark.parametrize(("name", "arguments"), [("tag_experiment", {}), ("nonsense", {})])
async def test_what_cannot_be_asked_is_said(client, name, arguments):
    """A missing argument and an unknown prompt are invalid parameters."""
    with pytest.raises(MCPError) as refusal:
        await client.get_prompt(name, arguments)
    assert refusal.value.code == -32602


async def test_suggestions_while_typing(client):
    """Periods for a prompt, collections for an address, nothing for anything else."""
    prompt = types.PromptReference(type="ref/prompt", name="weekly_review")
    address = types.ResourceTemplateReference(
        type="ref/resource", uri="oura://documents/{collection}/{start}/{end}"
    )

    async def suggested(ref, name, value):
        answer = await client.complete(ref, {"name": name, "value": value})
        return answer.completion.values

    assert await suggested(prompt, "week", "last 7") == ["last 7 days"]
    assert await suggested(address, "collection", "vo2") == ["vO2_max"]
    assert await suggested(address, "start", "") == []
    assert await suggested(prompt, "nonsense", "") == []

"""The tools that the conformance suite wants to find, beside annulet's own.

They exist only for the suite: nothing in the product imports this file.
"""

import anyio
import mcp_types as types
from mcp.shared.exceptions import MCPError

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SILENCE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA="
STEP = 0.05


def text(words):
    """A result of one text block."""
    return types.CallToolResult(content=[types.TextContent(type="text", text=words)])


def form(message, properties, required=()):
    """A request to fill in a form."""
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return types.ElicitRequest(
        params=types.ElicitRequestFormParams(message=message, requested_schema=schema)
    )


def sampling(words, tokens):
    """A request to the client's model."""
    message = types.SamplingMessage(role="user", content=types.TextContent(type="text", text=words))
    return types.CreateMessageRequest(
        params=types.CreateMessageRequestParams(messages=[message], max_tokens=tokens)
    )


def needs(requests, state=None):
    """An interim result that asks for something."""
    return types.InputRequiredResult(input_requests=requests, request_state=state)


NAME = {"name": {"type": "string"}}


async def simple_text(_ctx, _params):
    return text("This is a simple text response for testing.")


async def image(_ctx, _params):
    block = types.ImageContent(type="image", data=PIXEL, mime_type="image/png")
    return types.CallToolResult(content=[block])


async def audio(_ctx, _params):
    block = types.AudioContent(type="audio", data=SILENCE, mime_type="audio/wav")
    return types.CallToolResult(content=[block])


def embedded(uri, mime_type, words):
    """An embedded text resource."""
    contents = types.TextResourceContents(uri=uri, mime_type=mime_type, text=words)
    return types.EmbeddedResource(type="resource", resource=contents)


async def embedded_resource(_ctx, _params):
    block = embedded("test://embedded-resource", "text/plain", "This is an embedded resource.")
    return types.CallToolResult(content=[block])


async def several_kinds(_ctx, _params):
    blocks = [
        types.TextContent(type="text", text="Multiple content types test:"),
        types.ImageContent(type="image", data=PIXEL, mime_type="image/png"),
        embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":1}'),
    ]
    return types.CallToolResult(content=blocks)


async def error(_ctx, _params):
    block = text("This tool intentionally returns an error for testing")
    return block.model_copy(update={"is_error": True})


async def progress(ctx, _params):
    for done in (0, 50, 100):
        await ctx.session.report_progress(done, 100)
        await anyio.sleep(STEP)
    return text("done")


async def logging(ctx, _params):
    for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await log(ctx, words)
        await anyio.sleep(STEP)
    return text("logged")


async def log(ctx, words):
    """One log message on the stream of the request, where the client wants it."""
    modern = ctx.protocol_version == "2026-07-28"
    if modern and "io.modelcontextprotocol/logLevel" not in (ctx.meta or {}):
        return
    params = types.LoggingMessageNotificationParams(level="info", data=words)
    await ctx.session.send_notification(
        types.LoggingMessageNotification(params=params), related_request_id=ctx.request_id
    )


async def ask_model(ctx, params):
    request = sampling(params.arguments["prompt"], 100)
    answer = await ctx.session.send_request(
        request, types.CreateMessageResult, metadata=_same_stream(ctx)
    )
    return text(f"LLM response: {answer.content.text}")


def _same_stream(ctx):
    from mcp.shared.message import ServerMessageMetadata

    return ServerMessageMetadata(related_request_id=ctx.request_id)


async def _filled(ctx, request, lead):
    answer = await ctx.session.send_request(request, types.ElicitResult, metadata=_same_stream(ctx))
    return text(f"{lead}: action={answer.action}, content={answer.content}")


async def elicitation(ctx, params):
    fields = {
        "username": {"type": "string", "description": "User's response"},
        "email": {"type": "string", "description": "User's email address"},
    }
    request = form(params.arguments["message"], fields, ("username", "email"))
    return await _filled(ctx, request, "User response")


async def elicitation_defaults(ctx, _params):
    fields = {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {
            "type": "string",
            "enum": ["active", "inactive", "pending"],
            "default": "active",
        },
        "verified": {"type": "boolean", "default": True},
    }
    return await _filled(ctx, form("Please review", fields), "Elicitation completed")


async def elicitation_enums(ctx, _params):
    options = ["option1", "option2", "option3"]
    titled = [{"const": f"value{n}", "title": f"Choice {n}"} for n in (1, 2, 3)]
    fields = {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": titled},
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled}},
    }
    return await _filled(ctx, form("Please choose", fields), "Elicitation completed")


async def input_elicitation(_ctx, params):
    answer = (params.input_responses or {}).get("user_name")
    if not isinstance(answer, types.ElicitResult) or answer.action != "accept":
        return needs({"user_name": form("What is your name?", NAME, ("name",))})
    name = (answer.content or {}).get("name")
    if not isinstance(name, str):
        return needs({"user_name": form("What is your name?", NAME, ("name",))})
    return text(f"Hello, {name}!")


async def input_sampling(_ctx, params):
    answer = (params.input_responses or {}).get("capital_question")
    if answer is None:
        return needs({"capital_question": sampling("What is the capital of France?", 100)})
    return text(f"The model said: {answer.content.text}")


async def input_roots(_ctx, params):
    answer = (params.input_responses or {}).get("client_roots")
    if answer is None:
        return needs({"client_roots": types.ListRootsRequest()})
    return text("Roots: " + ", ".join(str(root.uri) for root in answer.roots))


async def input_state(_ctx, params):
    if not params.input_responses:
        fields = {"ok": {"type": "boolean"}}
        return needs({"confirm": form("Please confirm", fields, ("ok",))}, "waiting")
    return text("state-ok" if params.request_state == "waiting" else "state lost")


async def input_several(_ctx, params):
    if not params.input_responses:
        requests = {
            "user_name": form("What is your name?", NAME, ("name",)),
            "greeting": sampling("Generate a greeting", 50),
            "client_roots": types.ListRootsRequest(),
        }
        return needs(requests, "waiting")
    return text("All arrived: " + ", ".join(sorted(params.input_responses)))


async def input_rounds(_ctx, params):
    if params.request_state is None:
        return needs({"step1": form("Step 1: What is your name?", NAME, ("name",))}, "one")
    if params.request_state == "one":
        fields = {"color": {"type": "string"}}
        question = form("Step 2: What is your favorite color?", fields, ("color",))
        return needs({"step2": question}, "two")
    return text("Both steps are done.")


async def input_capabilities(ctx, params):
    if params.input_responses:
        return text("Answered.")
    able = ctx.session.client_capabilities
    requests = {}
    if able and able.sampling is not None:
        requests["greeting"] = sampling("Generate a greeting", 50)
    if able and able.elicitation is not None:
        requests["user_name"] = form("What is your name?", NAME, ("name",))
    return needs(requests) if requests else text("Nothing to ask with.")


async def missing_capability(ctx, _params):
    able = ctx.session.client_capabilities
    if able is None or able.sampling is None:
        data = {"requiredCapabilities": {"sampling": {}}}
        raise MCPError(-32021, "The client has not declared sampling", data)
    return text("Sampling is declared.")


NOTHING = {"type": "object", "properties": {}}


def _takes(name):
    return {"type": "object", "properties": {name: {"type": "string"}}, "required": [name]}


TOOLS = {
    "test_simple_text": (simple_text, NOTHING),
    "test_image_content": (image, NOTHING),
    "test_audio_content": (audio, NOTHING),
    "test_embedded_resource": (embedded_resource, NOTHING),
    "test_multiple_content_types": (several_kinds, NOTHING),
    "test_error_handling": (error, NOTHING),
    "test_tool_with_progress": (progress, NOTHING),
    "test_tool_with_logging": (logging, NOTHING),
    "test_logging_tool": (logging, NOTHING),
    "test_sampling": (ask_model, _takes("prompt")),
    "test_elicitation": (elicitation, _takes("message")),
    "test_elicitation_sep1034_defaults": (elicitation_defaults, NOTHING),
    "test_elicitation_sep1330_enums": (elicitation_enums, NOTHING),
    "test_streaming_elicitation": (input_elicitation, NOTHING),
    "test_input_required_result_elicitation": (input_elicitation, NOTHING),
    "test_input_required_result_sampling": (input_sampling, NOTHING),
    "test_input_required_result_list_roots": (input_roots, NOTHING),
    "test_input_required_result_request_state": (input_state, NOTHING),
    "test_input_required_result_multiple_inputs": (input_several, NOTHING),
    "test_input_required_result_multi_round": (input_rounds, NOTHING),
    "test_input_required_result_tampered_state": (input_state, NOTHING),
    "test_input_required_result_capabilities": (input_capabilities, NOTHING),
    "test_missing_capability": (missing_capability, NOTHING),
}

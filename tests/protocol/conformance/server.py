"""annulet's MCP server as the conformance suite sees it: ``python server.py PORT [fixtures]``.

Without ``fixtures`` it is exactly the product's server, stateless, for a person without a ring.
With ``fixtures`` the suite's tools, prompts and resources stand beside annulet's own, and the
older era keeps sessions, because some required scenarios ask the client something in mid-call.
"""

import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import mcp_types as types
import uvicorn
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ToolsListChanged,
)
from starlette.applications import Starlette
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parent))
import fixture_tools as fixtures

from annulet.errors import NotConnected
from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle
from annulet.mcp_server.protocol.http import McpApp, build_state_boundary, build_transport_security
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.request_person import PERSON_KEY, RequestPerson, find_person_in_scope
from annulet.toolkit.context import Context, Zone

STATIC = "test://static-text"
BINARY = "test://static-binary"
WATCHED = "test://watched-resource"


def unconnected_person():
    """A person who has not connected a ring."""

    async def connection():
        raise NotConnected("No ring is connected yet.", hint="Run: annulet connect")

    async def open_context():
        return Context(
            client=None,
            now=lambda: datetime(2026, 5, 1, 8, tzinfo=UTC),
            zone=Zone(UTC, "UTC"),
            connection=connection,
        )

    return RequestPerson(open_context)


def wrap(server, method, params_type, handle):
    """Let the fixtures look at a request first; `handle` gets the product's own handler too."""
    entry = server.get_request_handler(method)

    async def first_ours(ctx, params):
        return await handle(ctx, params, entry.handler if entry else None)

    server.add_request_handler(method, params_type, first_ours)


def add_tools(server, bus):
    """The suite's tools, called before annulet's own."""

    async def listed(ctx, params, product):
        result = await product(ctx, params)
        extra = [
            types.Tool(name=name, description=f"Fixture {name}.", input_schema=schema)
            for name, (_, schema) in fixtures.TOOLS.items()
        ]
        return result.model_copy(update={"tools": [*result.tools, *extra]})

    async def called(ctx, params, product):
        if params.name == "test_trigger_tool_change":
            await bus.publish(ToolsListChanged())
            return fixtures.text("changed")
        if params.name == "test_trigger_prompt_change":
            await bus.publish(PromptsListChanged())
            return fixtures.text("changed")
        fixture = fixtures.TOOLS.get(params.name)
        return await (fixture[0](ctx, params) if fixture else product(ctx, params))

    wrap(server, "tools/list", types.PaginatedRequestParams, listed)
    wrap(server, "tools/call", types.CallToolRequestParams, called)
    schemas = {name: schema for name, (_, schema) in fixtures.TOOLS.items()}
    product_schema = server.get_tool_input_schema
    server.get_tool_input_schema = lambda name: schemas.get(name) or product_schema(name)


def add_resources(server):
    """The suite's resources and its template."""

    async def read(ctx, params, product):
        uri = str(params.uri)
        if uri == BINARY:
            blob = types.BlobResourceContents(uri=uri, mime_type="image/png", blob=fixtures.PIXEL)
            return types.ReadResourceResult(contents=[blob])
        if uri in {STATIC, WATCHED}:
            return _text(uri, "text/plain", "This is the content of the static text resource.")
        if uri.startswith("test://template/") and uri.endswith("/data"):
            number = uri.removeprefix("test://template/").removesuffix("/data")
            body = f'{{"id":"{number}","templateTest":true,"data":"Data for ID: {number}"}}'
            return _text(uri, "application/json", body)
        return await product(ctx, params)

    async def listed(ctx, params, product):
        result = await product(ctx, params)
        extra = [
            types.Resource(uri=uri, name=uri, mime_type="text/plain") for uri in (STATIC, WATCHED)
        ]
        return result.model_copy(update={"resources": [*result.resources, *extra]})

    async def templates(ctx, params, product):
        result = await product(ctx, params)
        extra = types.ResourceTemplate(uri_template="test://template/{id}/data", name="template")
        return result.model_copy(update={"resource_templates": [*result.resource_templates, extra]})

    async def accepted(_ctx, _params, _product):
        return types.EmptyResult()

    wrap(server, "resources/read", types.ReadResourceRequestParams, read)
    wrap(server, "resources/list", types.PaginatedRequestParams, listed)
    wrap(server, "resources/templates/list", types.PaginatedRequestParams, templates)
    wrap(server, "resources/subscribe", types.SubscribeRequestParams, accepted)
    wrap(server, "resources/unsubscribe", types.UnsubscribeRequestParams, accepted)
    wrap(server, "logging/setLevel", types.SetLevelRequestParams, accepted)


def _text(uri, mime_type, words):
    contents = types.TextResourceContents(uri=uri, mime_type=mime_type, text=words)
    return types.ReadResourceResult(contents=[contents])


def add_prompts(server):
    """The suite's prompts."""
    arguments = {
        "test_simple_prompt": (),
        "test_prompt_with_arguments": ("arg1", "arg2"),
        "test_prompt_with_embedded_resource": ("resourceUri",),
        "test_prompt_with_image": (),
        "test_input_required_result_prompt": (),
    }

    async def listed(ctx, params, product):
        result = await product(ctx, params)
        extra = [
            types.Prompt(
                name=name,
                description=f"Fixture {name}.",
                arguments=[types.PromptArgument(name=a, required=True) for a in names],
            )
            for name, names in arguments.items()
        ]
        return result.model_copy(update={"prompts": [*result.prompts, *extra]})

    async def got(ctx, params, product):
        if params.name not in arguments:
            return await product(ctx, params)
        given = params.arguments or {}
        if params.name == "test_input_required_result_prompt" and not params.input_responses:
            fields = {"context": {"type": "string"}}
            question = fixtures.form("What context should the prompt use?", fields, ("context",))
            return fixtures.needs({"user_context": question})
        return types.GetPromptResult(messages=_messages(params.name, given))

    wrap(server, "prompts/list", types.PaginatedRequestParams, listed)
    wrap(server, "prompts/get", types.GetPromptRequestParams, got)


def _messages(name, given):
    block = types.TextContent(type="text", text="This is a simple prompt for testing.")
    blocks = [block]
    if name == "test_prompt_with_arguments":
        blocks = [types.TextContent(type="text", text=f"{given['arg1']} and {given['arg2']}")]
    elif name == "test_prompt_with_embedded_resource":
        words = "Embedded resource content for testing."
        blocks = [fixtures.embedded(given["resourceUri"], "text/plain", words), block]
    elif name == "test_prompt_with_image":
        image = types.ImageContent(type="image", data=fixtures.PIXEL, mime_type="image/png")
        blocks = [image, block]
    return [types.PromptMessage(role="user", content=block) for block in blocks]


def application(*, with_fixtures):
    """The server at ``/mcp``, for a person who has not connected a ring."""
    server = build_server(find_person=find_person_in_scope, **build_catalogue_bundle())
    server.middleware.append(build_state_boundary())
    if with_fixtures:
        bus = InMemorySubscriptionBus()
        add_tools(server, bus)
        add_resources(server)
        add_prompts(server)
        server.add_request_handler(
            "subscriptions/listen", types.SubscriptionsListenRequestParams, ListenHandler(bus)
        )
    app = McpApp(server, build_transport_security(), stateless=not with_fixtures)

    class Mounted:
        async def __call__(self, scope, receive, send):
            await app({**scope, PERSON_KEY: unconnected_person()}, receive, send)

    @asynccontextmanager
    async def lifespan(_app):
        async with app.run():
            yield

    return Starlette(routes=[Route("/mcp", Mounted())], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(
        application(with_fixtures="fixtures" in sys.argv[2:]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="warning",
        timeout_graceful_shutdown=1,
    )

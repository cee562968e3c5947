"""The server as one object: tools, prompts, resources and charts, on any transport.

It keeps no state between requests. Both protocol eras are the SDK's; names, schemas, texts,
results and failures are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.lowlevel import Server

from annulet import __version__
from annulet.mcp_server.apps.app_resource import APP_EXTENSION, APP_MIME_TYPE, AppResource
from annulet.mcp_server.content_form import ContentForm
from annulet.mcp_server.failures import contain_exceptions
from annulet.mcp_server.protocol.calls import ToolCalls, wrap_arguments
from annulet.mcp_server.protocol.catalogue import list_tools
from annulet.mcp_server.protocol.completion import Completions
from annulet.mcp_server.protocol.instructions import INSTRUCTIONS
from annulet.mcp_server.protocol.lists import Lists
from annulet.mcp_server.protocol.prompts import PromptGets
from annulet.mcp_server.request_person import AnswerFunction, FindPerson, McpServer
from annulet.mcp_server.resources.resource_links import build_links
from annulet.mcp_server.resources.resource_reads import ResourceReads
from annulet.toolkit.tool import Tool

_HOUR_MS: Final = 3_600_000
_CACHE_HINTS: Final[dict[CacheableMethod, CacheHint]] = {
    "server/discover": CacheHint(_HOUR_MS, "public"),
    "tools/list": CacheHint(_HOUR_MS, "private"),
    "prompts/list": CacheHint(_HOUR_MS, "public"),
    "resources/list": CacheHint(_HOUR_MS, "private"),
    "resources/templates/list": CacheHint(_HOUR_MS, "public"),
    "resources/read": CacheHint(0, "private"),
}


def build_server(
    *,
    tools: Mapping[str, Tool],
    answer: AnswerFunction,
    find_person: FindPerson,
    apps: Sequence[AppResource] = (),
    instructions: str = INSTRUCTIONS,
    form: ContentForm = "both",
) -> McpServer:
    """Build the server.

    Args:
        tools: The tools by name, in the order of the list.
        answer: Validates arguments and answers; raises `AnnuletError`.
        find_person: Finds the person behind a request.
        apps: Interactive charts for clients that show pages in the chat.
        instructions: What clients show a model first.
        form: The form in which answers are sent.
    """
    catalogue = list_tools(tools, apps, form)
    lists = Lists(catalogue, apps, find_person)
    schemas = {tool.name: tool.input_schema for tool in catalogue}
    server: McpServer = Server(
        "annulet",
        version=__version__,
        title="annulet",
        description="Oura Ring data, answered: sleep, readiness, activity, heart, trends.",
        instructions=instructions,
        cache_hints=_CACHE_HINTS,
        get_tool_input_schema=schemas.get,
        on_list_tools=lists.list_tools,
        on_call_tool=ToolCalls(tools, answer, find_person, build_links, form),
        on_list_resources=lists.list_resources,
        on_list_resource_templates=lists.list_templates,
        on_read_resource=ResourceReads(tools, answer, find_person, tuple(apps)),
        on_list_prompts=lists.list_prompts,
        on_get_prompt=PromptGets(find_person),
        on_completion=Completions(find_person),
    )
    # Tracing by the SDK is removed: it costs time on every call, and records what clients write.
    server.middleware[:] = [contain_exceptions, wrap_arguments]
    if apps:
        server.extensions[APP_EXTENSION] = {"mimeTypes": [APP_MIME_TYPE]}
    return server

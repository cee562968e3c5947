"""The server on standard input and output, for one person on one machine.

Standard output carries JSON-RPC and nothing else; standard error carries the log. The person's
context (vault, client) is opened by the first question, not at the start.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import cast

import anyio
import mcp_types as types
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage

from annulet.mcp_server.content_form import ContentForm
from annulet.mcp_server.protocol.both_eras import REPLAYED, serve_both_eras
from annulet.mcp_server.protocol.lazy_context import OpenContext, open_lazily
from annulet.mcp_server.protocol.logs import log_to
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.protocol.stdio_lines import BoundedLines, take_standard_input
from annulet.mcp_server.protocol.stdio_stream import StdioStreams
from annulet.mcp_server.recorded_handshake import Opening
from annulet.mcp_server.request_person import RequestPerson


async def serve_stdio(
    open_context: OpenContext, opening: Opening | None = None, form: ContentForm = "both"
) -> None:
    """Serve until the client closes standard input.

    Args:
        open_context: Opens the person's context; called by the first question, and again by the
            next one where it raised.
        opening: What of the conversation has taken place.
        form: The form in which answers are sent.
    """
    from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle

    log_to(sys.stderr)
    opening = opening or Opening()
    async with open_lazily(open_context) as context:
        person = RequestPerson(context.get)
        server = build_server(
            find_person=lambda _ctx: person, form=form, **build_catalogue_bundle()
        )
        lines = take_standard_input(opening.pending)
        # The SDK writes. It would read a wrong id as none, so what it reads from has ended.
        nothing = cast("anyio.AsyncFile[str]", BoundedLines(io.BytesIO()))
        async with stdio_server(stdin=nothing) as (_, write):
            streams = StdioStreams(lines, write)
            # A library that prints must not reach the wire, not even from a buffer at the end.
            with redirect_stdout(sys.stderr):
                messages = streams.messages([*read_replayed(opening)])
                await serve_both_eras(server, messages, streams.send)
                await write.aclose()


def run_stdio(
    open_context: OpenContext, opening: Opening | None = None, form: ContentForm = "both"
) -> None:
    """Run `serve_stdio` from code that is not asynchronous."""
    anyio.run(serve_stdio, open_context, opening, form)


def read_replayed(opening: Opening) -> Iterator[SessionMessage]:
    """The handshake that the client had recorded replies to, for the server to know of."""
    for line in opening.replayed:
        message = json.loads(line)
        if "id" in message:
            message["id"] = REPLAYED
        yield SessionMessage(types.jsonrpc_message_adapter.validate_python(message, by_name=False))

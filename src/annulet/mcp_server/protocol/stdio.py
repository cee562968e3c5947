"""The server on standard input and output, for one person on one machine.

Standard output carries JSON-RPC and nothing else; standard error carries the log. The person's
context (vault, client) is opened by the first question, not at the start.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout

import anyio
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage

from annulet.mcp_server.protocol.both_eras import REPLAYED, serve_both_eras
from annulet.mcp_server.protocol.lazy_context import OpenContext, open_lazily
from annulet.mcp_server.protocol.logs import log_to
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.protocol.stdio_stream import StdioStreams, read_line
from annulet.mcp_server.recorded_handshake import Opening
from annulet.mcp_server.request_person import RequestPerson

__all__ = ["continue_opening", "run_stdio", "serve_stdio"]


async def serve_stdio(open_context: OpenContext, opening: Opening | None = None) -> None:
    """Serve until the client closes standard input.

    Args:
        open_context: Opens the person's context; called by the first question, and again by the
            next one where it raised.
        opening: What of the conversation has taken place.
    """
    from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle

    log_to(sys.stderr)
    async with open_lazily(open_context) as context:
        person = RequestPerson(context.get)
        server = build_server(find_person=lambda _ctx: person, **build_catalogue_bundle())
        async with stdio_server() as (read, write):
            streams = StdioStreams(read, write)
            # A library that prints must not reach the wire, not even from a buffer at the end.
            with redirect_stdout(sys.stderr):
                messages = streams.messages(list(continue_opening(opening or Opening())))
                await serve_both_eras(server, messages, streams.send)
                await write.aclose()


def run_stdio(open_context: OpenContext, opening: Opening | None = None) -> None:
    """Run `serve_stdio` from code that is not asynchronous."""
    anyio.run(serve_stdio, open_context, opening)


def continue_opening(opening: Opening) -> Iterator[SessionMessage | Exception]:
    """Tell the server of the handshake, then hand it the line that was not answered."""
    for line in opening.replayed:
        message = json.loads(line)
        if "id" in message:
            message["id"] = REPLAYED
        yield read_line(json.dumps(message).encode())
    if opening.pending:
        yield read_line(opening.pending)

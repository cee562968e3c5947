"""The server on standard input and output, for one person on one machine.

Standard output carries JSON-RPC and nothing else; standard error carries the log. The person's
context (vault, client) is opened by the first question, not at the start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import cast

import anyio
from anyio import to_thread
from mcp.server.stdio import stdio_server

from annulet.mcp_server.protocol.lazy_context import OpenContext, open_lazily
from annulet.mcp_server.protocol.logs import log_to
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.protocol.stdio_lines import take_standard_input
from annulet.mcp_server.protocol.stdio_stream import StdioStreams
from annulet.mcp_server.request_person import RequestPerson

__all__ = ["run_stdio", "serve_stdio"]


async def serve_stdio(open_context: OpenContext, prepare: Callable[[], None] | None = None) -> None:
    """Serve until the client closes standard input.

    Args:
        open_context: Opens the person's context; called by the first question, and again by the
            next one where it raised.
        prepare: Loads what the first question needs; called, in a thread, when the first message
            has been answered, because a client seldom asks before a person has typed.
    """
    from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle

    log_to(sys.stderr)
    async with open_lazily(open_context) as context:
        person = RequestPerson(context.get)
        server = build_server(find_person=lambda _ctx: person, **build_catalogue_bundle())
        lines = cast("anyio.AsyncFile[str]", take_standard_input())  # it is only iterated
        async with stdio_server(stdin=lines) as (read, write):
            streams = StdioStreams(read, write)
            # A library that prints must not reach the wire, not even from a buffer at the end.
            with redirect_stdout(sys.stderr):
                async with anyio.create_task_group() as tasks:
                    if prepare is not None:
                        tasks.start_soon(_prepare_after_first_answer, streams, prepare)
                    options = server.create_initialization_options()
                    await server.run(streams.read, streams.write, options)
                    tasks.cancel_scope.cancel()


def run_stdio(open_context: OpenContext, prepare: Callable[[], None] | None = None) -> None:
    """Run `serve_stdio` from code that is not asynchronous."""
    anyio.run(serve_stdio, open_context, prepare)


async def _prepare_after_first_answer(streams: StdioStreams, prepare: Callable[[], None]) -> None:
    await streams.first_answer.wait()
    await to_thread.run_sync(prepare, abandon_on_cancel=True)

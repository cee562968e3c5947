"""The server on standard input and output, for one person on one machine.

Standard output carries JSON-RPC and nothing else; standard error carries the log. The person's
context (vault, client) is opened by the first question, not at the start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, redirect_stdout

import anyio
from anyio import to_thread
from mcp.server.stdio import stdio_server

from annulet.mcp_server.protocol.lazy_context import Opened, opening
from annulet.mcp_server.protocol.logs import log_to
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.protocol.stdio_stream import Conversation
from annulet.mcp_server.request_person import FindPerson, RequestPerson
from annulet.toolkit.context import Context

__all__ = ["serve_stdio"]


async def serve_stdio(
    open_context: Callable[[], AbstractAsyncContextManager[Context]],
    prepare: Callable[[], None] | None = None,
) -> None:
    """Serve until the client closes standard input.

    Args:
        open_context: Opens the person's context; called by the first question, and again by the
            next one where it raised.
        prepare: Loads what the first question needs; called, in a thread, when the first message
            has been answered, for clients seldom ask before a person has typed.
    """
    from annulet.mcp_server.protocol.catalogue_bundle import offer

    log_to(sys.stderr)
    async with opening(open_context) as opened:
        server = build_server(find_person=_one_person(opened), **offer())
        async with stdio_server() as (read, write):
            client = Conversation(read, write)
            # A library that prints must not reach the wire, not even from a buffer at the end.
            with redirect_stdout(sys.stderr):
                async with anyio.create_task_group() as aside:
                    if prepare is not None:
                        aside.start_soon(_prepared, client, prepare)
                    options = server.create_initialization_options()
                    await server.run(client.read, client.write, options)
                    aside.cancel_scope.cancel()


def run_stdio(
    open_context: Callable[[], AbstractAsyncContextManager[Context]],
    prepare: Callable[[], None] | None = None,
) -> None:
    """`serve_stdio` from ordinary code."""
    anyio.run(serve_stdio, open_context, prepare)


async def _prepared(client: Conversation, prepare: Callable[[], None]) -> None:
    await client.begun.wait()
    await to_thread.run_sync(prepare, abandon_on_cancel=True)


def _one_person(opened: Opened) -> FindPerson:
    person = RequestPerson(opened.context)
    return lambda _ctx: person

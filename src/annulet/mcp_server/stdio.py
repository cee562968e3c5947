"""The server on standard input and output, for one person on one machine.

Standard output carries JSON-RPC and nothing else; standard error carries the log. The person's
context (vault, client) is opened by the first question, not at the start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, redirect_stdout
from typing import Any

import anyio
from mcp.server.context import ServerRequestContext
from mcp.server.stdio import stdio_server

from annulet.mcp_server.caller import Caller
from annulet.mcp_server.conversation import Conversation
from annulet.mcp_server.logs import log_to
from annulet.mcp_server.opening import Opened, opening
from annulet.mcp_server.server import build_server
from annulet.toolkit.context import Context

__all__ = ["serve_stdio"]


async def serve_stdio(open_context: Callable[[], AbstractAsyncContextManager[Context]]) -> None:
    """Serve until the client closes standard input.

    Args:
        open_context: Opens the person's context; called by the first question, and again by the
            next one where it raised.
    """
    from annulet.mcp_server.offer import offer

    log_to(sys.stderr)
    async with opening(open_context) as opened:
        server = build_server(find_caller=_one_person(opened), **offer())
        async with stdio_server() as (read, write):
            client = Conversation(read, write)
            # A library that prints must not reach the wire, not even from a buffer at the end.
            with redirect_stdout(sys.stderr):
                await server.run(client.read, client.write, server.create_initialization_options())


def run_stdio(open_context: Callable[[], AbstractAsyncContextManager[Context]]) -> None:
    """`serve_stdio` from ordinary code."""
    anyio.run(serve_stdio, open_context)


def _one_person(opened: Opened) -> Callable[[ServerRequestContext[Any, Any]], Caller]:
    caller = Caller(opened.context)
    return lambda _ctx: caller

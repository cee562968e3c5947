"""The person behind a request: the context of their data, and what the request may use.

Over HTTP the application that mounts the server authenticates the request and leaves the
`RequestPerson` in the ASGI scope. On stdio there is one person, whose context is opened by the
first question.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from annulet.mcp_server.request_observer import InsufficientScopeError, RequestObserver
from annulet.toolkit.context import Context
from annulet.toolkit.tool import Answer, Arguments

PERSON_KEY: Final = "annulet.person"
"""Where the ASGI scope holds the `RequestPerson`."""

RequestContext = ServerRequestContext[Any, Any]
McpServer = Server[Any]
AnswerFunction = Callable[[str, Arguments, Context], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class RequestPerson:
    """Whose data a request may reach, and by which tools.

    Attributes:
        open_context: Opens the person's context; raises `AnnuletError` where there is none.
        tools: Names of the allowed tools; ``None`` allows all.
        beyond_scope: Names of tools that are offered, but need a scope that the client lacks.
        connect_url: Our own page where the person connects a ring, where there is one.
        principal: Opaque text that names the person; binds sealed state to them.
        observer: Is told about each request that can reach the person's data.
    """

    open_context: Callable[[], Awaitable[Context]]
    tools: frozenset[str] | None = None
    beyond_scope: frozenset[str] = frozenset()
    connect_url: str | None = None
    principal: str | None = None
    observer: RequestObserver | None = None

    def may_use(self, tool: str) -> bool:
        """Whether this request may use the tool."""
        return self.tools is None or tool in self.tools

    def check_scope(self, tools: frozenset[str]) -> None:
        """Check that none of the tools needs a scope that the client lacks.

        Raises:
            InsufficientScopeError: One of them does.
        """
        if tools & self.beyond_scope:
            raise InsufficientScopeError(
                "This question needs more than was allowed.",
                hint="Connect the assistant again and allow all questions.",
            )


FindPerson = Callable[[RequestContext], RequestPerson]


def find_person_in_scope(ctx: RequestContext) -> RequestPerson:
    """Return the person whom the mounting application authenticated."""
    person: RequestPerson = _scope(ctx)[PERSON_KEY]
    return person


def find_principal(ctx: RequestContext) -> str | None:
    """Return the principal to which sealed state is bound; ``None`` without a person."""
    person: RequestPerson | None = _scope(ctx).get(PERSON_KEY)
    return person.principal if person else None


def _scope(ctx: RequestContext) -> Mapping[str, Any]:
    return {} if ctx.request is None else ctx.request.scope

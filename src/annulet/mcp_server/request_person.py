"""Whose question this is: the person's context, and what this endpoint may use.

Over HTTP whoever mounts the server authenticates first and leaves the person in the ASGI scope; on
stdio there is one person, whose context is opened by the first question.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mcp.server.context import ServerRequestContext

from annulet.toolkit.context import Context
from annulet.toolkit.tool import Answer

__all__ = [
    "CONNECT_URL_KEY",
    "CONTEXT_KEY",
    "PRINCIPAL_KEY",
    "TOOLS_KEY",
    "AnswerFunction",
    "Caller",
    "FindCaller",
    "caller_from_scope",
    "principal_of",
]

CONTEXT_KEY: Final = "annulet.context"
TOOLS_KEY: Final = "annulet.tools"
CONNECT_URL_KEY: Final = "annulet.connect_url"
PRINCIPAL_KEY: Final = "annulet.principal"

AnswerFunction = Callable[[str, Mapping[str, Any], Context], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Caller:
    """One person's door to the answers.

    Attributes:
        context: Opens the person's context; raises `AnnuletError` where there is none.
        tools: Names of the allowed tools; ``None`` allows all.
        connect_url: Our own page where the person connects a ring, where there is one.
    """

    context: Callable[[], Awaitable[Context]]
    tools: frozenset[str] | None = None
    connect_url: str | None = None

    def may_use(self, name: str) -> bool:
        """Whether this endpoint offers the tool."""
        return self.tools is None or name in self.tools


FindCaller = Callable[[ServerRequestContext[Any, Any]], Caller]


def caller_from_scope(ctx: ServerRequestContext[Any, Any]) -> Caller:
    """The person whom the mounting application authenticated."""
    scope = _scope(ctx)

    async def context() -> Context:
        found = scope[CONTEXT_KEY]
        return found if isinstance(found, Context) else await found()

    return Caller(context, scope.get(TOOLS_KEY), scope.get(CONNECT_URL_KEY))


def principal_of(ctx: ServerRequestContext[Any, Any]) -> str | None:
    """Who asks, as the mounting application named them; binds sealed state to one person."""
    found = _scope(ctx).get(PRINCIPAL_KEY)
    return found if isinstance(found, str) else None


def _scope(ctx: ServerRequestContext[Any, Any]) -> Mapping[str, Any]:
    return {} if ctx.request is None else ctx.request.scope

"""The four lists a client asks for first: each is one page, in an order that does not change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

from annulet.mcp_server.apps.app_resource import AppResource
from annulet.mcp_server.protocol.prompts import listed_prompts
from annulet.mcp_server.request_person import FindCaller
from annulet.mcp_server.resources.resources import listed_resources, listed_templates

__all__ = ["Lists"]

_Ctx = ServerRequestContext[Any, Any]
_Page = types.PaginatedRequestParams | None


@dataclass(frozen=True, slots=True)
class Lists:
    """Handles the ``…/list`` methods.

    Attributes:
        catalogue: Every tool as the protocol lists it.
        apps: Interactive charts.
        find_caller: Finds the person behind a request; only the tools depend on it.
    """

    catalogue: Sequence[types.Tool]
    apps: Sequence[AppResource]
    find_caller: FindCaller

    async def tools(self, ctx: _Ctx, params: _Page) -> types.ListToolsResult:
        """The tools this caller may use."""
        _one_page(params)
        caller = self.find_caller(ctx)
        return types.ListToolsResult(tools=[t for t in self.catalogue if caller.may_use(t.name)])

    async def resources(self, _ctx: _Ctx, params: _Page) -> types.ListResourcesResult:
        """The fixed resources."""
        _one_page(params)
        return types.ListResourcesResult(resources=listed_resources(self.apps))

    async def templates(self, _ctx: _Ctx, params: _Page) -> types.ListResourceTemplatesResult:
        """The addresses with variables."""
        _one_page(params)
        return types.ListResourceTemplatesResult(resource_templates=listed_templates())

    async def prompts(self, _ctx: _Ctx, params: _Page) -> types.ListPromptsResult:
        """The prompts."""
        _one_page(params)
        return types.ListPromptsResult(prompts=listed_prompts())


def _one_page(params: _Page) -> None:
    """Every list is one page, so no cursor of ours can come back."""
    if params is not None and params.cursor is not None:
        raise MCPError(types.INVALID_PARAMS, "This list has one page; ask without a cursor.")

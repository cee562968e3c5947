"""The four lists a client asks for first: each is one page, in an order that does not change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mcp_types as types
from mcp.shared.exceptions import MCPError

from annulet.mcp_server.apps.app_resource import AppResource
from annulet.mcp_server.protocol.prompts import list_prompts
from annulet.mcp_server.request_person import FindPerson, RequestContext
from annulet.mcp_server.resources.resource_list import list_resources, list_templates

_Page = types.PaginatedRequestParams | None


@dataclass(frozen=True, slots=True)
class Lists:
    """Handles the ``…/list`` methods.

    Attributes:
        catalogue: Every tool as the protocol lists it.
        apps: Interactive charts.
        find_person: Finds the person behind a request; only the tools depend on it.
    """

    catalogue: Sequence[types.Tool]
    apps: Sequence[AppResource]
    find_person: FindPerson

    async def list_tools(self, ctx: RequestContext, params: _Page) -> types.ListToolsResult:
        """List the tools that this request may use."""
        _check_page(params)
        person = self.find_person(ctx)
        return types.ListToolsResult(tools=[t for t in self.catalogue if person.may_use(t.name)])

    async def list_resources(
        self, _ctx: RequestContext, params: _Page
    ) -> types.ListResourcesResult:
        """List the fixed resources."""
        _check_page(params)
        return types.ListResourcesResult(resources=list_resources(self.apps))

    async def list_templates(
        self, _ctx: RequestContext, params: _Page
    ) -> types.ListResourceTemplatesResult:
        """List the addresses with variables."""
        _check_page(params)
        return types.ListResourceTemplatesResult(resource_templates=list_templates())

    async def list_prompts(self, _ctx: RequestContext, params: _Page) -> types.ListPromptsResult:
        """List the prompts."""
        _check_page(params)
        return types.ListPromptsResult(prompts=list_prompts())


def _check_page(params: _Page) -> None:
    """Check that no cursor came: every list is one page, so none of ours can come back."""
    if params is not None and params.cursor is not None:
        raise MCPError(types.INVALID_PARAMS, "This list has one page; ask without a cursor.")

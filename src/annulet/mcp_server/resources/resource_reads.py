"""Handles ``resources/read``: the glossary, the connection, today, series, documents, charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import mcp_types as types
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from annulet.errors import ConsentError, UsageError
from annulet.mcp_server.apps.app_resource import APP_MIME_TYPE, AppResource
from annulet.mcp_server.connecting import add_connect_url, build_connect_request
from annulet.mcp_server.failures import describe_failure
from annulet.mcp_server.request_observer import (
    UNKNOWN,
    ObservedMethod,
    RequestTarget,
    observe,
    proves_reading,
)
from annulet.mcp_server.request_person import (
    AnswerFunction,
    FindPerson,
    RequestContext,
    RequestPerson,
)
from annulet.mcp_server.resources.addresses import (
    GLOSSARY_URI,
    DocumentsAddress,
    ToolAddress,
    parse_address,
)
from annulet.mcp_server.resources.documents import read_documents
from annulet.mcp_server.resources.glossary import GLOSSARY
from annulet.mcp_server.resources.resource_list import JSON, MARKDOWN
from annulet.mcp_server.results import to_compact_json
from annulet.toolkit.tool import Answer, Tool

_HOUR_MS: Final = 3_600_000
_LEGACY_NOT_FOUND: Final = -32002
_PersonalAddress = ToolAddress | DocumentsAddress


@dataclass(frozen=True, slots=True)
class ResourceReads:
    """Handles ``resources/read``.

    Attributes:
        tools: The tools by name; personal resources are answers of tools.
        answer: Validates the arguments and answers; raises `AnnuletError`.
        find_person: Finds the person behind a request.
        apps: Interactive charts.
    """

    tools: Mapping[str, Tool]
    answer: AnswerFunction
    find_person: FindPerson
    apps: tuple[AppResource, ...] = ()

    async def __call__(
        self, ctx: RequestContext, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult | types.InputRequiredResult:
        """Read one resource, or say why not."""
        uri = str(params.uri)
        person = self.find_person(ctx)
        shared = self._shared(uri)
        address = parse_address(uri)

        async def work() -> types.ReadResourceResult:
            if shared is not None:
                return shared
            if address is None or not self._may_read(address, person):
                raise _not_found(ctx, uri)
            return _text(uri, JSON, to_compact_json(await self._read(address, person)))

        target = _target(uri, address, is_shared=shared is not None)
        try:
            return await observe(person.observer, target, work)
        except MCPError:
            raise
        except ConsentError as problem:
            request = build_connect_request(ctx, params, problem, person.connect_url)
            if request:
                return request
            payload = add_connect_url(problem.as_dict(), person.connect_url)
            raise _error(payload, problem) from None
        except Exception as problem:  # noqa: BLE001 - a bug must not reach the client as text
            raise _error(describe_failure(problem, ObservedMethod.RESOURCE_READ), problem) from None

    def _shared(self, uri: str) -> types.ReadResourceResult | None:
        """Return what is the same for every person: the glossary and the charts' pages."""
        if uri == GLOSSARY_URI:
            return _text(uri, MARKDOWN, GLOSSARY, is_shared=True)
        for app in self.apps:
            if app.uri == uri:
                return _text(uri, APP_MIME_TYPE, app.build_html(), is_shared=True)
        return None

    def _may_read(self, address: _PersonalAddress, person: RequestPerson) -> bool:
        """Whether the request may read this: as much as the tools behind it.

        Raises:
            InsufficientScopeError: The client was not granted the scope for it.
        """
        # Documents hold what any tool could answer.
        tools = (
            frozenset(self.tools)
            if isinstance(address, DocumentsAddress)
            else frozenset({address.tool})
        )
        person.check_scope(tools)
        return all(tool in self.tools and person.may_use(tool) for tool in tools)

    async def _read(self, address: _PersonalAddress, person: RequestPerson) -> Answer:
        context = await person.open_context()
        if isinstance(address, DocumentsAddress):
            return await read_documents(context, address.collection, address.start, address.end)
        return await self.answer(address.tool, address.arguments, context)


def _target(uri: str, address: _PersonalAddress | None, *, is_shared: bool) -> RequestTarget:
    if address is None:
        return RequestTarget(ObservedMethod.RESOURCE_READ, uri if is_shared else UNKNOWN)
    reads_oura = isinstance(address, DocumentsAddress) or proves_reading(address.tool)
    return RequestTarget(ObservedMethod.RESOURCE_READ, address.name, reads_oura=reads_oura)


def _text(
    uri: str, mime_type: str, text: str, *, is_shared: bool = False
) -> types.ReadResourceResult:
    contents = types.TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    if is_shared:
        return types.ReadResourceResult(contents=[contents], ttl_ms=_HOUR_MS, cache_scope="public")
    return types.ReadResourceResult(contents=[contents])


def _error(payload: Answer, problem: Exception) -> MCPError:
    error = payload["error"]
    code = types.INVALID_PARAMS if isinstance(problem, UsageError) else types.INTERNAL_ERROR
    return MCPError(code, f"{error['message']} {error['hint']}".strip(), data=payload)


def _not_found(ctx: RequestContext, uri: str) -> MCPError:
    is_modern = ctx.protocol_version in MODERN_PROTOCOL_VERSIONS
    code = types.INVALID_PARAMS if is_modern else _LEGACY_NOT_FOUND
    return MCPError(code, "There is no resource at that address.", data={"uri": uri})

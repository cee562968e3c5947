"""Resources: the glossary, the connection, today, whole series, and the interactive charts."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from annulet.errors import ConsentError, UsageError
from annulet.mcp_server.apps.app_resource import APP_MIME_TYPE, AppResource
from annulet.mcp_server.connecting import ask_to_connect, with_address
from annulet.mcp_server.failures import payload_of
from annulet.mcp_server.request_person import AnswerFunction, Caller, FindCaller
from annulet.mcp_server.resources.documents import TEMPLATE, documents
from annulet.mcp_server.resources.glossary import GLOSSARY
from annulet.mcp_server.resources.resource_links import SERIES
from annulet.mcp_server.results import compact
from annulet.toolkit.context import Context
from annulet.toolkit.tool import Tool

__all__ = ["ResourceReads", "listed_resources", "listed_templates"]

_Work = Callable[[Context], Awaitable[dict[str, Any]]]
_JSON: Final = "application/json"
_MARKDOWN: Final = "text/markdown"
_HOUR_MS: Final = 3_600_000
_LEGACY_NOT_FOUND: Final = -32002
_DOCUMENTS_URI: Final = re.compile(
    r"oura://documents/(\w+)/(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})"
)
_SERIES_URI: Final = re.compile(r"oura://([a-z-]+)/(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")
_PERSONAL: Final[dict[str, tuple[str, str, str, dict[str, Any]]]] = {
    "oura://connection": (
        "Connection",
        "What may be read, what is missing, and the health of the connection.",
        "oura_permissions",
        {},
    ),
    "oura://today": (
        "Today",
        "Last night and today so far.",
        "oura_daily_summary",
        {"start": "today"},
    ),
}


def listed_resources(apps: Sequence[AppResource]) -> list[types.Resource]:
    """Every fixed resource as the protocol lists it."""
    glossary = types.Resource(
        uri="oura://glossary",
        name="glossary",
        title="Glossary of the metrics",
        description="What each metric means, its unit, and how to read the answers.",
        mime_type=_MARKDOWN,
    )
    personal = [
        types.Resource(
            uri=uri,
            name=uri.removeprefix("oura://"),
            title=title,
            description=text,
            mime_type=_JSON,
        )
        for uri, (title, text, _, _) in _PERSONAL.items()
    ]
    pages = [
        types.Resource(
            uri=app.uri,
            name=app.name,
            title=app.title,
            description=app.description,
            mime_type=APP_MIME_TYPE,
        )
        for app in apps
    ]
    return [glossary, *personal, *pages]


def listed_templates() -> list[types.ResourceTemplate]:
    """Every series as the protocol lists it; both ends are days and included."""
    raw = types.ResourceTemplate(
        uri_template=TEMPLATE,
        name="documents",
        title="Raw documents of a collection",
        description="Everything Oura has in one of its collections (such as heartrate or "
        "daily_sleep), from one ISO day to another, both included; for work with code.",
        mime_type=_JSON,
    )
    series = [
        types.ResourceTemplate(
            uri_template=f"oura://{name}/{{start}}/{{end}}",
            name=name,
            title=title,
            description=f"{title}, from one ISO day to another, both included.",
            mime_type=_JSON,
        )
        for name, (title, _, _) in SERIES.items()
    ]
    return [*series, raw]


@dataclass(frozen=True, slots=True)
class ResourceReads:
    """Handles ``resources/read``.

    Attributes:
        tools: The tools by name; personal resources are answers of tools.
        answer: Validates the arguments and answers; raises `AnnuletError`.
        find_caller: Finds the person behind a request.
        apps: Interactive charts.
    """

    tools: Mapping[str, Tool]
    answer: AnswerFunction
    find_caller: FindCaller
    apps: tuple[AppResource, ...] = ()

    async def __call__(
        self, ctx: ServerRequestContext[Any, Any], params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult | types.InputRequiredResult:
        """Read one resource, or say why not."""
        uri = str(params.uri)
        fixed = self._fixed(uri)
        if fixed is not None:
            return fixed
        caller = self.find_caller(ctx)
        return await self._asked(ctx, params, caller, self._work(ctx, uri, caller))

    def _fixed(self, uri: str) -> types.ReadResourceResult | None:
        """What is the same for everybody: the glossary and the charts' pages."""
        if uri == "oura://glossary":
            return _text(uri, _MARKDOWN, GLOSSARY, shared=True)
        for app in self.apps:
            if app.uri == uri:
                return _text(uri, APP_MIME_TYPE, app.html(), shared=True)
        return None

    def _work(self, ctx: ServerRequestContext[Any, Any], uri: str, caller: Caller) -> _Work:
        """What reads a personal address; raises where there is nothing at it for this caller."""
        raw = _DOCUMENTS_URI.fullmatch(uri)
        if raw is not None and all(caller.may_use(name) for name in self.tools):
            return lambda context: documents(context, raw[1], raw[2], raw[3])
        tool, arguments = _question(uri)
        if tool in self.tools and caller.may_use(tool):
            return lambda context: self.answer(tool, arguments, context)
        raise _not_found(ctx, uri)

    async def _asked(
        self,
        ctx: ServerRequestContext[Any, Any],
        params: types.ReadResourceRequestParams,
        caller: Caller,
        work: _Work,
    ) -> types.ReadResourceResult | types.InputRequiredResult:
        try:
            payload = await work(await caller.context())
            return _text(str(params.uri), _JSON, compact(payload))
        except ConsentError as problem:
            asked = ask_to_connect(ctx, params, problem, caller.connect_url)
            if asked:
                return asked
            raise _told(with_address(problem.as_dict(), caller.connect_url), problem) from None
        except Exception as problem:  # noqa: BLE001 - a bug must not reach the client as text
            raise _told(payload_of(problem, "resources/read"), problem) from None


def _question(uri: str) -> tuple[str, dict[str, Any]]:
    """The tool and the arguments behind an address; an empty name where there is none."""
    if uri in _PERSONAL:
        _, _, tool, arguments = _PERSONAL[uri]
        return tool, arguments
    found = _SERIES_URI.fullmatch(uri)
    if found is None or found[1] not in SERIES:
        return "", {}
    _, tool, arguments = SERIES[found[1]]
    return tool, {**arguments, "start": found[2], "end": found[3]}


def _text(uri: str, mime_type: str, text: str, *, shared: bool = False) -> types.ReadResourceResult:
    contents = types.TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    if shared:
        return types.ReadResourceResult(contents=[contents], ttl_ms=_HOUR_MS, cache_scope="public")
    return types.ReadResourceResult(contents=[contents])


def _told(payload: dict[str, Any], problem: Exception) -> MCPError:
    said = payload["error"]
    code = types.INVALID_PARAMS if isinstance(problem, UsageError) else types.INTERNAL_ERROR
    return MCPError(code, f"{said['message']} {said['hint']}".strip(), data=payload)


def _not_found(ctx: ServerRequestContext[Any, Any], uri: str) -> MCPError:
    modern = ctx.protocol_version in MODERN_PROTOCOL_VERSIONS
    code = types.INVALID_PARAMS if modern else _LEGACY_NOT_FOUND
    return MCPError(code, "There is no resource at that address.", data={"uri": uri})

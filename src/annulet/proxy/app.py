"""The forwarder: an ASGI application without a router, which would itself answer bad requests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from annulet.errors import AnnuletError, OuraError
from annulet.oura_http.error_mapping import no_response_error
from annulet.oura_http.sending import NoResponse
from annulet.oura_http.token_bucket import TokenBucket
from annulet.proxy.capability import Capability
from annulet.proxy.capability_store import CapabilityStore
from annulet.proxy.journal import Journal, JournalLine
from annulet.proxy.policy import budget_spent, check_capability, check_route, unknown_capability
from annulet.proxy.raw_request import RawRequest
from annulet.proxy.redaction import RedactorStream
from annulet.proxy.request_checks import check_request, read_bearer, read_declared_tool
from annulet.proxy.request_refused import RequestRefused
from annulet.proxy.routes import Parameters, Route, find_route, read_query
from annulet.proxy.upstream import Upstream, UpstreamResponse

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

_REQUEST_HEADERS: Final = ("accept", "if-none-match", "user-agent")
_RESPONSE_HEADERS: Final = (
    "content-type",
    "etag",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-window",
    "x-ratelimit-reset",
    "x-ratelimit-tier",
    "x-trace-id",
)
_PRINTABLE: Final = re.compile(rb"[\x20-\x7e]{1,512}\Z")
_STATUS_OF_CODE: Final = {
    "membership_inactive": 403,
    "app_update_needed": 403,
    "missing_scope": 403,
    "needs_reconnect": 401,
    "not_connected": 401,
    "vault_locked": 503,
}


@dataclass(slots=True)
class _Exchange:
    """The known facts of one request and its response, for the journal."""

    capability: Capability | None = None
    route: Route | None = None
    parameters: Parameters = field(default_factory=Parameters)
    status: int = 0
    outcome: str = "forwarded"
    bytes: int = 0
    has_begun: bool = False


class Proxy:
    """The proxy of one account.

    Args:
        account: Whose data it reads.
        upstream: Where requests go.
        store: The capabilities.
        journal: Where requests are noted.
        bucket: The proxy's own limit.
        now: The clock; returns an aware instant.
        allowed_hosts: The values of ``Host`` under which it is bound, in lower case.
        may_use: Whether a tool may use the person's credential now.
        monotonic: Measures durations.
    """

    def __init__(
        self,
        *,
        account: str,
        upstream: Upstream,
        store: CapabilityStore,
        journal: Journal,
        bucket: TokenBucket,
        now: Callable[[], datetime],
        allowed_hosts: frozenset[bytes],
        may_use: Callable[[str], bool] = lambda _: True,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._account = account
        self._upstream = upstream
        self._store = store
        self._journal = journal
        self._bucket = bucket
        self._now = now
        self._allowed_hosts = allowed_hosts
        self._may_use = may_use
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError("the proxy speaks http only")
        del receive
        request = RawRequest(
            scope["method"],
            scope.get("raw_path") or b"",
            scope.get("query_string") or b"",
            tuple(scope["headers"]),
        )
        exchange, at, began = _Exchange(), self._now(), self._monotonic()
        is_noted = False

        def note() -> None:
            nonlocal is_noted
            if not is_noted:
                is_noted = True
                self._note(request, exchange, at, (self._monotonic() - began) * 1000)

        async def send_noted(message: Message) -> None:
            # Written before the last chunk, so that no complete response lacks its journal line.
            if message["type"] == "http.response.body" and not message["more_body"]:
                note()
            await send(message)

        try:
            await self._answer(request, exchange, send_noted)
        finally:
            note()

    async def _answer(self, request: RawRequest, exchange: _Exchange, send: Send) -> None:
        try:
            response = await self._forward(request, exchange)
            try:
                await _relay(response, exchange, send)
            finally:
                await response.close()
        except RequestRefused as refused:
            await _refuse(refused, exchange, send)
        except AnnuletError as error:
            await _refuse(_explained(error), exchange, send)
        except NoResponse as failure:
            if exchange.has_begun:
                # The head is sent already, so the connection is broken off; otherwise a program
                # would take half of a response for the whole.
                exchange.outcome = "broken_off"
            else:
                status = 504 if failure.is_late else 502
                refusal = _explained(no_response_error(failure), status=status)
                await _refuse(refusal, exchange, send)
        except Exception:  # noqa: BLE001 - the text of a library's error must not reach a caller
            if exchange.has_begun:
                raise RuntimeError("the response broke off") from None
            await _refuse(_bug(), exchange, send)

    async def _forward(self, request: RawRequest, exchange: _Exchange) -> UpstreamResponse:
        check_request(request, self._allowed_hosts)
        now = self._now()
        capability = self._store.find(read_bearer(request))
        if capability is None:
            raise unknown_capability()
        exchange.capability = capability
        check_capability(
            capability,
            now=now,
            account=self._account,
            may_use=self._may_use,
            declared_tool=read_declared_tool(request),
        )
        exchange.route = route = find_route(request.path)
        exchange.parameters = parameters = read_query(route, request.query)
        check_route(capability, route, parameters, now)
        if wait_s := self._bucket.take():
            raise RequestRefused(
                429,
                "rate_limited",
                "The proxy keeps requests under Oura's limit.",
                hint="Wait as long as Retry-After says, and ask for longer ranges at once.",
                retry_after_s=wait_s,
            )
        if not self._store.spend(capability.id, now):
            raise budget_spent()
        return await self._upstream.get(
            route.path,
            parameters.encoded,
            _select_headers(request),
            collection=route.collection,
            sandbox=route.sandbox,
        )

    def _note(
        self, request: RawRequest, exchange: _Exchange, at: datetime, duration_ms: float
    ) -> None:
        capability, route = exchange.capability, exchange.route
        self._journal.write(
            JournalLine(
                at=at,
                capability=capability.id if capability else "",
                tool=capability.tool if capability else "",
                method=request.method,
                path=route.template if route else "",
                parameters=exchange.parameters.names,
                status=exchange.status,
                outcome=exchange.outcome,
                bytes=exchange.bytes,
                duration_ms=duration_ms,
            )
        )


def _select_headers(request: RawRequest) -> dict[str, str]:
    """Return the request headers that are forwarded to Oura, each once and printable."""
    headers = {"user-agent": "annulet-proxy"}
    for name in _REQUEST_HEADERS:
        values = request.header_values(name.encode())
        if len(values) == 1 and _PRINTABLE.match(values[0]):
            headers[name] = values[0].decode("ascii")
    return headers


async def _relay(response: UpstreamResponse, exchange: _Exchange, send: Send) -> None:
    """Relay a response without secrets and with few headers."""
    clean = response.redactor.clean
    headers = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    for name in _RESPONSE_HEADERS:
        value = response.headers.get(name, "").encode("latin-1", "replace")
        if _PRINTABLE.match(value):
            headers.append((name.encode(), clean(value)))
    exchange.status, exchange.has_begun = response.status, True
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    stream = RedactorStream(response.redactor)
    async for piece in response.body():
        await _send_piece(stream.feed(piece), exchange, send)
    rest = stream.finish()
    exchange.bytes += len(rest)
    await send({"type": "http.response.body", "body": rest, "more_body": False})


async def _send_piece(piece: bytes, exchange: _Exchange, send: Send) -> None:
    if piece:
        exchange.bytes += len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _refuse(refusal: RequestRefused, exchange: _Exchange, send: Send) -> None:
    exchange.status, exchange.outcome = refusal.status, refusal.code
    exchange.bytes, exchange.has_begun = len(refusal.body), True
    headers = refusal.headers
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": refusal.body, "more_body": False})


def _explained(error: AnnuletError, *, status: int | None = None) -> RequestRefused:
    if status is None:
        is_of_oura = error.exit_code == OuraError.exit_code
        status = _STATUS_OF_CODE.get(error.code, 502 if is_of_oura else 500)
    return RequestRefused(status, error.code, error.message, hint=error.hint)


def _bug() -> RequestRefused:
    return RequestRefused(
        500,
        "internal",
        "Something went wrong inside the proxy.",
        hint="Please report it, with the line of the journal.",
    )

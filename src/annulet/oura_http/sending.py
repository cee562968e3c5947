"""How one request goes to Oura: headers, trust, no redirects, limits on bytes and time.

Texts of the HTTP library never leave this file: they may hold parts of the request.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

import anyio

from annulet import __version__
from annulet.contract.addresses import is_loopback
from annulet.contract.texts import parse_json

if TYPE_CHECKING:
    import ssl

    import httpx2

_logger = logging.getLogger(__name__)

USER_AGENT: Final = f"annulet/{__version__}"
_CONNECT_S: Final = 10.0


Unusable = Literal["", "limited", "elsewhere", "out_of_order", "unreadable", "other_token"]
"""What is wrong with a response that came: over a limit, a redirect, an error of the server, not
what was asked for, a token that annulet cannot use; empty where none came."""


class NoResponse(Exception):
    """No usable response came.

    Args:
        is_sent: Whether the request may have reached the server.
        is_late: Whether the time was over.
        retry_after_s: Seconds after which the server wants the next request, if it said so.
        unusable: What is wrong with the response; empty where none came.
    """

    def __init__(
        self,
        *,
        is_sent: bool,
        is_late: bool = False,
        retry_after_s: float | None = None,
        unusable: Unusable = "",
    ) -> None:
        super().__init__("no usable response")
        self.is_sent = is_sent
        self.is_late = is_late
        self.retry_after_s = retry_after_s
        self.unusable = unusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request.

    Attributes:
        url: The whole address; may hold a query.
        method: The HTTP method.
        headers: Further headers; names in lower case.
        params: Query parameters, to be encoded.
        form: A form to be sent as the body.
        json: A JSON object to be sent as the body.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    json: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """One response, read to its end.

    Attributes:
        status: The HTTP status.
        headers: The headers, names in lower case.
        body: The body, decompressed; empty where it is larger than allowed.
        is_complete: Whether the body is whole.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    is_complete: bool = True

    @property
    def is_success(self) -> bool:
        """Whether the server says that it did what was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_redirect(self) -> bool:
        """Whether the server names another address."""
        is_3xx = HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST
        return is_3xx and self.status != HTTPStatus.NOT_MODIFIED

    def json(self) -> object:
        """The decoded body, its texts harmless.

        Raises:
            ValueError: It is not JSON.
        """
        return parse_json(self.body)

    def json_object(self) -> Mapping[str, object]:
        """The decoded body; empty where it is anything but a JSON object.

        A token response that cannot be read costs the grant, so this takes also what strict JSON
        forbids: NaN, and numbers of any length.
        """
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """Bounds of one request.

    Attributes:
        total_s: Seconds from sending to the end of the body.
        idle_s: Seconds without a byte.
        max_bytes: Size of the decompressed body.
    """

    total_s: float
    max_bytes: int
    idle_s: float = 30.0


def open_http(
    url: str, *, max_connections: int, uses_environment: bool = True
) -> httpx2.AsyncClient:
    """An HTTP client that follows no redirects and keeps no cookies.

    Args:
        url: Where its requests go.
        max_connections: How many connections it opens.
        uses_environment: Whether proxies and certificates named in environment variables count.
            They never count towards this machine, which a proxy cannot reach.
    """
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx2

    is_remote = not is_loopback(urlsplit(url).hostname)
    return httpx2.AsyncClient(
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        limits=httpx2.Limits(
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=60.0,
        ),
        timeout=httpx2.Timeout(30.0, connect=_CONNECT_S),
        trust_env=uses_environment and is_remote,
        verify=_trust(url),
    )


async def send(http: httpx2.AsyncClient, request: Request, limits: RequestLimits) -> Response:
    """Send a request once and read the whole response.

    Raises:
        NoResponse: None came, or not in time.
    """
    try:
        with anyio.fail_after(max(0.0, limits.total_s)):
            response = await open_response(http, request, idle_s=limits.idle_s)
            try:
                body = await _read_body(response, limits.max_bytes)
            finally:
                await response.aclose()
    except TimeoutError as failure:
        raise _no_response(failure) from None
    return Response(
        response.status_code, dict(response.headers), body or b"", is_complete=body is not None
    )


async def open_response(
    http: httpx2.AsyncClient, request: Request, *, idle_s: float
) -> httpx2.Response:
    """Send a request once and return at the head of the response; the caller closes it.

    Raises:
        NoResponse: None came, or not in time.
    """
    import httpx2

    try:
        built = http.build_request(
            request.method,
            request.url,
            params=None if request.params is None else dict(request.params),
            data=request.form,
            json=request.json,
            headers={
                "user-agent": USER_AGENT,
                "accept": "application/json",
                **request.headers,
            },
            timeout=httpx2.Timeout(idle_s, connect=min(_CONNECT_S, idle_s)),
        )
        response = await http.send(built, stream=True, follow_redirects=False)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as failure:
        raise _no_response(failure) from None
    if "," in response.headers.get("content-encoding", ""):
        # Each layer of compression can hide a thousand times its size.
        await response.aclose()
        raise NoResponse(is_sent=True)
    return response


async def read_pieces(response: httpx2.Response) -> AsyncIterator[bytes]:
    """The decompressed body of an open response, piece by piece.

    Raises:
        NoResponse: It breaks off.
    """
    import httpx2

    try:
        async for piece in response.aiter_bytes():
            yield piece
    except (httpx2.HTTPError, OSError) as failure:
        raise _no_response(failure) from None


async def _read_body(response: httpx2.Response, max_bytes: int) -> bytes | None:
    """The decompressed body; ``None`` where it is larger than allowed."""
    pieces: list[bytes] = []
    size = 0
    async for piece in read_pieces(response):
        size += len(piece)
        if size > max_bytes:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _no_response(failure: Exception) -> NoResponse:
    import httpx2

    _logger.debug("No response from Oura: %s", type(failure).__name__)
    unsent = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.InvalidURL)
    return NoResponse(
        is_sent=not isinstance(failure, unsent),
        is_late=isinstance(failure, httpx2.TimeoutException | TimeoutError),
    )


def _trust(url: str) -> bool | ssl.SSLContext:
    """Which certificate authorities to trust; none over plain http, which saves reading them."""
    if url.startswith("https:"):
        return True
    from ssl import PROTOCOL_TLS_CLIENT, SSLContext

    return SSLContext(PROTOCOL_TLS_CLIENT)

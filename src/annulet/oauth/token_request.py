"""Requests to Oura's sign-in service: forms to its endpoints, and its discovery document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from annulet.oura_http.addresses import check_sign_in_url
from annulet.oura_http.sending import Request, RequestLimits, Response, open_http, send

if TYPE_CHECKING:
    import httpx2

LIMIT_S: Final = 60.0
_DOCUMENT_LIMIT_S: Final = 10.0
_MAX_BYTES: Final = 65_536


async def post_form(
    url: str,
    form: Mapping[str, str],
    *,
    http: httpx2.AsyncClient | None = None,
    bearer: str = "",
    limit_s: float = LIMIT_S,
) -> Response:
    """Send one form, once.

    Raises:
        UsageError: The address is not safe for secrets.
        NoResponse: No response came.
    """
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
    request = Request(method="POST", url=url, form=form, headers=headers)
    return await _send(request, http, limit_s)


async def get_document(url: str, *, http: httpx2.AsyncClient | None = None) -> Response:
    """Fetch one JSON document.

    Raises:
        UsageError: The address is not safe.
        NoResponse: No response came.
    """
    return await _send(Request(url=url), http, _DOCUMENT_LIMIT_S)


async def _send(request: Request, http: httpx2.AsyncClient | None, limit_s: float) -> Response:
    url = check_sign_in_url(request.url)
    limits = RequestLimits(total_s=limit_s, idle_s=limit_s, max_bytes=_MAX_BYTES)
    if http is not None:
        return await send(http, request, limits)
    async with open_http(url, max_connections=1) as own_http:
        return await send(own_http, request, limits)

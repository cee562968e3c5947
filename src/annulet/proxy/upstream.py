"""One request to Oura: the bearer put on, the token renewed once, redirects and noise kept out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx2

from annulet.client.token_provider import TokenProvider
from annulet.contract.addresses import fit_for_tokens
from annulet.errors import ConsentRevoked, UsageError
from annulet.proxy.redaction import Redactor
from annulet.proxy.refusal import Refusal
from annulet.vault.credential import InjectionTemplate
from annulet.vault.secret import Secret

__all__ = ["Answer", "Upstream"]

_TIMEOUTS: Final = {"connect": 10.0, "read": 60.0, "write": 10.0, "pool": 10.0}
_LONGEST_COMPLAINT: Final = 65_536
_MISSING_SCOPE: Final = re.compile(rb"not authorized.{0,40}\bscope", re.IGNORECASE | re.DOTALL)
_UNAUTHORIZED: Final = 401
_NOT_MODIFIED: Final = 304
_REDIRECTS: Final = range(300, 400)
# The sandbox wants any authorization at all; the person's token has no business there.
_SANDBOX_TOKEN: Final = Secret("sandbox")


class Answer:
    """What Oura answers: the head now, the body piece by piece, decoded but not yet cleaned."""

    def __init__(self, response: httpx2.Response, secrets: Iterable[Secret]) -> None:
        self.status = response.status_code
        self.headers = httpx2.Headers(response.headers)
        self.redactor = Redactor(secrets)
        self._response = response
        self._read: bytes | None = None

    async def body(self) -> AsyncIterator[bytes]:
        """The body, without its content encoding.

        Raises:
            httpx2.RequestError: It breaks off.
        """
        if self._read is not None:
            yield self._read
            return
        async for piece in self._response.aiter_bytes():
            yield piece

    async def complains_of_scope(self) -> bool:
        """Whether a refusal says that a permission is missing, which no new token would cure."""
        self._read = b""
        async for piece in self._response.aiter_bytes():
            self._read += piece
            if len(self._read) > _LONGEST_COMPLAINT:
                break
        return bool(_MISSING_SCOPE.search(self._read))

    async def close(self) -> None:
        """Give the connection back."""
        await self._response.aclose()


class Upstream:
    """Oura's own address, which nothing in a request can change.

    Args:
        api_url: https, or plain http on this machine (the simulator).
        tokens: Hands out the person's access token.
        secrets: Everything else that must never come back: refresh token, client secret. Asked
            again whenever the access token has changed.
        template: How the credential says it is injected; a bearer for this host when left out.
        transport: Sends the requests; one that reads no proxies from the environment, follows no
            redirects and keeps no cookies.

    Raises:
        UsageError: The address is not safe.
    """

    def __init__(
        self,
        api_url: str,
        tokens: TokenProvider,
        *,
        secrets: Callable[[], Awaitable[Iterable[Secret]]] | None = None,
        template: InjectionTemplate | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        if not fit_for_tokens(api_url):
            raise UsageError(
                "The address of Oura's API is not one a token may be sent to.",
                hint="Use https://api.ouraring.com; plain http works only for 127.0.0.1.",
            )
        host = urlsplit(api_url).hostname or ""
        self._template = template or _bearer_for(host)
        if not self._template.covers(host):
            raise UsageError(
                "The credential may not be sent to this address: its template names another host.",
                hint="See what the vault holds with: annulet vault list, and connect again.",
            )
        self._origin = api_url.rstrip("/")
        self._tokens = tokens
        self._secrets = secrets
        self._known: tuple[Secret, tuple[Secret, ...]] | None = None
        self._transport = transport or httpx2.AsyncHTTPTransport(trust_env=False)

    async def ask(
        self, path: str, query: str, headers: Mapping[str, str], *, sandbox: bool = False
    ) -> Answer:
        """Send one read, and once more with a renewed token where Oura refuses the first.

        Raises:
            ConsentError: There is no token that Oura accepts.
            Refusal: Oura cannot be reached, or sends us elsewhere.
        """
        url = f"{self._origin}{path}{'?' if query else ''}{query}"
        if sandbox:
            return await self._send(url, headers, (_SANDBOX_TOKEN,))
        token = Secret(await self._tokens.access_token())
        answer = await self._send(url, headers, (token,))
        if answer.status != _UNAUTHORIZED or await self._scope_is_missing(answer):
            return answer
        renewed = Secret(await self._tokens.renew(token.reveal()))
        answer = await self._send(url, headers, (renewed, token))
        if answer.status == _UNAUTHORIZED and not await self._scope_is_missing(answer):
            raise ConsentRevoked(
                "Oura no longer accepts this connection.",
                hint="Connect your ring again with: annulet connect",
            )
        return answer

    async def close(self) -> None:
        """Close the connections to Oura."""
        await self._transport.aclose()

    async def _scope_is_missing(self, answer: Answer) -> bool:
        try:
            return await answer.complains_of_scope()
        except httpx2.RequestError:
            raise _unreachable() from None
        finally:
            await answer.close()

    async def _send(
        self, url: str, headers: Mapping[str, str], tokens: tuple[Secret, ...]
    ) -> Answer:
        request = httpx2.Request(
            "GET",
            url,
            headers={
                **headers,
                self._template.header_name: self._template.value_prefix + tokens[0].reveal(),
                "accept-encoding": "identity",
            },
            extensions={"timeout": _TIMEOUTS},
        )
        try:
            response = await self._transport.handle_async_request(request)
        except httpx2.TimeoutException:
            raise _unreachable(504) from None
        except httpx2.RequestError:
            raise _unreachable() from None
        response.request = request
        if response.status_code in _REDIRECTS and response.status_code != _NOT_MODIFIED:
            await response.aclose()
            raise Refusal(
                502,
                "oura_unavailable",
                "Oura's address answered with a redirect, which the proxy never follows.",
                hint="Check ANNULET_OURA_API_URL, and try again later.",
            )
        return Answer(response, (*tokens, *await self._others(tokens[0])))

    async def _others(self, token: Secret) -> tuple[Secret, ...]:
        """The secrets that belong to this access token; a renewed one comes with new ones."""
        if self._secrets is None or token is _SANDBOX_TOKEN:
            return ()
        if self._known is None or self._known[0] != token:
            before = self._known[1] if self._known else ()
            # The old ones stay known: an answer under way may still repeat them.
            self._known = (token, (*await self._secrets(), *before)[:8])
        return self._known[1]


def _bearer_for(host: str) -> InjectionTemplate:
    return InjectionTemplate(host_pattern=host, value_prefix="Bearer ")


def _unreachable(status: int = 502) -> Refusal:
    late = status == 504  # noqa: PLR2004 - the one status that means a timeout
    return Refusal(
        status,
        "oura_unavailable",
        "Oura did not answer in time." if late else "Oura cannot be reached.",
        hint="Check the network, and try again in a minute.",
    )

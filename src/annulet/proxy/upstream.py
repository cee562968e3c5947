"""Requests of the proxy to Oura: the credential is added, the response is streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from annulet.contract.collections import PERSONAL_INFO, AnyCollection
from annulet.errors import ConsentRevoked, UsageError
from annulet.oura_http.addresses import check_api_url
from annulet.oura_http.error_mapping import data_error, no_response_error, redirect_error
from annulet.oura_http.renewal import TokenRenewal
from annulet.oura_http.sending import (
    NoResponse,
    Request,
    Response,
    open_http,
    open_response,
    read_pieces,
)
from annulet.oura_http.token_provider import TokenProvider
from annulet.proxy.redaction import Redactor
from annulet.vault.credential import InjectionTemplate
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

_IDLE_S: Final = 60.0
_MAX_CONNECTIONS: Final = 100
_MAX_REFUSAL_BYTES: Final = 65_536
_MAX_KNOWN_SECRETS: Final = 8
# The sandbox accepts any bearer, so the person's token is not sent there.
_SANDBOX_TOKEN: Final = Secret("sandbox")


class UpstreamResponse:
    """A response of Oura: its head, and its body as a stream that is not redacted yet.

    Args:
        response: The open response.
        secrets: What must not come back.
    """

    def __init__(self, response: httpx2.Response, secrets: Iterable[Secret]) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = dict(response.headers)
        self.redactor = Redactor(secrets)
        self._response = response
        self._body: bytes | None = None

    async def body(self) -> AsyncIterator[bytes]:
        """The decompressed body.

        Raises:
            NoResponse: It breaks off.
        """
        if self._body is not None:
            yield self._body
            return
        async for piece in read_pieces(self._response):
            yield piece

    async def read_refusal(self) -> Response:
        """Read the whole body of a refusal, which is small; a longer one is cut off.

        Raises:
            NoResponse: It breaks off.
        """
        self._body = b""
        async for piece in read_pieces(self._response):
            self._body += piece
            if len(self._body) > _MAX_REFUSAL_BYTES:
                break
        return Response(self.status, self.headers, self._body)

    async def close(self) -> None:
        """Give the connection back."""
        await self._response.aclose()


class Upstream:
    """The upstream: Oura's address, which no part of a request can change.

    Args:
        api_url: https, or plain http on this machine (the simulator).
        tokens: Hands out the person's access token.
        secrets: Everything else that must never come back: refresh token, client secret. Asked
            again whenever the access token has changed.
        template: How the credential is injected; as a bearer for this host when left out.
        http: Sends the requests; for tests.

    Raises:
        UsageError: The address is not safe, or the credential belongs to another host.
    """

    def __init__(
        self,
        api_url: str,
        tokens: TokenProvider,
        *,
        secrets: Callable[[], Awaitable[Iterable[Secret]]] | None = None,
        template: InjectionTemplate | None = None,
        http: httpx2.AsyncClient | None = None,
    ) -> None:
        self._api_url = check_api_url(api_url)
        host = urlsplit(api_url).hostname or ""
        self._template = template or InjectionTemplate(host_pattern=host, value_prefix="Bearer ")
        if not self._template.covers(host):
            raise UsageError(
                "The credential may not be sent to this address: its template names another host.",
                hint="See what the vault holds with: annulet vault list, and connect again.",
            )
        self._read_secrets = secrets
        self._known_secrets: tuple[Secret, tuple[Secret, ...]] | None = None
        self._renewal = TokenRenewal(tokens)
        # Programs that use the proxy may set environment variables, so none is trusted.
        self._http = http or open_http(
            api_url, max_connections=_MAX_CONNECTIONS, uses_environment=False
        )

    async def get(
        self,
        path: str,
        query: str,
        headers: Mapping[str, str],
        *,
        collection: AnyCollection,
        sandbox: bool = False,
    ) -> UpstreamResponse:
        """Send a request, and repeat it with a renewed token where Oura refuses the first.

        Args:
            path: From the root of the API.
            query: The encoded query.
            headers: Headers of the caller that are passed on.
            collection: What is read.
            sandbox: Whether Oura's made-up data is read.

        Raises:
            ConsentError: Oura accepts no token of this person for this collection.
            OuraUnavailable: Oura sends us elsewhere.
            NoResponse: Oura did not answer.
        """
        url = f"{self._api_url}{path}{'?' if query else ''}{query}"
        if sandbox:
            return await self._open(url, headers, (_SANDBOX_TOKEN,))
        used_tokens: list[Secret] = []

        async def send(token: str) -> UpstreamResponse:
            used_tokens.insert(0, Secret(token))
            return await self._send(url, headers, tuple(used_tokens), collection)

        return await self._renewal.run(collection, send, probe=self._probe)

    async def close(self) -> None:
        """Close the connections to Oura."""
        await self._http.aclose()

    async def _probe(self, token: str) -> None:
        url = self._api_url + PERSONAL_INFO.path
        try:
            response = await self._send(url, {}, (Secret(token),), PERSONAL_INFO)
            try:
                error = data_error(Response(response.status), PERSONAL_INFO)
            finally:
                await response.close()
        except NoResponse as failure:
            raise no_response_error(failure) from None
        if error is not None:
            raise error

    async def _send(
        self,
        url: str,
        headers: Mapping[str, str],
        tokens: tuple[Secret, ...],
        collection: AnyCollection,
    ) -> UpstreamResponse:
        """Send one request; a missing permission is a response like any other.

        Raises:
            ConsentRevoked: Oura refuses the token.
        """
        response = await self._open(url, headers, tokens)
        if response.status != HTTPStatus.UNAUTHORIZED:
            return response
        try:
            error = data_error(await response.read_refusal(), collection)
        finally:
            await response.close()
        if isinstance(error, ConsentRevoked):
            raise error
        return response

    async def _open(
        self, url: str, headers: Mapping[str, str], tokens: tuple[Secret, ...]
    ) -> UpstreamResponse:
        request = Request(
            url=url,
            headers={
                **headers,
                self._template.header_name.lower(): self._template.value_prefix
                + tokens[0].reveal(),
                "accept-encoding": "identity",
            },
        )
        response = await open_response(self._http, request, idle_s=_IDLE_S)
        if response.is_redirect and response.status_code != HTTPStatus.NOT_MODIFIED:
            await response.aclose()
            raise redirect_error()
        return UpstreamResponse(response, (*tokens, *await self._other_secrets(tokens[0])))

    async def _other_secrets(self, token: Secret) -> tuple[Secret, ...]:
        """Return the secrets beside this access token; a renewed token has new ones."""
        if self._read_secrets is None or token is _SANDBOX_TOKEN:
            return ()
        if self._known_secrets is None or self._known_secrets[0] != token:
            earlier = self._known_secrets[1] if self._known_secrets else ()
            # Former secrets stay known, because a running response may still repeat them.
            secrets = (*await self._read_secrets(), *earlier)[:_MAX_KNOWN_SECRETS]
            self._known_secrets = (token, secrets)
        return self._known_secrets[1]

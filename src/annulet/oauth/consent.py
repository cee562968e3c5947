"""The way from a consent page to a grant: what each callback means, and one exchange for each.

Knows no sockets and no terminal: callbacks come in as query strings, whoever brought them.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from annulet.errors import AnnuletError, OuraUnavailable
from annulet.oauth import authorize
from annulet.oauth.application import Application
from annulet.oauth.authorize import Authorization, Callback
from annulet.oauth.exchange import exchange_code
from annulet.oauth.failures import ConnectFailed
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Clock
from annulet.oauth.provider import Memory, Provider, Server, UnknownIssuer
from annulet.oura_http.error_mapping import TokenRequestRefused
from annulet.oura_http.sending import NoResponse
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

__all__ = ["Again", "Consent", "Ended", "Ignored", "Journey", "Step"]

_WRONG_SERVER: Final = frozenset({400, 401, 403, 404, 405, 422})
_WRONG_CONSENT_PAGE: Final = frozenset({"invalid_client", "invalid_scope", "unauthorized_client"})
_RETRY: Final = "Run it again: annulet connect"


@dataclass(frozen=True, slots=True)
class Ignored:
    """Not ours, or not usable: the wait goes on."""

    why: str


@dataclass(frozen=True, slots=True)
class Again:
    """The application belongs to Oura's other server: the person consents once more, there."""

    url: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The flow is over, with a grant or with the reason why there is none."""

    grant: Grant | None
    failure: AnnuletError | None = None


Step = Ignored | Again | Ended


@dataclass(frozen=True, slots=True)
class Journey:
    """Where an attempt stands: the authorization that is under way, and a server decided on."""

    authorization: Authorization
    decided: Server | None = None


class Consent:
    """One attempt of one person to connect; at most one code is spent on a wrong server.

    Args:
        provider: Oura's servers.
        application: The registered application.
        names: Bare names of the permissions to ask for.
        redirect_uri: Where callbacks arrive.
        memory: What is known about the application.
        remember: Told at once what an exchange has taught.
        clock: Epoch seconds.
        http: For tests.
        journey: A journey that another process began; a new one when left out.
    """

    def __init__(
        self,
        provider: Provider,
        application: Application,
        *,
        names: tuple[str, ...],
        redirect_uri: str,
        memory: Memory,
        remember: Callable[[Memory], None],
        clock: Clock,
        http: httpx2.AsyncClient | None = None,
        journey: Journey | None = None,
    ) -> None:
        self._provider = provider
        self._application = application
        self._names = names
        self._redirect_uri = redirect_uri
        self._memory = memory
        self._remember = remember
        self._clock = clock
        self._http = http
        self._turn = asyncio.Lock()
        self._decided = journey.decided if journey else None
        self._authorization = (
            journey.authorization if journey else self._begin(provider.first(memory))
        )
        self.ended: Ended | None = None
        self.came_without_state = False

    @property
    def url(self) -> str:
        """Where the person consents."""
        return self._authorization.url

    @property
    def journey(self) -> Journey:
        """What another process needs to go on; holds secrets, so whoever keeps it seals it."""
        return Journey(self._authorization, self._decided)

    @property
    def busy(self) -> bool:
        """Whether a callback has arrived and is being looked at."""
        return self._turn.locked()

    async def arrived(self, query: str) -> Step:
        """What one callback means; the first valid one wins, later ones see how it ended."""
        async with self._turn:
            if self.ended is not None:
                return self.ended
            step = await self._step(query)
            if isinstance(step, Ended):
                self.ended = step
            return step

    async def _step(self, query: str) -> Step:
        callback = authorize.read(query)
        if callback is None or not self._authorization.sent(callback.state):
            stateless = callback is not None and bool(callback.code) and not callback.state
            self.came_without_state = self.came_without_state or stateless
            return Ignored("This page does not belong to the connection that is being made.")
        if callback.error:
            return self._without_code(callback)
        if callback.code is None:
            return Ignored("Oura sent neither a code nor a reason.")
        try:
            server = self._provider.redeemer(callback.issuer, self._memory)
        except UnknownIssuer:
            return _failed(
                "The answer came from another sign-in service than Oura's. It was not used.",
                hint=_RETRY,
            )
        return await self._redeem(callback.code, callback, self._decided or server)

    def _without_code(self, callback: Callback) -> Step:
        if callback.error == "access_denied":
            denied = ConnectFailed(
                "The permission was not given, so nothing was connected.",
                hint="Run annulet connect again whenever you like.",
                reason="denied",
            )
            return Ended(None, denied)
        server = self._authorization.server
        other = self._provider.other(server) if self._decided is None else None
        if other is not None and callback.error in _WRONG_CONSENT_PAGE:
            return self._once_more(other)
        word = callback.error if callback.error.replace("_", "").isalpha() else "unknown"
        return _failed(
            f"Oura refused the request before asking for permission ({word[:40]}).",
            hint="Check client id, redirect URIs and scopes of the application at Oura, "
            "then run: annulet connect",
        )

    async def _redeem(self, code: Secret, callback: Callback, server: Server) -> Step:
        began = self._clock()
        try:
            tokens = await exchange_code(
                server.token_url,
                code=code,
                verifier=self._authorization.verifier,
                redirect_uri=self._redirect_uri,
                client_id=self._application.client_id,
                client_secret=self._application.client_secret,
                http=self._http,
            )
        except TokenRequestRefused as refusal:
            return self._after_refusal(server, refusal)
        except NoResponse:
            silent = OuraUnavailable(
                "Oura did not answer when the permission was to be exchanged for a token.",
                hint="Try again in a minute: annulet connect",
            )
            return Ended(None, silent)
        self._learn(Memory(works=server.kind, refused=self._refused_other(server)))
        return Ended(
            Grant(
                client_id=self._application.client_id,
                token_url=server.token_url,
                revoke_url=server.revoke_url,
                issuer=server.issuer,
                access_token=tokens.access_token,
                refresh_token=tokens.refresh_token,
                issued_at=began,
                expires_at=began + tokens.lifetime_s,
                scopes=callback.scopes if tokens.scopes is None else tokens.scopes,
                requested=self._names,
                consent=secrets.token_hex(8),
            )
        )

    def _after_refusal(self, server: Server, refusal: TokenRequestRefused) -> Step:
        other = self._provider.other(server) if self._decided is None else None
        if other is not None and refusal.status in _WRONG_SERVER:
            self._learn(Memory(refused=server.kind))
            return self._once_more(other)
        if self._memory.refused or self._memory.works:
            self._learn(Memory())  # both refused: what was learnt was about something else
        return _failed(
            "Oura refused to exchange the permission for a token.",
            hint="Check the client secret and the redirect URIs of the application at Oura, "
            "then run: annulet connect",
        )

    def _once_more(self, other: Server) -> Again:
        self._decided = other
        self._authorization = self._begin(other)
        return Again(self._authorization.url)

    def _begin(self, server: Server) -> Authorization:
        return authorize.begin(
            server,
            client_id=self._application.client_id,
            names=self._names,
            redirect_uri=self._redirect_uri,
        )

    def _refused_other(self, server: Server) -> str:
        return "" if self._memory.refused == server.kind else self._memory.refused

    def _learn(self, memory: Memory) -> None:
        if memory != self._memory:
            self._memory = memory
            with contextlib.suppress(AnnuletError):  # a convenience must not cost the grant
                self._remember(memory)


def _failed(message: str, *, hint: str) -> Ended:
    return Ended(None, ConnectFailed(message, hint=hint, reason="exchange_failed"))

"""From a consent page to a grant: what each callback means, and one exchange for each.

Knows no sockets and no terminal: callbacks arrive as query strings, from a browser or pasted.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from annulet.errors import AnnuletError
from annulet.oauth.application import Application
from annulet.oauth.connect_errors import ConnectFailed, exchange_refused, exchange_without_token
from annulet.oauth.consent_request import (
    Callback,
    ConsentRequest,
    new_consent_request,
    parse_callback,
)
from annulet.oauth.exchange import TokenResponse, exchange_code
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Clock
from annulet.oauth.provider import (
    AuthorizationServer,
    IdentityProvider,
    ServerHistory,
    UnknownIssuer,
)
from annulet.oura_http.error_mapping import TokenRequestRefused
from annulet.oura_http.sending import NoResponse
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

_WRONG_SERVER_STATUSES: Final = frozenset({400, 401, 403, 404, 405, 422})
_WRONG_SERVER_ERRORS: Final = frozenset({"invalid_client", "invalid_scope", "unauthorized_client"})
_CONNECT: Final = "annulet connect"
_NO_CODE: Final = "annulet-asks-whether-the-application-is-known"


@dataclass(frozen=True, slots=True)
class CallbackIgnored:
    """The callback belongs to another request or is malformed; the flow goes on waiting."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConsentRepeated:
    """The application belongs to Oura's other server, where the person must consent again."""

    url: str


@dataclass(frozen=True, slots=True)
class FlowEnded:
    """The flow has ended, with a grant or with an error."""

    grant: Grant | None
    failure: AnnuletError | None = None


CallbackOutcome = CallbackIgnored | ConsentRepeated | FlowEnded


@dataclass(frozen=True, slots=True)
class FlowState:
    """The state with which another process continues the flow; it is stored sealed.

    Attributes:
        request: The consent that is asked for.
        decided_server: The server that redeems the code, where that is decided.
    """

    request: ConsentRequest
    decided_server: AuthorizationServer | None = None


class ConsentFlow:
    """One attempt of one person to connect; at most one code is spent on a wrong server.

    Args:
        provider: Oura's servers.
        application: The registered application.
        names: Bare names of the permissions to ask for.
        redirect_uri: Where callbacks arrive.
        history: What earlier exchanges of the application showed.
        store_history: Stores what an exchange has shown, at once.
        clock: Epoch seconds.
        http: For tests.
        state: A flow that another process began; a new one when left out.
    """

    def __init__(
        self,
        provider: IdentityProvider,
        application: Application,
        *,
        names: tuple[str, ...],
        redirect_uri: str,
        history: ServerHistory,
        store_history: Callable[[ServerHistory], None],
        clock: Clock,
        http: httpx2.AsyncClient | None = None,
        state: FlowState | None = None,
    ) -> None:
        self._provider = provider
        self._application = application
        self._names = names
        self._redirect_uri = redirect_uri
        self._history = history
        self._store_history = store_history
        self._clock = clock
        self._http = http
        self._lock = asyncio.Lock()
        self._decided_server = state.decided_server if state else None
        self._request = (
            state.request if state else self._new_request(provider.choose_consent_server(history))
        )
        self._end: FlowEnded | None = None
        self.came_without_state = False

    @property
    def url(self) -> str:
        """The address of the consent page."""
        return self._request.url

    @property
    def state(self) -> FlowState:
        """The state with which another process continues."""
        return FlowState(self._request, self._decided_server)

    @property
    def is_busy(self) -> bool:
        """Whether a callback has arrived and is being handled."""
        return self._lock.locked()

    async def handle_callback(self, query: str) -> CallbackOutcome:
        """Handle one callback; the first valid one decides, and later ones get the same result."""
        async with self._lock:
            if self._end is not None:
                return self._end
            outcome = await self._outcome(query)
            if isinstance(outcome, FlowEnded):
                self._end = outcome
            return outcome

    async def _outcome(self, query: str) -> CallbackOutcome:
        callback = parse_callback(query)
        if callback is None or not self._request.has_state(callback.state):
            is_stateless = callback is not None and bool(callback.code) and not callback.state
            self.came_without_state = self.came_without_state or is_stateless
            return CallbackIgnored(
                "This page does not belong to the connection that is being made."
            )
        if callback.error:
            return self._after_error(callback)
        if callback.code is None:
            return CallbackIgnored("Oura sent neither a code nor a reason.")
        try:
            server = self._provider.choose_redeeming_server(callback.issuer, self._history)
        except UnknownIssuer:
            return _failed(
                "The answer came from another sign-in service than Oura's. It was not used.",
                hint=f"Run it again: {_CONNECT}",
            )
        return await self._redeem(callback.code, callback, self._decided_server or server)

    def _after_error(self, callback: Callback) -> CallbackOutcome:
        """Handle a callback with an error instead of a code."""
        if callback.error == "access_denied":
            denied = ConnectFailed(
                "The permission was not given, so nothing was connected.",
                hint=f"Run {_CONNECT} again whenever you like.",
                reason="denied",
            )
            return FlowEnded(None, denied)
        next_server = self._find_undecided_server(self._request.server)
        if next_server is not None and callback.error in _WRONG_SERVER_ERRORS:
            return self._repeat_at(next_server)
        word = callback.error if callback.error.replace("_", "").isalpha() else "unknown"
        return _failed(
            f"Oura refused the request before asking for permission ({word[:40]}).",
            hint="Check client id, redirect URIs and scopes of the application at Oura, "
            f"then run: {_CONNECT}",
        )

    async def _redeem(
        self, code: Secret, callback: Callback, server: AuthorizationServer
    ) -> CallbackOutcome:
        sent_at = self._clock()
        try:
            tokens = await self._exchange(code, server)
        except TokenRequestRefused as refusal:
            return await self._after_refusal(server, refusal)
        except NoResponse as failure:
            return FlowEnded(None, exchange_without_token(failure))
        refused = "" if self._history.refused == server.kind else self._history.refused
        self._update_history(ServerHistory(works=server.kind, refused=refused))
        return FlowEnded(self._grant(server, tokens, callback, sent_at))

    def _grant(
        self,
        server: AuthorizationServer,
        tokens: TokenResponse,
        callback: Callback,
        issued_at: float,
    ) -> Grant:
        return Grant(
            client_id=self._application.client_id,
            token_url=server.token_url,
            revoke_url=server.revoke_url,
            issuer=server.issuer,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            issued_at=issued_at,
            expires_at=issued_at + tokens.lifetime_s,
            scopes=callback.scopes if tokens.scopes is None else tokens.scopes,
            requested=self._names,
            consent_id=secrets.token_hex(8),
        )

    async def _after_refusal(
        self, server: AuthorizationServer, refusal: TokenRequestRefused
    ) -> CallbackOutcome:
        next_server = self._find_undecided_server(server)
        if (
            next_server is not None
            and refusal.status in _WRONG_SERVER_STATUSES
            and await self._is_known_at(next_server)
        ):
            self._update_history(ServerHistory(refused=server.kind))
            return self._repeat_at(next_server)
        if self._history != ServerHistory():
            self._update_history(ServerHistory())  # both refused: the history was of no use
        return FlowEnded(None, exchange_refused(refusal, self._redirect_uri))

    async def _is_known_at(self, server: AuthorizationServer) -> bool:
        """Whether a server accepts the id and secret of the application.

        A server authenticates the client before it looks at the code (RFC 6749 section 5.2), so a
        code that cannot exist tells a wrong secret from a wrong server, and spends nothing.
        """
        try:
            await self._exchange(Secret(_NO_CODE), server)
        except TokenRequestRefused as refusal:
            return refusal.error == "invalid_grant"
        except NoResponse:
            return False
        return False

    async def _exchange(self, code: Secret, server: AuthorizationServer) -> TokenResponse:
        return await exchange_code(
            server.token_url,
            code=code,
            verifier=self._request.verifier,
            redirect_uri=self._redirect_uri,
            client_id=self._application.client_id,
            client_secret=self._application.client_secret,
            http=self._http,
        )

    def _find_undecided_server(self, server: AuthorizationServer) -> AuthorizationServer | None:
        """Return the server to try next; ``None`` where one is decided or there is no other."""
        return self._provider.other_server(server) if self._decided_server is None else None

    def _repeat_at(self, server: AuthorizationServer) -> ConsentRepeated:
        self._decided_server = server
        self._request = self._new_request(server)
        return ConsentRepeated(self._request.url)

    def _new_request(self, server: AuthorizationServer) -> ConsentRequest:
        return new_consent_request(
            server,
            client_id=self._application.client_id,
            names=self._names,
            redirect_uri=self._redirect_uri,
        )

    def _update_history(self, history: ServerHistory) -> None:
        if history != self._history:
            self._history = history
            with contextlib.suppress(AnnuletError):  # a convenience must not cost the grant
                self._store_history(history)


def _failed(message: str, *, hint: str) -> FlowEnded:
    return FlowEnded(None, ConnectFailed(message, hint=hint, reason="exchange_failed"))

"""Authorization at Oura: to the consent page and back, bound to one signed-in browser.

An assistant's authorization never starts this and never receives anything of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from annulet.errors import AnnuletError, UsageError
from annulet.hosted.clock import Clock
from annulet.hosted.connections.oura_servers import OuraServers
from annulet.hosted.connections.pending_authorizations import (
    PendingAuthorization,
    PendingAuthorizations,
)
from annulet.oauth.application import check_application
from annulet.oauth.consent_flow import ConsentFlow, ConsentRepeated, FlowEnded, FlowState
from annulet.oauth.consent_request import parse_callback
from annulet.oauth.grant import Grant
from annulet.oauth.provider import ServerHistory
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

CALLBACK_PATH: Final = "/connect/oura/callback"


@dataclass(frozen=True, slots=True)
class CallbackResult:
    """What a callback led to.

    Attributes:
        grant: The new grant, when the person consented.
        failure: Why there is no grant.
        next_consent_url: Where the person has to consent once more: the application belongs to
            Oura's other server.
    """

    grant: Grant | None = None
    failure: AnnuletError | None = None
    next_consent_url: str = ""


class OuraAuthorization:
    """Starts authorizations and finishes them when the browser comes back.

    Args:
        http: Towards Oura's sign-in servers.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        http: httpx2.AsyncClient,
        servers: OuraServers,
        pending: PendingAuthorizations,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._http = http
        self._servers = servers
        self._pending = pending

    async def start(self, person_id: str, session_id: str, scopes: tuple[str, ...]) -> str:
        """Start an authorization.

        Returns:
            Oura's consent page, where this browser goes next.

        Raises:
            UsageError: The service has no application at Oura.
        """
        if not self._settings.client_id or self._settings.client_secret is None:
            raise UsageError(
                "This service has no application at Oura yet, so you cannot connect a ring.",
                hint="The admin sets ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET.",
            )
        flow = await self._open_flow(scopes)
        pending = PendingAuthorization(scopes, flow.state)
        await self._pending.store(person_id, session_id, pending)
        return flow.url

    async def finish(self, person_id: str, session_id: str, query: str) -> CallbackResult | None:
        """Handle the query string of a callback.

        Returns:
            ``None`` when it belongs to no authorization of this person in this browser.
        """
        callback = parse_callback(query)
        if callback is None or not callback.state:
            return None
        pending = await self._pending.take(person_id, session_id, callback.state)
        if pending is None:
            return None
        histories: list[ServerHistory] = []
        flow = await self._open_flow(pending.scopes, histories, pending.state)
        outcome = await flow.handle_callback(query)
        if histories:
            await self._servers.write_history(histories[-1])
        if isinstance(outcome, ConsentRepeated):
            next_pending = PendingAuthorization(pending.scopes, flow.state)
            await self._pending.store(person_id, session_id, next_pending)
            return CallbackResult(next_consent_url=outcome.url)
        if isinstance(outcome, FlowEnded):
            return CallbackResult(grant=outcome.grant, failure=outcome.failure)
        return None

    async def _open_flow(
        self,
        scopes: tuple[str, ...],
        histories: list[ServerHistory] | None = None,
        state: FlowState | None = None,
    ) -> ConsentFlow:
        """Open a new authorization, or one that is under way.

        Args:
            scopes: Bare names of the permissions.
            histories: Receives what the exchange teaches about the application.
            state: The authorization that is under way.
        """
        return ConsentFlow(
            await self._servers.discover(),
            check_application(self._settings.client_id, self._settings.client_secret),
            names=scopes,
            redirect_uri=self._settings.public_url + CALLBACK_PATH,
            history=await self._servers.read_history(),
            store_history=([] if histories is None else histories).append,
            clock=lambda: self._clock().timestamp(),
            http=self._http,
            state=state,
        )

"""Connecting a ring: a journey to Oura's consent page and back, bound to one signed-in browser.

What is needed to go on is sealed in the database, so that any replica can receive the callback,
and it is used once. An assistant's authorization never starts this and never gets anything of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, insert, select

from annulet.errors import AnnuletError, UsageError
from annulet.hosted.clock import Clock, seconds
from annulet.hosted.connections.seals import Seals
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.tokens import digest
from annulet.oauth.application import checked_application
from annulet.oauth.consent_flow import (
    CallbackIgnored,
    ConsentFlow,
    ConsentRepeated,
    FlowEnded,
    FlowState,
)
from annulet.oauth.consent_request import ConsentRequest, parse_callback
from annulet.oauth.discovery import ServerAddresses, discover_provider
from annulet.oauth.grant import Grant
from annulet.oauth.provider import AuthorizationServer, IdentityProvider, ServerHistory
from annulet.settings import Settings
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

__all__ = ["CALLBACK", "Arrival", "Flows", "flow_owner"]

CALLBACK: Final = "/connect/oura/callback"
_LIFETIME: Final = 1800
_DISCOVERED_FOR: Final = 600.0
_MEMORY: Final = "oura-servers"
_f = tables.flows.c


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a callback brought.

    Attributes:
        grant: The new grant, when the person consented.
        failure: Why there is none.
        again: Where the person has to consent once more.
    """

    grant: Grant | None = None
    failure: AnnuletError | None = None
    again: str = ""


def flow_owner(person_id: str) -> str:
    """What a sealed journey is bound to."""
    return f"flow:{person_id}"


class Flows:
    """Begins journeys and receives them back.

    Args:
        http: Towards Oura's sign-in servers.
    """

    def __init__(
        self,
        *,
        database: Database,
        seals: Seals,
        clock: Clock,
        settings: Settings,
        http: httpx2.AsyncClient,
    ) -> None:
        self._database = database
        self._seals = seals
        self._clock = clock
        self._settings = settings
        self._http = http
        self._provider: IdentityProvider | None = None
        self._discovered_at = 0.0

    @property
    def redirect_uri(self) -> str:
        """The address to register at Oura."""
        return self._settings.public_url + CALLBACK

    async def begin(self, person_id: str, session_id: str, names: tuple[str, ...]) -> str:
        """Start a journey.

        Returns:
            Oura's consent page, where this browser goes next.

        Raises:
            UsageError: The service has no application at Oura.
        """
        if not self._settings.client_id or self._settings.client_secret is None:
            raise UsageError(
                "This service has no application at Oura yet, so nobody can connect a ring.",
                hint="Whoever runs it sets ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET.",
            )
        memory = await self._memory()
        consent = await self._consent(names, memory, _Lesson(memory))
        await self._keep(person_id, session_id, names, consent.state)
        return consent.url

    async def arrived(self, person_id: str, session_id: str, query: str) -> Arrival | None:
        """What a callback means for this browser.

        Returns:
            ``None`` when it does not belong to a journey of this person in this browser.
        """
        callback = parse_callback(query)
        if callback is None or not callback.state:
            return None
        kept = await self._take(person_id, session_id, callback.state)
        if kept is None:
            return None
        lesson = _Lesson(await self._memory())
        names = tuple(kept["names"])
        consent = await self._consent(names, lesson.memory, lesson, _flow_state(kept))
        step = await consent.handle_callback(query)
        await self._learn(lesson)
        if isinstance(step, ConsentRepeated):
            await self._keep(person_id, session_id, names, consent.state)
            return Arrival(again=step.url)
        if isinstance(step, FlowEnded):
            return Arrival(grant=step.grant, failure=step.failure)
        assert isinstance(step, CallbackIgnored)  # noqa: S101 - the third of three
        return None

    async def form_targets(self) -> tuple[str, ...]:
        """Origins a browser may be redirected to when the person goes to Oura."""
        provider = await self._found()
        servers = [server for server in (provider.legacy, provider.current) if server is not None]
        origins = {_origin(server.authorize_url) for server in servers}
        # the front door leads on to other hosts of Oura, and browsers check every hop
        return (*sorted(origins), "https://*.ouraring.com")

    async def _consent(
        self,
        names: tuple[str, ...],
        memory: ServerHistory,
        lesson: Callable[[ServerHistory], None],
        state: FlowState | None = None,
    ) -> ConsentFlow:
        return ConsentFlow(
            await self._found(),
            checked_application(self._settings.client_id, self._settings.client_secret),
            names=names,
            redirect_uri=self.redirect_uri,
            history=memory,
            store_history=lesson,
            clock=lambda: self._clock().timestamp(),
            http=self._http,
            state=state,
        )

    async def _found(self) -> IdentityProvider:
        if self._provider is None or time.monotonic() - self._discovered_at > _DISCOVERED_FOR:
            s = self._settings
            addresses = ServerAddresses(
                api_url=s.oura_api_url,
                authorize_url=s.oura_authorize_url,
                token_url=s.oura_token_url,
                revoke_url=s.oura_revoke_url,
                issuer_url=s.oura_issuer_url,
            )
            self._provider = await discover_provider(addresses, http=self._http)
            self._discovered_at = time.monotonic()
        return self._provider

    async def _keep(
        self, person_id: str, session_id: str, names: tuple[str, ...], state: FlowState
    ) -> None:
        a, now = state.request, seconds(self._clock())
        plain = {
            "names": list(names),
            "server": asdict(a.server),
            "decided": asdict(state.decided_server) if state.decided_server else None,
            "url": a.url,
            "redirect_uri": a.redirect_uri,
            "state": a.state.reveal(),
            "verifier": a.verifier.reveal(),
        }
        sealed = self._seals.seal(json.dumps(plain).encode(), owner=flow_owner(person_id))
        async with self._database.write() as connection:
            await connection.execute(delete(tables.flows).where(_f.expires_at < now))
            await connection.execute(
                insert(tables.flows).values(
                    digest=digest(a.state.reveal()),
                    person_id=person_id,
                    session_id=session_id,
                    sealed=sealed,
                    expires_at=now + _LIFETIME,
                )
            )

    async def _take(self, person_id: str, session_id: str, state: str) -> dict[str, Any] | None:
        """The journey with this state, used up; only for the browser that began it."""
        mine = (
            _f.digest == digest(state),
            _f.person_id == person_id,
            _f.session_id == session_id,
            _f.expires_at >= seconds(self._clock()),
        )
        async with self._database.write() as connection:
            sealed = (await connection.execute(select(_f.sealed).where(*mine))).scalar()
            if sealed is None:
                return None
            done = await connection.execute(delete(tables.flows).where(*mine))
            if not done.rowcount:
                return None
        kept: dict[str, Any] = json.loads(self._seals.open(sealed, owner=flow_owner(person_id)))
        return kept

    async def _memory(self) -> ServerHistory:
        o = tables.options.c
        async with self._database.read() as connection:
            query = select(o.value).where(o.name == self._memory_name)
            kept = (await connection.execute(query)).scalar()
        return ServerHistory(**json.loads(kept)) if kept else ServerHistory()

    async def _learn(self, lesson: _Lesson) -> None:
        if not lesson.changed:
            return
        o = tables.options
        async with self._database.write() as connection:
            await connection.execute(delete(o).where(o.c.name == self._memory_name))
            value = json.dumps(asdict(lesson.memory))
            await connection.execute(insert(o).values(name=self._memory_name, value=value))

    @property
    def _memory_name(self) -> str:
        return f"{_MEMORY}:{digest(self._settings.client_id)[:16]}"


class _Lesson:
    """Catches what an exchange teaches about the application."""

    def __init__(self, memory: ServerHistory) -> None:
        self.memory = memory
        self.changed = False

    def __call__(self, memory: ServerHistory) -> None:
        self.memory, self.changed = memory, True


def _flow_state(kept: dict[str, Any]) -> FlowState:
    request = ConsentRequest(
        server=AuthorizationServer(**kept["server"]),
        url=kept["url"],
        redirect_uri=kept["redirect_uri"],
        state=Secret(kept["state"]),
        verifier=Secret(kept["verifier"]),
    )
    decided = AuthorizationServer(**kept["decided"]) if kept["decided"] else None
    return FlowState(request, decided)


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])

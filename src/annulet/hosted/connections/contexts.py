"""One private context for each person, in memory and bounded: the least recently used closes first.

What was read for one person lives in that person's own client and is forgotten with it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from annulet.client import OuraClient
from annulet.errors import ConsentRevoked
from annulet.hosted.accounts.people import Person
from annulet.hosted.clock import Clock, from_epoch_s
from annulet.hosted.connections.connect_link import build_connect_url
from annulet.hosted.connections.grant_store import HostedGrantStore
from annulet.hosted.connections.person_token import PersonToken
from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.database.engine import ServiceDatabase
from annulet.oauth.session import TokenSession
from annulet.settings import Settings
from annulet.toolkit.context import Connection, Context, Zone
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

__all__ = ["Contexts"]

_MAX_PEOPLE: Final = 128
_CACHE_BYTES: Final = 400_000


@dataclass(frozen=True, slots=True)
class _OpenContext:
    context: Context
    session: TokenSession
    client: OuraClient

    async def close(self) -> None:
        await self.session.aclose()
        await self.client.aclose()


class Contexts:
    """Opens, remembers and closes the contexts of people.

    Args:
        http: Towards Oura; all people share it, and it accepts no cookies.
    """

    def __init__(
        self,
        *,
        database: ServiceDatabase,
        sealing_keys: SealingKeys,
        clock: Clock,
        settings: Settings,
        http: httpx2.AsyncClient,
    ) -> None:
        self._database = database
        self._sealing_keys = sealing_keys
        self._clock = clock
        self._settings = settings
        self._http = http
        self._open_contexts: OrderedDict[str, _OpenContext] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    def get(self, person: Person) -> Context:
        """Return the context of one person; it is opened when there is none."""
        entry = self._open_contexts.get(person.id)
        if entry is None:
            entry = self._open_contexts[person.id] = self._open(person)
            while len(self._open_contexts) > _MAX_PEOPLE:
                self._close(self._open_contexts.popitem(last=False)[1])
        self._open_contexts.move_to_end(person.id)
        return entry.context

    def grant_store(self, person_id: str) -> HostedGrantStore:
        """Return the store of one person's grant."""
        return HostedGrantStore(self._database, self._sealing_keys, self._clock, person_id)

    def close_person(self, person_id: str) -> None:
        """Forget everything in memory about one person."""
        entry = self._open_contexts.pop(person_id, None)
        if entry is not None:
            self._close(entry)

    def clear_cache(self, person_id: str) -> None:
        """Let the next question of one person be asked at Oura; questions under way go on."""
        entry = self._open_contexts.get(person_id)
        if entry is not None:
            entry.client.clear()

    async def close(self) -> None:
        """Close every context and wait for renewals that are under way."""
        for person_id in list(self._open_contexts):
            self.close_person(person_id)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _client_secret(self, client_id: str) -> Secret:
        """Return the secret of the service's application at Oura.

        Raises:
            ConsentRevoked: The grant was given to another application.
        """
        secret = self._settings.client_secret
        if secret is None or client_id != self._settings.client_id:
            raise ConsentRevoked(
                "This connection was made with another application at Oura.",
                hint="Connect your ring again from your dashboard.",
            )
        return secret

    def _open(self, person: Person) -> _OpenContext:
        connect_url = build_connect_url(self._settings.public_url, person.id)
        connect_hint = f"Connect your ring: {connect_url}"
        session = TokenSession(
            self.grant_store(person.id),
            self._client_secret,
            clock=lambda: self._clock().timestamp(),
            http=self._http,
            connect_hint=connect_hint,
        )
        client = OuraClient(
            PersonToken(session),
            api_url=self._settings.oura_api_url,
            http=self._http,
            cache_bytes=_CACHE_BYTES,
        )

        async def read_connection() -> Connection:
            stored = await session.state()
            if stored.needs_reconnect:
                raise session.reconnect_error(stored.needs_reconnect)
            return Connection(
                account=stored.grant.oura_account or person.name,
                granted=stored.grant.scopes,
                expires_at=from_epoch_s(int(stored.grant.expires_at)),
                renews=stored.grant.is_renewable,
            )

        # an account that never chose a zone says UTC: then the documents' own offset decides
        zone = Zone(ZoneInfo(person.timezone), person.timezone, assumed=person.timezone == "UTC")
        context = Context(
            client=client,
            now=self._clock,
            zone=zone,
            connection=read_connection,
            connect_hint=connect_hint,
            zone_hint="choose your time zone in your account on the dashboard.",
        )
        return _OpenContext(context, session, client)

    def _close(self, entry: _OpenContext) -> None:
        task = asyncio.get_running_loop().create_task(entry.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

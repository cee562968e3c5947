"""One private context per person, in memory only and bounded: the least recently used go first.

What was read for one person lives in that person's own client and is forgotten with it.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from annulet.client import OuraClient
from annulet.errors import ConsentRevoked
from annulet.hosted.accounts.people import Person
from annulet.hosted.clock import Clock, instant
from annulet.hosted.connections.addresses import connect_address
from annulet.hosted.connections.seals import Seals
from annulet.hosted.connections.store import HostedGrantStore
from annulet.hosted.database.engine import Database
from annulet.oauth.session import TokenSession
from annulet.settings import Settings
from annulet.toolkit.context import Connection, Context, Zone
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

__all__ = ["Contexts", "PersonToken"]

_MOST: Final = 128
_REMEMBERED_BYTES: Final = 400_000
_TOKEN_SECONDS: Final = 5.0


class PersonToken:
    """The token session of one person, asked at most every few seconds.

    The session reads its row for every token; an answer needs several at once.
    """

    def __init__(self, session: TokenSession) -> None:
        self._session = session
        self._token: Secret | None = None
        self._until = 0.0

    async def access_token(self) -> str:
        """A token that is expected to work now."""
        if self._token is not None and time.monotonic() < self._until:
            return self._token.reveal()
        return self._keep(await self._session.access_token())

    async def renew(self, rejected: str) -> str:
        """Another token than the one Oura has just refused."""
        return self._keep(await self._session.renew(rejected))

    def _keep(self, token: str) -> str:
        self._token, self._until = Secret(token), time.monotonic() + _TOKEN_SECONDS
        return token


@dataclass(slots=True)
class _Kept:
    context: Context
    session: TokenSession
    client: OuraClient

    async def close(self) -> None:
        await self.session.aclose()
        await self.client.aclose()


class Contexts:
    """Opens, keeps and forgets contexts.

    Args:
        http: Towards Oura; shared by everybody, keeps no cookies.
        most: How many people are kept at the same time.
    """

    def __init__(
        self,
        *,
        database: Database,
        seals: Seals,
        clock: Clock,
        settings: Settings,
        http: httpx2.AsyncClient,
        most: int = _MOST,
    ) -> None:
        self._database = database
        self._seals = seals
        self._clock = clock
        self._settings = settings
        self._http = http
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    def of(self, person: Person) -> Context:
        """The context of one person."""
        kept = self._kept.get(person.id)
        if kept is None:
            kept = self._kept[person.id] = self._open(person)
            while len(self._kept) > self._most:
                self._close(self._kept.popitem(last=False)[1])
        self._kept.move_to_end(person.id)
        return kept.context

    def store(self, person_id: str) -> HostedGrantStore:
        """Where the grant of one person is kept."""
        return HostedGrantStore(self._database, self._seals, self._clock, person_id)

    def forget(self, person_id: str) -> None:
        """Drop whatever is in memory about one person."""
        kept = self._kept.pop(person_id, None)
        if kept is not None:
            self._close(kept)

    def refresh(self, person_id: str) -> None:
        """Let the next question of one person be asked at Oura; what is under way goes on."""
        kept = self._kept.get(person_id)
        if kept is not None:
            kept.client.clear()

    async def close(self) -> None:
        """Drop everybody and wait for renewals that are under way."""
        for person_id in list(self._kept):
            self.forget(person_id)
        if self._closing:
            await asyncio.wait(self._closing)

    async def client_secret(self, client_id: str) -> Secret:
        """The secret of our application at Oura.

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

    def _open(self, person: Person) -> _Kept:
        session = TokenSession(
            self.store(person.id),
            self.client_secret,
            clock=lambda: self._clock().timestamp(),
            http=self._http,
            connect_hint=self._connect_hint(person),
        )
        client = OuraClient(
            PersonToken(session),
            api_url=self._settings.oura_api_url,
            http=self._http,
            cache_bytes=_REMEMBERED_BYTES,
        )

        async def connection() -> Connection:
            row = await session.state()
            if row.needs_reconnect:
                raise session.reconnect_error(row.needs_reconnect)
            return Connection(
                account=row.grant.oura_account or person.name,
                granted=row.grant.scopes,
                expires_at=instant(int(row.grant.expires_at)),
                renews=row.grant.is_renewable,
            )

        # an account that never chose a zone says UTC: then the documents' own offset decides
        zone = Zone(ZoneInfo(person.timezone), person.timezone, assumed=person.timezone == "UTC")
        context = Context(
            client=client,
            now=self._clock,
            zone=zone,
            connection=connection,
            connect_hint=self._connect_hint(person),
            zone_hint="choose your time zone in your account on the dashboard.",
        )
        return _Kept(context, session, client)

    def _connect_hint(self, person: Person) -> str:
        return f"Connect your ring: {connect_address(self._settings.public_url, person.id)}"

    def _close(self, kept: _Kept) -> None:
        task = asyncio.get_running_loop().create_task(kept.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

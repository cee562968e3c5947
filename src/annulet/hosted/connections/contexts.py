"""One private context for each person, in memory and bounded: the least recently used closes first.

What was read for one person lives in that person's own client and is forgotten with it. A context
is opened for one state of the person and the connection; a request that brings another state drops
what the earlier one had read, whichever replica changed it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from annulet.client import OuraClient
from annulet.client.transport import RequestGate
from annulet.errors import ConsentRevoked
from annulet.hosted.accounts.people import Person
from annulet.hosted.clock import Clock, from_epoch_s
from annulet.hosted.connections.connect_link import build_connect_url
from annulet.hosted.connections.connection_state import ConnectionState, DataVersion
from annulet.hosted.connections.grant_store import HostedGrantStore
from annulet.hosted.connections.person_token import PersonToken
from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.observability.recorder import NoRecorder, Recorder
from annulet.oauth.session import TokenSession
from annulet.settings import Settings
from annulet.toolkit.context import Connection, Context, Zone
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

_MEMORY_A_BYTE: Final = 4
"""Bytes of memory for a byte of a cached document, as Oura sent it."""
_MEMORY_A_PERSON: Final = 30_000
"""Bytes of memory of a context without documents."""
_CLOSE_S: Final = 20.0
"""A renewed pair that cannot be written for so long is lost with the process."""
_CACHE_BYTES: Final = 400_000


class _Version(NamedTuple):
    """What a context is opened for."""

    data: DataVersion
    name: str
    timezone: str


@dataclass(slots=True)
class _OpenContext:
    version: _Version
    data_at: int | None
    context: Context
    session: TokenSession
    client: OuraClient

    @property
    def memory_bytes(self) -> int:
        return _MEMORY_A_PERSON + _MEMORY_A_BYTE * self.client.cached_bytes

    async def close(self) -> None:
        """Wait for a renewal. The client stays open for questions under way, and owns nothing."""
        self.client.clear()
        await self.session.aclose()


class Contexts:
    """Opens, remembers and closes the contexts of people.

    Args:
        http: Towards Oura; all people share it, and it accepts no cookies.
        gate: Lets the requests of all people through to Oura.
        recorder: Counts renewals.
    """

    def __init__(
        self,
        *,
        database: ServiceDatabase,
        sealing_keys: SealingKeys,
        clock: Clock,
        settings: Settings,
        http: httpx2.AsyncClient,
        gate: RequestGate | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self._gate = gate
        self._recorder = recorder or NoRecorder()
        self._database = database
        self._sealing_keys = sealing_keys
        self._clock = clock
        self._settings = settings
        self._http = http
        self._open_contexts: OrderedDict[str, _OpenContext] = OrderedDict()
        self._gives_up = False
        self._closing: set[asyncio.Task[None]] = set()

    def get(self, person: Person, state: ConnectionState) -> Context:
        """Return the context of one person; it is opened when there is none for this state.

        Args:
            person: The person, as read for this request.
            state: The state of the connection, as read for this request.
        """
        version = _Version(state.version, person.name, person.timezone)
        entry = self._open_contexts.get(person.id)
        if entry is not None and entry.version != version:
            self.close_person(person.id)
            entry = None
        if entry is not None and entry.data_at != state.data_at:
            # questions under way go on; the next one is asked at Oura
            entry.client.clear()
            entry.data_at = state.data_at
        if entry is None:
            entry = self._open(person, version, state.data_at)
            self._open_contexts[person.id] = entry
            self._drop_beyond_memory()
        self._open_contexts.move_to_end(person.id)
        return entry.context

    def measure(self) -> tuple[int, int]:
        """Return how many contexts are open, and the bytes of memory they take."""
        contexts = self._open_contexts.values()
        return len(contexts), sum(entry.memory_bytes for entry in contexts)

    def _drop_beyond_memory(self) -> None:
        """Close the contexts used least recently, but never the newest."""
        beyond = sum(entry.memory_bytes for entry in self._open_contexts.values())
        beyond -= self._settings.limits.contexts_mb * 1_000_000
        while beyond > 0 and len(self._open_contexts) > 1:
            _, entry = self._open_contexts.popitem(last=False)
            beyond -= entry.memory_bytes
            self._close(entry)

    def grant_store(self, person_id: str) -> HostedGrantStore:
        """Return the store of one person's grant."""
        return HostedGrantStore(self._database, self._sealing_keys, self._clock, person_id)

    def open_session(
        self, person_id: str, *, connect_hint: str = "Connect your ring again."
    ) -> TokenSession:
        """Open a token session of one person; the caller closes it.

        Args:
            person_id: Whose grant it is.
            connect_hint: What the person does to connect or to reconnect.
        """
        store = HostedGrantStore(
            self._database, self._sealing_keys, self._clock, person_id, self._recorder
        )
        return TokenSession(
            store,
            self._client_secret,
            clock=lambda: self._clock().timestamp(),
            http=self._http,
            connect_hint=connect_hint,
            keeps_writing=lambda: not self._gives_up,
        )

    def close_person(self, person_id: str) -> None:
        """Forget everything in memory about one person."""
        entry = self._open_contexts.pop(person_id, None)
        if entry is not None:
            self._close(entry)

    async def close(self) -> None:
        """Close every context and wait for renewals that are under way."""
        for person_id in list(self._open_contexts):
            self.close_person(person_id)
        if self._closing:
            await asyncio.wait(self._closing, timeout=_CLOSE_S)
        self._gives_up = True
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

    def _open(self, person: Person, version: _Version, data_at: int | None) -> _OpenContext:
        connect_url = build_connect_url(self._settings.public_url, person.id)
        connect_hint = f"Connect your ring: {connect_url}"
        session = self.open_session(person.id, connect_hint=connect_hint)
        # an account that never chose a zone says UTC: then the documents' own offset decides
        zone = Zone(ZoneInfo(person.timezone), person.timezone, assumed=person.timezone == "UTC")
        client = OuraClient(
            PersonToken(session),
            api_url=self._settings.oura_api_url,
            http=self._http,
            cache_bytes=_CACHE_BYTES,
            zone=None if zone.assumed else zone.tz,
            gate=self._gate,
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

        context = Context(
            client=client,
            now=self._clock,
            zone=zone,
            connection=read_connection,
            connect_hint=connect_hint,
            zone_hint="choose your time zone in your account on the dashboard.",
        )
        return _OpenContext(version, data_at, context, session, client)

    def _close(self, entry: _OpenContext) -> None:
        task = asyncio.get_running_loop().create_task(entry.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

"""The rooms of the service, put together once: what every page finds under its hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from annulet.hosted.accounts.links import Links
from annulet.hosted.accounts.passwords import Passwords
from annulet.hosted.accounts.people import People
from annulet.hosted.accounts.sessions import Sessions
from annulet.hosted.accounts.sign_in_service import Entrance
from annulet.hosted.accounts.throttle import Throttle
from annulet.hosted.audit.journal import Journal
from annulet.hosted.authorization.bearers import Bearers
from annulet.hosted.authorization.client_documents import Retrieve
from annulet.hosted.authorization.clients import Clients
from annulet.hosted.authorization.grants import Grants
from annulet.hosted.authorization.keys import Keys
from annulet.hosted.authorization.tokens import Tokens
from annulet.hosted.clock import Clock, seconds
from annulet.hosted.connections.connection_service import Desk
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.oura_accounts import OuraAccounts
from annulet.hosted.connections.pending_authorizations import Flows
from annulet.hosted.connections.read_health import Outcomes
from annulet.hosted.connections.seals import Seals, key_source
from annulet.hosted.connections.status import ConnectionStatuses
from annulet.hosted.connections.stored_keys import KeptKeys
from annulet.hosted.connections.toolkit_status import Journeys
from annulet.hosted.database.engine import Database, database_url
from annulet.hosted.endpoints.store import Endpoints
from annulet.hosted.registrations.queue import Queue
from annulet.hosted.web.cookies import Cookies
from annulet.hosted.webhooks.inbox import Inbox
from annulet.hosted.webhooks.receiver import Receiver
from annulet.hosted.webhooks.subscription_reconciler import Keeper
from annulet.hosted.webhooks.subscription_settings import PATH, Switch
from annulet.hosted.webhooks.subscription_status import Standing, standing
from annulet.hosted.webhooks.subscriptions import Subscriptions
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

__all__ = ["Given", "Service", "assemble"]


class Given(TypedDict, total=False):
    """What the service may be given beside its settings.

    Attributes:
        passwords: For tests: cheaper hashing.
        retrieve: Fetches client-ID metadata documents; without it they are not supported.
        connect_to_oura: For tests: makes the HTTP client towards Oura.
    """

    passwords: Passwords
    retrieve: Retrieve | None
    connect_to_oura: Callable[[], httpx2.AsyncClient]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One running service."""

    settings: Settings
    clock: Clock
    http: httpx2.AsyncClient
    database: Database
    seals: Seals
    kept_keys: KeptKeys
    journal: Journal
    people: People
    sessions: Sessions
    links: Links
    throttle: Throttle
    entrance: Entrance
    queue: Queue
    journeys: Journeys
    statuses: ConnectionStatuses
    flows: Flows
    contexts: Contexts
    outcomes: Outcomes
    desk: Desk
    accounts: OuraAccounts
    switch: Switch
    inbox: Inbox
    receiver: Receiver
    keeper: Keeper
    endpoints: Endpoints
    clients: Clients
    grants: Grants
    tokens: Tokens
    keys: Keys
    bearers: Bearers
    cookies: Cookies

    async def updates(self) -> Standing:
        """How updates from Oura stand."""
        return standing(
            await self.switch.wish(),
            await self.switch.report(),
            callback=self.switch.callback,
            now=seconds(self.clock()),
        )

    async def close(self) -> None:
        """Finish what is under way and give everything back."""
        await self.contexts.close()
        await self.journal.flush()
        await self.http.aclose()
        await self.database.close()


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every room stands on."""

    settings: Settings
    clock: Clock
    http: httpx2.AsyncClient
    database: Database
    seals: Seals
    kept_keys: KeptKeys
    journal: Journal


def assemble(settings: Settings, *, clock: Clock, **given: Unpack[Given]) -> Service:
    """Put the rooms together; nothing is opened yet."""
    database = Database(database_url(settings.database_url, settings.home))
    seals = Seals(key_source(settings.home, settings.key, settings.key_file))
    ground = _Ground(
        settings=settings,
        clock=clock,
        http=given.get("connect_to_oura", cookieless_client)(),
        database=database,
        seals=seals,
        kept_keys=KeptKeys(database, seals),
        journal=Journal(database, clock),
    )
    people = People(database, clock)
    return Service(
        settings=settings,
        clock=clock,
        http=ground.http,
        database=database,
        seals=ground.seals,
        kept_keys=ground.kept_keys,
        journal=ground.journal,
        people=people,
        cookies=Cookies(secure=settings.public_url.startswith("https://")),
        **_entrance(ground, people, given.get("passwords") or Passwords()),
        **(toolkit := _toolkit(ground)),
        **_updates(ground, toolkit["accounts"], toolkit["contexts"]),
        **_access(ground, given.get("retrieve")),
    )


def _entrance(ground: _Ground, people: People, passwords: Passwords) -> dict[str, Any]:
    """How people get in."""
    database, clock = ground.database, ground.clock
    sessions, links = Sessions(database, clock), Links(database, clock)
    throttle = Throttle(database, clock)
    entrance = Entrance(
        people=people,
        sessions=sessions,
        links=links,
        passwords=passwords,
        throttle=throttle,
        journal=ground.journal,
        policy=ground.settings.signup,
    )
    return {"sessions": sessions, "links": links, "throttle": throttle, "entrance": entrance}


def _toolkit(ground: _Ground) -> dict[str, Any]:
    """Registrations and connections with Oura."""
    shared: dict[str, Any] = {"settings": ground.settings, "http": ground.http}
    sealed = {"database": ground.database, "seals": ground.seals, "clock": ground.clock, **shared}
    queue = Queue(ground.database, ground.clock, capacity=ground.settings.capacity)
    statuses = ConnectionStatuses(ground.database, ground.clock)
    rooms: dict[str, Any] = {
        "queue": queue,
        "journeys": Journeys(queue, statuses),
        "outcomes": Outcomes(statuses, ground.journal),
        "flows": Flows(**sealed),
        "contexts": Contexts(**sealed),
        "accounts": OuraAccounts(ground.database, ground.kept_keys),
    }
    desk = Desk(journal=ground.journal, **shared, **rooms)
    return {**rooms, "statuses": statuses, "desk": desk}


def _updates(ground: _Ground, accounts: OuraAccounts, contexts: Contexts) -> dict[str, Any]:
    """What Oura tells by itself."""
    settings, clock, keys = ground.settings, ground.clock, ground.kept_keys
    switch = Switch(ground.database, clock, settings.public_url + PATH)
    inbox = Inbox(
        database=ground.database, clock=clock, keys=keys, accounts=accounts, contexts=contexts
    )
    shared: dict[str, Any] = {"settings": settings, "clock": clock, "keys": keys, "switch": switch}
    return {
        "switch": switch,
        "inbox": inbox,
        "receiver": Receiver(inbox=inbox, **shared),
        "keeper": Keeper(subscriptions=Subscriptions(settings, ground.http), **shared),
    }


def _access(ground: _Ground, retrieve: Retrieve | None) -> dict[str, Any]:
    """What assistants may ask, and by which door."""
    database, clock = ground.database, ground.clock
    grants = Grants(database, clock)
    doors: dict[str, Any] = {
        "tokens": Tokens(database, clock, grants),
        "keys": Keys(database, clock),
    }
    return {
        **doors,
        "endpoints": Endpoints(database, clock),
        "grants": grants,
        "clients": Clients(database, clock, retrieve),
        "bearers": Bearers(**doors),
    }


def cookieless_client() -> httpx2.AsyncClient:
    """One HTTP client for everybody, which keeps nothing of anybody."""
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx2

    jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=40)
    return httpx2.AsyncClient(
        cookies=jar, limits=limits, timeout=httpx2.Timeout(30, connect=10), follow_redirects=False
    )

"""The rooms of the service, put together once: what every page finds under its hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from annulet.hosted.accounts.browser_sessions import BrowserSessions
from annulet.hosted.accounts.one_time_links import OneTimeLinks
from annulet.hosted.accounts.passwords import Passwords
from annulet.hosted.accounts.people import People
from annulet.hosted.accounts.sign_in_service import SignInService
from annulet.hosted.accounts.throttle import Throttle
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.authorization.api_keys import ApiKeys
from annulet.hosted.authorization.bearer_cache import BearerCache
from annulet.hosted.authorization.client_documents import FetchDocument
from annulet.hosted.authorization.client_grants import ClientGrants
from annulet.hosted.authorization.clients import Clients
from annulet.hosted.authorization.issued_tokens import IssuedTokens
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.connections.connection_service import ConnectionService
from annulet.hosted.connections.connection_status import ConnectionStatuses
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.oura_accounts import OuraAccounts
from annulet.hosted.connections.pending_authorizations import PendingAuthorizations
from annulet.hosted.connections.read_health import ReadHealth
from annulet.hosted.connections.sealing_keys import SealingKeys, key_source
from annulet.hosted.connections.stored_keys import StoredKeys
from annulet.hosted.connections.toolkit_status import ToolkitStatuses
from annulet.hosted.database.engine import Database, database_url
from annulet.hosted.endpoints.store import Endpoints
from annulet.hosted.registrations.registration_queue import RegistrationQueue
from annulet.hosted.web.cookies import Cookies
from annulet.hosted.webhooks.inbox import Inbox
from annulet.hosted.webhooks.receiver import Receiver
from annulet.hosted.webhooks.subscription_reconciler import SubscriptionReconciler
from annulet.hosted.webhooks.subscription_settings import PATH, SubscriptionSettings
from annulet.hosted.webhooks.subscription_status import Standing, standing
from annulet.hosted.webhooks.subscriptions import Subscriptions
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

__all__ = ["Given", "Service", "build_service"]


class Given(TypedDict, total=False):
    """What the service may be given beside its settings.

    Attributes:
        passwords: For tests: cheaper hashing.
        retrieve: Fetches client-ID metadata documents; without it they are not supported.
        connect_to_oura: For tests: makes the HTTP client towards Oura.
    """

    passwords: Passwords
    retrieve: FetchDocument | None
    connect_to_oura: Callable[[], httpx2.AsyncClient]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One running service."""

    settings: Settings
    clock: Clock
    http: httpx2.AsyncClient
    database: Database
    seals: SealingKeys
    kept_keys: StoredKeys
    journal: AuditLog
    people: People
    sessions: BrowserSessions
    links: OneTimeLinks
    throttle: Throttle
    entrance: SignInService
    queue: RegistrationQueue
    journeys: ToolkitStatuses
    statuses: ConnectionStatuses
    flows: PendingAuthorizations
    contexts: Contexts
    outcomes: ReadHealth
    desk: ConnectionService
    accounts: OuraAccounts
    switch: SubscriptionSettings
    inbox: Inbox
    receiver: Receiver
    keeper: SubscriptionReconciler
    endpoints: Endpoints
    clients: Clients
    grants: ClientGrants
    tokens: IssuedTokens
    keys: ApiKeys
    bearers: BearerCache
    cookies: Cookies

    async def updates(self) -> Standing:
        """How updates from Oura stand."""
        return standing(
            await self.switch.wish(),
            await self.switch.report(),
            callback=self.switch.callback,
            now=to_epoch_s(self.clock()),
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
    seals: SealingKeys
    kept_keys: StoredKeys
    journal: AuditLog


def build_service(settings: Settings, *, clock: Clock, **given: Unpack[Given]) -> Service:
    """Put the rooms together; nothing is opened yet."""
    database = Database(database_url(settings.database_url, settings.home))
    seals = SealingKeys(key_source(settings.home, settings.key, settings.key_file))
    ground = _Ground(
        settings=settings,
        clock=clock,
        http=given.get("connect_to_oura", cookieless_client)(),
        database=database,
        seals=seals,
        kept_keys=StoredKeys(database, seals),
        journal=AuditLog(database, clock),
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
    sessions, links = BrowserSessions(database, clock), OneTimeLinks(database, clock)
    throttle = Throttle(database, clock)
    entrance = SignInService(
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
    queue = RegistrationQueue(ground.database, ground.clock, capacity=ground.settings.capacity)
    statuses = ConnectionStatuses(ground.database, ground.clock)
    rooms: dict[str, Any] = {
        "queue": queue,
        "journeys": ToolkitStatuses(queue, statuses),
        "outcomes": ReadHealth(statuses, ground.journal),
        "flows": PendingAuthorizations(**sealed),
        "contexts": Contexts(**sealed),
        "accounts": OuraAccounts(ground.database, ground.kept_keys),
    }
    desk = ConnectionService(journal=ground.journal, **shared, **rooms)
    return {**rooms, "statuses": statuses, "desk": desk}


def _updates(ground: _Ground, accounts: OuraAccounts, contexts: Contexts) -> dict[str, Any]:
    """What Oura tells by itself."""
    settings, clock, keys = ground.settings, ground.clock, ground.kept_keys
    switch = SubscriptionSettings(ground.database, clock, settings.public_url + PATH)
    inbox = Inbox(
        database=ground.database, clock=clock, keys=keys, accounts=accounts, contexts=contexts
    )
    shared: dict[str, Any] = {"settings": settings, "clock": clock, "keys": keys, "switch": switch}
    return {
        "switch": switch,
        "inbox": inbox,
        "receiver": Receiver(inbox=inbox, **shared),
        "keeper": SubscriptionReconciler(
            subscriptions=Subscriptions(settings, ground.http), **shared
        ),
    }


def _access(ground: _Ground, retrieve: FetchDocument | None) -> dict[str, Any]:
    """What assistants may ask, and by which door."""
    database, clock = ground.database, ground.clock
    grants = ClientGrants(database, clock)
    doors: dict[str, Any] = {
        "tokens": IssuedTokens(database, clock, grants),
        "keys": ApiKeys(database, clock),
    }
    return {
        **doors,
        "endpoints": Endpoints(database, clock),
        "grants": grants,
        "clients": Clients(database, clock, retrieve),
        "bearers": BearerCache(**doors),
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

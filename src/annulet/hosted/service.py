"""The composition root of the service: every component, built once, in groups that mypy checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from annulet.hosted.authorization.clients import OAuthClients
from annulet.hosted.authorization.issued_tokens import IssuedTokens
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.connections.connection_service import ConnectionService
from annulet.hosted.connections.connection_status import ConnectionStatuses
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.oura_accounts import OuraAccounts
from annulet.hosted.connections.oura_authorization import OuraAuthorization
from annulet.hosted.connections.oura_servers import OuraServers
from annulet.hosted.connections.pending_authorizations import PendingAuthorizations
from annulet.hosted.connections.read_health import ReadHealth
from annulet.hosted.connections.sealing_keys import SealingKeys, key_source
from annulet.hosted.connections.stored_keys import StoredKeys
from annulet.hosted.connections.toolkit_status import ToolkitStatuses
from annulet.hosted.database.engine import Database, database_url
from annulet.hosted.endpoints.store import Endpoints
from annulet.hosted.registrations.registration_queue import RegistrationQueue
from annulet.hosted.web.cookies import Cookies
from annulet.hosted.web.paths import EVENTS_PATH
from annulet.hosted.webhooks.inbox import EventInbox
from annulet.hosted.webhooks.oura_webhook_api import OuraWebhookApi
from annulet.hosted.webhooks.subscription_reconciler import SubscriptionReconciler
from annulet.hosted.webhooks.subscription_settings import SubscriptionSettings
from annulet.hosted.webhooks.subscription_status import SubscriptionStatus, describe_status
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

__all__ = [
    "AccountServices",
    "AuthorizationServices",
    "Service",
    "ToolkitServices",
    "WebhookServices",
    "build_service",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountServices:
    """People and the ways they sign in."""

    people: People
    sessions: BrowserSessions
    links: OneTimeLinks
    throttle: Throttle
    sign_in: SignInService


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolkitServices:
    """Registrations for the toolkit, and connections with Oura."""

    queue: RegistrationQueue
    statuses: ToolkitStatuses
    connection_statuses: ConnectionStatuses
    oura_servers: OuraServers
    contexts: Contexts
    read_health: ReadHealth
    connections: ConnectionService
    oura_accounts: OuraAccounts


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookServices:
    """Events from Oura and the subscriptions behind them."""

    settings: SubscriptionSettings
    inbox: EventInbox
    reconciler: SubscriptionReconciler


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationServices:
    """What assistants may ask, and the bearers by which they ask it."""

    clients: OAuthClients
    grants: ClientGrants
    tokens: IssuedTokens
    api_keys: ApiKeys
    bearers: BearerCache


@dataclass(frozen=True, slots=True, kw_only=True)
class _Foundation:
    """What every group is built on."""

    settings: Settings
    clock: Clock
    http: httpx2.AsyncClient
    database: Database
    sealing_keys: SealingKeys
    stored_keys: StoredKeys
    audit: AuditLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(_Foundation):
    """One running service."""

    accounts: AccountServices
    toolkit: ToolkitServices
    webhooks: WebhookServices
    authorization: AuthorizationServices
    endpoints: Endpoints
    cookies: Cookies

    async def read_webhook_status(self) -> SubscriptionStatus:
        """Read the status of the subscriptions as it is stored; Oura is not asked."""
        settings = self.webhooks.settings
        return describe_status(
            await settings.read_desired(),
            await settings.read_observed(),
            callback=settings.callback,
            now=to_epoch_s(self.clock()),
        )

    async def delete_person(self, person_id: str) -> None:
        """Delete a person with everything that belongs to them; the grant at Oura is revoked."""
        await self.toolkit.connections.delete_person(person_id)
        await self.accounts.people.delete(person_id)
        self.authorization.bearers.clear()

    async def close(self) -> None:
        """Finish renewals and audit entries under way, then close HTTP and database."""
        await self.toolkit.contexts.close()
        await self.audit.flush()
        await self.http.aclose()
        await self.database.close()


def new_http_client() -> httpx2.AsyncClient:
    """Make the HTTP client that all people share; it accepts no cookies."""
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx2

    jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=40)
    return httpx2.AsyncClient(
        cookies=jar, limits=limits, timeout=httpx2.Timeout(30, connect=10), follow_redirects=False
    )


def build_service(
    settings: Settings,
    *,
    clock: Clock,
    passwords: Passwords | None = None,
    fetch_document: FetchDocument | None = None,
    new_http: Callable[[], httpx2.AsyncClient] = new_http_client,
) -> Service:
    """Build the service; no connection is opened yet.

    Args:
        settings: From the environment.
        clock: Returns the present.
        passwords: For tests: cheaper hashing.
        fetch_document: Fetches client-ID metadata documents; without it they are not supported.
        new_http: For tests: makes the HTTP client towards Oura.
    """
    database = Database(database_url(settings.database_url, settings.home))
    sealing_keys = SealingKeys(key_source(settings.home, settings.key, settings.key_file))
    foundation = _Foundation(
        settings=settings,
        clock=clock,
        http=new_http(),
        database=database,
        sealing_keys=sealing_keys,
        stored_keys=StoredKeys(database, sealing_keys),
        audit=AuditLog(database, clock),
    )
    toolkit = _build_toolkit(foundation)
    return Service(
        settings=settings,
        clock=clock,
        http=foundation.http,
        database=database,
        sealing_keys=sealing_keys,
        stored_keys=foundation.stored_keys,
        audit=foundation.audit,
        accounts=_build_accounts(foundation, passwords or Passwords()),
        toolkit=toolkit,
        webhooks=_build_webhooks(foundation, toolkit),
        authorization=_build_authorization(foundation, fetch_document),
        endpoints=Endpoints(database, clock),
        cookies=Cookies(secure=settings.public_url.startswith("https://")),
    )


def _build_accounts(foundation: _Foundation, passwords: Passwords) -> AccountServices:
    database, clock = foundation.database, foundation.clock
    people = People(database, clock)
    sessions, links = BrowserSessions(database, clock), OneTimeLinks(database, clock)
    throttle = Throttle(database, clock)
    sign_in = SignInService(
        people=people,
        sessions=sessions,
        links=links,
        passwords=passwords,
        throttle=throttle,
        audit=foundation.audit,
        policy=foundation.settings.signup,
    )
    return AccountServices(
        people=people, sessions=sessions, links=links, throttle=throttle, sign_in=sign_in
    )


def _build_toolkit(foundation: _Foundation) -> ToolkitServices:
    database, clock, settings = foundation.database, foundation.clock, foundation.settings
    queue = RegistrationQueue(database, clock, capacity=settings.capacity)
    connection_statuses = ConnectionStatuses(database, clock)
    statuses = ToolkitStatuses(queue, connection_statuses)
    read_health = ReadHealth(connection_statuses, foundation.audit)
    oura_servers = OuraServers(database=database, settings=settings, http=foundation.http)
    authorization = OuraAuthorization(
        settings=settings,
        clock=clock,
        http=foundation.http,
        servers=oura_servers,
        pending=PendingAuthorizations(database, foundation.sealing_keys, clock),
    )
    contexts = Contexts(
        database=database,
        sealing_keys=foundation.sealing_keys,
        clock=clock,
        settings=settings,
        http=foundation.http,
    )
    oura_accounts = OuraAccounts(database, foundation.stored_keys)
    connections = ConnectionService(
        settings=settings,
        queue=queue,
        statuses=statuses,
        authorization=authorization,
        contexts=contexts,
        read_health=read_health,
        oura_accounts=oura_accounts,
        audit=foundation.audit,
        http=foundation.http,
    )
    return ToolkitServices(
        queue=queue,
        statuses=statuses,
        connection_statuses=connection_statuses,
        oura_servers=oura_servers,
        contexts=contexts,
        read_health=read_health,
        connections=connections,
        oura_accounts=oura_accounts,
    )


def _build_webhooks(foundation: _Foundation, toolkit: ToolkitServices) -> WebhookServices:
    settings = foundation.settings
    subscription_settings = SubscriptionSettings(
        foundation.database,
        foundation.stored_keys,
        client_id=settings.client_id,
        callback=settings.public_url + EVENTS_PATH,
    )
    inbox = EventInbox(
        database=foundation.database,
        clock=foundation.clock,
        keys=foundation.stored_keys,
        oura_accounts=toolkit.oura_accounts,
        contexts=toolkit.contexts,
    )
    reconciler = SubscriptionReconciler(
        clock=foundation.clock,
        settings=subscription_settings,
        api=OuraWebhookApi(settings, foundation.http),
    )
    return WebhookServices(settings=subscription_settings, inbox=inbox, reconciler=reconciler)


def _build_authorization(
    foundation: _Foundation, fetch_document: FetchDocument | None
) -> AuthorizationServices:
    database, clock = foundation.database, foundation.clock
    grants, api_keys = ClientGrants(database, clock), ApiKeys(database, clock)
    tokens = IssuedTokens(database, clock, grants)
    return AuthorizationServices(
        clients=OAuthClients(database, clock, fetch_document),
        grants=grants,
        tokens=tokens,
        api_keys=api_keys,
        bearers=BearerCache(tokens=tokens, api_keys=api_keys),
    )

"""The composition root of the service: every component, built once, in groups that mypy checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from annulet.hosted.accounts.account_mail import AccountMail
from annulet.hosted.accounts.browser_sessions import BrowserSessions
from annulet.hosted.accounts.known_browsers import KnownBrowsers
from annulet.hosted.accounts.one_time_links import OneTimeLinks
from annulet.hosted.accounts.passwords import Passwords
from annulet.hosted.accounts.people import People, Person
from annulet.hosted.accounts.rate_limits import RateLimits
from annulet.hosted.accounts.sign_in_service import SignInService
from annulet.hosted.accounts.sign_up_service import SignUpService
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.audit.audit_partitions import AuditPartitions
from annulet.hosted.audit.audit_search import AuditSearch
from annulet.hosted.authorization.api_keys import ApiKeys
from annulet.hosted.authorization.bearers import Bearers
from annulet.hosted.authorization.client_documents import FetchDocument
from annulet.hosted.authorization.client_grants import ClientGrants
from annulet.hosted.authorization.clients import OAuthClients
from annulet.hosted.authorization.issued_tokens import IssuedTokens
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.company_sign_in.company_accounts import CompanyAccounts
from annulet.hosted.company_sign_in.company_service import CompanySignIn
from annulet.hosted.company_sign_in.provider import CompanyProvider
from annulet.hosted.connections.connection_service import ConnectionService
from annulet.hosted.connections.connection_state import ConnectionState
from annulet.hosted.connections.connection_status import ConnectionStatuses
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.idle_renewal import INTERVAL_MIN, IdleRenewal
from annulet.hosted.connections.orphans import Orphans
from annulet.hosted.connections.oura_accounts import OuraAccounts
from annulet.hosted.connections.oura_authorization import OuraAuthorization
from annulet.hosted.connections.oura_servers import OuraServers
from annulet.hosted.connections.pending_authorizations import PendingAuthorizations
from annulet.hosted.connections.read_health import ReadHealth
from annulet.hosted.connections.sealing_keys import SealingKeys, key_source
from annulet.hosted.connections.stored_keys import StoredKeys
from annulet.hosted.connections.toolkit_status import ToolkitStatuses
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase, database_url
from annulet.hosted.endpoints.store import Endpoints
from annulet.hosted.jobs.choice_of_runner import build_runner
from annulet.hosted.jobs.job import Job
from annulet.hosted.jobs.job_runs import JobRuns
from annulet.hosted.limits.limit_services import LimitServices
from annulet.hosted.mail.delivery import MailDelivery
from annulet.hosted.mail.outbox import MAIL_JOB, Outbox
from annulet.hosted.mail.transports import open_transport
from annulet.hosted.observability.observers import Observers
from annulet.hosted.observability.pseudonyms import Pseudonyms
from annulet.hosted.passkeys.passkey_service import PasskeyService
from annulet.hosted.passkeys.passkey_store import PasskeyStore
from annulet.hosted.registrations.registration_queue import RegistrationQueue
from annulet.hosted.supervisor import Supervisor
from annulet.hosted.web.cookies import Cookies
from annulet.hosted.web.paths import EVENTS_PATH
from annulet.hosted.webhooks.inbox import EventInbox
from annulet.hosted.webhooks.oura_webhook_api import OuraWebhookApi
from annulet.hosted.webhooks.subscription_reconciler import (
    SUBSCRIPTIONS_JOB,
    SubscriptionReconciler,
)
from annulet.hosted.webhooks.subscription_settings import SubscriptionSettings
from annulet.hosted.webhooks.subscription_status import SubscriptionStatus, describe_status
from annulet.oura_http.sending import open_http
from annulet.settings import Settings, loopback
from annulet.toolkit.context import Context

if TYPE_CHECKING:
    import httpx2
    from starlette.requests import Request

_MAX_CONNECTIONS: Final = 200


class Service:
    """One running service; nothing is opened when it is built.

    Args:
        settings: From the environment.
        clock: Returns the present.
        passwords: For tests: cheaper hashing.
        fetch_document: Fetches client-ID metadata documents; without it they are not supported.
        new_http: For tests: makes the HTTP client towards Oura.
        observers: Count and trace; without them nothing is.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        passwords: Passwords | None = None,
        fetch_document: FetchDocument | None = None,
        new_http: Callable[[], httpx2.AsyncClient] | None = None,
        observers: Observers | None = None,
    ) -> None:
        self.recorder, self.tracing = observers or Observers()
        self.settings: Final = settings
        self.clock: Final = clock
        open_shared = partial(open_http, settings.oura_api_url, max_connections=_MAX_CONNECTIONS)
        self.http: Final = (new_http or open_shared)()
        self.database: Final = ServiceDatabase(
            database_url(settings.database_url, settings.home),
            pool_size=settings.database_pool,
            statement_timeout_s=settings.statement_timeout_s,
            recorder=self.recorder,
        )
        self.tracing.trace_statements(self.database.engine.sync_engine, tables.METADATA.tables)
        self.sealing_keys: Final = SealingKeys(
            key_source(settings.home, settings.key, settings.key_file)
        )
        self.stored_keys: Final = StoredKeys(self.database, self.sealing_keys)
        self.pseudonyms: Final = Pseudonyms(self.stored_keys.digest)
        self.background: Final = Supervisor()
        self.audit: Final = AuditLog(self.database, clock)
        self.audit_search: Final = AuditSearch(self.database, self.audit)
        self.cookies: Final = Cookies(secure=settings.public_url.startswith("https://"))
        self.job_runs: Final = JobRuns(self.database, clock, self.recorder)
        self.outbox: Final = Outbox(self._enqueue, is_on=settings.smtp_url is not None)
        self.endpoints: Final = Endpoints(self.database, clock)
        self.limits: Final = LimitServices(self.database, settings, self.recorder, self.tracing)
        self.accounts: Final = AccountServices(self, passwords or Passwords())
        self.toolkit: Final = ToolkitServices(self)
        self.webhooks: Final = WebhookServices(self)
        self.authorization: Final = AuthorizationServices(self, fetch_document)
        self.sign_in_methods: Final = SignInMethods(self)
        self.jobs: Final = build_runner(
            self.database, self.job_runs, self.list_jobs(), {MAIL_JOB: self._build_mail().deliver}
        )

    def list_jobs(self) -> tuple[Job, ...]:
        """List every periodic job of the service."""
        idle_renewal = IdleRenewal(
            self.database,
            self.toolkit.contexts,
            self.clock,
            is_stopping=lambda: self.background.is_stopping,
        )
        return (
            Job("renewals", idle_renewal.run, every_min=INTERVAL_MIN),
            Job("revocations", self.toolkit.orphans.run, every_min=10),
            Job(SUBSCRIPTIONS_JOB, self.webhooks.reconciler.reconcile_if_due, every_min=10),
            Job("audit", self._build_audit_partitions().run, every_min=360),
            Job("tidy", self._delete_expired, every_min=360),
        )

    async def _delete_expired(self) -> None:
        """Delete what has expired, unused clients, and accounts never confirmed."""
        await self.authorization.tokens.delete_expired()
        await self.authorization.clients.delete_unused()
        await self.webhooks.inbox.delete_old()
        await self.accounts.limits.delete_old()
        await self.accounts.links.delete_expired()
        await self.accounts.people.delete_unconfirmed()

    async def _enqueue(self, kind: str, arguments: Mapping[str, str]) -> None:
        await self.jobs.enqueue(kind, arguments)

    async def delete_person(self, person_id: str) -> None:
        """Delete a person with everything that belongs to them; the grant at Oura is revoked."""
        await self.toolkit.connections.delete_person(person_id)
        await self.accounts.people.delete(person_id)

    async def end_access(self, person_id: str) -> None:
        """End every passkey and API key of a person, and the access of every assistant."""
        await self.sign_in_methods.passkey_store.remove_all(person_id)
        await self.authorization.api_keys.revoke_all(person_id)
        await self.authorization.grants.revoke_all(person_id)

    async def close(self) -> None:
        """Finish renewals and audit entries under way, then close HTTP and database."""
        await self.toolkit.contexts.close()
        await self.audit.try_flush()
        await self.jobs.close()
        await self.http.aclose()
        await self.sign_in_methods.company_provider.close()
        await self.database.close()
        await self.tracing.close()

    def _build_audit_partitions(self) -> AuditPartitions:
        days = self.settings.audit_days
        return AuditPartitions(self.database, self.clock, retention_days=days)

    def _build_mail(self) -> MailDelivery:
        return MailDelivery(
            database=self.database,
            clock=self.clock,
            transport=open_transport(self.settings.smtp_url),
            create_link=lambda kind, person: self.accounts.links.create(kind, person_id=person),
            renew_invitation=self.accounts.links.renew_invitation,
            sender=self.settings.mail_from
            or f"annulet@{urlsplit(self.settings.public_url).hostname}",
            public_url=self.settings.public_url,
        )


class AccountServices:
    """People and the ways they sign in."""

    def __init__(self, service: Service, passwords: Passwords) -> None:
        database, clock = service.database, service.clock
        self.passwords: Final = passwords
        self.people: Final = People(database, clock)
        self.sessions: Final = BrowserSessions(database, clock)
        self.links: Final = OneTimeLinks(database, clock)
        self.limits: Final = RateLimits(database, clock)
        mail = AccountMail(service.outbox, self.limits)
        self.known_browsers: Final = KnownBrowsers(service.stored_keys.digest, self.limits)
        self.sign_in: Final = SignInService(
            people=self.people,
            sessions=self.sessions,
            links=self.links,
            passwords=passwords,
            limits=self.limits,
            known_browsers=self.known_browsers,
            audit=service.audit,
            mail=mail,
            clock=clock,
        )
        self.sign_up: Final = SignUpService(
            people=self.people,
            links=self.links,
            passwords=passwords,
            limits=self.limits,
            audit=service.audit,
            mail=mail,
            clock=clock,
            policy=service.settings.signup,
            first_is_admin=loopback(service.settings.public_url),
        )


class SignInMethods:
    """The ways in besides a password."""

    def __init__(self, service: Service) -> None:
        self.company_provider: Final = CompanyProvider(service.settings, service.clock)
        self.company_accounts: Final = CompanyAccounts(
            database=service.database,
            clock=service.clock,
            people=service.accounts.people,
            audit=service.audit,
            settings=service.settings,
        )
        self.company: Final = CompanySignIn(
            provider=self.company_provider,
            accounts=self.company_accounts,
            people=service.accounts.people,
            links=service.accounts.links,
            limits=service.accounts.limits,
            keyed_digest=service.stored_keys.digest,
            clock=service.clock,
            public_url=service.settings.public_url,
        )
        self.passkey_store: Final = PasskeyStore(service.database, service.clock)
        self.passkeys: Final = PasskeyService(
            store=self.passkey_store,
            links=service.accounts.links,
            limits=service.accounts.limits,
            audit=service.audit,
            public_url=service.settings.public_url,
        )


class ToolkitServices:
    """Registrations for the toolkit, and connections with Oura."""

    def __init__(self, service: Service) -> None:
        database, clock, settings = service.database, service.clock, service.settings
        self.queue: Final = RegistrationQueue(database, clock, capacity=settings.capacity)
        self.connection_statuses: Final = ConnectionStatuses(database, clock)
        self.statuses: Final = ToolkitStatuses(self.queue, self.connection_statuses)
        self.read_health: Final = ReadHealth(
            self.connection_statuses, service.audit, service.outbox
        )
        self.oura_accounts: Final = OuraAccounts(database, service.stored_keys)
        self.oura_servers: Final = OuraServers(
            database=database, settings=settings, http=service.http
        )
        self.contexts: Final = Contexts(
            database=database,
            sealing_keys=service.sealing_keys,
            clock=clock,
            settings=settings,
            http=service.http,
            gate=service.limits.oura_gate,
            recorder=service.recorder,
        )
        self.orphans: Final = Orphans(
            database=database,
            sealing_keys=service.sealing_keys,
            clock=clock,
            settings=settings,
            http=service.http,
        )
        self.connections: Final = ConnectionService(
            settings=settings,
            queue=self.queue,
            statuses=self.statuses,
            authorization=self._build_authorization(service),
            contexts=self.contexts,
            read_health=self.read_health,
            oura_accounts=self.oura_accounts,
            orphans=self.orphans,
            audit=service.audit,
            outbox=service.outbox,
            http=service.http,
        )

    async def open_context(self, person: Person) -> tuple[Context, ConnectionState]:
        """Read the state of a person's connection, and return the context for it with the state."""
        state = await self.connection_statuses.read_state(person.id)
        return self.contexts.get(person, state), state

    def _build_authorization(self, service: Service) -> OuraAuthorization:
        pending = PendingAuthorizations(service.database, service.sealing_keys, service.clock)
        return OuraAuthorization(
            settings=service.settings,
            clock=service.clock,
            http=service.http,
            servers=self.oura_servers,
            pending=pending,
        )


class WebhookServices:
    """Events from Oura and the subscriptions behind them."""

    def __init__(self, service: Service) -> None:
        settings = service.settings
        self._clock = service.clock
        self.settings: Final = SubscriptionSettings(
            service.database,
            service.stored_keys,
            client_id=settings.client_id,
            callback=settings.public_url + EVENTS_PATH,
        )
        self.inbox: Final = EventInbox(
            database=service.database,
            clock=service.clock,
            keys=service.stored_keys,
            oura_accounts=service.toolkit.oura_accounts,
        )
        self.reconciler: Final = SubscriptionReconciler(
            clock=service.clock,
            settings=self.settings,
            api=OuraWebhookApi(settings, service.http),
        )

    async def read_status(self) -> SubscriptionStatus:
        """Read the status of the subscriptions as it is stored; Oura is not asked."""
        return describe_status(
            await self.settings.read_desired(),
            await self.settings.read_observed(),
            callback=self.settings.callback,
            now=to_epoch_s(self._clock()),
        )


class AuthorizationServices:
    """What assistants may ask, and the bearers by which they ask it."""

    def __init__(self, service: Service, fetch_document: FetchDocument | None) -> None:
        database, clock = service.database, service.clock
        self.clients: Final = OAuthClients(database, clock, fetch_document)
        self.grants: Final = ClientGrants(database, clock)
        self.tokens: Final = IssuedTokens(database, clock, self.grants, service.stored_keys.digest)
        self.api_keys: Final = ApiKeys(database, clock)
        self.bearers: Final = Bearers(
            tokens=self.tokens, api_keys=self.api_keys, changes=database.changes, clock=clock
        )


def get_service(request: Request) -> Service:
    """Return the service that a request came to."""
    service: Service = request.app.state.service
    return service

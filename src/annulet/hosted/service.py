"""The rooms of the service, put together once: what every page finds under its hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annulet.hosted.accounts.entrance import Entrance
from annulet.hosted.accounts.links import Links
from annulet.hosted.accounts.passwords import Passwords
from annulet.hosted.accounts.people import People
from annulet.hosted.accounts.sessions import Sessions
from annulet.hosted.accounts.throttle import Throttle
from annulet.hosted.audit.journal import Journal
from annulet.hosted.authorization.bearers import Bearers
from annulet.hosted.authorization.clients import Clients
from annulet.hosted.authorization.documents import Retrieve
from annulet.hosted.authorization.grants import Grants
from annulet.hosted.authorization.keys import Keys
from annulet.hosted.authorization.tokens import Tokens
from annulet.hosted.clock import Clock
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.desk import Desk
from annulet.hosted.connections.flows import Flows
from annulet.hosted.connections.journeys import Journeys
from annulet.hosted.connections.outcomes import Outcomes
from annulet.hosted.connections.seals import Seals, key_source
from annulet.hosted.connections.status import ConnectionStatuses
from annulet.hosted.database.engine import Database, database_url
from annulet.hosted.endpoints.store import Endpoints
from annulet.hosted.registrations.queue import Queue
from annulet.hosted.web.cookies import Cookies
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

__all__ = ["Service", "assemble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One running service."""

    settings: Settings
    clock: Clock
    http: httpx2.AsyncClient
    database: Database
    seals: Seals
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
    endpoints: Endpoints
    clients: Clients
    grants: Grants
    tokens: Tokens
    keys: Keys
    bearers: Bearers
    cookies: Cookies

    async def close(self) -> None:
        """Finish what is under way and give everything back."""
        await self.contexts.close()
        await self.journal.flush()
        await self.http.aclose()
        await self.database.close()


def assemble(
    settings: Settings,
    *,
    clock: Clock,
    passwords: Passwords | None = None,
    retrieve: Retrieve | None = None,
    connect_to_oura: Callable[[], httpx2.AsyncClient] | None = None,
) -> Service:
    """Put the rooms together; nothing is opened yet.

    Args:
        settings: The settings.
        clock: The clock.
        passwords: For tests: cheaper hashing.
        retrieve: Fetches client-ID metadata documents; without it they are not supported.
        connect_to_oura: For tests: makes the HTTP client towards Oura.
    """
    database = Database(database_url(settings.database_url, settings.home))
    seals = Seals(key_source(settings.home, settings.key, settings.key_file))
    http = (connect_to_oura or cookieless_client)()
    journal = Journal(database, clock)
    people, sessions = People(database, clock), Sessions(database, clock)
    links, throttle = Links(database, clock), Throttle(database, clock)
    queue = Queue(database, clock, capacity=settings.capacity)
    statuses = ConnectionStatuses(database, clock)
    journeys, outcomes = Journeys(queue, statuses), Outcomes(statuses, journal)
    flows = Flows(database=database, seals=seals, clock=clock, settings=settings, http=http)
    contexts = Contexts(database=database, seals=seals, clock=clock, settings=settings, http=http)
    endpoints, grants = Endpoints(database, clock), Grants(database, clock)
    tokens, keys = Tokens(database, clock, grants), Keys(database, clock)
    return Service(
        settings=settings,
        clock=clock,
        http=http,
        database=database,
        seals=seals,
        journal=journal,
        people=people,
        sessions=sessions,
        links=links,
        throttle=throttle,
        entrance=Entrance(
            people=people,
            sessions=sessions,
            links=links,
            passwords=passwords or Passwords(),
            throttle=throttle,
            journal=journal,
            policy=settings.signup,
        ),
        queue=queue,
        journeys=journeys,
        statuses=statuses,
        flows=flows,
        contexts=contexts,
        outcomes=outcomes,
        desk=Desk(
            settings=settings,
            queue=queue,
            journeys=journeys,
            flows=flows,
            contexts=contexts,
            outcomes=outcomes,
            journal=journal,
            http=http,
        ),
        endpoints=endpoints,
        clients=Clients(database, clock, retrieve),
        grants=grants,
        tokens=tokens,
        keys=keys,
        bearers=Bearers(people=people, endpoints=endpoints, tokens=tokens, keys=keys),
        cookies=Cookies(secure=settings.public_url.startswith("https://")),
    )


def cookieless_client() -> httpx2.AsyncClient:
    """One HTTP client for everybody, which keeps nothing of anybody."""
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx2

    jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=40)
    return httpx2.AsyncClient(
        cookies=jar, limits=limits, timeout=httpx2.Timeout(30, connect=10), follow_redirects=False
    )

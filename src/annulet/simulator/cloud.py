"""The simulated Oura cloud: one ASGI application for all of Oura's hosts, and its controls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from annulet.simulator.api.rate_limits import RateLimits
from annulet.simulator.api.sandbox import Sandbox
from annulet.simulator.api.usercollection import Usercollection
from annulet.simulator.clock import Clock
from annulet.simulator.control.control_routes import ControlRoutes
from annulet.simulator.faults import Faults
from annulet.simulator.middleware import Middleware
from annulet.simulator.oauth import discovery
from annulet.simulator.oauth.applications import (
    DEFAULT_APPLICATION,
    Application,
    initial_application,
)
from annulet.simulator.oauth.authorization_endpoint import AuthorizationEndpoint
from annulet.simulator.oauth.authorization_server import AuthorizationServer
from annulet.simulator.oauth.revocation import Revocation
from annulet.simulator.oauth.token_endpoint import TokenEndpoint
from annulet.simulator.oauth.token_store import TokenPair
from annulet.simulator.options import Options
from annulet.simulator.people import People
from annulet.simulator.request_log import RequestLog
from annulet.simulator.responses import json_response
from annulet.simulator.server import ThreadedServer
from annulet.simulator.webhooks.deliveries import Deliveries
from annulet.simulator.webhooks.subscriptions import Subscriptions
from annulet.simulator.world.person import Person
from annulet.simulator.world.traits import Traits


class SimulatedOura:
    """A simulated Oura cloud.

    Attributes:
        app: The ASGI application that answers for every host of Oura.
        application: The application that is registered from the start.
        clock: The clock of the cloud.
        options: The options; they may be changed at any time.
        people: The people by name; ``.truth`` is what is true about them.
        faults: The active faults.
        limits: The rate limits; their budgets are in ``options``.
        requests: The log of every request outside ``/_control``.
        tokens: The codes and tokens issued so far.
        webhooks: Sends signed webhook events.

    Args:
        people: The names of demo people; ``None`` stands for all.
        now: A fixed instant, a function that returns the current instant, or ``None`` for the
            system's clock.
        seed: Another seed gives other people of the same kind.
        options: Attributes of ``Options``.
    """

    def __init__(
        self,
        people: Iterable[str] | None = None,
        now: Callable[[], datetime] | datetime | None = None,
        *,
        seed: int = 0,
        **options: Any,
    ) -> None:
        self.clock = Clock(now)
        self.options = Options(**options)
        self.application = DEFAULT_APPLICATION
        self.people = People(self.clock, seed)
        self.people.add_demo_people(people)
        self.faults = Faults(seed)
        self.limits = RateLimits(self.clock, self.options)
        self.requests = RequestLog()
        self._server = AuthorizationServer(self.people, self.clock, self.options)
        self.tokens = self._server.tokens
        subscriptions = Subscriptions(self._server)
        self.webhooks = Deliveries(subscriptions, self.people, self.clock)
        self.app: ASGIApp = self._build_app(subscriptions)

    def _build_app(self, subscriptions: Subscriptions) -> ASGIApp:
        server = self._server
        control = ControlRoutes(server, self.faults, self.requests, self.webhooks)
        routed = Starlette(
            routes=[
                *discovery.routes(),
                *AuthorizationEndpoint(server).routes(),
                *TokenEndpoint(server).routes(),
                *Revocation(server).routes(),
                *Usercollection(server, self.limits).routes(),
                *Sandbox(self.clock, self.limits).routes(),
                *subscriptions.routes(),
                *control.routes(),
            ],
            exception_handlers={404: _not_found, 405: _method_not_allowed},
        )
        routed.router.redirect_slashes = False
        return Middleware(routed, server, self.faults, self.requests)

    def application_of(self, kind: str) -> Application:
        """Return the application of a kind that is registered from the start.

        Raises:
            UsageError: There is no such kind.
        """
        return initial_application(kind)

    def serve(self, port: int = 0, host: str = "127.0.0.1") -> ThreadedServer:
        """Answer on the loopback interface while a ``with`` block lasts; port 0 is any."""
        return ThreadedServer(self.app, port, host)

    def add_person(
        self, name: str, zone: str = "UTC", days: int = 400, seed: int | None = None, **traits: Any
    ) -> Person:
        """Add a person; ``traits`` are attributes of ``Traits``."""
        seed = self.people.next_seed() if seed is None else seed
        return self.people.add(name, Traits(zone=zone, days=days, seed=seed, **traits))

    def register_application(
        self,
        kind: str = "new",
        client_id: str | None = None,
        client_secret: str | None = None,
        redirect_uris: Sequence[str] | None = None,
    ) -> Application:
        """Register an application of a kind: ``new``, ``legacy`` or ``mixed``."""
        initial = initial_application(kind)
        return self._server.applications.register(
            replace(
                initial,
                client_id=client_id or initial.client_id,
                client_secret=client_secret or initial.client_secret,
                redirect_uris=tuple(redirect_uris or initial.redirect_uris),
            )
        )

    def issue(
        self,
        person: str,
        scopes: Iterable[str] | None = None,
        expires_in: float | None = None,
        client_id: str | None = None,
    ) -> TokenPair:
        """Issue an access and a refresh token of a new grant, without a consent page."""
        application = (
            self._server.applications.get(client_id or DEFAULT_APPLICATION.client_id)
            or DEFAULT_APPLICATION
        )
        grant = self._server.grant(application, person, None if scopes is None else tuple(scopes))
        return self._server.issue_tokens(grant, expires_in)

    def issue_token(
        self, person: str, scopes: Iterable[str] | None = None, expires_in: float | None = None
    ) -> str:
        """Issue an access token without a consent page."""
        return self.issue(person, scopes, expires_in).access.value

    def expire_tokens(self, person: str | None = None) -> int:
        """Let the access tokens of one person, or of all, expire now; return how many."""
        return self.tokens.expire(person)

    def revoke_grants(self, person: str | None = None) -> int:
        """Revoke the grants of one person, or of all, as if in the Oura app; return how many."""
        return self.tokens.revoke(person)


async def _not_found(_request: Request, _error: Exception) -> Response:
    return json_response({"detail": "Not Found"}, 404)


async def _method_not_allowed(_request: Request, _error: Exception) -> Response:
    return json_response({"detail": "Method Not Allowed"}, 405)

"""The simulated Oura cloud, composed: people, clock, faults, log, one app for all its hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from annulet.errors import UsageError
from annulet.simulator import discovery
from annulet.simulator.applications import DEFAULT, KINDS, Application
from annulet.simulator.authorize import Authorize
from annulet.simulator.clock import Clock
from annulet.simulator.control import Control
from annulet.simulator.deliveries import Deliveries
from annulet.simulator.faults import Faults
from annulet.simulator.limits import Limits
from annulet.simulator.middleware import Front
from annulet.simulator.options import Options
from annulet.simulator.replies import json_reply
from annulet.simulator.request_log import Journal
from annulet.simulator.revocation import Revocation
from annulet.simulator.sandbox import Sandbox
from annulet.simulator.server import Running
from annulet.simulator.state import State
from annulet.simulator.token_endpoint import TokenEndpoint
from annulet.simulator.tokens import Issued
from annulet.simulator.usercollection import Usercollection
from annulet.simulator.webhooks import Webhooks
from annulet.simulator.world.person import Person
from annulet.simulator.world.traits import Traits

__all__ = ["SimulatedOura"]


class SimulatedOura:
    """A simulated Oura cloud.

    Attributes:
        app: The ASGI app that answers for every host of Oura.
        webhooks: Sends signed webhook events to their subscribers.

    Args:
        people: Names from the cast; ``None``: everybody.
        now: A fixed instant, a function that tells the time, or nothing for the real clock.
        seed: Another seed gives other people of the same kind.
        options: The switches of ``Options``, by name.
    """

    def __init__(
        self,
        people: Iterable[str] | None = None,
        now: Callable[[], datetime] | datetime | None = None,
        *,
        seed: int = 0,
        **options: Any,
    ) -> None:
        self._state = State(Clock(now), Options(**options), seed)
        self._state.settle(None if people is None else list(people))
        self._webhooks = Webhooks(self._state)
        self.webhooks = Deliveries(self._state, self._webhooks)
        self.app: ASGIApp = _app(self._state, self._webhooks, self.webhooks)

    @property
    def clock(self) -> Clock:
        """The clock; set it, advance it."""
        return self._state.clock

    @property
    def options(self) -> Options:
        """The switches; may be turned at any time."""
        return self._state.options

    @property
    def faults(self) -> Faults:
        """The faults; ``add`` and ``clear`` them."""
        return self._state.faults

    @property
    def limits(self) -> Limits:
        """The rate limits; the budgets are in ``options``."""
        return self._state.limits

    @property
    def requests(self) -> Journal:
        """The log of every request outside ``/_control``."""
        return self._state.requests

    @property
    def people(self) -> dict[str, Person]:
        """The people, by name; ``.truth`` is what is true about them."""
        return self._state.people

    @property
    def application(self) -> Application:
        """The application that is registered from the start."""
        return DEFAULT

    def application_of(self, kind: str) -> Application:
        """The application of a kind that is registered from the start.

        Raises:
            UsageError: There is no such kind.
        """
        found = DEFAULT if kind == "new" else self._state.applications.find(f"annulet-{kind}")
        if found is None:
            raise UsageError(
                f"There is no application kind {kind!r}.", hint=f"Use one of {', '.join(KINDS)}."
            )
        return found

    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Running:
        """Answer on the loopback interface while a ``with`` block lasts; port 0 takes any."""
        return Running(self.app, port, host)

    def add_person(
        self, name: str, zone: str = "UTC", days: int = 400, seed: int | None = None, **traits: Any
    ) -> Person:
        """Let somebody move in; ``traits`` are the attributes of ``Traits``."""
        number = 100 + len(self._state.people) if seed is None else seed
        return self._state.add(name, Traits(zone=zone, days=days, seed=number, **traits))

    def register_application(
        self,
        kind: str = "new",
        client_id: str | None = None,
        client_secret: str | None = None,
        redirect_uris: Sequence[str] | None = None,
        **more: Any,
    ) -> Application:
        """Register an application of a kind: ``new``, ``legacy`` or ``mixed``."""
        base = self._state.applications.find(f"annulet-{kind}") or DEFAULT
        return self._state.applications.register(
            replace(
                base,
                kind=kind,
                client_id=client_id or base.client_id,
                client_secret=client_secret or base.client_secret,
                redirect_uris=tuple(redirect_uris or base.redirect_uris),
                **more,
            )
        )

    def issue(
        self,
        person: str,
        scopes: Iterable[str] | None = None,
        expires_in: float | None = None,
        client_id: str | None = None,
    ) -> Issued:
        """Tokens without a consent page: access and refresh token of a fresh grant."""
        application = self._state.applications.find(client_id or DEFAULT.client_id) or DEFAULT
        asked = None if scopes is None else tuple(scopes)
        return self._state.issue(self._state.consent(application, person, asked), expires_in)

    def issue_token(
        self, person: str, scopes: Iterable[str] | None = None, expires_in: float | None = None
    ) -> str:
        """An access token without a consent page."""
        return self.issue(person, scopes, expires_in).access.value

    def expire_tokens(self, person: str | None = None) -> int:
        """Let every access token (of one person) expire now."""
        return self._state.tokens.expire(person)

    def revoke_grants(self, person: str | None = None) -> int:
        """Revoke every grant (of one person), as if done in the Oura app."""
        return self._state.tokens.revoke(person)


async def _not_found(_request: Request, _error: Exception) -> Response:
    return json_reply({"detail": "Not Found"}, 404)


async def _not_allowed(_request: Request, _error: Exception) -> Response:
    return json_reply({"detail": "Method Not Allowed"}, 405)


def _app(state: State, webhooks: Webhooks, deliveries: Deliveries) -> ASGIApp:
    """One application for every host: the data API, both identity providers, webhooks, control."""
    routes: list[Route] = [
        *discovery.routes,
        *Authorize(state).routes,
        *TokenEndpoint(state).routes,
        *Revocation(state).routes,
        *Usercollection(state).routes,
        *Sandbox(state).routes,
        *webhooks.routes,
        *Control(state, deliveries).routes,
    ]
    inner = Starlette(routes=routes, exception_handlers={404: _not_found, 405: _not_allowed})
    inner.router.redirect_slashes = False
    return Front(inner, state)

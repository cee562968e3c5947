"""The control API: what tests in other processes turn, on a prefix of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import AnnuletError, UsageError
from annulet.simulator.applications import DEFAULT, Application
from annulet.simulator.control_truth import truth_of
from annulet.simulator.deliveries import Deliveries
from annulet.simulator.demo_people import DESCRIPTIONS
from annulet.simulator.faults import Fault
from annulet.simulator.middleware import CONTROL
from annulet.simulator.options import Options
from annulet.simulator.replies import json_reply
from annulet.simulator.state import State
from annulet.simulator.world.person import Person
from annulet.simulator.world.traits import Traits

__all__ = ["Control"]

_Handler = Callable[[Request, dict[str, Any]], Awaitable[Any]]
_ALL: Final = ["GET", "POST", "DELETE"]


class Control:
    """Answers ``/_control``."""

    def __init__(self, state: State, deliveries: Deliveries) -> None:
        self._state = state
        self._deliveries = deliveries

    @property
    def routes(self) -> list[Route]:
        """Every control route."""
        return [
            self._route("", self.overview, ["GET"]),
            self._route("/requests", self.requests, ["GET", "DELETE"]),
            self._route("/faults", self.faults, _ALL),
            self._route("/clock", self.clock, ["GET", "POST"]),
            self._route("/options", self.options, ["GET", "POST"]),
            self._route("/tokens", self.tokens, ["POST", "DELETE"]),
            self._route("/tokens/expire", self.expire, ["POST"]),
            self._route("/applications", self.applications, ["GET", "POST"]),
            self._route("/people", self.people, ["GET", "POST"]),
            self._route("/people/{name}", self.person, ["GET", "POST"]),
            self._route("/people/{name}/truth", self.truth, ["GET"]),
            self._route("/webhooks/deliver", self.deliver, ["POST"]),
        ]

    def _route(self, path: str, handler: _Handler, methods: list[str]) -> Route:
        async def answer(request: Request) -> Response:
            try:
                body = await request.body()
                data = msgspec.json.decode(body, type=dict[str, Any]) if body else {}
                return json_reply(await handler(request, data))
            except AnnuletError as error:
                return json_reply({"detail": error.message, "hint": error.hint}, 400)
            except (TypeError, ValueError, KeyError, msgspec.MsgspecError) as error:
                return json_reply({"detail": f"{type(error).__name__}: {error}"}, 400)

        return Route(CONTROL + path, answer, methods=methods)

    async def overview(self, _request: Request, _data: dict[str, Any]) -> Any:
        """What there is."""
        return {
            "now": self._state.clock().isoformat(),
            "people": list(self._state.people),
            "client_id": DEFAULT.client_id,
            "requests": len(self._state.requests),
        }

    async def requests(self, request: Request, _data: dict[str, Any]) -> Any:
        """The log; ``path``, ``method``, ``person``, ``grant_type``, ``outcome`` select."""
        if request.method == "DELETE":
            self._state.requests.clear()
            return []
        wanted = dict(request.query_params)
        part = wanted.pop("path", "")
        return [entry.as_dict() for entry in self._state.requests.matching(part, **wanted)]

    async def faults(self, request: Request, data: dict[str, Any]) -> Any:
        """The faults in force; POST ``{"spec": …}`` or the parts of one."""
        if request.method == "DELETE":
            self._state.faults.clear()
        elif request.method == "POST":
            spec = data.pop("spec", None)
            self._state.faults.add(spec or Fault(**data))
        return [fault.as_dict() for fault in self._state.faults]

    async def clock(self, request: Request, data: dict[str, Any]) -> Any:
        """The clock; POST ``now``, ``advance`` (seconds) or ``run``."""
        if request.method == "POST":
            if "now" in data:
                self._state.clock.set(_aware(data["now"]))
            if "advance" in data:
                self._state.clock.advance(float(data["advance"]))
            if data.get("run"):
                self._state.clock.run()
        return {"now": self._state.clock().isoformat()}

    async def options(self, request: Request, data: dict[str, Any]) -> Any:
        """The switches; POST sets the ones named."""
        if request.method == "POST":
            merged = msgspec.convert({**asdict(self._state.options), **data}, Options)
            unknown = set(data) - set(asdict(merged))
            if unknown:
                raise UsageError(f"There is no switch {', '.join(sorted(unknown))}.")
            for name in data:
                setattr(self._state.options, name, getattr(merged, name))
        return asdict(self._state.options)

    async def tokens(self, request: Request, data: dict[str, Any]) -> Any:
        """POST issues tokens without a consent page, DELETE revokes the grants of a person."""
        if request.method == "DELETE":
            return {"revoked": self._state.tokens.revoke(request.query_params.get("person"))}
        application = self._state.applications.find(data.get("client_id", DEFAULT.client_id))
        if application is None:
            raise UsageError("There is no application with this client id.")
        scopes = data.get("scopes")
        grant = self._state.consent(
            application, data["person"], tuple(scopes) if scopes is not None else None
        )
        issued = self._state.issue(grant, data.get("expires_in"))
        return {
            "access_token": issued.access.value,
            "refresh_token": issued.refresh.value,
            "expires_in": issued.expires_in,
            "scope": " ".join(grant.scopes),
        }

    async def expire(self, _request: Request, data: dict[str, Any]) -> Any:
        """Let access tokens expire now."""
        return {"expired": self._state.tokens.expire(data.get("person"))}

    async def applications(self, request: Request, data: dict[str, Any]) -> Any:
        """The applications; POST registers one."""
        if request.method == "POST":
            data["redirect_uris"] = tuple(data.get("redirect_uris", DEFAULT.redirect_uris))
            self._state.applications.register(msgspec.convert(data, Application))
        return [
            {"kind": item.kind, "client_id": item.client_id, "redirect_uris": item.redirect_uris}
            for item in self._state.applications
        ]

    async def people(self, request: Request, data: dict[str, Any]) -> Any:
        """The people; POST ``{"name": …, traits}`` lets one move in."""
        if request.method == "POST":
            name = str(data.pop("name"))
            data.setdefault("seed", 100 + len(self._state.people))
            return _shown(self._state.add(name, msgspec.convert(data, Traits)))
        return [_shown(person) for person in self._state.people.values()]

    async def person(self, request: Request, data: dict[str, Any]) -> Any:
        """One person; POST changes ``member``, ``grants``, ``synced_until``."""
        person = self._state.person(request.path_params["name"])
        if request.method == "POST":
            if "member" in data:
                person.member = bool(data["member"])
            if "grants" in data:
                given = data["grants"]
                person.grants = None if given is None else frozenset(given)
            if "synced_until" in data:
                until = data["synced_until"]
                person.synced_until = None if until is None else _aware(until)
        return _shown(person)

    async def truth(self, request: Request, _data: dict[str, Any]) -> Any:
        """What is true about a person between the days ``first`` and ``last``."""
        person = self._state.person(request.path_params["name"])
        return truth_of(person, request.query_params.get("first"), request.query_params.get("last"))

    async def deliver(self, _request: Request, data: dict[str, Any]) -> Any:
        """Send a signed webhook event to its subscribers."""
        return [made.as_dict() for made in await self._deliveries.deliver(**data)]


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise UsageError("The instant needs an offset, such as a Z at its end.")
    return found


def _shown(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "id": person.id,
        "email": person.email,
        "zone": person.traits.zone,
        "days": person.traits.days,
        "description": DESCRIPTIONS.get(person.name, ""),
        "member": person.member,
        "grants": None if person.grants is None else sorted(person.grants),
        "synced": person.last_sync().isoformat(),
    }

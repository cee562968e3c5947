"""The routes of the control API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import AnnuletError, UsageError
from annulet.simulator.control.person_truth import describe_truth
from annulet.simulator.faults import Faults
from annulet.simulator.oauth.applications import DEFAULT_APPLICATION, Application
from annulet.simulator.oauth.authorization_server import AuthorizationServer
from annulet.simulator.options import Options
from annulet.simulator.request_log import RequestLog
from annulet.simulator.responses import json_response
from annulet.simulator.webhooks.deliveries import Deliveries
from annulet.simulator.world.person import Person
from annulet.simulator.world.traits import Traits

CONTROL_PATH: Final = "/_control"

_Body = dict[str, Any]
_Handler = Callable[[Request, _Body], Awaitable[object]]


class ControlRoutes:
    """Answers ``/_control``."""

    def __init__(
        self,
        server: AuthorizationServer,
        faults: Faults,
        requests: RequestLog,
        deliveries: Deliveries,
    ) -> None:
        self._server = server
        self._faults = faults
        self._requests = requests
        self._deliveries = deliveries

    def routes(self) -> list[Route]:
        """Return every control route."""
        return [
            _control_route("", self._overview, "GET"),
            _control_route("/requests", self._read_requests, "GET", "DELETE"),
            _control_route("/faults", self._change_faults, "GET", "POST", "DELETE"),
            _control_route("/clock", self._set_clock, "GET", "POST"),
            _control_route("/options", self._set_options, "GET", "POST"),
            _control_route("/tokens", self._issue_or_revoke_tokens, "POST", "DELETE"),
            _control_route("/tokens/expire", self._expire_tokens, "POST"),
            _control_route("/applications", self._register_application, "GET", "POST"),
            _control_route("/people", self._add_person, "GET", "POST"),
            _control_route("/people/{name}", self._change_person, "GET", "POST"),
            _control_route("/people/{name}/truth", self._read_truth, "GET"),
            _control_route("/webhooks/deliver", self._deliver, "POST"),
        ]

    async def _overview(self, _request: Request, _body: _Body) -> object:
        return {
            "now": self._server.clock().isoformat(),
            "people": list(self._server.people),
            "client_id": DEFAULT_APPLICATION.client_id,
            "requests": len(self._requests),
        }

    async def _read_requests(self, request: Request, _body: _Body) -> object:
        """Return the log; ``path``, ``method``, ``person``, ``outcome`` and others select."""
        if request.method == "DELETE":
            self._requests.clear()
            return []
        attributes = dict(request.query_params)
        path_part = attributes.pop("path", "")
        return [logged.as_dict() for logged in self._requests.matching(path_part, **attributes)]

    async def _change_faults(self, request: Request, body: _Body) -> object:
        """Return the active faults; POST ``{"spec": …}`` or the attributes of one adds it."""
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            self._faults.add(body["spec"]) if "spec" in body else self._faults.add(**body)
        return list(self._faults)

    async def _set_clock(self, request: Request, body: _Body) -> object:
        """Return the clock; POST ``now``, ``advance`` (seconds) or ``run`` changes it."""
        clock = self._server.clock
        if request.method == "POST":
            if "now" in body:
                clock.set(_parse_instant(body["now"]))
            if "advance" in body:
                clock.advance(float(body["advance"]))
            if body.get("run"):
                clock.run()
        return {"now": clock().isoformat()}

    async def _set_options(self, request: Request, body: _Body) -> object:
        """Return the options; POST sets those it names."""
        options = self._server.options
        if request.method == "POST":
            changed = msgspec.convert({**asdict(options), **body}, Options)
            unknown = set(body) - set(asdict(options))
            if unknown:
                raise UsageError(
                    f"There is no option {', '.join(sorted(unknown))}.",
                    hint=f"There are {', '.join(asdict(options))}.",
                )
            for name in body:
                setattr(options, name, getattr(changed, name))
        return asdict(options)

    async def _issue_or_revoke_tokens(self, request: Request, body: _Body) -> object:
        """POST issues tokens without a consent page; DELETE revokes the grants of a person."""
        if request.method == "DELETE":
            return {"revoked": self._server.tokens.revoke(request.query_params.get("person"))}
        client_id = body.get("client_id", DEFAULT_APPLICATION.client_id)
        application = self._server.applications.get(client_id)
        if application is None:
            raise UsageError("There is no application with this client id.")
        scopes = body.get("scopes")
        grant = self._server.grant(
            application, body["person"], None if scopes is None else tuple(scopes)
        )
        pair = self._server.issue_tokens(grant, body.get("expires_in"))
        return {
            "access_token": pair.access.value,
            "refresh_token": pair.refresh.value,
            "expires_in": pair.expires_in,
            "scope": " ".join(grant.scopes),
        }

    async def _expire_tokens(self, _request: Request, body: _Body) -> object:
        return {"expired": self._server.tokens.expire(body.get("person"))}

    async def _register_application(self, request: Request, body: _Body) -> object:
        """Return the applications; POST registers one."""
        applications = self._server.applications
        if request.method == "POST":
            body["redirect_uris"] = tuple(
                body.get("redirect_uris", DEFAULT_APPLICATION.redirect_uris)
            )
            applications.register(msgspec.convert(body, Application))
        return [
            {
                "kind": application.kind,
                "client_id": application.client_id,
                "redirect_uris": application.redirect_uris,
            }
            for application in applications.values()
        ]

    async def _add_person(self, request: Request, body: _Body) -> object:
        """Return the people; POST adds one, given by ``name`` and traits."""
        people = self._server.people
        if request.method == "POST":
            name = str(body.pop("name"))
            traits = msgspec.convert({"seed": people.next_seed(), **body}, Traits)
            return _describe_person(people.add(name, traits))
        return [_describe_person(person) for person in people.values()]

    async def _change_person(self, request: Request, body: _Body) -> object:
        """Return one person; POST sets ``member``, ``grants`` or ``synced_until``."""
        person = self._server.people[request.path_params["name"]]
        if request.method == "POST":
            if "member" in body:
                person.member = bool(body["member"])
            if "grants" in body:
                grants = body["grants"]
                person.grants = None if grants is None else frozenset(grants)
            if "synced_until" in body:
                until = body["synced_until"]
                person.synced_until = None if until is None else _parse_instant(until)
        return _describe_person(person)

    async def _read_truth(self, request: Request, _body: _Body) -> object:
        """Return what is true about a person between the days ``first`` and ``last``."""
        person = self._server.people[request.path_params["name"]]
        query = request.query_params
        return describe_truth(person, query.get("first"), query.get("last"))

    async def _deliver(self, _request: Request, body: _Body) -> object:
        """Send a signed webhook event to its subscribers."""
        return await self._deliveries.deliver(**body)


def _control_route(path: str, handler: _Handler, *methods: str) -> Route:
    """Return a route that passes the JSON body to its handler and answers errors with 400."""

    async def respond(request: Request) -> Response:
        try:
            content = await request.body()
            body = msgspec.json.decode(content, type=_Body) if content else {}
            return json_response(await handler(request, body))
        except AnnuletError as error:
            return json_response({"detail": error.message, "hint": error.hint}, 400)
        except (TypeError, ValueError, KeyError, msgspec.MsgspecError) as error:
            return json_response({"detail": f"{type(error).__name__}: {error}"}, 400)

    return Route(CONTROL_PATH + path, respond, methods=list(methods))


def _parse_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise UsageError("The instant needs an offset, such as a Z at its end.")
    return instant


def _describe_person(person: Person) -> Mapping[str, object]:
    return {
        "name": person.name,
        "id": person.id,
        "email": person.email,
        "zone": person.traits.zone,
        "days": person.traits.days,
        "description": person.traits.description,
        "member": person.member,
        "grants": None if person.grants is None else sorted(person.grants),
        "synced": person.last_sync().isoformat(),
    }

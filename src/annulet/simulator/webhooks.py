"""Webhook subscriptions: one for each application, data type and event type."""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import httpx2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.collections import COLLECTIONS
from annulet.simulator.applications import Application
from annulet.simulator.replies import Refused, json_reply, refusal
from annulet.simulator.state import State

__all__ = ["DATA_TYPES", "EVENTS", "Subscription", "Webhooks"]

DATA_TYPES: Final = (*(item.webhook for item in COLLECTIONS.values() if item.webhook), "meal")
EVENTS: Final = ("create", "update", "delete")
_LIFE: Final = timedelta(days=90)
_PATH: Final = "/v2/webhook/subscription"
_NEEDED: Final = ("callback_url", "verification_token", "event_type", "data_type")
_PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription."""

    id: str
    application: Application
    callback_url: str
    verification_token: str = field(repr=False)
    event_type: str
    data_type: str
    expires_at: datetime

    def as_dict(self) -> dict[str, str]:
        """What the API shows; the expiry has no zone."""
        return {
            "id": self.id,
            "callback_url": self.callback_url,
            "event_type": self.event_type,
            "data_type": self.data_type,
            "expiration_time": self.expires_at.replace(tzinfo=None, microsecond=0).isoformat(),
        }


class Webhooks:
    """Keeps the subscriptions and answers their routes."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.subscriptions: dict[str, Subscription] = {}

    @property
    def routes(self) -> list[Route]:
        """Creation, reading, change, renewal, removal."""
        return [
            Route(_PATH, self.answer, methods=["GET", "POST"]),
            Route(f"{_PATH}/renew/{{id}}", self.answer, methods=["PUT"], name="renew"),
            Route(f"{_PATH}/{{id}}", self.answer, methods=["GET", "PUT", "DELETE"]),
        ]

    async def answer(self, request: Request) -> Response:
        """Answer one request of an application."""
        try:
            return await self._answer(request)
        except Refused as error:
            return refusal(error, problem=self._state.options.problem_bodies)

    async def _answer(self, request: Request) -> Response:
        application = self._client(request)
        if "id" not in request.path_params:
            if request.method == "GET":
                mine = self._of(application)
                return json_reply([item.as_dict() for item in mine])
            return await self._create(request, application)
        found = self._mine(request, application)
        if request.method == "GET":
            return json_reply(found.as_dict())
        if request.method == "DELETE":
            del self.subscriptions[found.id]
            return Response(b"", 204)
        if "/renew/" in request.url.path:
            found = replace(found, expires_at=self._state.clock() + _LIFE)
        else:
            found = await self._changed(request, found)
        self.subscriptions[found.id] = found
        return json_reply(found.as_dict())

    def _client(self, request: Request) -> Application:
        application = self._state.applications.find(request.headers.get("x-client-id", ""))
        secret = request.headers.get("x-client-secret", "")
        if application is None or application.client_secret != secret:
            raise Refused(401, "The client id and secret are not valid.")
        self._state.entry(request).client_id = application.client_id
        return application

    def _of(self, application: Application) -> list[Subscription]:
        return [
            item
            for item in self.subscriptions.values()
            if item.application.client_id == application.client_id
        ]

    def _mine(self, request: Request, application: Application) -> Subscription:
        found = self.subscriptions.get(request.path_params["id"])
        if found is None or found.application.client_id != application.client_id:
            status = self._state.options.unknown_subscription
            raise Refused(status, "The subscription is not known.")
        return found

    async def _create(self, request: Request, application: Application) -> Response:
        body = await _body(request, _NEEDED)
        for item in self._of(application):
            if (item.data_type, item.event_type) == (body["data_type"], body["event_type"]):
                raise Refused(409, "There is a subscription for this already.")
        subscription = Subscription(
            id=str(uuid.uuid4()),
            application=application,
            callback_url=body["callback_url"],
            verification_token=body["verification_token"],
            event_type=body["event_type"],
            data_type=body["data_type"],
            expires_at=self._state.clock() + _LIFE,
        )
        await _challenge(subscription)
        self.subscriptions[subscription.id] = subscription
        return json_reply(subscription.as_dict(), 201)

    async def _changed(self, request: Request, found: Subscription) -> Subscription:
        body = await _body(request, ("verification_token",))
        changed = replace(
            found,
            verification_token=body["verification_token"],
            callback_url=body.get("callback_url") or found.callback_url,
            event_type=body.get("event_type") or found.event_type,
            data_type=body.get("data_type") or found.data_type,
        )
        await _challenge(changed)
        return changed


async def _body(request: Request, needed: tuple[str, ...]) -> dict[str, str]:
    """The JSON body of a request, checked.

    Raises:
        Refused: Something is missing or unknown (422).
    """
    try:
        raw: Any = json.loads(await request.body())
    except ValueError:
        raw = None
    data: dict[str, str] = raw if isinstance(raw, dict) else {}
    failures: list[dict[str, Any]] = [
        {"type": "missing", "loc": ["body", name], "msg": "Field required", "input": data}
        for name in needed
        if data.get(name) is None
    ]
    for name, members in (("event_type", EVENTS), ("data_type", DATA_TYPES)):
        value = data.get(name)
        if value is not None and value not in members:
            failures.append(_not_a_member(name, value, members))
    if failures:
        raise Refused(422, failures)
    return data


def _not_a_member(name: str, value: object, members: tuple[str, ...]) -> dict[str, Any]:
    quoted = [f"'{member}'" for member in members]
    expected = f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return {
        "type": "enum",
        "loc": ["body", name],
        "msg": f"Input should be {expected}",
        "input": value,
        "ctx": {"expected": expected},
    }


async def _challenge(subscription: Subscription) -> None:
    """Ask the callback to prove itself, while the creation waits.

    Raises:
        Refused: It did not.
    """
    challenge = secrets.token_hex(8)
    query = {"verification_token": subscription.verification_token, "challenge": challenge}
    try:
        async with httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False) as http:
            answer = await http.get(subscription.callback_url, params=query)
            echoed = answer.json().get("challenge") if answer.status_code == 200 else None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, AttributeError):
        echoed = None
    if echoed != challenge:
        raise Refused(400, "The callback did not answer the verification request.")

"""Webhook subscriptions: one for each application, data type and event type."""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import httpx2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.collections import COLLECTIONS
from annulet.simulator.oauth.applications import Application
from annulet.simulator.oauth.authorization_server import AuthorizationServer
from annulet.simulator.request_log import LoggedRequest
from annulet.simulator.responses import ApiError, json_response, route

_DATA_TYPES: Final = (
    *(collection.webhook for collection in COLLECTIONS.values() if collection.webhook),
    "meal",
)
_EVENT_TYPES: Final = ("create", "update", "delete")
_LIFETIME: Final = timedelta(days=90)
_PATH: Final = "/v2/webhook/subscription"
_REQUIRED: Final = ("callback_url", "verification_token", "event_type", "data_type")
_TIMEOUT_S: Final = 10.0


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
        """Return what the API shows; the expiration time has no offset."""
        return {
            "id": self.id,
            "callback_url": self.callback_url,
            "event_type": self.event_type,
            "data_type": self.data_type,
            "expiration_time": self.expires_at.replace(tzinfo=None, microsecond=0).isoformat(),
        }


class Subscriptions:
    """Holds the subscriptions and answers their routes.

    Attributes:
        by_id: The subscriptions of all applications.
    """

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server
        self.by_id: dict[str, Subscription] = {}

    def routes(self) -> list[Route]:
        """Return the routes for listing, creation, reading, change, renewal and deletion."""
        options = self._server.options
        return [
            route(_PATH, self._list, options),
            route(_PATH, self._create, options, ["POST"]),
            route(f"{_PATH}/renew/{{id}}", self._renew, options, ["PUT"]),
            route(f"{_PATH}/{{id}}", self._show, options),
            route(f"{_PATH}/{{id}}", self._change, options, ["PUT"]),
            route(f"{_PATH}/{{id}}", self._delete, options, ["DELETE"]),
        ]

    async def _list(self, request: Request) -> Response:
        application = self._authenticate(request)
        return json_response([item.as_dict() for item in self._of(application)])

    async def _create(self, request: Request) -> Response:
        application = self._authenticate(request)
        body = await _read_body(request, _REQUIRED)
        event = (body["data_type"], body["event_type"])
        if event in [(item.data_type, item.event_type) for item in self._of(application)]:
            raise ApiError(409, "There is a subscription for this already.")
        subscription = Subscription(
            id=str(uuid.uuid4()),
            application=application,
            expires_at=self._server.clock() + _LIFETIME,
            **{name: body[name] for name in _REQUIRED},
        )
        await _verify_callback(subscription)
        return self._save(subscription, 201)

    async def _show(self, request: Request) -> Response:
        return json_response(self._find(request).as_dict())

    async def _change(self, request: Request) -> Response:
        subscription = self._find(request)
        body = await _read_body(request, ("verification_token",))
        changed = replace(
            subscription,
            verification_token=body["verification_token"],
            callback_url=body.get("callback_url") or subscription.callback_url,
            event_type=body.get("event_type") or subscription.event_type,
            data_type=body.get("data_type") or subscription.data_type,
        )
        await _verify_callback(changed)
        return self._save(changed)

    async def _renew(self, request: Request) -> Response:
        expires_at = self._server.clock() + _LIFETIME
        return self._save(replace(self._find(request), expires_at=expires_at))

    async def _delete(self, request: Request) -> Response:
        del self.by_id[self._find(request).id]
        return Response(b"", 204)

    def _save(self, subscription: Subscription, status: int = 200) -> Response:
        self.by_id[subscription.id] = subscription
        return json_response(subscription.as_dict(), status)

    def _authenticate(self, request: Request) -> Application:
        application = self._server.applications.authenticate(
            request.headers.get("x-client-id", ""), request.headers.get("x-client-secret", "")
        )
        if application is None:
            raise ApiError(401, "The client id and secret are not valid.")
        LoggedRequest.of(request).client_id = application.client_id
        return application

    def _of(self, application: Application) -> list[Subscription]:
        return [
            subscription
            for subscription in self.by_id.values()
            if subscription.application.client_id == application.client_id
        ]

    def _find(self, request: Request) -> Subscription:
        """Return the subscription in the path if it belongs to the application.

        Raises:
            ApiError: It is not known (403 or 404, as the options say).
        """
        application = self._authenticate(request)
        for subscription in self._of(application):
            if subscription.id == request.path_params["id"]:
                return subscription
        status = self._server.options.unknown_subscription
        raise ApiError(status, "The subscription is not known.")


async def _read_body(request: Request, required: tuple[str, ...]) -> dict[str, str]:
    """Return the JSON body of a request.

    Raises:
        ApiError: A field is missing, or a value is not in its enumeration (422).
    """
    try:
        content: object = json.loads(await request.body())
    except ValueError:
        content = None
    body = content if isinstance(content, dict) else {}
    errors: list[dict[str, object]] = [
        {"type": "missing", "loc": ["body", name], "msg": "Field required", "input": body}
        for name in required
        if body.get(name) is None
    ]
    for name, members in (("event_type", _EVENT_TYPES), ("data_type", _DATA_TYPES)):
        value = body.get(name)
        if value is not None and value not in members:
            errors.append(_enum_error(name, value, members))
    if errors:
        raise ApiError(422, errors)
    return body


def _enum_error(name: str, value: object, members: tuple[str, ...]) -> dict[str, object]:
    quoted = [f"'{member}'" for member in members]
    expected = f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return {
        "type": "enum",
        "loc": ["body", name],
        "msg": f"Input should be {expected}",
        "input": value,
        "ctx": {"expected": expected},
    }


async def _verify_callback(subscription: Subscription) -> None:
    """Send a challenge to the callback, while the request waits.

    Raises:
        ApiError: The callback did not return the challenge (400).
    """
    challenge = secrets.token_hex(8)
    query = {"verification_token": subscription.verification_token, "challenge": challenge}
    try:
        async with httpx2.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as http:
            response = await http.get(subscription.callback_url, params=query)
            returned = response.json().get("challenge") if response.status_code == 200 else None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, AttributeError):
        returned = None
    if returned != challenge:
        raise ApiError(400, "The callback did not answer the verification request.")

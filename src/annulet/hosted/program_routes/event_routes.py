"""The callback of the subscriptions: answers Oura's challenge and accepts signed events."""

from __future__ import annotations

import hmac
import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from annulet.errors import DatabaseUnavailable, VaultError
from annulet.hosted.service import get_service
from annulet.hosted.web.json_log import LOGGER
from annulet.hosted.web.paths import EVENTS_PATH
from annulet.hosted.webhooks.events import is_signed, is_timely, parse_event

MAX_EVENT_BYTES: Final = 16 * 1024
_MAX_CHALLENGE: Final = 512


async def answer_challenge(request: Request) -> Response:
    """Prove to Oura that this address is ours, while a subscription is created."""
    settings = get_service(request).webhooks.settings
    token = request.query_params.get("verification_token", "")
    challenge = request.query_params.get("challenge", "")
    if not await settings.is_listening():
        return _refuse(404, "not_found")
    expected = await settings.verification_token()
    is_ours = hmac.compare_digest(token.encode(), expected.encode())
    if not is_ours or not 0 < len(challenge) <= _MAX_CHALLENGE:
        return _refuse(401, "unauthorized")
    return JSONResponse({"challenge": challenge})


async def accept_event(request: Request) -> Response:
    """Accept an event; the answer is the same whether its person is known or not."""
    service = get_service(request)
    secret = service.settings.client_secret
    body = await request.body()
    timestamp = request.headers.get("x-oura-timestamp", "")
    signature = request.headers.get("x-oura-signature", "")
    if secret is None or not is_signed(secret, timestamp, body, signature):
        return _refuse(401, "unauthorized")
    if not is_timely(timestamp, service.clock()):
        return _refuse(401, "unauthorized")
    if not await service.webhooks.settings.is_listening():
        # switched off while Oura does not know it yet: 410 ends the subscription
        return _refuse(410, "gone")
    event = parse_event(body)
    if event is None:
        return _refuse(400, "bad_request")
    try:
        await service.webhooks.inbox.accept(event)
    except (DatabaseUnavailable, VaultError):
        # not accepted, so Oura repeats the event for about an hour
        logging.getLogger(LOGGER).exception("an event of Oura could not be stored")
        return _refuse(503, "busy", **{"retry-after": "60"})
    return JSONResponse({"status": "ok"})


def _refuse(status: int, error: str, **headers: str) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers=headers)


ROUTES: Final = (
    Route(EVENTS_PATH, answer_challenge, methods=["GET"]),
    Route(EVENTS_PATH, accept_event, methods=["POST"]),
)

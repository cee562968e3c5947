"""The address Oura tells: proves that it is ours, takes signed events, says nothing of anybody."""

from __future__ import annotations

import hmac
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from annulet.hosted.clock import Clock
from annulet.hosted.connections.stored_keys import StoredKeys
from annulet.hosted.webhooks import events
from annulet.hosted.webhooks.inbox import Inbox
from annulet.hosted.webhooks.signature import genuine, timely
from annulet.hosted.webhooks.subscription_settings import SubscriptionSettings
from annulet.settings import Settings

__all__ = ["BODY_LIMIT", "Receiver", "verification_token"]

BODY_LIMIT: Final = 16 * 1024
_LONGEST_CHALLENGE: Final = 512


async def verification_token(keys: StoredKeys, settings: Settings, callback: str) -> str:
    """What Oura shows when it asks whether the address is ours: derived anew each time."""
    return await keys.digest("verification", settings.client_id, callback)


class Receiver:
    """The ASGI application behind the callback."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        keys: StoredKeys,
        switch: SubscriptionSettings,
        inbox: Inbox,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._keys = keys
        self._switch = switch
        self._inbox = inbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer Oura, or whoever says so."""
        request = Request(scope, receive)
        if request.method == "GET":
            response = await self._challenge(request)
        elif request.method == "POST":
            response = await self._event(request)
        else:
            response = _refused(405, "method_not_allowed", allow="GET, POST")
        await response(scope, receive, send)

    async def _challenge(self, request: Request) -> Response:
        """Prove that this address is ours, while a subscription is made."""
        asked = request.query_params
        challenge = asked.get("challenge", "")
        if not await self._switch.listens():
            return _refused(404, "not_found")
        token = await verification_token(self._keys, self._settings, self._switch.callback)
        ours = hmac.compare_digest(asked.get("verification_token", "").encode(), token.encode())
        if not ours or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return _refused(401, "unauthorized")
        return JSONResponse({"challenge": challenge})

    async def _event(self, request: Request) -> Response:
        """Take an event; whose it is, is found out after the answer."""
        secret = self._settings.client_secret
        body = await request.body()
        timestamp = request.headers.get("x-oura-timestamp", "")
        signature = request.headers.get("x-oura-signature", "")
        if secret is None or not genuine(secret, timestamp, body, signature):
            return _refused(401, "unauthorized")
        if not timely(timestamp, self._clock()):
            return _refused(401, "unauthorized")
        if not await self._switch.listens():
            # switched off, and Oura does not know yet: this answer ends the subscription
            return _refused(410, "gone")
        event = events.read(body)
        if event is None:
            return _refused(400, "bad_request")
        if not self._inbox.put(event):
            return _refused(503, "busy", **{"retry-after": "60"})
        return JSONResponse({"status": "ok"})


def _refused(status: int, error: str, **headers: str) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers=headers)

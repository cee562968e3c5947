"""Signed webhook deliveries, on demand."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2

from annulet.simulator.state import State
from annulet.simulator.webhooks import Subscription, Webhooks

__all__ = ["Deliveries", "Delivery", "signature"]

_PATIENCE = 10.0
_GONE = 410


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Upper-case hex HMAC-SHA256 of the timestamp and the raw body."""
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256)
    return digest.hexdigest().upper()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver; ``status`` is 0 where nobody answered."""

    subscription: str
    attempt: int
    status: int

    def as_dict(self) -> dict[str, Any]:
        """The attempt for JSON."""
        return asdict(self)


class Deliveries:
    """Sends events to the callbacks that subscribed to them."""

    def __init__(self, state: State, webhooks: Webhooks) -> None:
        self._state = state
        self._webhooks = webhooks

    async def deliver(
        self,
        person: str,
        data_type: str,
        event_type: str = "update",
        object_id: str = "",
        *,
        attempts: int = 1,
        age: float = 0.0,
        forged: bool = False,
    ) -> list[Delivery]:
        """Tell every subscriber about a change; 410 cancels the subscription.

        ``age`` makes the event that many seconds old, ``forged`` spoils the signature.
        """
        now = self._state.clock().timestamp() - age
        event = {
            "event_type": event_type,
            "data_type": data_type,
            "object_id": object_id,
            "event_time": _stamp(now),
            "user_id": self._state.person(person).id,
        }
        body = json.dumps(event, separators=(", ", ": ")).encode()
        found: list[Delivery] = []
        for item in list(self._webhooks.subscriptions.values()):
            if (item.data_type, item.event_type) == (data_type, event_type):
                found += await self._send(item, body, str(int(now)), attempts, forged=forged)
        return found

    async def _send(
        self, item: Subscription, body: bytes, timestamp: str, attempts: int, *, forged: bool
    ) -> list[Delivery]:
        secret = "forged" if forged else item.application.client_secret
        headers = {
            "content-type": "application/json",
            "x-oura-timestamp": timestamp,
            "x-oura-signature": signature(secret, timestamp, body),
        }
        made: list[Delivery] = []
        async with httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False) as http:
            for attempt in range(1, attempts + 1):
                try:
                    answer = await http.post(item.callback_url, content=body, headers=headers)
                    status = answer.status_code
                except httpx2.HTTPError:
                    status = 0
                made.append(Delivery(item.id, attempt, status))
                if status == _GONE:
                    self._webhooks.subscriptions.pop(item.id, None)
                if 200 <= status < 400 or status == _GONE:
                    break
        return made


def _stamp(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds")

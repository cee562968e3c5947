"""Signed webhook deliveries, on demand."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx2

from annulet.simulator.clock import Clock
from annulet.simulator.people import People
from annulet.simulator.webhooks.subscriptions import Subscription, Subscriptions

_TIMEOUT_S: Final = 10.0
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver; the status is 0 if there was no response."""

    subscription: str
    attempt: int
    status: int


class Deliveries:
    """Sends events to the callbacks that have subscribed to them.

    Attributes:
        subscriptions: The subscriptions of all applications.
    """

    def __init__(self, subscriptions: Subscriptions, people: People, clock: Clock) -> None:
        self.subscriptions = subscriptions
        self._people = people
        self._clock = clock

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
        """Send one event to every subscriber; 410 cancels the subscription.

        ``age`` is the age of the event in seconds; ``forged`` makes the signature wrong.
        """
        event_time = self._clock().timestamp() - age
        event = {
            "event_type": event_type,
            "data_type": data_type,
            "object_id": object_id,
            "event_time": datetime.fromtimestamp(event_time, UTC).isoformat(
                timespec="milliseconds"
            ),
            "user_id": self._people[person].id,
        }
        body = json.dumps(event, separators=(", ", ": ")).encode()
        deliveries: list[Delivery] = []
        for subscription in list(self.subscriptions.by_id.values()):
            if (subscription.data_type, subscription.event_type) == (data_type, event_type):
                secret = "" if forged else subscription.application.client_secret
                headers = _signed_headers(secret, str(int(event_time)), body)
                deliveries += await self._send(subscription, body, headers, attempts)
        return deliveries

    async def _send(
        self, subscription: Subscription, body: bytes, headers: dict[str, str], attempts: int
    ) -> list[Delivery]:
        """Send until the callback accepts, at most so many times."""
        deliveries: list[Delivery] = []
        async with httpx2.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as http:
            for attempt in range(1, attempts + 1):
                try:
                    url = subscription.callback_url
                    status = (await http.post(url, content=body, headers=headers)).status_code
                except httpx2.HTTPError:
                    status = 0
                deliveries.append(Delivery(subscription.id, attempt, status))
                if status == _GONE:
                    self.subscriptions.by_id.pop(subscription.id, None)
                if 200 <= status < 400 or status == _GONE:
                    break
        return deliveries


def _signed_headers(secret: str, timestamp: str, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery; the signature covers the timestamp and the raw body."""
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256)
    return {
        "content-type": "application/json",
        "x-oura-timestamp": timestamp,
        "x-oura-signature": digest.hexdigest().upper(),
    }

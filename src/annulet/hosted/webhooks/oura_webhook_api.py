"""Oura's subscription API: the only requests of annulet to Oura that change anything there.

They change subscriptions of the service's own application, carry its id and secret, and never the
token of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from annulet.hosted.clock import to_epoch_s
from annulet.oura_http.error_mapping import SubscriptionAction, subscription_problem
from annulet.oura_http.sending import NoResponse, Request, RequestLimits, Response, send
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

_PATH: Final = "/v2/webhook/subscription"
_TIMEOUT_S: Final = 75.0
"""Oura answers a creation after it has called the callback, which may take it a minute."""
_LIMITS: Final = RequestLimits(total_s=_TIMEOUT_S, idle_s=_TIMEOUT_S, max_bytes=2**20)


class WebhookApiError(Exception):
    """Oura did not do what it was asked; `subscription_status` explains the problem."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription; an application has one of each kind: data type and event type."""

    id: str
    callback_url: str
    kind: tuple[str, str]
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class OuraWebhookApi:
    """Lists, creates, renews and deletes subscriptions; every method raises `WebhookApiError`."""

    settings: Settings
    http: httpx2.AsyncClient

    async def list_all(self) -> list[Subscription]:
        """List every subscription of the application, also those of other addresses."""
        response = await self._request("list", "GET", "")
        try:
            documents = response.json() if response else None
        except ValueError:
            documents = None
        if not isinstance(documents, list):
            raise WebhookApiError("refused")
        return [_parse(d) for d in documents if isinstance(d, dict) and d.get("id")]

    async def create(self, kind: tuple[str, str], callback_url: str, token: str) -> None:
        """Create a subscription, unless the application has one of this kind already."""
        data_type, event_type = kind
        body = {
            "callback_url": callback_url,
            "verification_token": token,
            "data_type": data_type,
            "event_type": event_type,
        }
        await self._request("create", "POST", "", body)

    async def renew(self, subscription_id: str) -> bool:
        """Extend a subscription; ``False`` when it no longer exists."""
        path = f"/renew/{quote(subscription_id, safe='')}"
        return await self._request("change", "PUT", path) is not None

    async def delete(self, subscription_id: str) -> bool:
        """Delete a subscription; ``False`` when it no longer exists."""
        path = f"/{quote(subscription_id, safe='')}"
        return await self._request("change", "DELETE", path) is not None

    async def _request(
        self, action: SubscriptionAction, method: str, path: str, body: dict[str, str] | None = None
    ) -> Response | None:
        """Send one request; ``None`` when the subscription is gone or exists already."""
        secret = self.settings.client_secret
        if secret is None:
            raise WebhookApiError("credentials")
        request = Request(
            method=method,
            url=f"{self.settings.oura_api_url}{_PATH}{path}",
            headers={"x-client-id": self.settings.client_id, "x-client-secret": secret.reveal()},
            json=body,
        )
        try:
            response = await send(self.http, request, _LIMITS)
        except NoResponse:
            raise WebhookApiError("silent") from None
        problem = subscription_problem(response.status, action)
        if problem is None:
            return response
        if problem in {"gone", "taken"}:
            return None
        raise WebhookApiError(problem)


def _parse(document: dict[str, object]) -> Subscription:
    names = ("id", "callback_url", "data_type", "event_type")
    identifier, callback_url, *kind = (str(document.get(name) or "") for name in names)
    try:
        end = datetime.fromisoformat(str(document.get("expiration_time")))
        # Oura writes no zone and means UTC
        expires_at = to_epoch_s(end if end.tzinfo else end.replace(tzinfo=UTC))
    except ValueError:
        return Subscription(identifier, callback_url, (kind[0], kind[1]), None)
    return Subscription(identifier, callback_url, (kind[0], kind[1]), expires_at)

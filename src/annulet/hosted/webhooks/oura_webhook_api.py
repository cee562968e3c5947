"""Oura's subscription API: the only requests of annulet to Oura that change anything there.

They change subscriptions of the service's own application, carry its id and secret, and never the
token of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from annulet import __version__
from annulet.hosted.clock import to_epoch_s
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

__all__ = ["OuraWebhookApi", "Subscription", "WebhookApiError"]

_PATH: Final = "/v2/webhook/subscription"
_TIMEOUT_S: Final = 75.0
"""Oura answers a creation after it has called the callback, which may take it a minute."""
_PROBLEMS: Final[dict[int, str]] = {401: "credentials", 403: "forbidden", 429: "limited"}


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
        response = await self._request("GET", "")
        _check_success(response.status_code)
        try:
            documents = response.json()
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
        status = (await self._request("POST", "", body)).status_code
        if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.GATEWAY_TIMEOUT}:
            raise WebhookApiError("unreachable")
        if status != HTTPStatus.CONFLICT:
            _check_success(status)

    async def renew(self, subscription_id: str) -> bool:
        """Extend a subscription; ``False`` when it no longer exists."""
        return await self._change("PUT", f"/renew/{quote(subscription_id, safe='')}")

    async def delete(self, subscription_id: str) -> bool:
        """Delete a subscription; ``False`` when it no longer exists."""
        return await self._change("DELETE", f"/{quote(subscription_id, safe='')}")

    async def _change(self, method: str, path: str) -> bool:
        status = (await self._request(method, path)).status_code
        # for one subscription, 403 means as much as 404: there is no such id
        if status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
            return False
        _check_success(status)
        return True

    async def _request(
        self, method: str, path: str, body: dict[str, str] | None = None
    ) -> httpx2.Response:
        import httpx2

        secret = self.settings.client_secret
        if secret is None:
            raise WebhookApiError("credentials")
        headers = {
            "x-client-id": self.settings.client_id,
            "x-client-secret": secret.reveal(),
            "user-agent": f"annulet/{__version__}",
        }
        url = f"{self.settings.oura_api_url}{_PATH}{path}"
        try:
            return await self.http.request(
                method, url, json=body, headers=headers, timeout=_TIMEOUT_S
            )
        except httpx2.HTTPError:
            raise WebhookApiError("silent") from None


def _check_success(status: int) -> None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    is_outage = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    raise WebhookApiError("silent" if is_outage else _PROBLEMS.get(status, "refused"))


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

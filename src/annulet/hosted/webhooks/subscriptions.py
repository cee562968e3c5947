"""Subscriptions at Oura: the only requests of annulet there that change anything.

They change subscriptions of our own application, carry its id and secret, and never anybody's
token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from annulet.hosted.clock import seconds
from annulet.oura_http.error_mapping import SubscriptionAction, subscription_problem
from annulet.oura_http.retry_after import retry_after_s
from annulet.oura_http.sending import Limits, NoResponse, Request, send
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

__all__ = ["Gone", "Subscription", "Subscriptions", "Taken", "Trouble"]

_PATH: Final = "/v2/webhook/subscription"
_MAX_BYTES: Final = 2**20
_USUAL_S: Final = 30.0
_CHALLENGE_S: Final = 75.0
"""Creating waits until Oura has asked the callback; Oura itself gives up after a minute."""


class Trouble(Exception):  # noqa: N818 - a state that is told, not a fault of ours
    """Oura would not or could not do it.

    Args:
        code: Why, as `annulet.hosted.webhooks.subscription_status` explains it.
        retry_after: Seconds until Oura wants to be asked again, when it said so.
    """

    def __init__(self, code: str, retry_after: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class Gone(Exception):  # noqa: N818 - the same
    """There is no such subscription any more: Oura says 404, or 403."""


class Taken(Exception):  # noqa: N818 - the same
    """Our application has a subscription for this already, here or elsewhere."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription: a data type, a kind of event, and the address that is told."""

    id: str
    callback_url: str
    data_type: str
    event_type: str
    expires_at: int | None

    @property
    def kind(self) -> tuple[str, str]:
        """What it is for; an application has each only once."""
        return self.data_type, self.event_type


class Subscriptions:
    """Asks Oura, with the credentials of our application.

    Args:
        settings: Where Oura is and who we are there.
        http: Towards Oura.
    """

    def __init__(self, settings: Settings, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._http = http

    async def everything(self) -> list[Subscription]:
        """Every subscription of our application, also those that others made with it.

        Raises:
            Trouble: Oura did not say.
        """
        rows = await self._send("list", "GET", "")
        if not isinstance(rows, list):
            raise Trouble("refused")
        return [subscription for subscription in map(_read, rows) if subscription is not None]

    async def create(self, kind: tuple[str, str], callback: str, token: str) -> None:
        """Subscribe; Oura asks the callback to prove itself before it answers.

        Raises:
            Taken: There is one for this already.
            Trouble: Oura did not do it; ``unreachable`` where the callback did not prove itself.
        """
        body = {
            "callback_url": callback,
            "verification_token": token,
            "data_type": kind[0],
            "event_type": kind[1],
        }
        await self._send("create", "POST", "", body)

    async def renew(self, identifier: str) -> None:
        """Let it live on from now.

        Raises:
            Gone: There is no such subscription any more.
            Trouble: Oura did not do it.
        """
        await self._send("change", "PUT", f"/renew/{quote(identifier, safe='')}")

    async def delete(self, identifier: str) -> None:
        """End it.

        Raises:
            Gone: There is no such subscription any more.
            Trouble: Oura did not do it.
        """
        await self._send("change", "DELETE", f"/{quote(identifier, safe='')}")

    async def _send(
        self,
        action: SubscriptionAction,
        method: str,
        path: str,
        body: dict[str, str] | None = None,
    ) -> object:
        """The JSON of Oura's response; ``None`` where there is none."""
        secret = self._settings.client_secret
        if secret is None:
            raise Trouble("credentials")
        request = Request(
            method=method,
            url=f"{self._settings.oura_api_url}{_PATH}{path}",
            json=body,
            headers={
                "x-client-id": self._settings.client_id,
                "x-client-secret": secret.reveal(),
            },
        )
        limit_s = _CHALLENGE_S if action == "create" else _USUAL_S
        limits = Limits(total_s=limit_s, idle_s=limit_s, max_bytes=_MAX_BYTES)
        try:
            response = await send(self._http, request, limits)
        except NoResponse:
            raise Trouble("silent") from None
        problem = subscription_problem(response.status, action)
        if problem == "gone":
            raise Gone
        if problem == "taken":
            raise Taken
        if problem is not None:
            raise Trouble(problem, round(retry_after_s(response.headers) or 0))
        try:
            return response.json()
        except ValueError:
            return None


def _read(row: object) -> Subscription | None:
    """A subscription as Oura shows it; ``None`` for anything else."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
        return None
    texts = {
        name: str(row.get(name) or "") for name in ("id", "callback_url", "data_type", "event_type")
    }
    return Subscription(**texts, expires_at=_expiry(row.get("expiration_time")))


def _expiry(text: object) -> int | None:
    """When it ends; a time without a zone is UTC."""
    try:
        expires_at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return seconds(expires_at if expires_at.tzinfo else expires_at.replace(tzinfo=UTC))

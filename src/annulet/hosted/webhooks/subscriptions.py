"""Subscriptions at Oura: the only requests of annulet there that change anything.

They change subscriptions of our own application, carry its id and secret, and never anybody's
token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from annulet import __version__
from annulet.hosted.clock import to_epoch_s
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

__all__ = ["Gone", "Subscription", "Subscriptions", "Taken", "Trouble"]

_SECONDS: Final = re.compile("[0-9]{1,5}")
_PATH: Final = "/v2/webhook/subscription"
_USUAL_SECONDS: Final = 30.0
_CHALLENGE_SECONDS: Final = 75.0
"""Creating waits until Oura has asked the callback; its own door gives up after a minute."""
_REFUSALS: Final[dict[int, str]] = {401: "credentials", 403: "forbidden", 429: "limited"}


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
        """Every subscription of our application, ours and those of others who use it.

        Raises:
            Trouble: Oura did not say.
        """
        status, said = await self._ask("GET", "")
        if status != HTTPStatus.OK or not isinstance(said, list):
            raise Trouble("refused")
        return [found for found in map(_read, said) if found is not None]

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
        status, _ = await self._ask("POST", "", body)
        if status == HTTPStatus.CONFLICT:
            raise Taken
        if status == HTTPStatus.BAD_REQUEST:
            raise Trouble("unreachable")
        if not _done(status):
            raise Trouble(_REFUSALS.get(status, "refused"))

    async def renew(self, identifier: str) -> None:
        """Let it live on from now.

        Raises:
            Gone: There is no such subscription any more.
            Trouble: Oura did not do it.
        """
        await self._change("PUT", f"/renew/{quote(identifier, safe='')}")

    async def delete(self, identifier: str) -> None:
        """End it.

        Raises:
            Gone: There is no such subscription any more.
            Trouble: Oura did not do it.
        """
        await self._change("DELETE", f"/{quote(identifier, safe='')}")

    async def _change(self, method: str, path: str) -> None:
        status, _ = await self._ask(method, path)
        if status in {403, 404}:
            raise Gone
        if not _done(status):
            raise Trouble("refused")

    async def _ask(
        self, method: str, path: str, body: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        import httpx2

        secret = self._settings.client_secret
        if secret is None:
            raise Trouble("credentials")
        creates = method == "POST"
        try:
            answer = await self._http.request(
                method,
                f"{self._settings.oura_api_url}{_PATH}{path}",
                json=body,
                headers={
                    "x-client-id": self._settings.client_id,
                    "x-client-secret": secret.reveal(),
                    "user-agent": f"annulet/{__version__}",
                },
                timeout=_CHALLENGE_SECONDS if creates else _USUAL_SECONDS,
            )
        except httpx2.HTTPError:
            raise Trouble("silent") from None
        status = answer.status_code
        # Where one subscription is asked for, 403 says that there is no such one.
        if status in _REFUSALS and (status != HTTPStatus.FORBIDDEN or method == "GET"):
            raise Trouble(_REFUSALS[status], _seconds(answer.headers))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # the door of Oura gives up when the callback takes too long to prove itself
            slow = creates and status == HTTPStatus.GATEWAY_TIMEOUT
            raise Trouble("unreachable" if slow else "silent")
        try:
            return status, answer.json()
        except ValueError:
            return status, None


def _done(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _seconds(headers: httpx2.Headers) -> int:
    said = headers.get("retry-after", "")
    return int(said) if _SECONDS.fullmatch(said) else 0


def _read(said: Any) -> Subscription | None:
    """A subscription as Oura shows it; what is none is left out."""
    if not isinstance(said, dict) or not isinstance(said.get("id"), str) or not said["id"]:
        return None
    texts = {
        name: str(said.get(name) or "")
        for name in ("id", "callback_url", "data_type", "event_type")
    }
    return Subscription(**texts, expires_at=_expiry(said.get("expiration_time")))


def _expiry(said: Any) -> int | None:
    """When it ends; a time without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return None
    return to_epoch_s(moment if moment.tzinfo else moment.replace(tzinfo=UTC))

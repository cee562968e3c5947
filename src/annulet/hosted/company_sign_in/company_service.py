"""The way to the provider and back: state, nonce and PKCE, each good once, in one browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from annulet.errors import UsageError
from annulet.hosted.accounts.one_time_links import OneTimeLink, OneTimeLinks
from annulet.hosted.accounts.people import People, Person
from annulet.hosted.accounts.rate_limits import Budget, RateLimits
from annulet.hosted.accounts.sign_in_service import TooManyAttemptsError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.company_sign_in.company_accounts import CompanyAccounts
from annulet.hosted.company_sign_in.id_token import (
    CompanyIdentity,
    read_key_id,
    verify_id_token,
)
from annulet.hosted.company_sign_in.provider import CompanyProvider
from annulet.hosted.errors import NotFoundError

CALLBACK_PATH: Final = "/sign-in/company/callback"
_WINDOW_S: Final = 900
_PER_ADDRESS: Final = 60


@dataclass(frozen=True, slots=True)
class CompanyCallback:
    """A way to the provider that came back.

    Attributes:
        person: Whose account it opens.
        next_path: Where the person wanted to go.
        is_link: Whether the person was signed in and has connected the company.
    """

    person: Person
    next_path: str
    is_link: bool


class CompanySignIn:
    """Sends browsers to the provider and checks how they come back.

    Args:
        keyed_digest: Computes a digest that only this service can compute. Nonce and PKCE verifier
            are digests of the state, so no database holds them.
    """

    def __init__(
        self,
        *,
        provider: CompanyProvider,
        accounts: CompanyAccounts,
        people: People,
        links: OneTimeLinks,
        limits: RateLimits,
        keyed_digest: Callable[[str, str], Awaitable[str]],
        clock: Clock,
        public_url: str,
    ) -> None:
        self._provider = provider
        self._accounts = accounts
        self._people = people
        self._links = links
        self._limits = limits
        self._keyed_digest = keyed_digest
        self._clock = clock
        self._redirect_uri = public_url + CALLBACK_PATH
        self.provider_host: Final = urlsplit(provider.issuer).hostname or ""

    async def start(
        self, browser: str, next_path: str, *, address: str, person_id: str | None = None
    ) -> str:
        """Begin an authorization and return the provider's page.

        Args:
            browser: What only this browser can present again.
            next_path: Where the person wants to go.
            address: The network address of the browser.
            person_id: The signed-in person who connects the company; ``None`` for a sign-in.

        Raises:
            TooManyAttemptsError: Too many were begun from this address.
            NotFoundError: The settings name no provider.
            UsageError: The provider cannot be reached.
        """
        if not self.provider_host:
            raise NotFoundError("This service has no company sign-in.", hint="Use your password.")
        budget = Budget(f"company-from:{address}", _PER_ADDRESS, _WINDOW_S)
        if wait_s := await self._limits.reserve([budget]):
            raise TooManyAttemptsError(wait_s)
        metadata = await self._provider.read_metadata()
        note = _digest(browser, next_path)
        token = await self._links.create("company", person_id=person_id, note=note)
        verifier = await self._keyed_digest("company-verifier", token)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email profile",
            "state": f"{token}.{next_path}",
            "nonce": await self._keyed_digest("company-nonce", token),
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in metadata.authorization_endpoint else "?"
        return f"{metadata.authorization_endpoint}{joint}{urlencode(query)}"

    async def finish(
        self, browser: str, query: Mapping[str, str], *, person_id: str | None
    ) -> CompanyCallback:
        """Check a callback and return the account it opens.

        Args:
            browser: What only this browser can present again.
            query: The query of the callback.
            person_id: Who is signed in in this browser.

        Raises:
            UsageError: It is forged, old, denied, or opens no account.
        """
        token, _, next_path = query.get("state", "").partition(".")
        link = await self._spend(token, _digest(browser, next_path))
        metadata = await self._provider.read_metadata()
        # RFC 9207: the answer of another provider must not be exchanged at this one
        issuer = query.get("iss", "" if metadata.sends_issuer else self._provider.issuer)
        if issuer != self._provider.issuer:
            raise _refusal()
        if query.get("error") or not query.get("code"):
            raise UsageError(
                "Your company’s sign-in did not let you in.", hint="You can try again."
            )
        identity = await self._read_identity(token, query["code"])
        if link.person_id is None:
            person = await self._accounts.open_account(identity)
            return CompanyCallback(person, next_path, is_link=False)
        if link.person_id != person_id:
            raise _refusal()
        person = await self._people.get(link.person_id)
        await self._accounts.link(person, identity)
        return CompanyCallback(person, next_path, is_link=True)

    async def _read_identity(self, token: str, code: str) -> CompanyIdentity:
        id_token = await self._provider.exchange(
            code,
            verifier=await self._keyed_digest("company-verifier", token),
            redirect_uri=self._redirect_uri,
        )
        key = await self._provider.find_key(read_key_id(id_token))
        if key is None:
            raise _refusal()
        return verify_id_token(
            id_token,
            key,
            issuer=self._provider.issuer,
            client_id=self._provider.client_id,
            nonce=await self._keyed_digest("company-nonce", token),
            now=to_epoch_s(self._clock()),
        )

    async def _spend(self, token: str, note: str) -> OneTimeLink:
        link = await self._links.find("company", token)
        is_ours = link is not None and hmac.compare_digest(link.note, note)
        if link is None or not is_ours or not await self._links.spend("company", token):
            raise _refusal()
        return link


def _digest(browser: str, next_path: str) -> str:
    return hashlib.sha256(f"{browser}\n{next_path}".encode()).hexdigest()


def _refusal() -> UsageError:
    return UsageError(
        "This answer does not belong to a sign-in that was started in this browser.",
        hint="It may be too old or used already. Start again from the sign-in page.",
    )

"""Browsers in which a person has signed in before, and the addresses they came from.

An attacker who guesses at an account spends the attempts of the account and of the attacker's own
address. A known browser has attempts of its own, so the guessing never locks its owner out.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Final

from annulet.hosted.accounts.rate_limits import RateLimits
from annulet.hosted.opaque_tokens import new_id

KNOWN_LIFETIME_S: Final = 180 * 86_400


class KnownBrowsers:
    """Issues and checks the token of a known browser, and remembers addresses.

    The token proves an earlier sign-in of one person. It gives access to nothing.

    Args:
        keyed_digest: Computes a digest that only this service can compute, of a kind and texts.
        limits: Remembers the addresses.
    """

    def __init__(
        self, keyed_digest: Callable[[str, str, str], Awaitable[str]], limits: RateLimits
    ) -> None:
        self._keyed_digest = keyed_digest
        self._limits = limits

    async def remember(self, person_id: str, address: str) -> str:
        """Remember a sign-in: its address, and its browser by the token that is returned."""
        await self._limits.remember(_address_subject(person_id, address), KNOWN_LIFETIME_S)
        browser_id = new_id()
        return f"{browser_id}.{await self._sign(person_id, browser_id)}"

    async def find_browser(self, person_id: str, token: str) -> str:
        """Return the id of the browser that a token stands for; empty when it proves nothing."""
        browser_id, _, signature = token.partition(".")
        expected = await self._sign(person_id, browser_id)
        is_ours = hmac.compare_digest(signature.encode(), expected.encode())
        return browser_id if is_ours else ""

    async def is_known_address(self, person_id: str, address: str) -> bool:
        """Tell whether this person has signed in from this address before."""
        return await self._limits.is_remembered(_address_subject(person_id, address))

    async def _sign(self, person_id: str, browser_id: str) -> str:
        return await self._keyed_digest("known-browser", person_id, browser_id)


def _address_subject(person_id: str, address: str) -> str:
    return f"known:{person_id}:{address}"

"""Passwords: hashed with argon2id in a thread, so that other requests do not wait."""

from __future__ import annotations

from typing import Final

import anyio.to_thread
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from annulet.errors import UsageError

__all__ = ["Passwords", "check_strength"]

_MIN_LENGTH: Final = 10
_MAX_LENGTH: Final = 200
_MAX_CONCURRENT: Final = 2
"""Each hash takes 64 MiB while it is computed."""


def check_strength(password: str, login: str) -> None:
    """Check a new password by its length; there are no rules about its characters.

    Raises:
        UsageError: The password is too short, too long or the e-mail address itself.
    """
    if len(password) < _MIN_LENGTH:
        raise UsageError(
            f"The password is too short: it needs {_MIN_LENGTH} characters or more.",
            hint="A few unrelated words are easy to remember and hard to guess.",
        )
    if len(password) > _MAX_LENGTH:
        raise UsageError(
            f"The password is longer than {_MAX_LENGTH} characters.", hint="Use a shorter one."
        )
    if password.casefold() in {login.casefold(), login.partition("@")[0].casefold()}:
        raise UsageError(
            "The password is your e-mail address.", hint="Choose one that is hard to guess."
        )


class Passwords:
    """Hashes and verifies passwords, two at a time.

    Args:
        hasher: The parameters of argon2id; the library's defaults when left out.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._limiter = CapacityLimiter(_MAX_CONCURRENT)
        self._placeholder_hash = ""

    async def hash(self, password: str) -> str:
        """Compute the hash to store."""
        return await anyio.to_thread.run_sync(self._hasher.hash, password, limiter=self._limiter)

    async def verify(self, stored_hash: str | None, password: str) -> bool:
        """Verify a password; it takes as long for an account that does not exist."""
        if stored_hash is None:
            if not self._placeholder_hash:
                self._placeholder_hash = await self.hash("a password that no account has")
            await self._verify_in_thread(self._placeholder_hash, password)
            return False
        return await self._verify_in_thread(stored_hash, password)

    def needs_rehash(self, stored_hash: str) -> bool:
        """Tell whether a hash was computed with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored_hash)

    async def _verify_in_thread(self, stored_hash: str, password: str) -> bool:
        return await anyio.to_thread.run_sync(
            self._verify, stored_hash, password, limiter=self._limiter
        )

    def _verify(self, stored_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored_hash, password)
        except (VerificationError, InvalidHashError):
            return False

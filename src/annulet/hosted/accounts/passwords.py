"""Passwords: argon2id, hashed in a thread so that nobody else waits."""

from __future__ import annotations

from typing import Final

import anyio.to_thread
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from annulet.errors import UsageError

__all__ = ["Passwords", "check_strength"]

_SHORTEST: Final = 10
_LONGEST: Final = 200
_AT_ONCE: Final = 2


def check_strength(password: str, login: str) -> None:
    """Length decides; no rules about signs.

    Raises:
        UsageError: The password is too short, too long or the e-mail address itself.
    """
    if len(password) < _SHORTEST:
        raise UsageError(
            f"The password is too short: it needs {_SHORTEST} characters or more.",
            hint="A few unrelated words are easy to remember and hard to guess.",
        )
    if len(password) > _LONGEST:
        raise UsageError(
            f"The password is longer than {_LONGEST} characters.", hint="Use a shorter one."
        )
    if password.casefold() in {login.casefold(), login.partition("@")[0].casefold()}:
        raise UsageError(
            "The password is your e-mail address.", hint="Choose something nobody knows."
        )


class Passwords:
    """Hashes and verifies, two at a time: each takes 64 MiB for a moment.

    Args:
        hasher: The parameters of argon2id; the library's defaults when left out.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._limiter = CapacityLimiter(_AT_ONCE)
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        return await anyio.to_thread.run_sync(self._hasher.hash, password, limiter=self._limiter)

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is right; takes as long for an account that does not exist."""
        if kept is None:
            if not self._nobody:
                self._nobody = await self.hash("nobody has this password")
            await anyio.to_thread.run_sync(
                self._check, self._nobody, password, limiter=self._limiter
            )
            return False
        return await anyio.to_thread.run_sync(self._check, kept, password, limiter=self._limiter)

    def outdated(self, kept: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _check(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

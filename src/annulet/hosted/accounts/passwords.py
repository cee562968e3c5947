"""Passwords: hashed with argon2id in a thread, behind a bounded queue."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import anyio
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from annulet.hosted.accounts.hashing_queue import HashingLoad, HashingPriority, HashingQueue
from annulet.hosted.errors import FieldError

_MIN_LENGTH: Final = 10
_MAX_LENGTH: Final = 200
_MAX_CONCURRENT: Final = 2
"""Each hash takes 64 MiB while it is computed."""
_NICENESS: Final = 10

T = TypeVar("T")


def check_strength(password: str, login: str) -> None:
    """Check a new password by its length; there are no rules about its characters.

    Raises:
        FieldError: The password is too short, too long or the e-mail address itself.
    """
    if len(password) < _MIN_LENGTH:
        raise FieldError(
            "password",
            f"The password is too short: it needs {_MIN_LENGTH} characters or more.",
            hint="A few unrelated words are easy to remember and hard to guess.",
        )
    if len(password) > _MAX_LENGTH:
        raise FieldError(
            "password",
            f"The password is longer than {_MAX_LENGTH} characters.",
            hint="Use a shorter one.",
        )
    if password.casefold() in {login.casefold(), login.partition("@")[0].casefold()}:
        raise FieldError(
            "password",
            "The password is your e-mail address.",
            hint="Choose one that is hard to guess.",
        )


def _give_way() -> None:
    """Let the thread of the requests go first: one hash computes in four threads of its own.

    On Linux a thread has a priority of its own, which the threads that it starts inherit.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


class Passwords:
    """Hashes and verifies passwords, two at a time.

    Args:
        hasher: The parameters of argon2id; the library's defaults when left out.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._queue = HashingQueue(_MAX_CONCURRENT)
        # threads of its own: other work in threads must not wait for hashing either
        self._threads = ThreadPoolExecutor(_MAX_CONCURRENT, "hashing", initializer=_give_way)
        self._placeholder_hash = ""

    def read_load(self) -> HashingLoad:
        """Read how many requests hash, and how many wait."""
        return self._queue.read_load()

    async def hash(self, password: str) -> str:
        """Compute the hash to store.

        Raises:
            OverloadedError: Too many people wait already.
        """
        async with self._queue.slot(HashingPriority.NEW_PASSWORD):
            return await self._hash_in_thread(password)

    async def verify(
        self,
        stored_hash: str | None,
        password: str,
        priority: HashingPriority = HashingPriority.SIGN_IN,
    ) -> bool:
        """Verify a password; it takes as long for an account that does not exist.

        Raises:
            OverloadedError: Too many people wait already.
        """
        async with self._queue.slot(priority):
            if stored_hash is None and not self._placeholder_hash:
                self._placeholder_hash = await self._hash_in_thread("a password of no account")
            expected = stored_hash or self._placeholder_hash
            is_right = await self._in_thread(lambda: self._verify(expected, password))
        return is_right and stored_hash is not None

    def needs_rehash(self, stored_hash: str) -> bool:
        """Tell whether a hash was computed with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored_hash)

    async def _hash_in_thread(self, password: str) -> str:
        return await self._in_thread(lambda: self._hasher.hash(password))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        with anyio.CancelScope(shield=True):  # the slot is free only when the thread is
            result = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        return result  # noqa: RET504 - to mypy a scope may swallow what happens in it

    def _verify(self, stored_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored_hash, password)
        except (VerificationError, InvalidHashError):
            return False

"""The queue in front of password hashing: short, bounded, and sign-in before sign-up.

A hash takes 64 MiB and tens of milliseconds of every processor core. An unbounded queue would let
sixty sign-ups delay one sign-in by half a minute.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Final, NamedTuple

from annulet.hosted.errors import OverloadedError

_RETRY_AFTER_S: Final = 5


class HashingPriority(IntEnum):
    """Who is served first; the lowest value is."""

    KNOWN_BROWSER = 0
    SIGN_IN = 1
    NEW_PASSWORD = 2


_PLACES: Final = {
    HashingPriority.KNOWN_BROWSER: 32,
    HashingPriority.SIGN_IN: 32,
    HashingPriority.NEW_PASSWORD: 8,
}
"""How many requests may wait. At 100 ms a hash the last place of all waits about four seconds."""


class HashingLoad(NamedTuple):
    """What the queue has to do.

    Attributes:
        running: How many requests hash.
        waiting: How many wait, by priority.
    """

    running: int
    waiting: dict[str, int]


class HashingQueue:
    """Lets a few requests hash at a time, by priority.

    Args:
        slots: How many may hash at once.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._free_slots = slots
        self._waiting: dict[HashingPriority, deque[asyncio.Future[None]]] = {
            priority: deque() for priority in HashingPriority
        }

    def read_load(self) -> HashingLoad:
        """Read what the queue has to do just now."""
        waiting = {priority.name.lower(): len(line) for priority, line in self._waiting.items()}
        return HashingLoad(self._slots - self._free_slots, waiting)

    @asynccontextmanager
    async def slot(self, priority: HashingPriority) -> AsyncIterator[None]:
        """Wait for a slot and keep it.

        Raises:
            OverloadedError: Too many requests of this priority wait already.
        """
        if self._free_slots:
            self._free_slots -= 1
        else:
            await self._wait(priority)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, priority: HashingPriority) -> None:
        waiting = self._waiting[priority]
        if len(waiting) >= _PLACES[priority]:
            raise OverloadedError(_RETRY_AFTER_S)
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                waiting.remove(turn)
            else:  # the slot was passed to a request that is gone
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give a slot to the next request in the queue."""
        for priority in HashingPriority:
            if self._waiting[priority]:
                self._waiting[priority].popleft().set_result(None)
                return
        self._free_slots += 1

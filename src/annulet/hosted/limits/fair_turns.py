"""Turns for questions: a person who asks many at once waits for themselves, and not the others."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """How many questions are answered, and how many wait.

    Attributes:
        at_once: Questions answered at the same time.
        at_once_a_person: Of these, how many may be one person's.
        waiting: Questions that may wait for a turn.
        waiting_a_person: Of these, how many may be one person's.
        longest_wait_s: Seconds after which a question that waits is refused.
    """

    at_once: int = 64
    at_once_a_person: int = 4
    waiting: int = 256
    waiting_a_person: int = 32
    longest_wait_s: float = 10.0


class NoTurnError(Exception):
    """A question gets no turn.

    Attributes:
        is_own: Whether the person's own questions are the reason.
    """

    def __init__(self, *, is_own: bool) -> None:
        super().__init__()
        self.is_own = is_own


class FairTurns:
    """Gives turns to people in rotation; one event loop.

    Args:
        limits: How many turns there are.
    """

    def __init__(self, limits: TurnLimits) -> None:
        self._limits = limits
        self._taken: Counter[str] = Counter()
        self._total_taken = 0
        # a person who has just got a turn goes to the end
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._total_waiting = 0

    @property
    def taken(self) -> int:
        """How many questions are being answered."""
        return self._total_taken

    @property
    def waiting(self) -> int:
        """How many questions wait."""
        return self._total_waiting

    @property
    def limit(self) -> int:
        """How many questions are answered at the same time."""
        return self._limits.at_once

    @asynccontextmanager
    async def turn(self, person_id: str) -> AsyncIterator[None]:
        """Hold a turn while the block lasts.

        Raises:
            NoTurnError: Too many questions wait, or this one has waited too long.
        """
        await self._wait_for_turn(person_id)
        try:
            yield
        finally:
            self._give_back(person_id)

    async def _wait_for_turn(self, person_id: str) -> None:
        if self._has_turn(person_id) and person_id not in self._waiting:
            self._take(person_id)
            return
        own = self._waiting.get(person_id, ())
        if len(own) >= self._limits.waiting_a_person:
            raise NoTurnError(is_own=True)
        if self._total_waiting >= self._limits.waiting:
            raise NoTurnError(is_own=False)
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(person_id, deque()).append(place)
        self._total_waiting += 1
        try:
            async with asyncio.timeout(self._limits.longest_wait_s):
                await place
        except BaseException as ended:
            if place.done() and not place.cancelled():
                self._give_back(person_id)
            else:
                self._leave(person_id, place)
            if isinstance(ended, TimeoutError):
                is_own = self._taken[person_id] >= self._limits.at_once_a_person
                raise NoTurnError(is_own=is_own) from None
            raise

    def _has_turn(self, person_id: str) -> bool:
        return (
            self._total_taken < self._limits.at_once
            and self._taken[person_id] < self._limits.at_once_a_person
        )

    def _take(self, person_id: str) -> None:
        self._taken[person_id] += 1
        self._total_taken += 1

    def _give_back(self, person_id: str) -> None:
        self._total_taken -= 1
        self._taken[person_id] -= 1
        if not self._taken[person_id]:
            del self._taken[person_id]
        self._give_next()

    def _give_next(self) -> None:
        """Give the turns that are free to people in the order in which they last had one."""
        for person_id in list(self._waiting):
            if self._total_taken >= self._limits.at_once:
                return
            if not self._has_turn(person_id):
                continue
            place = self._waiting[person_id][0]
            self._leave(person_id, place)
            if person_id in self._waiting:
                self._waiting.move_to_end(person_id)
            if not place.cancelled():
                self._take(person_id)
                place.set_result(None)

    def _leave(self, person_id: str, place: asyncio.Future[None]) -> None:
        places = self._waiting.get(person_id)
        if places is None or place not in places:
            return
        places.remove(place)
        self._total_waiting -= 1
        if not places:
            del self._waiting[person_id]

"""What one person may ask: so many questions at once, and so many a second after a burst."""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.limits.fair_turns import FairTurns, NoTurnError, TurnLimits
from annulet.hosted.limits.shared_bucket import BucketSize, SharedBucket
from annulet.oura_http.token_bucket import TokenBucket

_UNCOUNTED: Final = 5
"""The share of a person's limit that each replica grants by itself, without the database: 1 in 5.
Who stays below it, as nearly everybody does, costs no statement."""
_CHUNK: Final = 10
_MOST_PEOPLE: Final = 10_000
_MOST_PAUSES: Final = 1_000
_BUSY_S: Final = 5
_OWN_S: Final = 2


@dataclass(frozen=True, slots=True)
class QuestionRefusedError(Exception):
    """A question is not answered now.

    Attributes:
        retry_after_s: When to ask again.
        is_own: Whether the person's own questions are the reason, and not everybody's together.
        reason: What was used up: ``rate``, ``turns``, or a ``pause`` that has not ended.
    """

    retry_after_s: int
    is_own: bool
    reason: str


class BearerPauses:
    """The bearers that were just told to wait: they are told so again without a look-up.

    Args:
        monotonic: A clock that never goes back, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def add(self, bearer: str, wait_s: int) -> None:
        """Remember that a bearer has to wait."""
        self._until[_digest(bearer)] = self._monotonic() + wait_s
        if len(self._until) > _MOST_PAUSES:
            self._until.popitem(last=False)

    def wait_s(self, bearer: str) -> int:
        """Return how long a bearer still has to wait; 0 for one that need not."""
        if not self._until:
            return 0
        digest = _digest(bearer)
        left_s = self._until.get(digest, 0.0) - self._monotonic()
        if left_s > 0:
            return math.ceil(left_s)
        self._until.pop(digest, None)
        return 0


def _digest(bearer: str) -> bytes:
    return hashlib.sha256(bearer.encode()).digest()


@dataclass(slots=True)
class _Allowance:
    uncounted: TokenBucket
    shared: SharedBucket


class QuestionLimits:
    """Admits the questions of people, fairly.

    Attributes:
        turns: The questions that are answered and those that wait.

    Args:
        database: For the buckets of people who ask much, which all replicas share.
        burst: Questions that a person may ask at once.
        per_second: Questions a second after that; 0 for any number.
        turns: How many are answered at the same time.
        monotonic: A clock that never goes back, in seconds.
    """

    def __init__(
        self,
        database: ServiceDatabase,
        *,
        burst: int,
        per_second: int,
        turns: TurnLimits,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._burst = burst
        self._per_second = per_second
        self.turns: Final = FairTurns(turns)
        self._monotonic = monotonic
        self._allowances: OrderedDict[str, _Allowance] = OrderedDict()

    @asynccontextmanager
    async def admit(self, person_id: str) -> AsyncIterator[None]:
        """Answer a question inside the block.

        Raises:
            QuestionRefusedError: Not now.
        """
        if self._per_second and (wait_s := await self._take(person_id)):
            raise QuestionRefusedError(wait_s, is_own=True, reason="rate")
        try:
            async with self.turns.turn(person_id):
                yield
        except NoTurnError as refusal:
            retry_after_s = _OWN_S if refusal.is_own else _BUSY_S
            raise QuestionRefusedError(retry_after_s, refusal.is_own, "turns") from None

    async def _take(self, person_id: str) -> int:
        allowance = self._allowances.get(person_id)
        if allowance is None:
            allowance = self._allowances[person_id] = self._build_allowance(person_id)
            if len(self._allowances) > _MOST_PEOPLE:
                self._allowances.popitem(last=False)
        self._allowances.move_to_end(person_id)
        if not self._database.is_sqlite and not allowance.uncounted.take():
            return 0
        return await allowance.shared.take()

    def _build_allowance(self, person_id: str) -> _Allowance:
        size = BucketSize(self._burst, self._per_second, min(_CHUNK, self._burst))
        return _Allowance(
            TokenBucket(
                self._monotonic,
                capacity=self._burst / _UNCOUNTED,
                per_second=self._per_second / _UNCOUNTED,
            ),
            SharedBucket(self._database, f"person:{person_id}", size, monotonic=self._monotonic),
        )

"""A token bucket that every replica takes from, in chunks: one statement for many requests."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Executable, Float, cast, func, select
from sqlalchemy.dialects import postgresql

from annulet.errors import DatabaseUnavailable
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.oura_http.token_bucket import TokenBucket

_KEPT_S: Final = 60.0
"""What is left of a chunk after that time is forgotten: the bucket has filled up meanwhile."""
_b = tables.budgets.c


@dataclass(frozen=True, slots=True)
class BucketSize:
    """The size of a bucket.

    Attributes:
        capacity: How many requests may come at once.
        per_second: How fast it fills again.
        chunk: How many one replica takes with one statement.
    """

    capacity: int
    per_second: float
    chunk: int


class SharedBucket:
    """A bucket under one name; on SQLite, where there is one process, it is in memory.

    While the database does not answer, each replica goes on with chunks of its own: what asks for
    them needs the database as well, and Oura's own limit still holds.

    Args:
        database: Where the bucket stands.
        name: Its name.
        size: Its size.
        monotonic: A clock that never goes back, in seconds.
    """

    def __init__(
        self,
        database: ServiceDatabase,
        name: str,
        size: BucketSize,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._name = name
        self._size = size
        self._monotonic = monotonic
        self._own = TokenBucket(monotonic, capacity=size.capacity, per_second=size.per_second)
        self._left = 0
        self._kept_until = 0.0
        self._empty_until = 0.0
        self._leasing = asyncio.Lock()

    @property
    def capacity(self) -> int:
        """How many requests may come at once."""
        return self._size.capacity

    async def read_level(self) -> float:
        """Read how many requests are left for all; those in chunks of replicas are not counted.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        if self._wait_s():
            return 0.0
        if self._database.is_sqlite:
            return self._own.read_level()
        level = await self._database.fetch_value(
            select(self._level_now()).where(_b.name == self._name)
        )
        return float(self._size.capacity if level is None else level)

    async def take(self) -> int:
        """Take one request; returns 0, or the whole seconds to wait where none is left."""
        if wait_s := self._wait_s():
            return wait_s
        if self._database.is_sqlite:
            return self._own.take()
        async with self._leasing:
            if wait_s := self._wait_s():
                return wait_s
            if self._left < 1 or self._monotonic() >= self._kept_until:
                await self._lease()
            if self._left < 1:
                return self._wait_s()
            self._left -= 1
            return 0

    async def hold(self, wait_s: float) -> None:
        """Let no replica take anything for so many seconds."""
        self._empty_until = max(self._empty_until, self._monotonic() + wait_s)
        self._left = 0
        if self._database.is_sqlite:
            return
        now = cast(self._database.now_s, Float)
        row = postgresql.insert(tables.budgets).values(
            name=self._name, level=0.0, filled_at=now + wait_s, granted=0
        )
        later = {"level": 0.0, "filled_at": func.greatest(_b.filled_at, row.excluded.filled_at)}
        try:
            await self._database.execute(
                row.on_conflict_do_update(index_elements=[_b.name], set_=later)
            )
        except DatabaseUnavailable:
            return  # the other replicas learn it from Oura

    def _wait_s(self) -> int:
        return max(0, math.ceil(self._empty_until - self._monotonic()))

    async def _lease(self) -> None:
        """Take a chunk, or as much of it as there is."""
        try:
            row = await self._database.fetch_one(self._build_lease())
        except DatabaseUnavailable:
            granted = self._size.chunk
        else:
            granted = 0 if row is None else int(row[0])
        now = self._monotonic()
        self._left, self._kept_until = granted, now + _KEPT_S
        if not granted:
            self._empty_until = now + max(1.0, self._size.chunk / self._size.per_second / 4)

    def _level_now(self) -> ColumnElement[float]:
        passed = func.greatest(0.0, cast(self._database.now_s, Float) - _b.filled_at)
        filled: ColumnElement[float] = func.least(
            float(self._size.capacity), _b.level + passed * self._size.per_second
        )
        return filled

    def _build_lease(self) -> Executable:
        """One statement fills the bucket up to now, takes the chunk, and returns what it got."""
        size = self._size
        now = cast(self._database.now_s, Float)
        row = postgresql.insert(tables.budgets).values(
            name=self._name,
            level=float(size.capacity - size.chunk),
            filled_at=now,
            granted=size.chunk,
        )
        filled = self._level_now()
        granted = func.least(float(size.chunk), func.floor(filled))
        return row.on_conflict_do_update(
            index_elements=[_b.name],
            set_={
                "level": filled - granted,
                "filled_at": func.greatest(_b.filled_at, now),
                "granted": granted,
            },
        ).returning(_b.granted)

"""The months of the audit log: one partition each on PostgreSQL, made ahead and dropped whole.

An entry never waits for a partition: one of a month that has none goes to the default partition,
and moves when the month is made. SQLite has one table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.hosted.clock import Clock, from_epoch_s, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase

_PARENT: Final = "audit_entries"
DEFAULT_PARTITION: Final = "audit_entries_default"
_MONTHS_AHEAD: Final = 3
_MOST_AHEAD: Final = 12
"""A month further away comes from a wrong clock; its entries stay in the default partition."""
_BATCH: Final = 5_000
_LOCK_TIMEOUT: Final = "SET LOCAL lock_timeout = '3s'"
_LIST_PARTITIONS: Final = text(
    "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
    "WHERE inhparent = 'audit_entries'::regclass"
)
_LIST_STRAYS: Final = text(
    "SELECT DISTINCT to_char(to_timestamp(at) AT TIME ZONE 'UTC', 'YYYY_MM') "
    "FROM audit_entries_default WHERE at >= :since AND at < :until"
)
_a = tables.audit.c


class Month(NamedTuple):
    """A calendar month in UTC.

    >>> Month(2026, 12).following
    Month(year=2027, month=1)
    >>> Month.parse("audit_entries_2026_05").partition
    'audit_entries_2026_05'
    """

    year: int
    month: int

    @classmethod
    def at(cls, epoch_s: int) -> Self:
        """Find the month of an instant."""
        day = from_epoch_s(epoch_s)
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """Find the month at the end of a name; ``None`` where there is none."""
        match = re.search(r"(\d{4})_(\d{2})$", name)
        return cls(int(match[1]), int(match[2])) if match else None

    @property
    def following(self) -> Month:
        """The next month."""
        years, month = divmod(self.month, 12)
        return Month(self.year + years, month + 1)

    @property
    def start_s(self) -> int:
        """Its first second, since 1970."""
        return to_epoch_s(datetime(self.year, self.month, 1, tzinfo=UTC))

    @property
    def partition(self) -> str:
        """The name of its partition."""
        return f"{_PARENT}_{self.year:04d}_{self.month:02d}"


class AuditPartitions:
    """Makes the months to come, and deletes what is older than the retention.

    Args:
        database: Of the service.
        clock: Returns the present.
        retention_days: How long an entry is kept.
    """

    def __init__(self, database: ServiceDatabase, clock: Clock, *, retention_days: int) -> None:
        self._database = database
        self._clock = clock
        self._retention_s = retention_days * 86_400

    async def run(self) -> None:
        """Do what is due; a job calls it.

        Raises:
            DatabaseUnavailable: It does not answer, or a table is locked; the next run goes on.
        """
        oldest = to_epoch_s(self._clock()) - self._retention_s
        if self._database.is_sqlite:
            await self._database.execute(delete(tables.audit).where(_a.at < oldest))
            return
        await self.make_months()
        for month in await self._list_months():
            if month.following.start_s <= oldest:
                await self._drop(month)
        await self._delete_older(oldest)

    async def make_months(self, oldest_s: int | None = None) -> None:
        """Make the partitions of PostgreSQL that are missing.

        Args:
            oldest_s: From which instant on; from the present when left out.
        """
        now = to_epoch_s(self._clock())
        month, last = Month.at(now if oldest_s is None else min(now, oldest_s)), Month.at(now)
        for _ in range(_MONTHS_AHEAD):
            last = last.following
        wanted = set(await self._list_months_of_strays(now))
        while month <= last:
            wanted.add(month)
            month = month.following
        for missing in sorted(wanted - set(await self._list_months())):
            await self._make(missing)

    async def _list_months(self) -> Sequence[Month]:
        names = [row[0] for row in await self._database.fetch_all(_LIST_PARTITIONS)]
        return sorted(month for name in names if (month := Month.parse(name)))

    async def _list_months_of_strays(self, now: int) -> Sequence[Month]:
        """List the months that have entries and no partition."""
        bounds = {"since": now - self._retention_s, "until": now + _MOST_AHEAD * 30 * 86_400}
        rows = await self._database.fetch_all(_LIST_STRAYS, bounds)
        return [month for (name,) in rows if (month := Month.parse(name))]

    async def _make(self, month: Month) -> None:
        """Make a partition, with the entries of its month that came before it."""
        start, end, name = month.start_s, month.following.start_s, month.partition
        async with self._database.write() as connection:
            await _lock(connection)
            # an insert chooses its partition once it has locked the table: one that had chosen the
            # default partition before would fail when the month takes its place
            await connection.execute(text(f"LOCK TABLE {_PARENT} IN SHARE ROW EXCLUSIVE MODE"))
            if await _exists(connection, name):
                return  # another process has made it
            await connection.execute(
                text(f"CREATE TABLE {name} (LIKE {_PARENT} INCLUDING DEFAULTS)")
            )
            await connection.execute(
                text(
                    f"WITH moved AS (DELETE FROM {DEFAULT_PARTITION} "  # noqa: S608 - names and numbers of this file
                    f"WHERE at >= {start} AND at < {end} RETURNING *) "
                    f"INSERT INTO {name} SELECT * FROM moved"
                )
            )
            await connection.execute(
                text(
                    f"ALTER TABLE {_PARENT} ATTACH PARTITION {name} "
                    f"FOR VALUES FROM ({start}) TO ({end})"
                )
            )

    async def _drop(self, month: Month) -> None:
        async with self._database.write() as connection:
            await _lock(connection)
            await connection.execute(text(f"DROP TABLE IF EXISTS {month.partition}"))

    async def _delete_older(self, oldest: int) -> None:
        """Delete what is too old in the month that has begun before it."""
        keys = select(_a.at, _a.id).where(_a.at < oldest).limit(_BATCH).subquery()
        batch = delete(tables.audit).where(_a.at == keys.c.at, _a.id == keys.c.id)
        while await self._database.execute(batch) == _BATCH:
            pass


async def _lock(connection: AsyncConnection) -> None:
    """Lock first what the foreign key needs.

    A deletion of a person locks people and then their entries. The other order would be a deadlock.
    """
    await connection.execute(text(_LOCK_TIMEOUT))
    await connection.execute(text(f"LOCK TABLE {tables.people.name} IN SHARE ROW EXCLUSIVE MODE"))


async def _exists(connection: AsyncConnection, name: str) -> bool:
    query = text("SELECT to_regclass(:name)").bindparams(name=name)
    return (await connection.execute(query)).scalar() is not None

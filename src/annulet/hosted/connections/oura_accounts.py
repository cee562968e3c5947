"""The Oura account of each connection, as a keyed digest: to find by, not to read."""

from __future__ import annotations

from sqlalchemy import func, select, update

from annulet.hosted.connections.stored_keys import StoredKeys
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase

_c = tables.connections.c


class OuraAccounts:
    """Matches people to the id that Oura has for them.

    Oura's id stands nowhere in the clear. The key of the digest is sealed, so a reader of the
    database cannot tell whose row it is, not even with a list of ids at hand.
    """

    def __init__(self, database: ServiceDatabase, keys: StoredKeys) -> None:
        self._database = database
        self._keys = keys

    async def remember(self, person_id: str, generation: int, account_id: str) -> None:
        """Store the account of a connection, unless the connection has changed since."""
        digest = await self.digest(account_id)
        await self._database.execute(
            update(tables.connections)
            .where(_c.person_id == person_id, _c.generation == generation, _c.sealed.is_not(None))
            .values(account_digest=digest)
        )

    async def count_unidentified(self) -> int:
        """Count the connections whose account is not known."""
        query = select(func.count()).where(_c.sealed.is_not(None), _c.account_digest.is_(None))
        return int(await self._database.fetch_value(query))

    async def digest(self, account_id: str) -> str:
        """Compute what stands for an account in the database."""
        return await self._keys.digest("account", account_id)

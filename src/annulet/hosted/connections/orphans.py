"""Orphans: grants that were deleted here while Oura could not be reached to revoke them.

A person who disconnects is disconnected at once; what is left for Oura to be told is kept sealed,
apart from the connection, until Oura has been told or refuses to listen for a week.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update

from annulet.errors import VaultError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.database import tables
from annulet.hosted.database.engine import AnyRow, ServiceDatabase
from annulet.hosted.opaque_tokens import new_id
from annulet.oauth.grant import Grant
from annulet.oauth.revoke import revoke
from annulet.settings import Settings

if TYPE_CHECKING:
    import httpx2

_FIRST_PAUSE_S: Final = 600
_LONGEST_PAUSE_S: Final = 6 * 3600
_LIFETIME_S: Final = 7 * 86_400
_AT_ONCE: Final = 100
_o = tables.orphans.c


def sealing_owner(orphan_id: str) -> str:
    """Return what a sealed orphan is bound to."""
    return f"orphan:{orphan_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphans:
    """Keeps orphans and revokes them.

    Attributes:
        http: Towards Oura.
    """

    database: ServiceDatabase
    sealing_keys: SealingKeys
    clock: Clock
    settings: Settings
    http: httpx2.AsyncClient

    async def add(self, person_id: str, grant: Grant) -> None:
        """Keep a grant that is to be revoked later."""
        now, orphan_id = to_epoch_s(self.clock()), new_id()
        plain = json.dumps(grant.to_fields()).encode()
        await self.database.execute(
            insert(tables.orphans).values(
                id=orphan_id,
                person_id=person_id,
                sealed=self.sealing_keys.seal(plain, owner=sealing_owner(orphan_id)),
                created_at=now,
                attempts=0,
                due_at=now + _FIRST_PAUSE_S,
            )
        )

    async def forget(self, person_id: str) -> None:
        """Forget the orphans of a person who has connected again.

        Oura may take the end of an old grant for the end of the new one.
        """
        await self.database.execute(delete(tables.orphans).where(_o.person_id == person_id))

    async def run(self) -> None:
        """Try again to revoke those that are due.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        now = to_epoch_s(self.clock())
        query = select(_o.id, _o.sealed, _o.attempts, _o.created_at).where(_o.due_at <= now)
        for row in await self.database.fetch_all(query.order_by(_o.due_at).limit(_AT_ONCE)):
            if await self._is_finished(row, now):
                await self.database.execute(delete(tables.orphans).where(_o.id == row.id))
                continue
            pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(row.attempts + 1, 10))
            await self.database.execute(
                update(tables.orphans)
                .where(_o.id == row.id)
                .values(attempts=row.attempts + 1, due_at=now + pause_s)
            )

    async def _is_finished(self, row: AnyRow, now: int) -> bool:
        """Revoke one orphan; also finished is one that is too old or cannot be unsealed."""
        try:
            plain = self.sealing_keys.unseal(row.sealed, owner=sealing_owner(row.id))
            grant = Grant.from_fields(json.loads(plain))
        except (VaultError, ValueError):
            return True
        is_ours = grant.client_id == self.settings.client_id
        secret = self.settings.client_secret if is_ours else None
        outcome = await revoke(grant, secret, http=self.http)
        return outcome != "unreachable" or now - row.created_at > _LIFETIME_S

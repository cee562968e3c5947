"""One-time links an admin hands out: invitations and password resets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.opaque_tokens import new_id, new_token, token_digest

__all__ = ["INVITE", "RESET", "OneTimeLink", "OneTimeLinks"]

INVITE: Final = "invite"
RESET: Final = "reset"
_LIFETIME: Final = {INVITE: 14 * 86_400, RESET: 86_400}


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link as it is kept: without its token."""

    id: str
    kind: str
    person_id: str | None
    note: str
    created_at: int
    expires_at: int
    used_at: int | None


_COLUMNS = tuple(tables.links.c[name] for name in OneTimeLink.__dataclass_fields__)


class OneTimeLinks:
    """Makes, finds and spends links."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, kind: str, *, person_id: str | None = None, note: str = "") -> str:
        """A new link.

        Returns:
            Its token, which goes into the link and is not kept.
        """
        now, token = to_epoch_s(self._clock()), new_token()
        async with self._database.write() as connection:
            await connection.execute(
                insert(tables.links).values(
                    id=new_id(),
                    digest=token_digest(token),
                    kind=kind,
                    person_id=person_id,
                    note=note.strip()[:120],
                    created_at=now,
                    expires_at=now + _LIFETIME[kind],
                )
            )
        return token

    async def find(self, kind: str, token: str) -> OneTimeLink | None:
        """The link, while it can be used."""
        query = select(*_COLUMNS).where(*self._usable(kind, token))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return OneTimeLink(*row) if row else None

    async def spend(self, kind: str, token: str) -> bool:
        """Use a link up; of two at once, one wins."""
        async with self._database.write() as connection:
            done = await connection.execute(
                update(tables.links)
                .where(*self._usable(kind, token))
                .values(used_at=to_epoch_s(self._clock()))
            )
            return bool(done.rowcount)

    async def open_invitations(self) -> Sequence[OneTimeLink]:
        """Invitations nobody has used yet."""
        c = tables.links.c
        query = (
            select(*_COLUMNS)
            .where(c.kind == INVITE, c.used_at.is_(None), c.expires_at > to_epoch_s(self._clock()))
            .order_by(c.created_at.desc())
        )
        async with self._database.read() as connection:
            return [OneTimeLink(*row) for row in await connection.execute(query)]

    async def withdraw(self, link_id: str) -> None:
        """Make a link useless."""
        async with self._database.write() as connection:
            await connection.execute(delete(tables.links).where(tables.links.c.id == link_id))

    def _usable(self, kind: str, token: str) -> tuple[Any, ...]:
        c = tables.links.c
        return (
            c.digest == token_digest(token),
            c.kind == kind,
            c.used_at.is_(None),
            c.expires_at > to_epoch_s(self._clock()),
        )

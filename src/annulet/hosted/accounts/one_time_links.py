"""One-time links: by an admin (invitation, reset), by mail (reset, verify), and the set-up link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, delete, exists, insert, select, update

from annulet.contract.texts import harmless
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.bulk_insert import insert_rows
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import new_id, new_token, token_digest

LinkKind = Literal[
    "invite", "reset", "mail-reset", "setup", "verify", "passkey-add", "passkey-get", "company"
]

_LIFETIME_S: Final[dict[LinkKind, int]] = {
    "invite": 14 * 86_400,
    "reset": 86_400,
    "mail-reset": 3600,
    "setup": 86_400,
    "verify": 86_400,
    "passkey-add": 300,
    "passkey-get": 300,
    "company": 600,
}
_MAX_NOTE: Final = 120
_l = tables.links.c


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link as the database keeps it: without its token."""

    id: str
    kind: LinkKind
    person_id: str | None
    note: str
    created_at: int
    expires_at: int
    used_at: int | None


_COLUMNS = tuple(_l[name] for name in OneTimeLink.__dataclass_fields__)


class OneTimeLinks:
    """Creates, finds and spends links."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, kind: LinkKind, *, person_id: str | None = None, note: str = "") -> str:
        """Create a link.

        Returns:
            The token of the link, which is not stored.
        """
        now, token = to_epoch_s(self._clock()), new_token()
        await self._database.execute(
            insert(tables.links).values(
                id=new_id(),
                digest=token_digest(token),
                kind=kind,
                person_id=person_id,
                note=harmless(note, _MAX_NOTE),
                created_at=now,
                expires_at=now + _LIFETIME_S[kind],
            )
        )
        return token

    async def invite_all(self, addresses: Sequence[str]) -> list[tuple[str, str]]:
        """Create an invitation for each address, which becomes its note.

        Returns:
            The id and the token of each.
        """
        now = to_epoch_s(self._clock())
        made = [(new_id(), new_token()) for _ in addresses]
        rows = [
            {
                "id": link_id,
                "digest": token_digest(token),
                "kind": "invite",
                "note": address,
                "created_at": now,
                "expires_at": now + _LIFETIME_S["invite"],
            }
            for (link_id, token), address in zip(made, addresses, strict=True)
        ]
        async with self._database.write() as connection:
            await insert_rows(connection, tables.links, rows)
        return made

    async def renew_invitation(self, link_id: str) -> tuple[str, str] | None:
        """Give an open invitation another token; the former one works no more.

        Returns:
            The token and the note; ``None`` for an invitation that was used or withdrawn.
        """
        now, token = to_epoch_s(self._clock()), new_token()
        renewed = (
            update(tables.links)
            .where(_l.id == link_id, _l.kind == "invite", _l.used_at.is_(None))
            .values(digest=token_digest(token), expires_at=now + _LIFETIME_S["invite"])
            .returning(_l.note)
        )
        async with self._database.write() as connection:
            note: str | None = (await connection.execute(renewed)).scalar()
        return None if note is None else (token, note)

    async def find(self, kind: LinkKind, token: str) -> OneTimeLink | None:
        """Find the link of a token, while it can be used."""
        query = select(*_COLUMNS).where(*self._is_usable(kind, token))
        row = await self._database.fetch_one(query)
        return OneTimeLink(*row) if row else None

    async def spend(self, kind: LinkKind, token: str) -> bool:
        """Use a link; of two callers at once, only one gets ``True``."""
        return (
            await self._database.execute(
                update(tables.links)
                .where(*self._is_usable(kind, token))
                .values(used_at=to_epoch_s(self._clock()))
            )
            > 0
        )

    async def spend_every(self, kind: LinkKind, token: str) -> bool:
        """Use a link, and with it every other one of its kind; of callers at once one succeeds."""
        usable = select(tables.links).where(*self._is_usable(kind, token)).subquery()
        is_mine = exists().select_from(usable)
        return (
            await self._database.execute(
                update(tables.links)
                .where(_l.kind == kind, _l.used_at.is_(None), is_mine)
                .values(used_at=to_epoch_s(self._clock()))
            )
            > 0
        )

    async def list_open_invitations(
        self, *, after: str = "", limit: int | None = None
    ) -> Sequence[OneTimeLink]:
        """List the invitations that are neither used nor expired, by their ids."""
        query = (
            select(*_COLUMNS)
            .where(
                _l.kind == "invite",
                _l.used_at.is_(None),
                _l.expires_at > to_epoch_s(self._clock()),
                _l.id > after,
            )
            .order_by(_l.id)
            .limit(limit)
        )
        return [OneTimeLink(*row) for row in await self._database.fetch_all(query)]

    async def withdraw_invitation(self, link_id: str) -> bool:
        """Delete an invitation that was not used, so that it no longer works.

        Returns:
            Whether there was one.
        """
        is_open = _l.id == link_id, _l.kind == "invite", _l.used_at.is_(None)
        return await self._database.execute(delete(tables.links).where(*is_open)) > 0

    async def delete_for(self, person_id: str) -> None:
        """Delete every link of one person, used or not."""
        await self._database.execute(delete(tables.links).where(_l.person_id == person_id))

    async def delete_expired(self) -> None:
        """Delete the links that cannot be used any more."""
        is_over = _l.expires_at <= to_epoch_s(self._clock())
        await self._database.execute(delete(tables.links).where(is_over))

    async def delete_older(self, kind: LinkKind, age_s: int) -> None:
        """Delete the links of one kind that were made so many seconds ago or earlier."""
        until = to_epoch_s(self._clock()) - age_s
        await self._database.execute(
            delete(tables.links).where(_l.kind == kind, _l.created_at <= until)
        )

    def _is_usable(self, kind: LinkKind, token: str) -> tuple[ColumnElement[bool], ...]:
        return (
            _l.digest == token_digest(token),
            _l.kind == kind,
            _l.used_at.is_(None),
            _l.expires_at > to_epoch_s(self._clock()),
        )

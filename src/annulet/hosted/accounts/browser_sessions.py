"""Signed-in browsers, stored in the database so that each can be listed and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, select, update

from annulet.hosted.accounts.browser_name import describe_browser
from annulet.hosted.accounts.people import PERSON_COLUMNS, Person
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import new_id, new_token, token_digest

LIFETIME_S: Final = 30 * 86_400
_EXTEND_INTERVAL_S: Final = 300
_s = tables.sessions.c


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """One signed-in browser.

    Attributes:
        confirmed_at: When the person last proved in it who they are.
    """

    id: str
    agent: str
    created_at: int
    seen_at: int
    expires_at: int
    notice: str | None
    confirmed_at: int | None


_COLUMNS = tuple(_s[name] for name in BrowserSession.__dataclass_fields__)


class BrowserSessions:
    """Starts, finds and ends sessions."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def start(self, person_id: str, user_agent: str) -> str:
        """Sign a browser in.

        Returns:
            The token for the cookie; only its digest is stored.
        """
        now, token = to_epoch_s(self._clock()), new_token()
        async with self._database.write() as connection:
            await connection.execute(delete(tables.sessions).where(_s.expires_at <= now))
            await connection.execute(
                insert(tables.sessions).values(
                    id=new_id(),
                    digest=token_digest(token),
                    person_id=person_id,
                    agent=describe_browser(user_agent),
                    created_at=now,
                    seen_at=now,
                    confirmed_at=now,
                    expires_at=now + LIFETIME_S,
                )
            )
        return token

    async def find(self, token: str) -> tuple[Person, BrowserSession] | None:
        """Find the person and the session of a cookie.

        Returns:
            ``None`` for unknown and ended sessions and for disabled people.
        """
        now = to_epoch_s(self._clock())
        query = (
            select(*PERSON_COLUMNS, *_COLUMNS)
            .select_from(tables.sessions.join(tables.people))
            .where(
                _s.digest == token_digest(token),
                _s.expires_at > now,
                tables.people.c.disabled_at.is_(None),
            )
        )
        row = await self._database.fetch_one(query)
        if row is None:
            return None
        person = Person(*row[: len(PERSON_COLUMNS)])
        session = BrowserSession(*row[len(PERSON_COLUMNS) :])
        if now - session.seen_at > _EXTEND_INTERVAL_S:
            await self._change(session.id, seen_at=now, expires_at=now + LIFETIME_S)
        return person, session

    async def confirm(self, session_id: str) -> None:
        """Note that the person has just proved in this browser who they are."""
        await self._change(session_id, confirmed_at=to_epoch_s(self._clock()))

    async def renew(self, session_id: str) -> str:
        """Give a session another token; the one before ends.

        Returns:
            The token for the cookie.
        """
        token = new_token()
        await self._change(session_id, digest=token_digest(token))
        return token

    async def set_notice(self, session_id: str, notice: str | None) -> None:
        """Set the sentence that the next page of this browser shows; ``None`` removes it."""
        await self._change(session_id, notice=notice)

    async def add_notice(self, session_id: str, notice: str) -> None:
        """Set the sentence of the next page, unless there is one that was not shown yet."""
        await self._database.execute(
            update(tables.sessions)
            .where(_s.id == session_id, _s.notice.is_(None))
            .values(notice=notice)
        )

    async def list_for(self, person_id: str) -> Sequence[BrowserSession]:
        """List the browsers of one person, the last used first."""
        query = (
            select(*_COLUMNS)
            .where(_s.person_id == person_id, _s.expires_at > to_epoch_s(self._clock()))
            .order_by(_s.seen_at.desc())
        )
        return [BrowserSession(*row) for row in await self._database.fetch_all(query)]

    async def end(self, person_id: str, session_id: str) -> bool:
        """Sign one browser of one person out."""
        return await self._delete(_s.person_id == person_id, _s.id == session_id)

    async def end_others(self, person_id: str, keep: str = "") -> None:
        """Sign every browser of one person out but the one to keep."""
        await self._delete(_s.person_id == person_id, _s.id != keep)

    async def _delete(self, *conditions: ColumnElement[bool]) -> bool:
        return await self._database.execute(delete(tables.sessions).where(*conditions)) > 0

    async def _change(self, session_id: str, **values: str | int | None) -> None:
        await self._database.execute(
            update(tables.sessions).where(_s.id == session_id).values(**values)
        )

"""Signed-in browsers, kept in the database so that each can be listed and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from annulet.hosted.accounts.people import Person
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.opaque_tokens import new_id, new_token, token_digest

__all__ = ["BrowserSession", "BrowserSessions", "describe_browser"]

LIFETIME: Final = 30 * 86_400
_TOUCH_EVERY: Final = 300


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """One signed-in browser."""

    id: str
    agent: str
    created_at: int
    seen_at: int
    expires_at: int
    notice: str | None


_SESSION = tuple(tables.sessions.c[name] for name in BrowserSession.__dataclass_fields__)
_PERSON = tuple(tables.people.c[name] for name in Person.__dataclass_fields__)


class BrowserSessions:
    """Starts, finds and ends sessions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def start(self, person_id: str, agent: str) -> str:
        """Sign a browser in.

        Returns:
            The token for the cookie; only its digest is kept.
        """
        now, token = to_epoch_s(self._clock()), new_token()
        async with self._database.write() as connection:
            await connection.execute(
                delete(tables.sessions).where(tables.sessions.c.expires_at <= now)
            )
            await connection.execute(
                insert(tables.sessions).values(
                    id=new_id(),
                    digest=token_digest(token),
                    person_id=person_id,
                    agent=describe_browser(agent),
                    created_at=now,
                    seen_at=now,
                    expires_at=now + LIFETIME,
                )
            )
        return token

    async def find(self, token: str) -> tuple[Person, BrowserSession] | None:
        """Whose browser this is; nothing for unknown and ended sessions and disabled people."""
        now = to_epoch_s(self._clock())
        query = (
            select(*_PERSON, *_SESSION)
            .select_from(tables.sessions.join(tables.people))
            .where(
                tables.sessions.c.digest == token_digest(token),
                tables.sessions.c.expires_at > now,
                tables.people.c.disabled_at.is_(None),
            )
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        person, session = Person(*row[: len(_PERSON)]), BrowserSession(*row[len(_PERSON) :])
        if now - session.seen_at > _TOUCH_EVERY:
            await self._change(session.id, seen_at=now, expires_at=now + LIFETIME)
        return person, session

    async def leave_notice(self, session_id: str, notice: str) -> None:
        """A sentence for the next page of this browser."""
        await self._change(session_id, notice=notice)

    async def clear_notice(self, session_id: str) -> None:
        """The sentence was shown."""
        await self._change(session_id, notice=None)

    async def of(self, person_id: str) -> Sequence[BrowserSession]:
        """The browsers of one person, the latest first."""
        query = (
            select(*_SESSION)
            .where(
                tables.sessions.c.person_id == person_id,
                tables.sessions.c.expires_at > to_epoch_s(self._clock()),
            )
            .order_by(tables.sessions.c.seen_at.desc())
        )
        async with self._database.read() as connection:
            return [BrowserSession(*row) for row in await connection.execute(query)]

    async def end(self, person_id: str, session_id: str) -> bool:
        """Sign one browser of one person out."""
        c = tables.sessions.c
        return await self._remove(c.person_id == person_id, c.id == session_id)

    async def end_others(self, person_id: str, keep: str = "") -> None:
        """Sign every other browser of one person out."""
        c = tables.sessions.c
        await self._remove(c.person_id == person_id, c.id != keep)

    async def _remove(self, *conditions: Any) -> bool:
        async with self._database.write() as connection:
            done = await connection.execute(delete(tables.sessions).where(*conditions))
            return bool(done.rowcount)

    async def _change(self, session_id: str, **values: Any) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(tables.sessions).where(tables.sessions.c.id == session_id).values(**values)
            )


_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def describe_browser(agent: str) -> str:
    """A browser in two words; the full header identifies more than a list needs.

    >>> agent_words("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox on Linux'
    """
    browser = next((name for mark, name in _BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser

"""The people of the service: who they are to us, nothing about their health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from annulet.errors import UsageError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.errors import NotFoundError
from annulet.hosted.opaque_tokens import new_id

__all__ = ["ADMIN", "MEMBER", "PERSON_COLUMNS", "People", "Person", "checked_login", "checked_zone"]

ADMIN: Final = "admin"
MEMBER: Final = "member"
_LOGIN_LIMIT: Final = 254
_NAME_LIMIT: Final = 80


@dataclass(frozen=True, slots=True)
class Person:
    """One account."""

    id: str
    login: str
    name: str
    role: str
    timezone: str
    created_at: int
    disabled_at: int | None

    @property
    def admin(self) -> bool:
        """Whether this account administers the service."""
        return self.role == ADMIN


PERSON_COLUMNS: Final = tuple(tables.people.c[name] for name in Person.__dataclass_fields__)


def checked_login(value: str) -> str:
    """An e-mail address in its one spelling.

    Raises:
        UsageError: It is not an e-mail address.
    """
    login = value.strip().casefold()
    name, at, host = login.partition("@")
    plain = login.isprintable() and not any(sign in login for sign in " <>\"'\\,;")
    if not (name and at and host) or "@" in host or not plain or len(login) > _LOGIN_LIMIT:
        raise UsageError("This is not an e-mail address.", hint="Write it like name@example.org.")
    return login


def checked_zone(value: str) -> str:
    """An IANA time zone, ``UTC`` when left out.

    Raises:
        UsageError: There is no such zone.
    """
    zone = value.strip() or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            "There is no such time zone.", hint="Write it like Europe/Helsinki."
        ) from None
    return zone


class People:
    """Reads and writes accounts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, login: str, name: str, password_hash: str | None, *, role: str | None, timezone: str
    ) -> Person:
        """A new account.

        Without a role, the first account of an empty database is the admin.

        Raises:
            UsageError: The e-mail address is taken.
        """
        person_id = new_id()
        try:
            async with self._database.write() as connection:
                if role is None:
                    role = MEMBER if await _claimed(connection) else ADMIN
                if role == ADMIN and not await _claimed(connection):
                    # a primary key, so of two first accounts at once only one becomes the admin
                    await connection.execute(
                        insert(tables.options).values(name="first-admin", value=person_id)
                    )
                await connection.execute(
                    insert(tables.people).values(
                        id=person_id,
                        login=login,
                        name=name.strip()[:_NAME_LIMIT] or login.partition("@")[0],
                        password_hash=password_hash,
                        role=role,
                        timezone=timezone,
                        created_at=to_epoch_s(self._clock()),
                    )
                )
        except IntegrityError:
            raise UsageError(
                "There is already an account with this e-mail address.",
                hint="Sign in instead, or ask an admin for a reset link.",
            ) from None
        return await self.get(person_id)

    async def get(self, person_id: str) -> Person:
        """One account.

        Raises:
            NotFoundError: There is no such account.
        """
        person = await self.find(tables.people.c.id == person_id)
        if person is None:
            raise NotFoundError("There is no such account.", hint="It may have been deleted.")
        return person

    async def by_login(self, login: str) -> Person | None:
        """The account with this e-mail address."""
        return await self.find(tables.people.c.login == login.strip().casefold())

    async def find(self, condition: Any) -> Person | None:
        """The account that meets a condition."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(*PERSON_COLUMNS).where(condition))).one_or_none()
        return Person(*row) if row else None

    async def everybody(self) -> Sequence[Person]:
        """All accounts, the oldest first."""
        query = select(*PERSON_COLUMNS).order_by(tables.people.c.created_at, tables.people.c.id)
        async with self._database.read() as connection:
            return [Person(*row) for row in await connection.execute(query)]

    async def count(self) -> int:
        """How many accounts there are."""
        async with self._database.read() as connection:
            found = await connection.execute(select(func.count()).select_from(tables.people))
            return int(found.scalar_one())

    async def password_hash(self, person_id: str) -> str | None:
        """The kept hash, if the account has a password."""
        query = select(tables.people.c.password_hash).where(tables.people.c.id == person_id)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar()

    async def change(self, person_id: str, **values: Any) -> None:
        """Change columns of one account."""
        async with self._database.write() as connection:
            await connection.execute(
                update(tables.people).where(tables.people.c.id == person_id).values(**values)
            )

    async def delete(self, person_id: str) -> None:
        """Remove an account with everything that belongs to it."""
        async with self._database.write() as connection:
            await connection.execute(delete(tables.people).where(tables.people.c.id == person_id))


async def _claimed(connection: Any) -> bool:
    """Whether the service has had its first admin; deleting everybody does not open it again."""
    options, people = tables.options, tables.people
    query = select(options.c.name).where(options.c.name == "first-admin")
    if (await connection.execute(query)).scalar():
        return True
    return (await connection.execute(select(people.c.id).limit(1))).scalar() is not None

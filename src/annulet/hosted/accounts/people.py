"""The people who have an account: how they sign in and where they live, nothing about health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.contract.texts import harmless
from annulet.hosted.accounts.login_names import normalize_login
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.errors import FieldError, NotFoundError
from annulet.hosted.opaque_tokens import new_id

ADMIN: Final = "admin"
MEMBER: Final = "member"
SUPPORT: Final = "support"
"""Sees the admin pages and changes nothing."""
ROLES: Final = (MEMBER, SUPPORT, ADMIN)
_MAX_NAME: Final = 80
_p = tables.people.c


@dataclass(frozen=True, slots=True)
class Person:
    """One account.

    Attributes:
        verified_at: When the person proved to receive mail at ``login``; ``None`` if never.
        confirm_by: Until when a new account has to be confirmed by mail; sign-in is refused before.
    """

    id: str
    login: str
    name: str
    role: str
    timezone: str
    created_at: int
    disabled_at: int | None
    verified_at: int | None
    confirm_by: int | None

    @property
    def is_admin(self) -> bool:
        """Whether this account administers the service."""
        return self.role == ADMIN

    @property
    def sees_admin_pages(self) -> bool:
        """Whether this account may look at the states of other people."""
        return self.role in {ADMIN, SUPPORT}


PERSON_COLUMNS: Final = tuple(_p[name] for name in Person.__dataclass_fields__)


def check_zone(value: str) -> str:
    """Return the name of an IANA time zone; ``UTC`` when it is left out.

    Raises:
        FieldError: There is no such zone.
    """
    zone = value.strip() or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FieldError(
            "timezone", "There is no such time zone.", hint="Write it like Europe/Helsinki."
        ) from None
    return zone


class People:
    """Reads and writes accounts."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self,
        login: str,
        name: str,
        password_hash: str | None,
        *,
        role: str | None,
        timezone: str,
        verified: bool = False,
        confirm_by: int | None = None,
    ) -> Person:
        """Create an account.

        Without a role, the first account of an empty database is the admin.

        Raises:
            FieldError: The e-mail address is taken.
        """
        person_id = new_id()
        try:
            async with self._database.write() as connection:
                role = await _assign_role(self._database, connection, person_id, role)
                await connection.execute(
                    insert(tables.people).values(
                        id=person_id,
                        login=login,
                        name=harmless(name, _MAX_NAME) or login.partition("@")[0],
                        password_hash=password_hash,
                        role=role,
                        timezone=timezone,
                        created_at=(now := to_epoch_s(self._clock())),
                        verified_at=now if verified else None,
                        confirm_by=confirm_by,
                    )
                )
        except IntegrityError:
            raise FieldError(
                "login",
                "There is already an account with this e-mail address.",
                hint="Sign in instead, or ask an admin for a reset link.",
            ) from None
        return await self.get(person_id)

    async def get(self, person_id: str) -> Person:
        """Read one account.

        Raises:
            NotFoundError: There is no such account.
        """
        person = await self._find(_p.id == person_id)
        if person is None:
            raise NotFoundError("There is no such account.", hint="It may have been deleted.")
        return person

    async def find_by_login(self, login: str) -> Person | None:
        """Find the account with this e-mail address."""
        # accounts of an earlier annulet may have another spelling than today's
        spellings = {normalize_login(login), login.strip().casefold()}
        query = select(*PERSON_COLUMNS).where(_p.login.in_(spellings)).order_by(_p.created_at)
        row = await self._database.fetch_one(query)
        return Person(*row) if row else None

    async def list_all(self) -> Sequence[Person]:
        """List all accounts, the oldest first."""
        query = select(*PERSON_COLUMNS).order_by(_p.created_at, _p.id)
        return [Person(*row) for row in await self._database.fetch_all(query)]

    async def count(self) -> int:
        """Count the accounts."""
        async with self._database.read() as connection:
            result = await connection.execute(select(func.count()).select_from(tables.people))
            return int(result.scalar_one())

    async def has_admin(self) -> bool:
        """Tell whether an account is an admin."""
        query = select(_p.id).where(_p.role == ADMIN).limit(1)
        return await self._database.fetch_value(query) is not None

    async def has_had_admin(self) -> bool:
        """Tell whether the service ever had an admin; deleting every account does not reopen it."""
        async with self._database.read() as connection:
            return await _has_had_admin(connection)

    async def read_password_hash(self, person_id: str) -> str | None:
        """Read the stored hash, if the account has a password."""
        query = select(_p.password_hash).where(_p.id == person_id)
        password_hash: str | None = await self._database.fetch_value(query)
        return password_hash

    async def change(self, person_id: str, **values: str | int | None) -> None:
        """Change columns of one account."""
        await self._database.execute(
            update(tables.people).where(_p.id == person_id).values(**values)
        )

    async def disable(self, person_id: str) -> bool:
        """Disable an account, unless it is the last admin who is not disabled.

        Returns:
            Whether the account is disabled now.
        """
        return await self._end_admin(person_id, disabled_at=to_epoch_s(self._clock()))

    async def demote(self, person_id: str, role: str) -> bool:
        """Give an account another role than admin, unless it is the last admin.

        Returns:
            Whether the account has the role now.
        """
        return await self._end_admin(person_id, role=role)

    async def _end_admin(self, person_id: str, **values: str | int) -> bool:
        """Change an account that may be the last admin.

        Of two admins who disable each other at once, one stays: the second statement waits for the
        rows of the first and then reads them again.
        """
        async with self._database.write() as connection:
            admins = select(_p.id).where(_p.role == ADMIN, _p.disabled_at.is_(None))
            # a weak lock, for which no audit entry of an admin has to wait
            locked = admins.order_by(_p.id).with_for_update(key_share=True)
            rows = await connection.execute(locked)
            enabled_admins = set(rows.scalars())
            if enabled_admins == {person_id}:
                return False
            await connection.execute(
                update(tables.people)
                .where(_p.id == person_id, _p.disabled_at.is_(None))
                .values(**values)
            )
        return True

    async def delete(self, person_id: str) -> None:
        """Delete an account with everything that belongs to it."""
        await self._database.execute(delete(tables.people).where(_p.id == person_id))

    async def delete_unconfirmed(self) -> None:
        """Delete the accounts whose time to be confirmed is over."""
        is_over = _p.confirm_by < to_epoch_s(self._clock())
        await self._database.execute(delete(tables.people).where(is_over))

    async def _find(self, condition: ColumnElement[bool]) -> Person | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(*PERSON_COLUMNS).where(condition))).one_or_none()
        return Person(*row) if row else None


async def _assign_role(
    database: ServiceDatabase, connection: AsyncConnection, person_id: str, role: str | None
) -> str:
    """Return the role of a new account, and remember who became the first admin."""
    has_admin = await _has_had_admin(connection)
    role = role or (MEMBER if has_admin else ADMIN)
    if role == ADMIN and not has_admin:
        # a primary key: of two first accounts at once, only one becomes the admin
        row = database.insert(tables.options).values(name="first-admin", value=person_id)
        is_first = (await connection.execute(row.on_conflict_do_nothing())).rowcount > 0
        return ADMIN if is_first else MEMBER
    return role


async def _has_had_admin(connection: AsyncConnection) -> bool:
    """Tell whether the service ever had an admin; deleting every account does not reopen it."""
    option = select(tables.options.c.name).where(tables.options.c.name == "first-admin")
    if (await connection.execute(option)).scalar():
        return True
    return (await connection.execute(select(_p.id).limit(1))).scalar() is not None

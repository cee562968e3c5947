"""The people of the service, searched and filtered, a page at a time in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, select

from annulet.hosted.accounts.people import ROLES
from annulet.hosted.database import tables
from annulet.hosted.database.engine import AnyRow, ServiceDatabase
from annulet.hosted.registrations.stages import (
    ConnectionHealth,
    Registration,
    Stage,
    find_stage,
)

PAGE_SIZE: Final = 25
_p, _r, _c, _o = tables.people.c, tables.registrations.c, tables.connections.c, tables.options.c
_COLUMNS: Final = (
    *(_p.id, _p.login, _p.role, _p.disabled_at, _p.created_at, _p.confirm_by),
    *(
        _r.state,
        _c.sealed.is_not(None).label("connected"),
        _c.needs_reconnect,
        _c.membership_lost_at,
    ),
)


def _is_registered(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_r.person_id == _p.id, *conditions)


def _is_connected(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_c.person_id == _p.id, _c.sealed.is_not(None), *conditions)


def _is_in_trouble(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Find by the connections: these few are not met by going through people by their addresses."""
    return _p.id.in_(select(_c.person_id).where(_c.sealed.is_not(None), *conditions))


_FILTERS: Final[dict[str, tuple[ColumnElement[bool], ...]]] = {
    Stage.NOT_REGISTERED: (~_is_registered(), ~_is_connected()),
    Stage.PENDING: (_is_registered(_r.state == Registration.PENDING), ~_is_connected()),
    Stage.APPROVED: (_is_registered(_r.state == Registration.APPROVED), ~_is_connected()),
    Stage.CONNECTED: (
        _is_connected(_c.needs_reconnect.is_(None), _c.membership_lost_at.is_(None)),
    ),
    Stage.MEMBERSHIP_INACTIVE: (
        _is_in_trouble(_c.needs_reconnect.is_(None), _c.membership_lost_at.is_not(None)),
    ),
    Stage.EXPIRED: (_is_in_trouble(_c.needs_reconnect.is_not(None)),),
    "disabled": (_p.disabled_at.is_not(None),),
    **{role: (_p.role == role,) for role in ROLES},
}
STATES: Final = tuple(str(name) for name in _FILTERS)
"""What the list can be narrowed to: a stage, disabled, or a role."""


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One line of the list."""

    id: str
    login: str
    role: str
    stage: str
    created_at: int
    disabled_at: int | None
    confirm_by: int | None


@dataclass(frozen=True, slots=True)
class ServiceCounts:
    """How full the service is.

    Attributes:
        people: Accounts.
        approved: Places that are taken.
        waiting: People in the queue.
        capacity: What an admin has set; ``None`` while the setting counts.
        unidentified: Connections that events of Oura cannot be matched to.
    """

    people: int
    approved: int
    waiting: int
    capacity: int | None
    unidentified: int


class PeopleDirectory:
    """Lists and counts people, each in one statement."""

    def __init__(self, database: ServiceDatabase) -> None:
        self._database = database

    async def list_page(
        self, *, search: str = "", state: str = "", after: str = ""
    ) -> tuple[Sequence[ListedPerson], str]:
        """List a page of people by their e-mail addresses.

        Args:
            search: A part of the e-mail address.
            state: One of `STATES`; anything else lists all.
            after: The address behind which the page begins.

        Returns:
            The people, and the address behind which the next page begins; empty on the last one.
        """
        conditions = [*_FILTERS.get(state, ()), _p.login > after]
        if search:
            conditions.append(_p.login.contains(search.strip().casefold(), autoescape=True))
        # the page is found in the table of people alone, and only its people are looked up
        page = select(_p.id).where(*conditions).order_by(_p.login).limit(PAGE_SIZE + 1).subquery()
        query = (
            select(*_COLUMNS)
            .select_from(
                tables.people.join(page, _p.id == page.c.id)
                .outerjoin(tables.registrations, _r.person_id == _p.id)
                .outerjoin(tables.connections, _c.person_id == _p.id)
            )
            .order_by(_p.login)
        )
        rows = await self._database.fetch_all(query)
        people = [_to_person(row) for row in rows[:PAGE_SIZE]]
        return people, people[-1].login if len(rows) > PAGE_SIZE else ""

    async def count(self) -> ServiceCounts:
        """Count in one statement."""
        counts = [
            select(func.count()).select_from(tables.people),
            select(func.count()).where(_r.state == Registration.APPROVED),
            select(func.count()).where(_r.state == Registration.PENDING),
            select(_o.value).where(_o.name == "capacity"),
            select(func.count()).where(and_(_c.sealed.is_not(None), _c.account_digest.is_(None))),
        ]
        row = await self._database.fetch_one(select(*(c.scalar_subquery() for c in counts)))
        people, approved, waiting, capacity, unidentified = row or (0, 0, 0, None, 0)
        return ServiceCounts(
            people, approved, waiting, int(capacity) if capacity else None, unidentified
        )


def _to_person(row: AnyRow) -> ListedPerson:
    health = ConnectionHealth.NONE
    if row.connected:
        health = ConnectionHealth.WORKING
        if row.needs_reconnect:
            health = ConnectionHealth.EXPIRED
        elif row.membership_lost_at is not None:
            health = ConnectionHealth.MEMBERSHIP_INACTIVE
    stage = find_stage(Registration(row.state or Registration.NONE), health)
    return ListedPerson(
        row.id, row.login, row.role, stage, row.created_at, row.disabled_at, row.confirm_by
    )

"""Searches the audit log, a page at a time, and exports what a search finds."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Self

from sqlalchemy import ColumnElement, select, tuple_

from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.clock import from_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import AnyRow, ServiceDatabase
from annulet.hosted.errors import FieldError

_a, _p = tables.audit.c, tables.people.c
_ADMIN_COLUMNS: Final = (_a.id, _a.at, _a.action, _a.status, _p.login, _a.actor)
"""An admin sees no client, endpoint and tool."""
_OWN_COLUMNS: Final = (
    *_ADMIN_COLUMNS,
    _a.client,
    _a.endpoint_id,
    _a.tool,
    _a.bytes,
    _a.milliseconds,
)
_EXPORT_ROWS: Final = 1000
_SOURCES: Final = frozenset({"person", "admin", "assistant", "service", "oura"})
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What is looked for.

    Attributes:
        person_id: Entries of one person alone, with everything they say.
        source: Who acted, the first word of the actions; empty for all.
        login: The e-mail address of a person; empty for all.
        since: The first day in UTC, as ISO text; empty for all.
        until: The last day in UTC.
    """

    person_id: str = ""
    source: str = ""
    login: str = ""
    since: str = ""
    until: str = ""


class AuditPlace(NamedTuple):
    """The place of an entry in the log, which is in the order of time.

    >>> AuditPlace.parse(str(AuditPlace(at=1764000000, id=7)))
    AuditPlace(at=1764000000, id=7)
    """

    at: int
    id: int

    @classmethod
    def of(cls, row: AnyRow) -> Self:
        """Find the place of an entry that was read."""
        return cls(row.at, row.id)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read the text of a place; ``None`` where it is none."""
        match = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,18})", text)
        return cls(int(match[1]), int(match[2])) if match else None

    def __str__(self) -> str:
        return f"{self.at}-{self.id}"


class AuditSearch:
    """Reads entries that fit a filter, the newest first."""

    def __init__(self, database: ServiceDatabase, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def read(
        self, looked_for: AuditFilter, *, limit: int, before: AuditPlace | None = None
    ) -> Sequence[AnyRow]:
        """Read a page in one statement.

        Raises:
            FieldError: A day is none.
        """
        await self._audit.try_flush()
        conditions = _conditions(looked_for)
        if before is not None:
            # the first condition alone lets PostgreSQL leave out the months after it
            conditions += [_a.at <= before.at, tuple_(_a.at, _a.id) < before]
        columns = _OWN_COLUMNS if looked_for.person_id else _ADMIN_COLUMNS
        query = (
            select(*columns)
            .select_from(tables.audit.outerjoin(tables.people, _a.person_id == _p.id))
            .where(*conditions)
            .order_by(_a.at.desc(), _a.id.desc())
            .limit(limit)
        )
        return await self._database.fetch_all(query)

    async def export(self, looked_for: AuditFilter, *, as_json: bool) -> AsyncIterator[str]:
        """Write every entry, a thousand at a time: CSV with a head, or one JSON object a line.

        The first entries are read here, so that an error is raised before an answer has begun.

        Raises:
            FieldError: A day is none.
            DatabaseUnavailable: The database does not answer.
        """
        rows = await self.read(looked_for, limit=_EXPORT_ROWS)
        return self._write(looked_for, rows, as_json=as_json)

    async def _write(
        self, looked_for: AuditFilter, rows: Sequence[AnyRow], *, as_json: bool
    ) -> AsyncIterator[str]:
        columns = _OWN_COLUMNS if looked_for.person_id else _ADMIN_COLUMNS
        names = [column.name for column in columns]
        if not as_json:
            yield ",".join(names) + "\r\n"
        while rows:
            values = [(row[0], from_epoch_s(row[1]).isoformat(), *row[2:]) for row in rows]
            if as_json:
                objects = (dict(zip(names, row, strict=True)) for row in values)
                yield "".join(json.dumps(entry) + "\n" for entry in objects)
            else:
                text = io.StringIO()
                csv.writer(text).writerows([map(formula_safe, row) for row in values])
                yield text.getvalue()
            rows = await self.read(looked_for, limit=_EXPORT_ROWS, before=AuditPlace.of(rows[-1]))


def _conditions(looked_for: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if looked_for.person_id:
        conditions.append(_a.person_id == looked_for.person_id)
    if looked_for.source in _SOURCES:
        conditions.append(tables.audit_source == looked_for.source[:3])
    if looked_for.login:
        login = looked_for.login.strip().casefold()
        person = select(_p.id).where(_p.login == login).scalar_subquery()
        conditions.append(_a.person_id == person)
    if looked_for.since:
        conditions.append(_a.at >= _day_start("since", looked_for.since))
    if looked_for.until:
        conditions.append(
            _a.at
            < _day_start("until", looked_for.until) + timedelta(days=1) // timedelta(seconds=1)
        )
    return conditions


def _day_start(field: str, text: str) -> int:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise FieldError(field, "This is not a day.", hint="Write it like 2026-11-21.") from None
    return int(day.timestamp())


def formula_safe(value: object) -> object:
    """Return a cell that a spreadsheet shows instead of calculating it."""
    is_formula = isinstance(value, str) and value.startswith(_FORMULA_STARTS)
    return f"'{value}" if is_formula else value

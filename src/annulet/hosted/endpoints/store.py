"""Endpoints in the database, always asked for together with their owner."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update

from annulet.errors import UsageError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.endpoints.assistants import ASSISTANTS
from annulet.hosted.errors import NotFoundError
from annulet.hosted.opaque_tokens import new_id

__all__ = ["ENDPOINT_COLUMNS", "Endpoint", "Endpoints", "endpoint_from"]

_MOST: Final = 50
_NAME_LIMIT: Final = 60
_e = tables.endpoints.c


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address for one assistant.

    Attributes:
        id: The last segment of its address.
        person_id: Whose it is.
        name: As its owner calls it.
        kind: Which assistant it is for.
        auth: ``oauth`` or ``key``.
        tools_off: Tools that are switched off.
        created_at: When it was made.
        first_call_at: When the first question came.
        used_at: When the latest question came.
    """

    id: str
    person_id: str
    name: str
    kind: str
    auth: str
    tools_off: frozenset[str]
    created_at: int
    first_call_at: int | None
    used_at: int | None

    @property
    def assistant(self) -> str:
        """The name of its assistant."""
        return ASSISTANTS[self.kind].title if self.kind in ASSISTANTS else self.kind


ENDPOINT_COLUMNS: Final = tuple(_e[name] for name in Endpoint.__dataclass_fields__)


class Endpoints:
    """Makes, finds, changes and deletes endpoints."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, person_id: str, *, name: str, kind: str, auth: str = "") -> Endpoint:
        """A new endpoint.

        Raises:
            UsageError: The kind is unknown, or there are too many endpoints.
        """
        if kind not in ASSISTANTS or auth not in {"", "oauth", "key"}:
            raise UsageError("There is no such assistant.", hint="Choose one from the list.")
        endpoint_id = new_id()
        async with self._database.write() as connection:
            query = select(func.count()).where(_e.person_id == person_id)
            if (await connection.execute(query)).scalar_one() >= _MOST:
                raise UsageError(
                    f"There are {_MOST} endpoints already.", hint="Delete one you do not use."
                )
            await connection.execute(
                insert(tables.endpoints).values(
                    id=endpoint_id,
                    person_id=person_id,
                    name=_name(name) or _usual_name(kind),
                    kind=kind,
                    auth=auth or ASSISTANTS[kind].auth,
                    tools_off="[]",
                    created_at=to_epoch_s(self._clock()),
                )
            )
        return await self.get(person_id, endpoint_id)

    async def get(self, person_id: str, endpoint_id: str) -> Endpoint:
        """One endpoint of one person.

        Raises:
            NotFoundError: This person has no such endpoint.
        """
        found = await self._select(_e.person_id == person_id, _e.id == endpoint_id)
        if not found:
            raise NotFoundError("There is no such endpoint.", hint="It may have been deleted.")
        return found[0]

    async def any(self, endpoint_id: str) -> Endpoint | None:
        """The endpoint behind an address, before it is known who asks."""
        found = await self._select(_e.id == endpoint_id)
        return found[0] if found else None

    async def of(self, person_id: str) -> Sequence[Endpoint]:
        """The endpoints of one person, the oldest first."""
        return await self._select(_e.person_id == person_id)

    async def rename(self, person_id: str, endpoint_id: str, name: str) -> None:
        """Call it something else."""
        await self._change(person_id, endpoint_id, name=_name(name) or "Endpoint")

    async def switch(
        self, person_id: str, endpoint_id: str, *, on: Iterable[str], known: Iterable[str]
    ) -> None:
        """Choose the tools it offers.

        Args:
            person_id: Whose endpoint.
            endpoint_id: Which one.
            on: The tools to offer.
            known: All tools there are; one that comes later starts switched on.
        """
        off = sorted(set(known) - set(on))
        await self._change(person_id, endpoint_id, tools_off=json.dumps(off))

    async def delete(self, person_id: str, endpoint_id: str) -> bool:
        """Delete it with its keys and grants."""
        async with self._database.write() as connection:
            done = await connection.execute(
                delete(tables.endpoints).where(_e.person_id == person_id, _e.id == endpoint_id)
            )
            return bool(done.rowcount)

    async def _change(self, person_id: str, endpoint_id: str, **values: Any) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(tables.endpoints)
                .where(_e.person_id == person_id, _e.id == endpoint_id)
                .values(**values)
            )

    async def _select(self, *conditions: Any) -> list[Endpoint]:
        query = select(*ENDPOINT_COLUMNS).where(*conditions).order_by(_e.created_at, _e.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [endpoint_from(row) for row in rows]


def endpoint_from(values: Sequence[Any]) -> Endpoint:
    """The endpoint of a row that holds `ENDPOINT_COLUMNS`."""
    row = dict(zip(Endpoint.__dataclass_fields__, values, strict=True))
    return Endpoint(**{**row, "tools_off": frozenset(json.loads(row["tools_off"]))})


def _usual_name(kind: str) -> str:
    return "My assistant" if kind == "other" else ASSISTANTS[kind].title


def _name(said: str) -> str:
    plain = "".join(sign if sign.isprintable() else " " for sign in said)
    return " ".join(plain.split())[:_NAME_LIMIT]

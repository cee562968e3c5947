"""Endpoints in the database, always read together with their owner."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select, update

from annulet.contract.texts import harmless
from annulet.errors import UsageError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.endpoints.assistants import ASSISTANTS
from annulet.hosted.errors import NotFoundError
from annulet.hosted.opaque_tokens import new_id

_MAX_ENDPOINTS: Final = 50
_MAX_NAME: Final = 60
_e = tables.endpoints.c


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address for one assistant.

    Attributes:
        id: The last segment of its address.
        person_id: Its owner.
        name: Its name, given by the owner.
        kind: The assistant it is for.
        auth: ``oauth`` or ``key``.
        tools_off: Tools that are switched off.
        created_at: When it was created.
        first_call_at: When an assistant first called a tool.
        used_at: When an assistant last called a tool.
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
    """Creates, finds, changes and deletes endpoints."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, person_id: str, *, name: str, kind: str, auth: str = "") -> Endpoint:
        """Create an endpoint.

        Raises:
            UsageError: The kind is unknown, or there are too many endpoints.
        """
        endpoint, _ = await self.create_once(new_id(), person_id, name=name, kind=kind, auth=auth)
        return endpoint

    async def create_once(
        self, endpoint_id: str, person_id: str, *, name: str, kind: str, auth: str = ""
    ) -> tuple[Endpoint, bool]:
        """Create an endpoint with this identifier, unless the person has it already.

        Returns:
            The endpoint, and whether it is new.

        Raises:
            UsageError: The kind is unknown, or there are too many endpoints.
        """
        if kind not in ASSISTANTS or auth not in {"", "oauth", "key"}:
            raise UsageError("There is no such assistant.", hint="Choose one from the list.")
        row = self._database.insert(tables.endpoints).values(
            id=endpoint_id,
            person_id=person_id,
            name=_clean_name(name) or _default_name(kind),
            kind=kind,
            auth=auth or ASSISTANTS[kind].auth,
            tools_off="[]",
            created_at=to_epoch_s(self._clock()),
        )
        async with self._database.write() as connection:
            query = select(func.count()).where(_e.person_id == person_id, _e.id != endpoint_id)
            if (await connection.execute(query)).scalar_one() >= _MAX_ENDPOINTS:
                raise UsageError(
                    f"There are {_MAX_ENDPOINTS} endpoints already.",
                    hint="Delete one you do not use.",
                )
            made = await connection.execute(row.on_conflict_do_nothing(index_elements=[_e.id]))
        return await self.get(person_id, endpoint_id), made.rowcount > 0

    async def get(self, person_id: str, endpoint_id: str) -> Endpoint:
        """Read one endpoint of one person.

        Raises:
            NotFoundError: This person has no such endpoint.
        """
        endpoints = await self._select(_e.person_id == person_id, _e.id == endpoint_id)
        if not endpoints:
            raise NotFoundError("There is no such endpoint.", hint="It may have been deleted.")
        return endpoints[0]

    async def find(self, endpoint_id: str) -> Endpoint | None:
        """Find the endpoint behind an address, before it is known who asks."""
        endpoints = await self._select(_e.id == endpoint_id)
        return endpoints[0] if endpoints else None

    async def list_for(self, person_id: str) -> Sequence[Endpoint]:
        """List the endpoints of one person, the oldest first."""
        return await self._select(_e.person_id == person_id)

    async def rename(self, person_id: str, endpoint_id: str, name: str) -> None:
        """Change the name of an endpoint."""
        await self._change(person_id, endpoint_id, name=_clean_name(name) or "Endpoint")

    async def set_tools(
        self, person_id: str, endpoint_id: str, *, on: Iterable[str], known: Iterable[str]
    ) -> None:
        """Set the tools that an endpoint offers.

        Args:
            person_id: The owner.
            endpoint_id: The endpoint.
            on: The tools to offer.
            known: All tools of this version; a tool of a later version starts switched on.
        """
        off = sorted(set(known) - set(on))
        await self._change(person_id, endpoint_id, tools_off=json.dumps(off))

    async def delete(self, person_id: str, endpoint_id: str) -> bool:
        """Delete an endpoint with its keys and grants."""
        return (
            await self._database.execute(
                delete(tables.endpoints).where(_e.person_id == person_id, _e.id == endpoint_id)
            )
            > 0
        )

    async def _change(self, person_id: str, endpoint_id: str, **values: str) -> None:
        await self._database.execute(
            update(tables.endpoints)
            .where(_e.person_id == person_id, _e.id == endpoint_id)
            .values(**values)
        )

    async def _select(self, *conditions: ColumnElement[bool]) -> list[Endpoint]:
        query = select(*ENDPOINT_COLUMNS).where(*conditions).order_by(_e.created_at, _e.id)
        rows = await self._database.fetch_all(query)
        return [read_endpoint(row) for row in rows]


def read_endpoint(values: Sequence[Any]) -> Endpoint:
    """Read an endpoint from the values of `ENDPOINT_COLUMNS`."""
    row = dict(zip(Endpoint.__dataclass_fields__, values, strict=True))
    return Endpoint(**{**row, "tools_off": frozenset(json.loads(row["tools_off"]))})


def _default_name(kind: str) -> str:
    return "My assistant" if kind == "other" else ASSISTANTS[kind].title


def _clean_name(name: str) -> str:
    return harmless(name, _MAX_NAME)

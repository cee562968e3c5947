"""What a bearer opens: access, person and endpoint, read together in one statement.

Every assistant's question begins with this look-up, so it must cost little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from annulet.hosted.accounts.people import PERSON_COLUMNS, Person
from annulet.hosted.database import tables
from annulet.hosted.endpoints.store import ENDPOINT_COLUMNS, Endpoint, endpoint_from

__all__ = ["OPENED", "Access", "Bearer", "opened", "with_owner"]

OPENED: Final = (*PERSON_COLUMNS, *ENDPOINT_COLUMNS)


@dataclass(frozen=True, slots=True)
class Access:
    """What a bearer allows, whether it is an access token or an API key.

    Attributes:
        person_id: Whose data.
        endpoint_id: Through which endpoint.
        resource: The resource an access token is for; empty for an API key.
        scopes: What is allowed.
        client: Who asks, for the audit log.
        expires_at: When it ends (epoch seconds); ``None`` for never.
    """

    person_id: str
    endpoint_id: str
    resource: str
    scopes: tuple[str, ...]
    client: str
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """A bearer that was looked up: person, endpoint and what is allowed."""

    access: Access
    person: Person
    endpoint: Endpoint


def with_owner(source: Any, person_id: Any, endpoint_id: Any) -> Any:
    """Tables joined with the person and the endpoint, which must be that person's own."""
    p, e = tables.people.c, tables.endpoints.c
    return source.join(tables.people, person_id == p.id).join(
        tables.endpoints, (endpoint_id == e.id) & (e.person_id == p.id)
    )


def opened(
    resource: str,
    scopes: tuple[str, ...],
    client: str,
    expires_at: int | None,
    row: Sequence[Any],
) -> Bearer:
    """A bearer.

    Args:
        resource: The resource of an access token; empty for an API key.
        scopes: What is allowed.
        client: Who asks.
        expires_at: When it ends.
        row: The values of the columns of `OPENED`.
    """
    person = Person(*row[: len(PERSON_COLUMNS)])
    endpoint = endpoint_from(row[len(PERSON_COLUMNS) :])
    return Bearer(
        Access(person.id, endpoint.id, resource, scopes, client, expires_at), person, endpoint
    )

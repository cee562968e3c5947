"""What a bearer gives access to: person, endpoint and scopes, read together in one statement.

Every call of an assistant begins with this look-up, so it must cost little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, FromClause, Join

from annulet.hosted.accounts.people import PERSON_COLUMNS, Person
from annulet.hosted.database import tables
from annulet.hosted.database.engine import AnyRow
from annulet.hosted.endpoints.store import ENDPOINT_COLUMNS, Endpoint, read_endpoint

__all__ = ["OWNER_COLUMNS", "AccessGrant", "join_owner", "read_owner"]

OWNER_COLUMNS: Final = (*PERSON_COLUMNS, *ENDPOINT_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGrant:
    """What an access token or an API key gives access to.

    Attributes:
        person: Whose data.
        endpoint: Through which endpoint.
        resource: The resource that an access token is for (RFC 8707); empty for an API key.
        scopes: What is allowed.
        client_name: Who asks, for the audit log.
    """

    person: Person
    endpoint: Endpoint
    resource: str
    scopes: tuple[str, ...]
    client_name: str


def join_owner(
    source: FromClause, person_id: ColumnElement[str], endpoint_id: ColumnElement[str]
) -> Join:
    """Join a table with the person and the endpoint, which must be that person's own."""
    p, e = tables.people.c, tables.endpoints.c
    return source.join(tables.people, person_id == p.id).join(
        tables.endpoints, (endpoint_id == e.id) & (e.person_id == p.id)
    )


def read_owner(row: AnyRow) -> tuple[Person, Endpoint]:
    """Read person and endpoint from a row that ends with `OWNER_COLUMNS`."""
    values = row[-len(OWNER_COLUMNS) :]
    person = Person(*values[: len(PERSON_COLUMNS)])
    return person, read_endpoint(values[len(PERSON_COLUMNS) :])

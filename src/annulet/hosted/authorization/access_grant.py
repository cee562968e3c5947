"""What a bearer gives access to, read in one statement with the state of everything cached.

Every call of an assistant begins with this look-up, so it must cost little.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Join

from annulet.hosted.accounts.people import PERSON_COLUMNS, Person
from annulet.hosted.connections.connection_state import (
    CONNECTION_COLUMNS,
    ConnectionState,
    read_connection,
)
from annulet.hosted.database import tables
from annulet.hosted.database.engine import AnyRow
from annulet.hosted.endpoints.store import ENDPOINT_COLUMNS, Endpoint, read_endpoint

OWNER_COLUMNS: Final = (*PERSON_COLUMNS, *ENDPOINT_COLUMNS, *CONNECTION_COLUMNS)


class AccessFacts(NamedTuple):
    """What access consists of besides the bearer itself."""

    connected_at: int | None
    tools_off: frozenset[str]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGrant:
    """What an access token or an API key gives access to.

    Attributes:
        person: Whose data.
        endpoint: Through which endpoint.
        connection: The state of the person's connection with Oura.
        resource: The resource that an access token is for (RFC 8707); empty for an API key.
        scopes: What is allowed.
        client_name: Who asks, for the audit log.
        expires_at: When the bearer ends; ``None`` for one that does not end.
    """

    person: Person
    endpoint: Endpoint
    connection: ConnectionState
    resource: str
    scopes: tuple[str, ...]
    client_name: str
    expires_at: int | None

    @property
    def access(self) -> AccessFacts:
        """What must be the same at the end of an answer as at its beginning.

        A renewal changes the generation of the connection and leaves its consent as it was.
        """
        return AccessFacts(self.connection.connected_at, self.endpoint.tools_off, self.scopes)


def build_access_grant(
    row: AnyRow, *, scopes: str, client_name: str, expires_at: int | None, resource: str = ""
) -> AccessGrant:
    """Build the grant of a bearer from a row that ends with `OWNER_COLUMNS`."""
    values = iter(row[-len(OWNER_COLUMNS) :])
    return AccessGrant(
        person=Person(*islice(values, len(PERSON_COLUMNS))),
        endpoint=read_endpoint(tuple(islice(values, len(ENDPOINT_COLUMNS)))),
        connection=read_connection(tuple(values)),
        resource=resource,
        scopes=tuple(scopes.split()),
        client_name=client_name,
        expires_at=expires_at,
    )


def join_owner(
    source: FromClause, person_id: ColumnElement[str], endpoint_id: ColumnElement[str]
) -> Join:
    """Join a table with the person, the own endpoint, and the connection if there is one."""
    p, e, c = tables.people.c, tables.endpoints.c, tables.connections.c
    return (
        source.join(tables.people, person_id == p.id)
        .join(tables.endpoints, (endpoint_id == e.id) & (e.person_id == p.id))
        .outerjoin(tables.connections, c.person_id == p.id)
    )

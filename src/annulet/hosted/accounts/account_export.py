"""The export of an account: every row about one person, without secrets and digests."""

from __future__ import annotations

from typing import Final

from sqlalchemy import RowMapping, select

from annulet.hosted.clock import from_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase

_LEFT_OUT: Final = frozenset(
    {
        *("credential_digest", "credential_id", "public_key"),
        *("person_id", "password_hash", "digest", "account_digest", "sealed"),
        *("intent", "lease_owner", "lease_until", "notice"),
    }
)
_OWNED_TABLES: Final = (
    tables.sessions,
    tables.passkeys,
    tables.identities,
    tables.registrations,
    tables.connections,
    tables.endpoints,
    tables.api_keys,
    tables.oauth_grants,
    tables.audit,
)
_NOTE: Final = (
    "Everything annulet keeps about this account. Health data is not part of it, "
    "because annulet does not keep any."
)


async def export_account(database: ServiceDatabase, person_id: str) -> dict[str, object]:
    """Read every row of one person, by table; instants are ISO 8601 text."""
    exported: dict[str, object] = {"note": _NOTE}
    queries = {"account": select(tables.people).where(tables.people.c.id == person_id)}
    for table in _OWNED_TABLES:
        name = "audit" if table is tables.audit else table.name
        queries[name] = select(table).where(table.c.person_id == person_id)
    async with database.read() as connection:
        for name, query in queries.items():
            rows = (await connection.execute(query)).mappings()
            exported[name] = [_export_row(row) for row in rows]
    return exported


def _export_row(row: RowMapping) -> dict[str, object]:
    return {
        name: _export_value(name, value)
        for name, value in row.items()
        if isinstance(name, str) and name not in _LEFT_OUT
    }


def _export_value(name: str, value: object) -> object:
    is_instant = name == "at" or name.endswith("_at")
    return from_epoch_s(value).isoformat() if is_instant and isinstance(value, int) else value

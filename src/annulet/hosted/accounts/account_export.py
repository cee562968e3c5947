"""Everything the service knows about one person, as a file; secrets and digests stay out."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from annulet.hosted.clock import from_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database

__all__ = ["export_account"]

_SECRET: Final = frozenset(
    {
        *("password_hash", "digest", "account_digest", "sealed"),
        *("intent", "lease_owner", "lease_until", "notice"),
    }
)
_OWNED: Final = (
    tables.sessions,
    tables.registrations,
    tables.connections,
    tables.endpoints,
    tables.api_keys,
    tables.oauth_grants,
    tables.audit,
)


async def export_account(database: Database, person_id: str) -> dict[str, Any]:
    """Every row of one person, instants as text."""
    everything: dict[str, Any] = {
        "note": "Everything annulet keeps about this account. Health data is not part of it, "
        "because annulet does not keep any."
    }
    async with database.read() as connection:
        query = select(tables.people).where(tables.people.c.id == person_id)
        everything["account"] = [_shown(r) for r in (await connection.execute(query)).mappings()]
        for table in _OWNED:
            query = select(table).where(table.c.person_id == person_id)
            rows = (await connection.execute(query)).mappings()
            everything[table.name] = [_shown(row) for row in rows]
    return everything


def _shown(row: Any) -> dict[str, Any]:
    return {
        name: _readable(name, value)
        for name, value in row.items()
        if name not in _SECRET and name != "person_id"
    }


def _readable(name: str, value: Any) -> Any:
    is_instant = name == "at" or name.endswith("_at") or name == "expires_at"
    return from_epoch_s(value).isoformat() if is_instant and isinstance(value, int) else value

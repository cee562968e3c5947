"""The store of capabilities: hashes of tokens and their limits, in a small database.

Several processes share it: the proxy counts requests while a shell mints and revokes. The budget
is counted by one conditional statement, so two proxies cannot both spend the last request.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from annulet.proxy.capability import Capability, MintedCapability, token_hash
from annulet.vault.database import Database, Schema

_SCHEMA: Final = Schema(
    name="list of capabilities",
    statements=(
        """CREATE TABLE capability (
            id TEXT PRIMARY KEY,
            token_hash BLOB NOT NULL UNIQUE,
            account TEXT NOT NULL,
            tool TEXT NOT NULL,
            collections TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            budget INTEGER NOT NULL,
            used INTEGER NOT NULL,
            max_days INTEGER,
            earliest TEXT,
            latest TEXT,
            sandbox INTEGER NOT NULL,
            revoked_at INTEGER
        )""",
    ),
    if_damaged="Move it away and mint new capabilities with: annulet grant --tool NAME",
    has_write_ahead_log=True,
)
_INSERT: Final = (
    "INSERT INTO capability VALUES (:id, :token_hash, :account, :tool, :collections, :created_at, "
    ":expires_at, :budget, :used, :max_days, :earliest, :latest, :sandbox, :revoked_at)"
)
_FIND: Final = "SELECT * FROM capability WHERE token_hash = ?"
_LIST: Final = (
    "SELECT * FROM capability WHERE ? IN ('', account) ORDER BY created_at DESC, rowid DESC"
)


class CapabilityStore:
    """The capabilities of this machine.

    Args:
        path: The database file; made by the first write, for its owner only.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _SCHEMA)

    def keep_open(self) -> AbstractContextManager[None]:
        """Keep the file open while many requests are counted.

        Raises:
            VaultError: The file is damaged, newer, or cannot be written.
        """
        return self._database.keep_open()

    def add(self, minted: MintedCapability) -> None:
        """Store a new capability and the hash of its token.

        Raises:
            VaultError: The file cannot be written.
        """
        capability = minted.capability
        values = {
            **asdict(capability),
            "token_hash": token_hash(minted.token.reveal()),
            "collections": ",".join(sorted(capability.collections)),
            "created_at": _to_seconds(capability.created_at),
            "expires_at": _to_seconds(capability.expires_at),
            "earliest": capability.earliest and capability.earliest.isoformat(),
            "latest": capability.latest and capability.latest.isoformat(),
            "revoked_at": capability.revoked_at and _to_seconds(capability.revoked_at),
        }
        with self._database.open_transaction() as db:
            db.execute(_INSERT, values)

    def find(self, token: str) -> Capability | None:
        """Find the capability of a token, in any state.

        Raises:
            VaultError: The file cannot be read.
        """
        capabilities = self._select(_FIND, token_hash(token))
        return capabilities[0] if capabilities else None

    def spend(self, capability_id: str, now: datetime) -> bool:
        """Count one request; return whether the capability was active and had one left.

        Raises:
            VaultError: The file cannot be written.
        """
        return self._change(
            "UPDATE capability SET used = used + 1 WHERE id = ? AND used < budget "
            "AND revoked_at IS NULL AND expires_at > ?",
            (capability_id, _to_seconds(now)),
        )

    def revoke(self, capability_id: str, now: datetime) -> bool:
        """Revoke a capability; return whether there was one to revoke.

        Raises:
            VaultError: The file cannot be written.
        """
        return self._change(
            "UPDATE capability SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
            (_to_seconds(now), capability_id),
        )

    def list(self, account: str | None = None) -> tuple[Capability, ...]:
        """List every capability, the newest first.

        Raises:
            VaultError: The file cannot be read, or belongs to a newer annulet.
        """
        return self._select(_LIST, account or "")

    def remove_expired(self, before: datetime) -> None:
        """Remove the capabilities that expired before an instant.

        Raises:
            VaultError: The file cannot be written.
        """
        self._change("DELETE FROM capability WHERE expires_at < ?", (_to_seconds(before),))

    def _select(self, statement: str, value: str | bytes) -> tuple[Capability, ...]:
        with self._database.open_reader() as db:
            if db is None:
                return ()
            db.row_factory = sqlite3.Row
            return tuple(_capability(row) for row in db.execute(statement, (value,)))

    def _change(self, statement: str, values: tuple[object, ...]) -> bool:
        """Execute a statement; return whether it changed a row."""
        with self._database.open_transaction() as db:
            return db.execute(statement, values).rowcount > 0


def _to_seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _from_seconds(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _capability(row: sqlite3.Row) -> Capability:
    values = dict(row)
    del values["token_hash"]
    values |= {
        "collections": frozenset(row["collections"].split(",")),
        "created_at": _from_seconds(row["created_at"]),
        "expires_at": _from_seconds(row["expires_at"]),
        "earliest": date.fromisoformat(row["earliest"]) if row["earliest"] else None,
        "latest": date.fromisoformat(row["latest"]) if row["latest"] else None,
        "sandbox": bool(row["sandbox"]),
        "revoked_at": None if row["revoked_at"] is None else _from_seconds(row["revoked_at"]),
    }
    return Capability(**values)

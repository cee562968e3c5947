"""Where capabilities are kept: hashes of tokens and what they allow, in a small database.

Several processes share it: the proxy counts requests while a shell mints and revokes. The budget
is counted by one conditional statement, so two proxies cannot both spend the last request.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from annulet.errors import VaultError
from annulet.proxy.capability import Capability, Minted, token_hash

__all__ = ["CapabilityStore"]

_FORMAT: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS capability (
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
)
"""
_COLUMNS: Final = (
    "id, token_hash, account, tool, collections, created_at, expires_at, budget, used, max_days, "
    "earliest, latest, sandbox, revoked_at"
)


class CapabilityStore:
    """The capabilities of this machine.

    Args:
        path: The database file; made with mode 0600 in a folder of mode 0700.

    Raises:
        VaultError: The file cannot be opened or belongs to a newer annulet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _explained(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._database = sqlite3.connect(path, isolation_level=None, timeout=10)
        try:
            with _explained(path):
                self._prepare()
        except VaultError:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def add(self, minted: Minted) -> None:
        """Keep a new capability, and the hash of its token."""
        entry = minted.capability
        values = (
            entry.id,
            token_hash(minted.token.reveal()),
            entry.account,
            entry.tool,
            ",".join(sorted(entry.collections)),
            _seconds(entry.created_at),
            _seconds(entry.expires_at),
            entry.budget,
            entry.used,
            entry.max_days,
            entry.earliest and entry.earliest.isoformat(),
            entry.latest and entry.latest.isoformat(),
            int(entry.sandbox),
            entry.revoked_at and _seconds(entry.revoked_at),
        )
        marks = ", ".join("?" for _ in values)
        statement = f"INSERT INTO capability ({_COLUMNS}) VALUES ({marks})"  # noqa: S608 - constants
        with _explained(self._path):
            self._database.execute(statement, values)

    def find(self, token: str) -> Capability | None:
        """The capability of a token, whatever state it is in."""
        digest = token_hash(token)
        row = self._one("token_hash = ?", digest)
        if row is None or not hmac.compare_digest(row[1], digest):
            return None
        return _capability(row)

    def spend(self, capability_id: str, now: datetime) -> bool:
        """Count one request; whether the capability was alive and had one left."""
        with _explained(self._path):
            changed = self._database.execute(
                "UPDATE capability SET used = used + 1 WHERE id = ? AND used < budget "
                "AND revoked_at IS NULL AND expires_at > ?",
                (capability_id, _seconds(now)),
            )
            return changed.rowcount == 1

    def revoke(self, capability_id: str, now: datetime) -> bool:
        """Take a capability back; whether there was one to take back."""
        with _explained(self._path):
            changed = self._database.execute(
                "UPDATE capability SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                (_seconds(now), capability_id),
            )
            return changed.rowcount == 1

    def list(self, account: str | None = None) -> tuple[Capability, ...]:
        """Every capability, the newest first."""
        statement = f"SELECT {_COLUMNS} FROM capability"  # noqa: S608 - constants
        where, values = (" WHERE account = ?", (account,)) if account is not None else ("", ())
        with _explained(self._path):
            rows = self._database.execute(
                f"{statement}{where} ORDER BY created_at DESC, rowid DESC", values
            ).fetchall()
        return tuple(_capability(row) for row in rows)

    def forget_ended(self, before: datetime) -> int:
        """Remove what ended before an instant; how many were removed."""
        with _explained(self._path):
            return self._database.execute(
                "DELETE FROM capability WHERE expires_at < ?", (_seconds(before),)
            ).rowcount

    def _prepare(self) -> None:
        self._database.execute("PRAGMA busy_timeout = 10000")
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version > _FORMAT:
            raise VaultError(
                "The list of capabilities was written by a newer annulet.",
                hint="Upgrade annulet, or move the file away and mint new capabilities.",
            )
        if version < _FORMAT:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute(_SCHEMA)
            self._database.execute(f"PRAGMA user_version = {_FORMAT}")
        self._database.execute("PRAGMA synchronous = NORMAL")

    def _one(self, where: str, value: object) -> tuple[Any, ...] | None:
        statement = f"SELECT {_COLUMNS} FROM capability WHERE {where}"  # noqa: S608 - constants
        with _explained(self._path):
            row: tuple[Any, ...] | None = self._database.execute(statement, (value,)).fetchone()
            return row


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError):
        raise VaultError(
            f"The list of capabilities in {path.name} cannot be read or written.",
            hint=f"Check the folder {path.parent}; if the file is damaged, move it away.",
        ) from None


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _capability(row: tuple[Any, ...]) -> Capability:
    return Capability(
        id=row[0],
        account=row[2],
        tool=row[3],
        collections=frozenset(row[4].split(",")),
        created_at=_instant(row[5]),
        expires_at=_instant(row[6]),
        budget=row[7],
        used=row[8],
        max_days=row[9],
        earliest=date.fromisoformat(row[10]) if row[10] else None,
        latest=date.fromisoformat(row[11]) if row[11] else None,
        sandbox=bool(row[12]),
        revoked_at=None if row[13] is None else _instant(row[13]),
    )

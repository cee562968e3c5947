"""Entries of the vault as rows of its file: written sealed, read back whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from annulet.errors import VaultError
from annulet.vault.credential import Credential, Policy
from annulet.vault.sealing import Sealer, key_id

__all__ = ["read_all", "read_one", "unsealed", "write"]


def read_all(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every row, still sealed, by account and name."""
    found = db.execute(
        "SELECT account, name, generation, sealed, state, changed_at FROM credentials"
        " ORDER BY account, name"
    )
    return [_named(found, row) for row in found.fetchall()]


def read_one(db: sqlite3.Connection, account: str, name: str) -> dict[str, Any] | None:
    """One row, still sealed."""
    found = db.execute(
        "SELECT account, name, generation, sealed, state, changed_at FROM credentials"
        " WHERE account=? AND name=?",
        (account, name),
    )
    row = found.fetchone()
    return None if row is None else _named(found, row)


def _named(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def write(db: sqlite3.Connection, entry: Credential, sealer: Sealer) -> None:
    """Seal an entry and put it in its row's place."""
    content = {"fields": dict(entry.fields), "policy": entry.policy.as_dict()}
    plain = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    owner = f"{entry.account}/{entry.name}"
    sealed = sealer.seal(plain, owner=owner, generation=entry.generation)
    db.execute(
        "INSERT OR REPLACE INTO credentials VALUES (?, ?, ?, ?, ?, ?)",
        (
            entry.account,
            entry.name,
            entry.generation,
            sealed,
            json.dumps(dict(entry.state)),
            entry.changed_at,
        ),
    )


def unsealed(row: Mapping[str, Any], sealer: Sealer) -> Credential:
    """The entry of a row.

    Raises:
        VaultError: Sealed with another key, changed, moved or damaged.
    """
    try:
        generation, sealed = int(row["generation"]), bytes(row["sealed"])
        account, name = str(row["account"]), str(row["name"])
        plain = sealer.open(sealed, owner=f"{account}/{name}", generation=generation)
        content = json.loads(plain)
        return Credential(
            account=account,
            name=name,
            fields=content["fields"],
            policy=Policy.from_dict(content["policy"]),
            generation=generation,
            state=_state(row["state"]),
            key_id=key_id(sealed),
            changed_at=float(row["changed_at"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError):
        raise VaultError(
            "An entry of the vault is damaged; it was left as it is.",
            hint="Restore the vault from a copy, or connect again with: annulet connect",
        ) from None


def _state(text: object) -> Mapping[str, Any]:
    """What is known about an entry; unreadable remarks are none."""
    try:
        state = json.loads(str(text))
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}

"""Credentials as rows of the vault's file: written sealed, and read completely or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Final

from annulet.errors import VaultError
from annulet.vault.credential import Credential, CredentialPolicy
from annulet.vault.sealing import Sealer, key_id

_SELECT: Final = "SELECT account, name, generation, sealed, state, changed_at FROM credentials"


def read_all(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Read every row, still sealed, ordered by account and name."""
    return _rows(db, f"{_SELECT} ORDER BY account, name").fetchall()


def read_one(db: sqlite3.Connection, account: str, name: str) -> sqlite3.Row | None:
    """Read one row, still sealed."""
    row: sqlite3.Row | None = _rows(
        db, f"{_SELECT} WHERE account=? AND name=?", account, name
    ).fetchone()
    return row


def write(db: sqlite3.Connection, credential: Credential, sealer: Sealer) -> None:
    """Seal a credential and write its row over an earlier one."""
    content = {"fields": dict(credential.fields), "policy": credential.policy.as_dict()}
    plain = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    owner = f"{credential.account}/{credential.name}"
    sealed = sealer.seal(plain, owner=owner, generation=credential.generation)
    db.execute(
        "INSERT OR REPLACE INTO credentials VALUES (?, ?, ?, ?, ?, ?)",
        (
            credential.account,
            credential.name,
            credential.generation,
            sealed,
            json.dumps(dict(credential.state)),
            credential.changed_at,
        ),
    )


def unseal(row: sqlite3.Row, sealer: Sealer) -> Credential:
    """Unseal the credential of a row.

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
            policy=CredentialPolicy.from_dict(content["policy"]),
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


def _rows(db: sqlite3.Connection, statement: str, *values: str) -> sqlite3.Cursor:
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(statement, values)


def _state(text: object) -> Mapping[str, object]:
    """Read the state of a credential; empty where the text is damaged."""
    try:
        state = json.loads(str(text))
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}

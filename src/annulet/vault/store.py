"""The vault: sealed credentials of several accounts on one machine, one of them the default."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from annulet.errors import UsageError
from annulet.vault import rows
from annulet.vault.credential import Credential, CredentialPolicy
from annulet.vault.database import Database, Schema
from annulet.vault.files import is_exposed
from annulet.vault.key_sources import KeyringBackend, ProvidedKeys
from annulet.vault.sealing import Sealer
from annulet.vault.vault_keys import VaultKeys, read_meta, write_meta

FIRST_ACCOUNT: Final = "default"
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")

VAULT_SCHEMA: Final = Schema(
    name="vault",
    statements=(
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE credentials (
            account TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL,
            sealed BLOB NOT NULL, state TEXT NOT NULL, changed_at REAL NOT NULL,
            PRIMARY KEY (account, name)) WITHOUT ROWID""",
        """CREATE TABLE endpoints (
            client TEXT PRIMARY KEY, works TEXT NOT NULL, refused TEXT NOT NULL) WITHOUT ROWID""",
    ),
    application_id=0x616E6E75,  # "annu"
    if_damaged="Restore it from a copy, or move it away and run: annulet connect",
)


class StaleRow(Exception):
    """The credential is no longer at the generation the caller had read."""


@dataclass(frozen=True, slots=True)
class KeyLocation:
    """Where the key is kept.

    Attributes:
        name: A name for programs.
        description: Words for people.
        warning: What a person should know about the place; empty when all is well.
        key_id: The id of the key.
    """

    name: str
    description: str
    warning: str
    key_id: str


class Vault:
    """The vault of one machine; every call opens the file anew, and only the key is cached.

    Args:
        home: The data folder; made, for its owner only, by the first write.
        clock: Epoch seconds.
        provided_keys: Keys from the settings.
        keychain: A keychain for tests; the system's own when left out.
    """

    def __init__(
        self,
        home: Path,
        *,
        clock: Callable[[], float],
        provided_keys: ProvidedKeys | None = None,
        keychain: KeyringBackend | None = None,
    ) -> None:
        self.home = home
        self._clock = clock
        self._database = Database(home / "vault.sqlite3", VAULT_SCHEMA)
        self._keys = VaultKeys(home, provided=provided_keys, keychain=keychain)

    @property
    def path(self) -> Path:
        """The vault's file."""
        return self._database.path

    def accounts(self) -> tuple[str, ...]:
        """Every account that has a credential, the default one first.

        Raises:
            VaultError: The vault cannot be read.
        """
        with self._database.open_reader() as db:
            if db is None:
                return ()
            names = [row[0] for row in db.execute("SELECT DISTINCT account FROM credentials")]
            default = read_meta(db, "default_account")
        return tuple(sorted(names, key=lambda name: (name != default, name)))

    def account_or_default(self, account: str = "") -> str:
        """Return the named account, else the default one, else the name of a first account.

        Raises:
            UsageError: No account can be called so.
            VaultError: The vault cannot be read.
        """
        if account:
            return check_account_name(account)
        return next(iter(self.accounts()), FIRST_ACCOUNT)

    def create(self) -> None:
        """Make the file and the key if they are missing, before a consent needs them.

        Raises:
            VaultError: The vault cannot be opened or written.
        """
        self._keys.check_provided()
        with self._database.open_transaction() as db:
            self._keys.sealer(db, create=True)

    def get(self, account: str, name: str) -> Credential | None:
        """Read one credential, unsealed.

        Raises:
            VaultError: The vault or the credential cannot be opened.
        """
        with self._database.open_reader() as db:
            row = None if db is None else rows.read_one(db, account, name)
            if db is None or row is None:
                return None
            return rows.unseal(row, self._keys.sealer(db))

    def credentials(self) -> tuple[Credential, ...]:
        """Read every credential, unsealed, ordered by account and name.

        Raises:
            VaultError: The vault or a credential cannot be opened.
        """
        with self._database.open_reader() as db:
            sealed_rows = [] if db is None else rows.read_all(db)
            if db is None or not sealed_rows:
                return ()
            sealer = self._keys.sealer(db)
            return tuple(rows.unseal(row, sealer) for row in sealed_rows)

    def put(
        self,
        account: str,
        name: str,
        fields: Mapping[str, object],
        *,
        policy: CredentialPolicy | None = None,
        expected: int | None = None,
    ) -> Credential:
        """Seal and write a credential; durable when this returns. Its state is cleared.

        Args:
            account: Whose it is; the first one becomes the default.
            name: What it is.
            fields: Its values; plain JSON.
            policy: Where it may go and who may use it; as before when left out.
            expected: The generation it replaces; any generation when left out.

        Raises:
            StaleRow: It is not at the expected generation.
            VaultError: The vault cannot be opened or written.
        """
        check_account_name(account)
        self._keys.check_provided()
        with self._database.open_transaction() as db:
            sealer = self._keys.sealer(db, create=True)
            row = rows.read_one(db, account, name)
            if expected is not None and (row is None or row["generation"] != expected):
                raise StaleRow
            if policy is None:
                policy = CredentialPolicy() if row is None else rows.unseal(row, sealer).policy
            generation = int(read_meta(db, "generation") or 0) + 1
            write_meta(db, "generation", str(generation))
            if not read_meta(db, "default_account"):
                write_meta(db, "default_account", account)
            credential = Credential(
                account=account,
                name=name,
                fields=dict(fields),
                policy=policy,
                generation=generation,
                key_id=sealer.key_id,
                changed_at=self._clock(),
            )
            rows.write(db, credential, sealer)
        return credential

    def write_state(
        self, account: str, name: str, generation: int, state: Mapping[str, object]
    ) -> None:
        """Write the state of a credential, unsealed; durable when this returns.

        Raises:
            StaleRow: It is not at this generation.
            VaultError: The vault cannot be opened or written.
        """
        with self._database.open_transaction() as db:
            update = db.execute(
                "UPDATE credentials SET state=? WHERE account=? AND name=? AND generation=?",
                (json.dumps(dict(state)), account, name, generation),
            )
            if update.rowcount != 1:
                raise StaleRow

    def allow_tool(self, account: str, name: str, tool: str) -> Credential:
        """Add a tool to a credential's allowed tools; its generation and state stay.

        Raises:
            UsageError: There is no such credential, or no tool can be called so.
            VaultError: The vault cannot be opened or written.
        """
        with self._database.open_transaction() as db:
            row = rows.read_one(db, account, name)
            if row is None:
                raise UsageError(
                    f"The vault holds no {name} for the account {account}.",
                    hint="See what it holds with: annulet vault list",
                )
            sealer = self._keys.sealer(db)
            credential = rows.unseal(row, sealer)
            policy = credential.policy.with_tools([tool])
            changed = replace(credential, policy=policy, key_id=sealer.key_id)
            rows.write(db, changed, sealer)
        return changed

    def remove(self, account: str, name: str) -> bool:
        """Remove one credential; False when there was none. Works without the key.

        Raises:
            VaultError: The vault cannot be written.
        """
        return self._delete(account, name)

    def remove_account(self, account: str) -> bool:
        """Remove everything of an account; False when there was nothing. Works without the key.

        Raises:
            VaultError: The vault cannot be written.
        """
        return self._delete(account)

    def rotate_key(self) -> str:
        """Reseal every credential with a new key, all of them or none.

        Returns:
            The id of the new key.

        Raises:
            UsageError: There is nothing to reseal, or the person keeps the key and gave no new one.
            VaultError: A key is missing, or the vault cannot be written.
        """
        if not self.accounts():
            raise UsageError("The vault holds nothing to reseal.", hint="Run: annulet connect")
        with self._database.open_transaction() as db:
            old, new = self._keys.successor(db)
            old_sealer, new_sealer = Sealer(old.keys), Sealer(new.keys)
            for row in rows.read_all(db):
                rows.write(db, rows.unseal(row, old_sealer), new_sealer)
            self._keys.adopt(db, new)
        new.source.store(new.keys)  # the old key goes last, when nothing needs it any more
        return new_sealer.key_id

    def key_location(self) -> KeyLocation | None:
        """Return the place of the key; ``None`` while there is no key.

        Raises:
            VaultError: The vault or its key cannot be opened.
        """
        with self._database.open_reader() as db:
            if db is None or not read_meta(db, "key_id"):
                return None
            source = self._keys.source(db)
            key_id = read_meta(db, "key_id")
            return KeyLocation(source.name, source.description, source.warning(), key_id)

    def find_exposed_files(self) -> tuple[Path, ...]:
        """The files of the vault that others on this machine may read."""
        return tuple(filter(is_exposed, (self.home, self.path, self.home / "vault.key")))

    def read_server_history(self, client_id: str) -> tuple[str, str]:
        """Read which sign-in server works for an application and which has refused it.

        Words only, no addresses: a changed word cannot send a secret anywhere new.
        """
        with self._database.open_reader() as db:
            if db is None:
                return "", ""
            row = db.execute(
                "SELECT works, refused FROM endpoints WHERE client=?", (_hash(client_id),)
            ).fetchone()
        return (str(row[0]), str(row[1])) if row else ("", "")

    def write_server_history(self, client_id: str, *, works: str, refused: str) -> None:
        """Store which sign-in server works for an application and which has refused it."""
        with self._database.open_transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO endpoints VALUES (?, ?, ?)",
                (_hash(client_id), works, refused),
            )

    def _delete(self, account: str, name: str = "") -> bool:
        """Delete one credential of an account, or all of them."""
        with self._database.open_reader() as db:
            if db is None:
                return False
        with self._database.open_transaction() as db:
            deletion = db.execute(
                "DELETE FROM credentials WHERE account=? AND ? IN ('', name)", (account, name)
            )
            default = read_meta(db, "default_account")
            left = [row[0] for row in db.execute("SELECT DISTINCT account FROM credentials")]
            if default not in left:
                write_meta(db, "default_account", min(left, default=""))
            if not left:  # nothing is sealed any more: the next credential may choose another key
                write_meta(db, "key_id", "")
                write_meta(db, "key_source", "")
        return deletion.rowcount > 0


def check_account_name(name: str) -> str:
    """Return the name if it is valid for an account.

    Raises:
        UsageError: It cannot.
    """
    if not _ACCOUNT.fullmatch(name):
        raise UsageError(
            "An account's name has letters, digits and . _ @ + - only, at most 64 of them.",
            hint="Give a short name such as anna.",
        )
    return name


def _hash(client_id: str) -> str:
    return hashlib.sha256(b"annulet-client" + client_id.encode()).hexdigest()[:32]

"""The vault: sealed credentials of several accounts on one machine, one of them the default."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from annulet.errors import UsageError
from annulet.vault import rows
from annulet.vault.credential import Credential, Policy
from annulet.vault.database import Database
from annulet.vault.files import exposed
from annulet.vault.keyholder import Keyholder, recall, remember
from annulet.vault.sealing import Sealer
from annulet.vault.sources import GivenKeys

__all__ = ["FIRST_ACCOUNT", "KeyPlace", "RowMoved", "Vault", "account_name"]

FIRST_ACCOUNT: Final = "default"
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


class RowMoved(Exception):  # noqa: N818 - a turn of events for the caller
    """The entry is not (any more) at the generation the caller had read."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where the key is kept: a name for programs, words for people, and what to know about it."""

    name: str
    described: str
    warning: str
    key_id: str


class Vault:
    """Every call opens the file anew: nothing is cached but the key.

    Args:
        home: The data folder; made, for its owner only, by the first write.
        clock: Epoch seconds.
        given: Keys from the settings.
        keychain: A keychain for tests; the system's own when left out.
    """

    def __init__(
        self,
        home: Path,
        *,
        clock: Callable[[], float],
        given: GivenKeys | None = None,
        keychain: Any = None,
    ) -> None:
        self.home = home
        self._clock = clock
        self._database = Database(home / "vault.sqlite3")
        self._keyholder = Keyholder(home, given=given, backend=keychain)

    @property
    def path(self) -> Path:
        """The vault's file."""
        return self._database.path

    def accounts(self) -> tuple[str, ...]:
        """Every account that has an entry, the default one first.

        Raises:
            VaultError: The vault cannot be read.
        """
        with self._database.reading() as db:
            if db is None:
                return ()
            names = [row[0] for row in db.execute("SELECT DISTINCT account FROM credentials")]
            default = recall(db, "default_account")
        return tuple(sorted(names, key=lambda name: (name != default, name)))

    def chosen(self, account: str = "") -> str:
        """The named account, else the default one, else the name the first one gets.

        Raises:
            UsageError: No account can be called so.
            VaultError: The vault cannot be read.
        """
        if account:
            return account_name(account)
        return next(iter(self.accounts()), FIRST_ACCOUNT)

    def prepare(self) -> None:
        """Make file and key where they do not stand yet: a consent must not find them missing.

        Raises:
            VaultError: The vault cannot be opened or written.
        """
        self._keyholder.check_given()
        with self._database.writing() as db:
            self._keyholder.sealer(db, create=True)

    def get(self, account: str, name: str) -> Credential | None:
        """One entry, unsealed.

        Raises:
            VaultError: The vault or the entry cannot be opened.
        """
        with self._database.reading() as db:
            row = None if db is None else rows.read_one(db, account, name)
            if db is None or row is None:
                return None
            return rows.unsealed(row, self._keyholder.sealer(db))

    def entries(self) -> tuple[Credential, ...]:
        """Every entry, unsealed, by account and name.

        Raises:
            VaultError: The vault or an entry cannot be opened.
        """
        with self._database.reading() as db:
            found = [] if db is None else rows.read_all(db)
            if db is None or not found:
                return ()
            sealer = self._keyholder.sealer(db)
            return tuple(rows.unsealed(row, sealer) for row in found)

    def put(
        self,
        account: str,
        name: str,
        fields: Mapping[str, Any],
        *,
        policy: Policy | None = None,
        expected: int | None = None,
    ) -> Credential:
        """Seal and write an entry; durable when this returns. What is known about it is cleared.

        Args:
            account: Whose it is; the first one becomes the default.
            name: What it is.
            fields: Its values; plain JSON.
            policy: Where it may go and who may use it; as before when left out.
            expected: The generation it replaces; whatever is there when left out.

        Raises:
            RowMoved: It is not at the expected generation.
            VaultError: The vault cannot be opened or written.
        """
        account_name(account)
        self._keyholder.check_given()
        with self._database.writing() as db:
            sealer = self._keyholder.sealer(db, create=True)
            row = rows.read_one(db, account, name)
            if expected is not None and (row is None or row["generation"] != expected):
                raise RowMoved
            if policy is None:
                policy = Policy() if row is None else rows.unsealed(row, sealer).policy
            generation = int(recall(db, "generation") or 0) + 1
            remember(db, "generation", str(generation))
            if not recall(db, "default_account"):
                remember(db, "default_account", account)
            entry = Credential(
                account=account,
                name=name,
                fields=dict(fields),
                policy=policy,
                generation=generation,
                key_id=sealer.key_id,
                changed_at=self._clock(),
            )
            rows.write(db, entry, sealer)
        return entry

    def note(self, account: str, name: str, generation: int, state: Mapping[str, Any]) -> None:
        """Write what is known about an entry, in the clear; durable when this returns.

        Raises:
            RowMoved: It is not at this generation.
            VaultError: The vault cannot be opened or written.
        """
        with self._database.writing() as db:
            changed = db.execute(
                "UPDATE credentials SET state=? WHERE account=? AND name=? AND generation=?",
                (json.dumps(dict(state)), account, name, generation),
            )
            if changed.rowcount != 1:
                raise RowMoved

    def allow(self, account: str, name: str, tool: str) -> Credential:
        """Add a tool to those that may use an entry; its generation and state stay.

        Raises:
            UsageError: There is no such entry, or no tool can be called so.
            VaultError: The vault cannot be opened or written.
        """
        with self._database.writing() as db:
            row = rows.read_one(db, account, name)
            if row is None:
                raise UsageError(
                    f"The vault holds no {name} for the account {account}.",
                    hint="See what it holds with: annulet vault list",
                )
            sealer = self._keyholder.sealer(db)
            entry = rows.unsealed(row, sealer)
            policy = entry.policy.with_tools([tool])
            changed = Credential(
                account=account,
                name=name,
                fields=entry.fields,
                policy=policy,
                generation=entry.generation,
                state=entry.state,
                key_id=sealer.key_id,
                changed_at=entry.changed_at,
            )
            rows.write(db, changed, sealer)
        return changed

    def remove(self, account: str, name: str) -> bool:
        """Forget one entry; False when there was none. Works without the key.

        Raises:
            VaultError: The vault cannot be written.
        """
        return self._delete("account=? AND name=?", (account, name))

    def forget(self, account: str) -> bool:
        """Forget everything of an account; False when there was nothing. Works without the key.

        Raises:
            VaultError: The vault cannot be written.
        """
        return self._delete("account=?", (account,))

    def rotate(self) -> str:
        """Reseal every entry with a new key, all of them or none.

        Returns:
            The id of the new key.

        Raises:
            UsageError: There is nothing to reseal, or the person keeps the key and gave no new one.
            VaultError: A key is missing, or the vault cannot be written.
        """
        if not self.accounts():
            raise UsageError("The vault holds nothing to reseal.", hint="Run: annulet connect")
        with self._database.writing() as db:
            old, new = self._keyholder.successor(db)
            opening, sealing = Sealer(old.keys), Sealer(new.keys)
            for row in rows.read_all(db):
                rows.write(db, rows.unsealed(row, opening), sealing)
            self._keyholder.adopt(db, new)
        new.source.store(new.keys)  # the old key goes last, when nothing needs it any more
        return sealing.key_id

    def key_place(self) -> KeyPlace | None:
        """Where the key is kept; ``None`` while there is no key.

        Raises:
            VaultError: The vault or its key cannot be opened.
        """
        with self._database.reading() as db:
            if db is None or not recall(db, "key_id"):
                return None
            source = self._keyholder.place(db)
            return KeyPlace(source.name, source.described, source.warning(), recall(db, "key_id"))

    def exposed(self) -> tuple[Path, ...]:
        """The files of the vault that others on this machine may read."""
        found = (self.home, self.path, self.home / "vault.key")
        return tuple(path for path in found if exposed(path))

    def endpoint_memory(self, client_id: str) -> tuple[str, str]:
        """Which sign-in server works for an application, and which has refused it.

        Words only, no addresses: a changed word cannot send a secret anywhere new.
        """
        with self._database.reading() as db:
            if db is None:
                return "", ""
            found = db.execute(
                "SELECT works, refused FROM endpoints WHERE client=?", (_hashed(client_id),)
            ).fetchone()
        return (str(found[0]), str(found[1])) if found else ("", "")

    def remember_endpoint(self, client_id: str, *, works: str, refused: str) -> None:
        """Keep what was found out about an application's sign-in server."""
        with self._database.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO endpoints VALUES (?, ?, ?)",
                (_hashed(client_id), works, refused),
            )

    def _delete(self, where: str, values: tuple[str, ...]) -> bool:
        with self._database.reading() as db:
            if db is None:
                return False
        with self._database.writing() as db:
            gone = db.execute(f"DELETE FROM credentials WHERE {where}", values)  # noqa: S608 - ours
            default = recall(db, "default_account")
            left = [row[0] for row in db.execute("SELECT DISTINCT account FROM credentials")]
            if default not in left:
                remember(db, "default_account", min(left, default=""))
            if not left:  # nothing is sealed any more: the next entry may choose another key
                remember(db, "key_id", "")
                remember(db, "key_source", "")
        return gone.rowcount > 0


def account_name(name: str) -> str:
    """The name, if an account can be called so.

    Raises:
        UsageError: It cannot.
    """
    if not _ACCOUNT.fullmatch(name):
        raise UsageError(
            "An account's name has letters, digits and . _ @ + - only, at most 64 of them.",
            hint="Give a short name such as anna.",
        )
    return name


def _hashed(client_id: str) -> str:
    return hashlib.sha256(b"annulet-client" + client_id.encode()).hexdigest()[:32]

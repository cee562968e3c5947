"""The key of one vault: finding it, making it for a new vault, and changing it."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from annulet.errors import UsageError, VaultError
from annulet.vault import key_sources, keys
from annulet.vault.key_sources import KeyringBackend, KeySource, LoadedKeys, ProvidedKeys
from annulet.vault.sealing import Sealer


class VaultKeys:
    """Caches the vault's key, and reads it again after another process has changed it.

    Which key seals is written in the vault itself (``key_id``), so that a process that was idle
    during a rotation never seals with a key that is stored nowhere any more.

    Args:
        home: The data folder.
        provided: Keys from the settings; where there are any, only they are used.
        keychain: A keychain for tests; the system's own when left out.
    """

    def __init__(
        self,
        home: Path,
        *,
        provided: ProvidedKeys | None,
        keychain: KeyringBackend | None = None,
    ) -> None:
        self._home = home
        self._provided = provided
        self._keychain = keychain
        self._loaded: LoadedKeys | None = None

    def check_provided(self) -> None:
        """Check the provided keys before a vault is made for them.

        Raises:
            VaultError: What was provided is no key.
        """
        if self._provided is not None:
            self._provided.load()

    def sealer(self, connection: sqlite3.Connection, *, create: bool = False) -> Sealer:
        """Return the sealer of this vault; a missing key is made.

        Raises:
            VaultError: The key cannot be found, or is not the one of this vault.
        """
        loaded = self._load(connection, create=create)
        active = read_meta(connection, "key_id")
        return Sealer(tuple(sorted(loaded.keys, key=lambda key: key.id != active)))

    def source(self, connection: sqlite3.Connection) -> KeySource:
        """Return the place of this vault's key.

        Raises:
            VaultError: The key cannot be found.
        """
        return self._load(connection, create=False).source

    def successor(self, connection: sqlite3.Connection) -> tuple[LoadedKeys, LoadedKeys]:
        """Make the key of a rotation and store it beside the old one; return both.

        Raises:
            UsageError: The person keeps the key, and has not given a new one.
            VaultError: The old key cannot be found, or the new one cannot be stored.
        """
        key_id = read_meta(connection, "key_id")
        if self._provided is None:
            old = self._find(connection, key_id)
            new_key = keys.new_key()
            if not old.source.store((new_key, *old.keys)):
                raise VaultError(
                    f"The new key cannot be kept in {old.source.description}.",
                    hint="Unlock it and try again; the vault is still sealed with the old key.",
                )
            return old, LoadedKeys(old.source, (new_key,))
        provided = LoadedKeys(self._provided, self._provided.load())
        old = provided if provided.has(key_id) else self._find_own(connection, key_id)
        if provided.keys[0].id == key_id:
            raise UsageError(
                f"The vault is already sealed with the first key of {self._provided.description}.",
                hint="Put a new key before the old one, separated by a comma, and rotate again.",
            )
        return old, LoadedKeys(self._provided, provided.keys[:1])

    def adopt(self, connection: sqlite3.Connection, loaded: LoadedKeys) -> None:
        """Make this key the sealing one, in the transaction that reseals the rows."""
        write_meta(connection, "key_id", loaded.keys[0].id)
        write_meta(connection, "key_source", loaded.source.name)
        self._loaded = None

    def _load(self, connection: sqlite3.Connection, *, create: bool) -> LoadedKeys:
        key_id = read_meta(connection, "key_id")
        if not key_id and not create:
            raise VaultError("This vault has no key.", hint="Run: annulet connect")
        if self._loaded is None or not self._loaded.has(key_id):
            self._loaded = self._find(connection, key_id) if key_id else self._choose(connection)
        return self._loaded

    def _find(self, connection: sqlite3.Connection, key_id: str) -> LoadedKeys:
        """Find the key of this id."""
        if self._provided is None:
            return self._find_own(connection, key_id)
        provided = LoadedKeys(self._provided, self._provided.load())
        if provided.has(key_id):
            return provided
        raise VaultError(
            f"The vault was sealed with another key than the one in {self._provided.description}.",
            hint="Give the key it was sealed with, or unset the setting if annulet kept the "
            "key itself.",
        )

    def _find_own(self, connection: sqlite3.Connection, key_id: str) -> LoadedKeys:
        """Find the key of this id in the places where annulet itself keeps keys."""
        for source in self._own_sources(connection):
            loaded = LoadedKeys(source, source.load())
            if loaded.has(key_id):
                return loaded
        source_name = read_meta(connection, "key_source")
        if source_name in {"environment", "file"}:
            raise VaultError(
                "The vault was sealed with a key of your own, which is not given now.",
                hint="Give it with ANNULET_KEY or ANNULET_KEY_FILE.",
            )
        is_keychain = source_name == "keychain"
        where = "the keychain, which cannot be read now" if is_keychain else "its key file"
        raise VaultError(
            f"The key of the vault is not where it was kept: {where}.",
            hint="Unlock the keychain, put the key file back or give the key with ANNULET_KEY; or "
            "start anew with: annulet vault forget",
        )

    def _choose(self, connection: sqlite3.Connection) -> LoadedKeys:
        """Choose the key of a new vault: provided, stored beside it, or new."""
        if not read_meta(connection, "vault_id"):
            write_meta(connection, "vault_id", secrets.token_hex(8))
        if self._provided is not None:
            loaded = LoadedKeys(self._provided, self._provided.load())
        else:
            loaded = _load_or_make(self._own_sources(connection))
        self.adopt(connection, loaded)
        return loaded

    def _own_sources(self, connection: sqlite3.Connection) -> list[KeySource]:
        """The places where annulet keeps keys, the one this vault was sealed from first."""
        vault_id = read_meta(connection, "vault_id")
        source_name = read_meta(connection, "key_source")
        sources = key_sources.own_sources(self._home, vault_id, backend=self._keychain)
        return sorted(sources, key=lambda source: source.name != source_name)


def read_meta(connection: sqlite3.Connection, name: str) -> str:
    """Read a value of the vault's table of facts; empty for none."""
    row = connection.execute("SELECT value FROM meta WHERE name=?", (name,)).fetchone()
    return str(row[0]) if row else ""


def write_meta(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Write a value of the vault's table of facts; nothing secret belongs there."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _load_or_make(sources: Iterable[KeySource]) -> LoadedKeys:
    sources = list(sources)
    for source in sources:
        if existing := source.load():
            return LoadedKeys(source, existing)
    new_keys = (keys.new_key(),)
    for source in sources:
        if source.store(new_keys):
            return LoadedKeys(source, new_keys)
        if made_meanwhile := source.load():  # by another process
            return LoadedKeys(source, made_meanwhile)
    raise VaultError("No place was found to keep the vault's key.", hint="Set ANNULET_KEY.")

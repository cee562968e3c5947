"""Finds the key of one vault, makes it for a new one, and changes it."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path
from typing import Any

from annulet.errors import UsageError, VaultError
from annulet.vault import keys, sources
from annulet.vault.keys import Key
from annulet.vault.sealing import Sealer
from annulet.vault.sources import GivenKeys, KeySource, Opened

__all__ = ["Keyholder", "recall", "remember"]


class Keyholder:
    """Holds the vault's key while the process lives, and looks again when it was changed.

    Which key seals is written in the vault itself (``key_id``), so that a process that has
    slept through a rotation never seals with a key that nobody keeps any more.

    Args:
        home: The data folder.
        given: Keys from the settings; where there are any, only they are used.
        backend: A keychain for tests; the system's own when left out.
    """

    def __init__(self, home: Path, *, given: GivenKeys | None, backend: Any = None) -> None:
        self._home = home
        self._given = given
        self._backend = backend
        self._opened: Opened | None = None

    def check_given(self) -> None:
        """Say what is wrong with a given key before anything is made for it.

        Raises:
            VaultError: What was given is no key.
        """
        if self._given is not None:
            self._given.load()

    def sealer(self, connection: sqlite3.Connection, *, create: bool = False) -> Sealer:
        """Seals and opens the rows of this vault; makes its key where there is none yet.

        Raises:
            VaultError: The key cannot be found, or is not the one of this vault.
        """
        opened = self._open(connection, create=create)
        active = recall(connection, "key_id")
        ordered = sorted(opened.keys, key=lambda key: key.id != active)
        return Sealer(tuple(ordered))

    def place(self, connection: sqlite3.Connection) -> KeySource:
        """Where the key of this vault is kept.

        Raises:
            VaultError: The key cannot be found.
        """
        return self._open(connection, create=False).source

    def successor(self, connection: sqlite3.Connection) -> tuple[Opened, Opened]:
        """Old and new keys for a rotation; the new key is already kept beside the old one.

        Raises:
            UsageError: The person keeps the key, and has not given a new one.
            VaultError: The old key cannot be found, or the new one cannot be kept.
        """
        wanted = recall(connection, "key_id")
        if self._given is None:
            old = self._find(connection, wanted)
            fresh = keys.new_key()
            if not old.source.store((fresh, *old.keys)):
                raise VaultError(
                    f"The new key cannot be kept in {old.source.described}.",
                    hint="Unlock it and try again; the vault is still sealed with the old key.",
                )
            return old, Opened(old.source, (fresh,))
        ours = self._given.load()
        if wanted in {key.id for key in ours}:
            old = Opened(self._given, ours)
        else:
            old = self._find(connection, wanted, only_managed=True)
        if ours[0].id == wanted:
            raise UsageError(
                f"The vault is already sealed with the first key of {self._given.described}.",
                hint="Put a new key before the old one, separated by a comma, and rotate again.",
            )
        return old, Opened(self._given, ours[:1])

    def adopt(self, connection: sqlite3.Connection, opened: Opened) -> None:
        """From now on this key seals; written in the transaction that reseals the rows."""
        remember(connection, "key_id", opened.keys[0].id)
        remember(connection, "key_source", opened.source.name)
        self._opened = None

    def _open(self, connection: sqlite3.Connection, *, create: bool) -> Opened:
        wanted = recall(connection, "key_id")
        if not wanted and not create:
            raise VaultError("This vault has no key.", hint="Run: annulet connect")
        opened = self._opened
        if opened is None or wanted not in {key.id for key in opened.keys}:
            opened = self._find(connection, wanted) if wanted else self._new(connection)
            self._opened = opened
        return opened

    def _managed(self, connection: sqlite3.Connection) -> list[KeySource]:
        """Our own places, the one this vault was sealed from first."""
        vault_id = recall(connection, "vault_id")
        hint = recall(connection, "key_source")
        found = sources.managed(self._home, vault_id, backend=self._backend)
        return sorted(found, key=lambda source: source.name != hint)

    def _find(
        self, connection: sqlite3.Connection, wanted: str, *, only_managed: bool = False
    ) -> Opened:
        if self._given is not None and not only_managed:
            opened = Opened(self._given, self._given.load())
            if wanted in {key.id for key in opened.keys}:
                return opened
            raise VaultError(
                f"The vault was sealed with another key than the one in {self._given.described}.",
                hint="Give the key it was sealed with, or unset the setting if annulet kept the "
                "key itself.",
            )
        for source in self._managed(connection):
            held = source.load()
            if wanted in {key.id for key in held}:
                return Opened(source, held)
        hint = recall(connection, "key_source")
        if hint in {"environment", "file"}:
            raise VaultError(
                "The vault was sealed with a key of your own, which is not given now.",
                hint="Give it with ANNULET_KEY or ANNULET_KEY_FILE.",
            )
        where = "the keychain, which cannot be read now" if hint == "keychain" else "its key file"
        raise VaultError(
            f"The key of the vault is not where it was kept: {where}.",
            hint="Unlock the keychain, put the key file back or give the key with ANNULET_KEY; or "
            "start anew with: annulet vault forget",
        )

    def _new(self, connection: sqlite3.Connection) -> Opened:
        """The key of a new vault: given, found beside it, or made now."""
        if not recall(connection, "vault_id"):
            remember(connection, "vault_id", secrets.token_hex(8))
        opened = Opened(self._given, self._given.load()) if self._given else None
        if opened is None:
            opened = _held_or_made(self._managed(connection))
        self.adopt(connection, opened)
        return opened


def recall(connection: sqlite3.Connection, name: str) -> str:
    """What the vault remembers under this name; empty for nothing."""
    row = connection.execute("SELECT value FROM meta WHERE name=?", (name,)).fetchone()
    return str(row[0]) if row else ""


def remember(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Write what the vault remembers; nothing secret belongs here."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _held_or_made(places: list[KeySource]) -> Opened:
    for source in places:
        held = source.load()
        if held:
            return Opened(source, held)
    fresh: tuple[Key, ...] = (keys.new_key(),)
    for source in places:
        if source.store(fresh):
            return Opened(source, fresh)
        beside = source.load()  # made by another process a moment ago
        if beside:
            return Opened(source, beside)
    raise VaultError("No place was found to keep the vault's key.", hint="Set ANNULET_KEY.")

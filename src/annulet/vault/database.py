"""The vault's file: SQLite, private from its first byte, with a format version of its own.

A reader never creates anything. An older file is upgraded after a copy of it has been put aside,
a newer one and a damaged one are refused with a sentence and left as they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from annulet.errors import VaultError
from annulet.vault.files import create_private, private_folder

__all__ = ["FORMAT", "Database"]

FORMAT: Final = 1
_APPLICATION: Final = 0x616E6E75  # "annu"
_BUSY_SECONDS: Final = 15.0
_SCHEMA: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE credentials (
        account TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL,
        sealed BLOB NOT NULL, state TEXT NOT NULL, changed_at REAL NOT NULL,
        PRIMARY KEY (account, name)) WITHOUT ROWID""",
    """CREATE TABLE endpoints (
        client TEXT PRIMARY KEY, works TEXT NOT NULL, refused TEXT NOT NULL) WITHOUT ROWID""",
)
_SENTENCES: Final[dict[int, tuple[str, str]]] = {
    sqlite3.SQLITE_BUSY: ("is being used by another program.", "Try again in a moment."),
    sqlite3.SQLITE_LOCKED: ("is being used by another program.", "Try again in a moment."),
    sqlite3.SQLITE_FULL: ("cannot be written: the disk is full.", "Free some space, try again."),
    sqlite3.SQLITE_READONLY: (
        "cannot be written: it is read-only here.",
        "Check the permissions of the data folder, or name another one with ANNULET_HOME.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened.",
        "Check the permissions of the data folder, or name another one with ANNULET_HOME.",
    ),
    sqlite3.SQLITE_PERM: ("cannot be opened.", "Check the permissions of the data folder."),
    sqlite3.SQLITE_IOERR: ("cannot be read or written.", "Check the disk it lies on."),
}

Upgrades = Mapping[int, Callable[[sqlite3.Connection], None]]
"""By format: the step to the next one."""


class Database:
    """Opens the file for each piece of work, so that threads and processes share it freely.

    Args:
        path: The file.
        upgrades: Steps from older formats.
        newest: The format this code reads and writes.
    """

    def __init__(
        self, path: Path, *, upgrades: Upgrades | None = None, newest: int = FORMAT
    ) -> None:
        self.path = path
        self._upgrades = upgrades or {}
        self._newest = newest

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to read with; ``None`` where nothing has been written yet.

        Raises:
            VaultError: The file is newer, damaged, not ours, or cannot be read.
        """
        if not self.path.exists():
            yield None
            return
        with self._explained(), closing(self._connect()) as connection:
            yield connection if self._prepared(connection) else None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction of one writer: durable when the block is left, undone if it raises.

        Raises:
            VaultError: As `reading`; or the file cannot be written.
        """
        with self._explained():
            if not self.path.exists():
                private_folder(self.path.parent)
                create_private(self.path, b"")
            with closing(self._connect()) as connection:
                self._prepared(connection)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    if not _has_tables(connection):
                        self._create(connection)
                    yield connection
                except BaseException:  # Ctrl-C as well: all of it or nothing
                    _undo(connection)
                    raise
                connection.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous=EXTRA")
            connection.execute("PRAGMA secure_delete=ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _prepared(self, connection: sqlite3.Connection) -> bool:
        """Whether there are tables of the newest format, upgrading them where needed."""
        # Tables first: a vault that another process commits in between then shows its owner.
        made = _has_tables(connection)
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        if owner != _APPLICATION:
            if owner == 0 and not made:
                return False  # just created, by us or by a process beside us
            raise VaultError(
                f"{self.path} is not a vault of annulet; it was left as it is.",
                hint="Move it away, or name another data folder with ANNULET_HOME.",
            )
        version = _version(connection)
        if version > self._newest:
            raise VaultError(
                f"The vault was written by a newer annulet (format {version}; this one knows "
                f"{self._newest}). It was left as it is.",
                hint="Update annulet, or name another data folder with ANNULET_HOME.",
            )
        if version < self._newest:
            self._upgrade(connection, version)
        return True

    def _create(self, connection: sqlite3.Connection) -> None:
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={_APPLICATION}")
        connection.execute(f"PRAGMA user_version={self._newest}")

    def _upgrade(self, connection: sqlite3.Connection, version: int) -> None:
        if any(step not in self._upgrades for step in range(version, self._newest)):
            raise VaultError(
                f"The vault has format {version}, which this annulet cannot read any more.",
                hint="Upgrade it with the annulet that wrote it, or connect again elsewhere.",
            )
        copy = self.path.with_name(f"{self.path.name}.format-{version}.bak")
        if create_private(copy, b""):
            with closing(sqlite3.connect(copy)) as target:
                connection.backup(target)
        connection.execute("BEGIN IMMEDIATE")
        try:
            for step in range(_version(connection), self._newest):
                self._upgrades[step](connection)
                connection.execute(f"PRAGMA user_version={step + 1}")
        except BaseException:  # as above
            _undo(connection)
            raise
        connection.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's and the system's errors into sentences."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
            what, then = _SENTENCES.get(
                code,
                (
                    "is damaged; it was left as it is.",
                    "Restore it from a copy, or move it away and run: annulet connect",
                ),
            )
            raise VaultError(f"The vault {self.path} {what}", hint=then) from None
        except OSError:
            raise VaultError(
                f"The vault {self.path} cannot be read or written.",
                hint="Check the permissions of the data folder, or name another one with "
                "ANNULET_HOME.",
            ) from None


def _undo(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk may have undone it already
        connection.execute("ROLLBACK")


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])

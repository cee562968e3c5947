"""A private SQLite file with a format version: of the vault, and of the proxy's capabilities.

A reader never creates anything. An older file is upgraded after a copy of it has been put aside,
a newer one and a damaged one are refused with a sentence and left as they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from annulet.errors import VaultError
from annulet.vault.files import create_private_file, make_private_folder

_BUSY_S: Final = 15.0
_CHECK_FOLDER: Final = "Check the permissions of the data folder"
_OTHER_FOLDER: Final = f"{_CHECK_FOLDER}, or name another one with ANNULET_HOME."
_SENTENCES: Final[dict[int, tuple[str, str]]] = {
    sqlite3.SQLITE_BUSY: ("is being used by another program.", "Try again in a moment."),
    sqlite3.SQLITE_LOCKED: ("is being used by another program.", "Try again in a moment."),
    sqlite3.SQLITE_FULL: ("cannot be written: the disk is full.", "Free some space, try again."),
    sqlite3.SQLITE_READONLY: ("cannot be written: it is read-only here.", _OTHER_FOLDER),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened.", _OTHER_FOLDER),
    sqlite3.SQLITE_PERM: ("cannot be opened.", f"{_CHECK_FOLDER}."),
    sqlite3.SQLITE_IOERR: ("cannot be read or written.", "Check the disk it lies on."),
}

Upgrades = Mapping[int, Callable[[sqlite3.Connection], None]]
"""By format: the step to the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What a file holds.

    Attributes:
        name: What the file is, in a sentence such as "The vault is damaged".
        statements: Make the tables of the newest format.
        format: The number of the newest format.
        application_id: SQLite's mark of whose file it is; 0 for none.
        upgrades: Steps from older formats.
        if_damaged: What a person does with a damaged file.
        has_write_ahead_log: Whether commits go to a log beside the file, which is quicker; a power
            failure may undo the last ones.
    """

    name: str
    statements: tuple[str, ...]
    format: int = 1
    application_id: int = 0
    upgrades: Upgrades = field(default_factory=dict)
    if_damaged: str
    has_write_ahead_log: bool = False


class Database:
    """Opens the file for each piece of work, so that threads and processes share it freely.

    Args:
        path: The file.
        schema: What it holds.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self.path = path
        self._schema = schema

    @contextmanager
    def open_reader(self) -> Iterator[sqlite3.Connection | None]:
        """Open a connection to read with; ``None`` where no file exists yet.

        Raises:
            VaultError: The file is newer, damaged, not ours, or cannot be read.
        """
        if not self.path.exists():
            yield None
            return
        with self._translate_errors(), closing(self._connect()) as connection:
            yield connection if self._has_newest_format(connection) else None

    @contextmanager
    def open_transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction: durable when the block ends, undone if the block raises.

        Raises:
            VaultError: As `reading`; or the file cannot be written.
        """
        with self._translate_errors():
            if not self.path.exists():
                make_private_folder(self.path.parent)
                create_private_file(self.path, b"")
            with closing(self._connect()) as connection:
                self._has_newest_format(connection)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    if not _has_tables(connection):
                        self._create_tables(connection)
                    yield connection
                except BaseException:  # Ctrl-C as well: all of it or nothing
                    _undo(connection)
                    raise
                connection.execute("COMMIT")

    @contextmanager
    def keep_open(self) -> Iterator[None]:
        """Keep a connection open, so that SQLite merges its log once and not after every commit.

        Raises:
            VaultError: As `writing`.
        """
        with self.open_transaction():
            pass  # the file exists, for its owner only, before it is opened for long
        with self._translate_errors():
            connection = self._connect()
        with closing(connection):
            yield

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
        try:
            if self._schema.has_write_ahead_log:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
            else:
                connection.execute("PRAGMA synchronous=EXTRA")
            connection.execute("PRAGMA secure_delete=ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _has_newest_format(self, connection: sqlite3.Connection) -> bool:
        """Whether there are tables; tables of an older format are upgraded."""
        schema = self._schema
        # Tables first: a file that another process creates in between then shows its owner.
        has_tables = _has_tables(connection)
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        if owner == 0 and not has_tables:
            return False  # just created, by this process or another one
        if owner != schema.application_id:
            raise VaultError(
                f"{self.path} is not a {schema.name} of annulet; it was left as it is.",
                hint="Move it away, or name another data folder with ANNULET_HOME.",
            )
        version = _version(connection)
        if version > schema.format:
            raise VaultError(
                f"The {schema.name} was written by a newer annulet (format {version}; this one "
                f"knows {schema.format}). It was left as it is.",
                hint="Update annulet, or name another data folder with ANNULET_HOME.",
            )
        if version < schema.format:
            self._upgrade(connection, version)
        return True

    def _create_tables(self, connection: sqlite3.Connection) -> None:
        for statement in self._schema.statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={self._schema.application_id}")
        connection.execute(f"PRAGMA user_version={self._schema.format}")

    def _upgrade(self, connection: sqlite3.Connection, version: int) -> None:
        schema = self._schema
        if any(step not in schema.upgrades for step in range(version, schema.format)):
            raise VaultError(
                f"The {schema.name} has format {version}, which this annulet cannot read any more.",
                hint="Upgrade it with the annulet that wrote it, or connect again elsewhere.",
            )
        copy = self.path.with_name(f"{self.path.name}.format-{version}.bak")
        if create_private_file(copy, b""):
            with closing(sqlite3.connect(copy)) as target:
                connection.backup(target)
        connection.execute("BEGIN IMMEDIATE")
        try:
            for step in range(_version(connection), schema.format):
                schema.upgrades[step](connection)
                connection.execute(f"PRAGMA user_version={step + 1}")
        except BaseException:  # as above
            _undo(connection)
            raise
        connection.execute("COMMIT")

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Turn SQLite's and the system's errors into sentences."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
            damaged = ("is damaged; it was left as it is.", self._schema.if_damaged)
            sentence, hint = _SENTENCES.get(code, damaged)
            raise VaultError(f"The {self._schema.name} {self.path} {sentence}", hint=hint) from None
        except OSError:
            raise VaultError(
                f"The {self._schema.name} {self.path} cannot be read or written.",
                hint=_OTHER_FOLDER,
            ) from None


def _undo(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk may have undone it already
        connection.execute("ROLLBACK")


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])

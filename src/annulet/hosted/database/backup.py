"""Copies of a SQLite database: made while the service runs, checked before they are restored.

A copy holds sealed tokens and no key: without the key file it opens nothing at Oura.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from annulet.errors import UsageError, VaultError
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.tables import FORMAT


def back_up(database: ServiceDatabase, target: Path) -> None:
    """Copy the database into a new file, consistent also while it is being written.

    Raises:
        UsageError: It is not SQLite, there is nothing to copy, or the file exists.
    """
    source = _database_file(database)
    if not source.exists():
        raise UsageError("There is no database to copy yet.", hint="Start: annulet serve")
    _create_private_file(target)
    _copy(source, target)


def restore(database: ServiceDatabase, backup: Path) -> Path | None:
    """Put a copy in the place of the database; the service must not run.

    Returns:
        Where the replaced database went, if there was one.

    Raises:
        UsageError: It is not SQLite, or the copy is not there.
        VaultError: The copy is damaged or newer than this annulet.
    """
    target = _database_file(database)
    _check_backup(backup)
    replaced = None
    if target.exists():
        replaced = target.with_name(f"{target.name}.before-restore")
        _copy_into_place(target, replaced)
    _copy_into_place(backup, target)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    return replaced


def _copy_into_place(source: Path, target: Path) -> None:
    """Copy a database into a new file and rename it, so that the target is never half written."""
    new_file = target.with_name(f"{target.name}.new")
    new_file.unlink(missing_ok=True)
    _create_private_file(new_file)
    _copy(source, new_file)
    new_file.replace(target)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _check_backup(backup: Path) -> None:
    if not backup.is_file():
        raise UsageError("There is no such copy.", hint="Check the path.")
    try:
        with closing(sqlite3.connect(f"file:{backup}?mode=ro", uri=True)) as connection:
            is_sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        is_sound, version = False, None
    if not is_sound or version is None:
        raise VaultError(
            "This file is not a sound copy of annulet's database.", hint="Use another copy."
        )
    if int(version[0]) > FORMAT:
        raise VaultError(
            "The copy was made by a newer annulet.", hint="Restore it with that version."
        )


def _database_file(database: ServiceDatabase) -> Path:
    if database.file is None:
        raise UsageError(
            "Only SQLite is copied by annulet.", hint="Use pg_dump and pg_restore for PostgreSQL."
        )
    return database.file


def _create_private_file(target: Path) -> None:
    """Create an empty file that only its owner can read."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise UsageError("That file exists already.", hint="Name a new one.") from None
    except OSError:
        raise UsageError("That file cannot be written.", hint="Check the folder.") from None

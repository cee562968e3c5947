"""Copies of a SQLite database: made while the service runs, checked before they are put back.

A copy holds sealed tokens and no key: without the key file it opens nothing at Oura.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from annulet.errors import UsageError, VaultError
from annulet.hosted.database.engine import Database
from annulet.hosted.database.tables import FORMAT

__all__ = ["back_up", "restore"]


def back_up(database: Database, target: Path) -> None:
    """Copy the database into a new file, consistent also while it is being written.

    Raises:
        UsageError: It is not SQLite, there is nothing to copy, or the file exists.
    """
    source = _file(database)
    if not source.exists():
        raise UsageError("There is no database to copy yet.", hint="Start: annulet serve")
    _create(target)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def restore(database: Database, copy: Path) -> Path | None:
    """Put a copy in the place of the database; the service must not run.

    Returns:
        Where the database of before went, if there was one.

    Raises:
        UsageError: It is not SQLite, or the copy is not there.
        VaultError: The copy is damaged or newer than this annulet.
    """
    target = _file(database)
    _check(copy)
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.name}.before-restore")
        _replace(target, kept)
    _replace(copy, target)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    return kept


def _replace(source: Path, target: Path) -> None:
    """Copy a database whole into its place, at once."""
    fresh = target.with_name(f"{target.name}.new")
    fresh.unlink(missing_ok=True)
    _create(fresh)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(fresh)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    fresh.replace(target)


def _check(copy: Path) -> None:
    if not copy.is_file():
        raise UsageError("There is no such copy.", hint="Check the path.")
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        sound, found = False, None
    if not sound or found is None:
        raise VaultError(
            "This file is not a sound copy of annulet's database.", hint="Use another copy."
        )
    if int(found[0]) > FORMAT:
        raise VaultError(
            "The copy was made by a newer annulet.", hint="Restore it with that version."
        )


def _file(database: Database) -> Path:
    if database.file is None:
        raise UsageError(
            "Only SQLite is copied by annulet.", hint="Use pg_dump and pg_restore for PostgreSQL."
        )
    return database.file


def _create(target: Path) -> None:
    """An empty file of one user."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise UsageError("That file exists already.", hint="Name a new one.") from None
    except OSError:
        raise UsageError("That file cannot be written.", hint="Check the folder.") from None

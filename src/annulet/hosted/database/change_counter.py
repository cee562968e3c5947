"""Tells whether anything in a SQLite file has changed, by whichever connection or process."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path


class ChangeCounter:
    """Reads SQLite's own counter of commits, ``PRAGMA data_version``.

    The counter stands in memory that the processes share, so reading it takes some microseconds and
    no thread. It counts the commits of every other connection, also of this process: nothing is
    ever written through the connection of this class.

    Args:
        file: The database; ``None`` for one that has no such counter.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None

    def read(self) -> int | None:
        """Read the counter; ``None`` where it cannot be read, so that nothing can be remembered."""
        if self._file is None:
            return None
        try:
            if self._connection is None:
                self._connection = _open(self._file)
            value: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            self.close()
            return None
        return value

    def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()


def _open(file: Path) -> sqlite3.Connection:
    # read-only, so that a file that is missing is not created; the loop never waits for a lock
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=0,
        isolation_level=None,
        check_same_thread=False,
    )

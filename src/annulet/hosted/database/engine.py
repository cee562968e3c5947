"""Connections to the database: one way to read and one way to write, the same on every engine."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    URL,
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    Row,
    Table,
    cast,
    event,
    func,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from annulet.errors import DatabaseUnavailable, UsageError
from annulet.hosted.database.change_counter import ChangeCounter
from annulet.hosted.observability.recorder import NoRecorder, Recorder

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of columns that are chosen at run time."""

_BUSY_TIMEOUT_S = 20
_CONNECT_TIMEOUT_S = 5
_POOL_TIMEOUT_S = 5
_NO_PREPARED = "prepared_statement_cache_size"
_OUTAGE_STATES = ("08", "25006", "40", "53", "55P03", "57", "58")
"""SQLSTATE of PostgreSQL: connection, read only, rolled back, resources, locked, intervention, and
errors of the system."""
_PRIMARY_CODE = 0xFF
"""The part of a code of SQLite that tells its kind."""
_OUTAGE_CODES = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT),
        *(sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL),
        sqlite3.SQLITE_NOMEM,
    }
)
"""Codes of SQLite: waited for in vain, or the file cannot be used just now."""


def database_url(configured: str, home: Path) -> str:
    """Build the address of the database with an asynchronous driver.

    >>> database_url("", Path("/data"))
    'sqlite+aiosqlite:////data/annulet.db'
    >>> database_url("postgresql://db/annulet", Path("/data"))
    'postgresql+asyncpg://db/annulet'

    Raises:
        UsageError: The engine is neither SQLite nor PostgreSQL.
    """
    if not configured:
        return f"sqlite+aiosqlite:///{home / 'annulet.db'}"
    scheme, separator, rest = configured.partition("://")
    driver = {
        "sqlite": "sqlite+aiosqlite",
        "sqlite+aiosqlite": "sqlite+aiosqlite",
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "postgresql+asyncpg": "postgresql+asyncpg",
    }.get(scheme)
    if driver is None or not separator:
        raise UsageError(
            "ANNULET_DATABASE_URL names a database annulet does not know.",
            hint="Use sqlite:///path/to/annulet.db or postgresql://user@host/name.",
        )
    return f"{driver}://{rest}"


def native_address(database: ServiceDatabase) -> str:
    """Return the address of a PostgreSQL database as its own client programs write it."""
    url = database.engine.url.set(drivername="postgresql")
    query = {
        ("sslmode" if name == "ssl" else name): value
        for name, value in url.query.items()
        if name != _NO_PREPARED
    }
    return url.set(query=query).render_as_string(hide_password=False)


class ServiceDatabase:
    """The connection pool of one process.

    A statement that waits for another transaction, a server that does not answer and a pool without
    a free connection all end as an outage after some seconds.

    Args:
        url: From `database_url`.
        pool_size: The most connections to PostgreSQL.
        statement_timeout_s: The most time of one statement on PostgreSQL; 0 is no limit.
        recorder: Counts errors.

    Raises:
        UsageError: The driver is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        statement_timeout_s: int = 10,
        recorder: Recorder | None = None,
    ) -> None:
        self._recorder = recorder or NoRecorder()
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.file = Path(parsed.database) if self.is_sqlite and parsed.database else None
        self.changes = ChangeCounter(self.file)
        try:
            self.engine: AsyncEngine = (
                create_async_engine(parsed)
                if self.is_sqlite
                else _open_postgresql(parsed, pool_size, statement_timeout_s)
            )
        except ModuleNotFoundError as missing:
            raise UsageError(
                f"The driver for this database is not installed ({missing.name}).",
                hint=f"Install it with: pip install {missing.name}",
            ) from None
        # between two transactions a pooler may change the server that knows a prepared statement
        is_direct = not self.is_sqlite and not _is_behind_pooler(parsed)
        self._single_options: dict[str, Any] = {"annulet_single": True}
        if is_direct:
            self._single_options["isolation_level"] = "AUTOCOMMIT"
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _configure_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for reading.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        with self._translate_errors():
            async with self.engine.connect() as connection:
                yield connection

    async def fetch_all(
        self, query: Executable, values: Mapping[str, object] | None = None
    ) -> Sequence[AnyRow]:
        """Fetch the rows of a single statement.

        One statement sees one snapshot by itself. No transaction is begun, which halves the cost
        on SQLite and saves two of three round trips to PostgreSQL.

        Args:
            query: The statement.
            values: Those of its ``bindparam``.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        with self._translate_errors():
            try:
                return await self._fetch_all(query, values)
            except DBAPIError as error:
                # the server was restarted: every connection of the pool is replaced now
                if not error.connection_invalidated:
                    raise
            return await self._fetch_all(query, values)

    async def fetch_one(
        self, query: Executable, values: Mapping[str, object] | None = None
    ) -> AnyRow | None:
        """Fetch the only row of a single statement, if there is one."""
        rows = await self.fetch_all(query, values)
        return rows[0] if rows else None

    async def fetch_value(self, query: Executable) -> Any:
        """Fetch the first column of the first row; ``None`` when there is no row."""
        row = await self.fetch_one(query)
        return None if row is None else row[0]

    async def execute(self, statement: Executable) -> int:
        """Execute one statement in a transaction of its own.

        Returns:
            How many rows it changed.
        """
        async with self.write() as connection:
            result = await connection.execute(statement)
            return result.rowcount

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open one transaction: committed at the end, rolled back by an exception.

        On SQLite it takes the write lock at once, so what it reads cannot change during it. On
        PostgreSQL the statements say ``FOR UPDATE`` where that matters.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        with self._translate_errors():
            async with self.engine.connect() as connection:
                await connection.execution_options(annulet_writes=True)
                async with connection.begin():
                    yield connection

    @property
    def now_s(self) -> ColumnElement[int]:
        """The database's own clock, in epoch seconds."""
        if self.is_sqlite:
            return cast(func.strftime("%s", "now"), BigInteger)
        return cast(func.floor(func.extract("epoch", func.clock_timestamp())), BigInteger)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Raise the failures of the database, not those of a statement, as an error of annulet."""
        try:
            yield
        except Exception as error:
            if not _is_outage(error):
                if isinstance(error, DBAPIError):
                    kind = "conflict" if isinstance(error, IntegrityError) else "statement"
                    self._recorder.count_database_error(kind)
                raise
            self._recorder.count_database_error("outage")
            raise DatabaseUnavailable from None

    async def _fetch_all(
        self, query: Executable, values: Mapping[str, object] | None
    ) -> Sequence[AnyRow]:
        async with self.engine.connect() as connection:
            await connection.execution_options(**self._single_options)
            return (await connection.execute(query, values)).all()

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Build an insert that accepts an ``ON CONFLICT`` clause."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def close(self) -> None:
        """Close every connection."""
        self.changes.close()
        await self.engine.dispose()


def _is_behind_pooler(url: URL) -> bool:
    """Tell whether the address asks for no prepared statements, as a pooler needs it."""
    return url.query.get(_NO_PREPARED) == "0"


def _open_postgresql(url: URL, pool_size: int, statement_timeout_s: int) -> AsyncEngine:
    # the time limit is the client's: a pooler refuses the server's setting, and a server that has
    # gone away cannot keep it
    arguments: dict[str, Any] = {
        "timeout": _CONNECT_TIMEOUT_S,
        "command_timeout": statement_timeout_s or None,
    }
    if _is_behind_pooler(url):
        # a named statement would stay on a server that other clients use as well
        arguments |= {"statement_cache_size": 0, "prepared_statement_name_func": str}
    return create_async_engine(
        url,
        connect_args=arguments,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_POOL_TIMEOUT_S,
    )


def _is_outage(error: Exception) -> bool:
    """Tell whether the database failed, and not a statement that it cannot execute."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _tells_outage(error)
    if isinstance(error, PoolTimeoutError | ConnectionError | TimeoutError):
        return True
    # what asyncpg raises while it connects reaches us as it is
    return type(error).__module__.partition(".")[0] == "asyncpg"


def _tells_outage(error: DBAPIError) -> bool:
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state:
        return state.startswith(_OUTAGE_STATES)
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & _PRIMARY_CODE in _OUTAGE_CODES
    # the driver has lost its connection, and no database has given a code
    return isinstance(error, OperationalError | InterfaceError)


def _configure_sqlite(connection: AsyncAdapt_aiosqlite_connection, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_S * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("annulet_single"):
        return
    writes = options.get("annulet_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

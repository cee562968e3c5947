"""The columns and the format of the database, its copies, and the rotation of its key."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, text, update
from sqlalchemy.exc import OperationalError

from annulet.errors import DatabaseUnavailable, UsageError, VaultError
from annulet.hosted.admin.key_rotation import reseal, rotate
from annulet.hosted.database import tables
from annulet.hosted.database.backup import back_up, restore
from annulet.hosted.database.engine import ServiceDatabase, database_url
from annulet.hosted.database.format import (
    create_private_file,
    ensure_format,
    write_readable_from,
)
from annulet.hosted.migrations.upgrade import load_revision, upgrade
from annulet.vault.sealing import key_id

COLUMNS = {
    "alembic_version": "version_num",
    "options": "name value",
    "budgets": "name level filled_at granted",
    "people": (
        "id login name password_hash role timezone created_at disabled_at verified_at confirm_by"
    ),
    "job_runs": "name started_at ended_at failures problem",
    "orphans": "id person_id sealed created_at attempts due_at",
    "identities": "digest person_id created_at",
    "jobs": "id kind arguments run_at attempts",
    "sessions": "id digest person_id agent notice created_at seen_at expires_at confirmed_at",
    "passkeys": (
        "id person_id credential_digest credential_id public_key sign_count name created_at used_at"
    ),
    "throttles": "subject failures first_at blocked_until",
    "links": "id digest kind person_id note created_at expires_at used_at",
    "registrations": "person_id place state registered_at approved_at",
    "connections": (
        "person_id generation sealed needs_reconnect intent lease_owner lease_until granted "
        "requested connected_at renewed_at expires_at membership_lost_at last_error last_error_at "
        "account_digest data_at"
    ),
    "oura_events": "digest received_at",
    "flows": "digest person_id session_id sealed expires_at",
    "endpoints": ("id person_id name kind auth tools_off created_at first_call_at used_at"),
    "api_keys": (
        "id digest prefix person_id endpoint_id name scopes created_at expires_at used_at "
        "revoked_at"
    ),
    "oauth_clients": "id name redirect_uris auth_method secret_digest website created_at",
    "oauth_grants": (
        "id person_id client_id client_name redirect_host endpoint_id resource scopes created_at "
        "used_at revoked_at"
    ),
    "oauth_codes": ("digest grant_id redirect_uri redirect_given challenge expires_at used_at"),
    "oauth_tokens": "digest kind grant_id scopes expires_at used_at",
    "audit_entries": (
        "id at person_id action actor client endpoint_id tool status bytes milliseconds"
    ),
}


@pytest.fixture
async def database(tmp_path: Path):
    """A SQLite file without tables."""
    empty = ServiceDatabase(database_url("", tmp_path))
    create_private_file(empty)
    yield empty
    await empty.close()


def test_no_column_is_for_health() -> None:
    """The list of columns is pinned, so that a new column is a decision."""
    columns = {t.name: " ".join(c.name for c in t.columns) for t in tables.METADATA.sorted_tables}
    assert columns == COLUMNS


def read_schema(connection) -> dict[str, object]:
    """Columns, indexes, unique and foreign keys of every table, with their names."""
    inspector = inspect(connection)
    definitions = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    indexes = {name: " ".join(sql.split()) for name, sql in connection.exec_driver_sql(definitions)}
    return {"indexes": indexes} | {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)),
            sorted((u["name"], u["column_names"]) for u in inspector.get_unique_constraints(name)),
            sorted((f["name"], f["referred_table"]) for f in inspector.get_foreign_keys(name)),
        )
        for name in inspector.get_table_names()
    }


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
async def test_migrations_and_tables_agree(tmp_path: Path, database) -> None:
    """An upgraded database has the schema of a new one."""
    before, after = await upgrade(database)
    assert (before, after) == (0, tables.FORMAT)
    fresh = ServiceDatabase(f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}")
    await ensure_format(fresh)
    schemas = []
    for source in (database, fresh):
        async with source.read() as connection:
            schemas.append(await connection.run_sync(read_schema))
    await fresh.close()
    assert schemas[0] == schemas[1]
    assert await upgrade(database) == (tables.FORMAT, tables.FORMAT)
    assert load_revision(tables.FORMAT).READABLE_FROM == tables.READABLE_FROM


async def test_a_newer_format_is_refused(database) -> None:
    """A database that only a newer annulet can use is not changed."""
    await ensure_format(database)
    await pretend_format(database, 9999, readable_from=tables.FORMAT + 1)
    for refused in (ensure_format, upgrade):
        with pytest.raises(VaultError, match="newer annulet"):
            await refused(database)


async def test_a_newer_format_that_can_be_used_is_used(database) -> None:
    """A replica starts beside a newer one, and its upgrade leaves the database as it is."""
    await ensure_format(database)
    await pretend_format(database, 9999, readable_from=tables.FORMAT)
    await ensure_format(database)
    assert await upgrade(database) == (9999, 9999)


async def test_a_running_replica_is_not_ready_on_what_it_cannot_use(hosted) -> None:
    """After a contract step the replicas of the version before take no more requests."""
    browser = hosted.browser()
    await browser.get("/readyz")
    assert browser.page.status_code == 200
    await pretend_format(hosted.service.database, 9999, readable_from=tables.FORMAT + 1)
    await browser.get("/readyz")
    assert browser.page.status_code == 503
    assert "newer annulet" in browser.page.text


async def pretend_format(database, version: int, *, readable_from: int) -> None:
    """Write the format of a newer annulet."""
    async with database.write() as connection:
        await connection.execute(update(tables.format_version).values(version_num=f"{version}"))
        await connection.run_sync(write_readable_from, readable_from)


async def test_an_older_format_needs_the_upgrade_command(database, monkeypatch) -> None:
    """`serve` does not upgrade the database; the error names the command that does."""
    await ensure_format(database)
    monkeypatch.setattr("annulet.hosted.database.format.FORMAT", tables.FORMAT + 1)
    with pytest.raises(VaultError, match="older format") as refused:
        await ensure_format(database)
    assert "annulet admin migrate" in refused.value.hint


async def test_files_belong_to_one_user(hosted) -> None:
    """Only their owner can read the database and the key."""
    for name in ("annulet.db", "hosted.key"):
        assert (hosted.home / name).stat().st_mode & 0o077 == 0


async def test_a_statement_that_fails_is_no_outage(hosted) -> None:
    """A pattern that is too long and a table that is missing are bugs; nothing is down."""
    database = hosted.service.database
    for query in (
        text("SELECT 'a' LIKE :pattern").bindparams(pattern="x" * 60_000),
        text("SELECT * FROM no_such_table"),
    ):
        with pytest.raises(OperationalError):
            await database.fetch_all(query)


async def test_a_database_that_cannot_be_used_is_an_outage(tmp_path, monkeypatch) -> None:
    """Locked by another process, gone with its folder, or no longer writable."""
    monkeypatch.setattr("annulet.hosted.database.engine._BUSY_TIMEOUT_S", 0)
    file = tmp_path / "data" / "annulet.db"
    database = ServiceDatabase(f"sqlite+aiosqlite:///{file}")
    with pytest.raises(DatabaseUnavailable):
        await database.fetch_all(text("SELECT 1"))
    file.parent.mkdir()
    await ensure_format(database)
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnavailable):
            await database.execute(insert(tables.options).values(name="a", value="b"))
        writer.rollback()
    read_only = ServiceDatabase(f"sqlite+aiosqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(DatabaseUnavailable):
        await read_only.execute(insert(tables.options).values(name="a", value="b"))
    for opened in (database, read_only):
        await opened.close()


def test_unknown_engines_are_refused() -> None:
    """Only SQLite and PostgreSQL are accepted."""
    with pytest.raises(UsageError, match="does not know"):
        database_url("mysql://x", Path())


async def connect_anna(hosted):
    """A connected person with an endpoint and a key."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    await browser.register()
    await browser.connect()
    endpoint, key = await browser.new_key()
    return browser, endpoint, key


async def test_a_rotated_key_is_picked_up_while_the_service_runs(hosted) -> None:
    """After rotation every row has the new key, and the running service goes on."""
    browser, endpoint, key = await connect_anna(hosted)
    old = hosted.service.sealing_keys.current_id
    other_process = type(hosted)(hosted.home)
    async with other_process.running():
        assert await rotate(other_process.service) >= 2
        await rotate(other_process.service)
    (row,) = await hosted.rows(tables.connections)
    assert key_id(row["sealed"]) != old
    hosted.service.toolkit.contexts.close_person(row["person_id"])
    answer = await browser.ask(key, f"/mcp/{endpoint}")
    assert '"isError":true' not in answer.text
    assert hosted.service.sealing_keys.current_id == key_id(row["sealed"])
    assert len((hosted.home / "hosted.key").read_text().split(",")) == 2


async def test_digests_of_accounts_survive_rotation(make_hosted) -> None:
    """The key behind the digests is sealed again and does not change."""
    hosted = make_hosted()
    async with hosted.running():
        await connect_anna(hosted)
        before = await hosted.service.toolkit.oura_accounts.digest("somebody")
        assert await rotate(hosted.service) >= 3
        await rotate(hosted.service)
    async with hosted.running():
        assert await hosted.service.toolkit.oura_accounts.digest("somebody") == before


async def test_keys_of_the_operator_are_rotated_by_the_operator(make_hosted) -> None:
    """With ANNULET_KEY annulet makes no key; it seals every row with the first one given."""
    from annulet.vault.keys import keys_to_text, new_key
    from annulet.vault.secret import Secret

    old, new = new_key(), new_key()
    async with make_hosted(key=Secret(keys_to_text((old,)))).running() as hosted:
        await connect_anna(hosted)
        with pytest.raises(VaultError, match="does not change"):
            await rotate(hosted.service)
    async with make_hosted(key=Secret(keys_to_text((new, old)))).running() as hosted:
        assert await reseal(hosted.service) >= 2
        (row,) = await hosted.rows(tables.connections)
        assert key_id(row["sealed"]) == new.id


async def test_a_lost_key_stops_the_start(make_hosted) -> None:
    """Sealed rows without their key stop the service; no new key is made."""
    hosted = make_hosted()
    async with hosted.running():
        await connect_anna(hosted)
    (hosted.home / "hosted.key").unlink()
    with pytest.raises(VaultError, match="key is missing"):
        async with hosted.running():
            pass
    assert not (hosted.home / "hosted.key").exists()


async def test_backup_and_restore(make_hosted, tmp_path: Path) -> None:
    """A copy made while the service runs restores everything and holds no token."""
    hosted = make_hosted()
    copy = tmp_path / "copy.db"
    async with hosted.running():
        browser, endpoint, key = await connect_anna(hosted)
        store = hosted.service.toolkit.contexts.grant_store(
            (await hosted.rows(tables.people))[0]["id"]
        )
        token = (await store.load()).grant.access_token.reveal()
        back_up(hosted.service.database, copy)
        with pytest.raises(UsageError, match="exists already"):
            back_up(hosted.service.database, copy)
        await browser.get("/dashboard")
        await browser.submit("/toolkits/oura/disconnect")
    assert token.encode() not in copy.read_bytes()
    assert copy.stat().st_mode & 0o077 == 0
    database = ServiceDatabase(database_url("", hosted.home))
    replaced = restore(database, copy)
    await database.close()
    assert replaced is not None
    async with hosted.running():
        (row,) = await hosted.rows(tables.connections)
        assert row["sealed"]
        answer = await hosted.browser().rpc(key, f"/mcp/{endpoint}", "tools/list")
        assert answer.is_success


async def test_unsound_copies_are_not_restored(database, tmp_path: Path) -> None:
    """A damaged file, another program's database and a newer one are refused."""
    await ensure_format(database)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\x00" + b"x" * 5000)
    foreign, newer = tmp_path / "foreign.db", tmp_path / "newer.db"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE notes (x)")
        connection.commit()
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()
    for wrong in (damaged, foreign, newer):
        with pytest.raises(VaultError):
            restore(database, wrong)
    with pytest.raises(UsageError):
        restore(database, tmp_path / "nothing.db")
    await ensure_format(database)

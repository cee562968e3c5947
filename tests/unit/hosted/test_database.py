"""What the service keeps, in which format, and how it is moved and sealed anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, update

from annulet.errors import UsageError, VaultError
from annulet.hosted.admin.rotation import reseal, rotate
from annulet.hosted.database import tables
from annulet.hosted.database.backup import back_up, restore
from annulet.hosted.database.engine import Database, database_url
from annulet.hosted.database.format import make_private_file, prepare
from annulet.hosted.migrations.upgrade import upgrade
from annulet.vault.sealing import key_id

COLUMNS = {
    "alembic_version": "version_num",
    "options": "name value",
    "people": "id login name password_hash role timezone created_at disabled_at",
    "sessions": "id digest person_id agent notice created_at seen_at expires_at",
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
    "audit": ("id at person_id action actor client endpoint_id tool status bytes milliseconds"),
}


@pytest.fixture
async def database(tmp_path: Path):
    """An empty SQLite database that is there."""
    opened = Database(database_url("", tmp_path))
    make_private_file(opened)
    yield opened
    await opened.close()


def test_no_column_is_for_health() -> None:
    """The list of columns is pinned: a new one has to be added here, and thought about."""
    found = {t.name: " ".join(c.name for c in t.columns) for t in tables.METADATA.sorted_tables}
    assert found == COLUMNS


def _shape(connection) -> dict[str, object]:
    seen = inspect(connection)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(name)),
            sorted(i["column_names"] for i in seen.get_indexes(name)),
            sorted(f["referred_table"] for f in seen.get_foreign_keys(name)),
        )
        for name in seen.get_table_names()
    }


async def test_upgrades_lead_where_a_fresh_database_begins(tmp_path: Path, database) -> None:
    """The migrations and the tables describe the same database."""
    before, after = await upgrade(database)
    assert (before, after) == (0, tables.FORMAT)
    fresh = Database(f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}")
    await prepare(fresh)
    shapes = []
    for one in (database, fresh):
        async with one.read() as connection:
            shapes.append(await connection.run_sync(_shape))
    await fresh.close()
    assert shapes[0] == shapes[1]
    assert await upgrade(database) == (tables.FORMAT, tables.FORMAT)


async def test_rows_of_the_first_format_stay(database) -> None:
    """A connection made before there were events is upgraded with its tokens, unrecognised."""
    async with database.write() as connection:
        await connection.run_sync(_first_format)
        await connection.exec_driver_sql(
            "INSERT INTO people (id, login, name, role, timezone, created_at)"
            " VALUES ('p', 'anna@example.org', 'Anna', 'member', 'UTC', 1)"
        )
        await connection.exec_driver_sql(
            "INSERT INTO connections (person_id, generation, sealed) VALUES ('p', 3, x'01')"
        )
    assert await upgrade(database) == (1, tables.FORMAT)
    await prepare(database)
    async with database.read() as connection:
        (row,) = (await connection.execute(select(tables.connections))).mappings()
    assert (row["generation"], row["sealed"]) == (3, b"\x01")
    assert (row["account_digest"], row["data_at"]) == (None, None)


def _first_format(connection) -> None:
    from alembic import command
    from alembic.config import Config

    from annulet.hosted import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


async def test_a_newer_format_is_refused(database) -> None:
    """A database that a newer annulet wrote is left alone."""
    await prepare(database)
    async with database.write() as connection:
        await connection.execute(update(tables.format_version).values(version_num="9999"))
    for refused in (prepare, upgrade):
        with pytest.raises(VaultError, match="newer annulet"):
            await refused(database)


async def test_an_older_format_waits_for_the_upgrade(database, monkeypatch) -> None:
    """Serving does not upgrade by itself; the sentence names the command."""
    await prepare(database)
    monkeypatch.setattr("annulet.hosted.database.format.FORMAT", tables.FORMAT + 1)
    with pytest.raises(VaultError, match="older format") as refused:
        await prepare(database)
    assert "annulet admin migrate" in refused.value.hint


async def test_files_belong_to_one_user(hosted) -> None:
    """Database and key are readable by nobody else."""
    for name in ("annulet.db", "hosted.key"):
        assert (hosted.home / name).stat().st_mode & 0o077 == 0


def test_engines_that_are_not_known() -> None:
    """Another engine is refused with the two that work."""
    with pytest.raises(UsageError, match="does not know"):
        database_url("mysql://x", Path())


async def connected(hosted):
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    await browser.register()
    await browser.connect()
    endpoint, key = await browser.new_key()
    return browser, endpoint, key


async def test_a_rotated_key_is_picked_up_while_the_service_runs(hosted) -> None:
    """After rotation every row has the new key, and the running service goes on."""
    browser, endpoint, key = await connected(hosted)
    old = hosted.service.seals.current
    other_process = type(hosted)(hosted.home)
    async with other_process.running():
        assert await rotate(other_process.service) >= 2
        await rotate(other_process.service)
    (row,) = await hosted.rows(tables.connections)
    assert key_id(row["sealed"]) != old
    hosted.service.contexts.forget(row["person_id"])
    answer = await browser.ask(key, f"/mcp/{endpoint}")
    assert '"isError":true' not in answer.text
    assert hosted.service.seals.current == key_id(row["sealed"])
    assert len((hosted.home / "hosted.key").read_text().split(",")) == 2


async def test_people_are_recognised_after_rotation(make_hosted) -> None:
    """What stands behind digests is sealed anew as well, and stays what it was."""
    hosted = make_hosted()
    async with hosted.running():
        await connected(hosted)
        before = await hosted.service.accounts.digest("somebody")
        assert await rotate(hosted.service) >= 3
        await rotate(hosted.service)
    async with hosted.running():
        assert await hosted.service.accounts.digest("somebody") == before


async def test_keys_of_the_operator_are_rotated_by_the_operator(make_hosted) -> None:
    """With ANNULET_KEY annulet makes no key, but seals everything with the first one."""
    from annulet.vault.keys import keys_to_text, new_key
    from annulet.vault.secret import Secret

    old, new = new_key(), new_key()
    async with make_hosted(key=Secret(keys_to_text((old,)))).running() as hosted:
        await connected(hosted)
        with pytest.raises(VaultError, match="does not change"):
            await rotate(hosted.service)
    async with make_hosted(key=Secret(keys_to_text((new, old)))).running() as hosted:
        assert await reseal(hosted.service) >= 2
        (row,) = await hosted.rows(tables.connections)
        assert key_id(row["sealed"]) == new.id


async def test_a_lost_key_is_said_at_the_start(make_hosted) -> None:
    """Sealed rows without their key stop the service with a sentence; no new key is made."""
    hosted = make_hosted()
    async with hosted.running():
        await connected(hosted)
    (hosted.home / "hosted.key").unlink()
    with pytest.raises(VaultError, match="key is missing"):
        async with hosted.running():
            pass
    assert not (hosted.home / "hosted.key").exists()


async def test_backup_and_restore(make_hosted, tmp_path: Path) -> None:
    """A copy made while the service runs brings everything back, and holds no token."""
    hosted = make_hosted()
    copy = tmp_path / "copy.db"
    async with hosted.running():
        browser, endpoint, key = await connected(hosted)
        store = hosted.service.contexts.store((await hosted.rows(tables.people))[0]["id"])
        token = (await store.load()).grant.access_token.reveal()
        back_up(hosted.service.database, copy)
        with pytest.raises(UsageError, match="exists already"):
            back_up(hosted.service.database, copy)
        await browser.get("/dashboard")
        await browser.submit("/toolkits/oura/disconnect")
    assert token.encode() not in copy.read_bytes()
    assert copy.stat().st_mode & 0o077 == 0
    database = Database(database_url("", hosted.home))
    kept = restore(database, copy)
    await database.close()
    assert kept is not None
    async with hosted.running():
        (row,) = await hosted.rows(tables.connections)
        assert row["sealed"]
        answer = await hosted.browser().rpc(key, f"/mcp/{endpoint}", "tools/list")
        assert answer.is_success


async def test_what_is_no_copy_is_not_restored(database, tmp_path: Path) -> None:
    """A damaged file, another program's database and a newer one leave everything as it is."""
    await prepare(database)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\x00" + b"x" * 5000)
    foreign, newer = tmp_path / "foreign.db", tmp_path / "newer.db"
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE notes (x)")
        other.commit()
    with closing(sqlite3.connect(newer)) as other:
        other.execute("CREATE TABLE alembic_version (version_num)")
        other.execute("INSERT INTO alembic_version VALUES ('9999')")
        other.commit()
    for wrong in (damaged, foreign, newer):
        with pytest.raises(VaultError):
            restore(database, wrong)
    with pytest.raises(UsageError):
        restore(database, tmp_path / "nothing.db")
    await prepare(database)

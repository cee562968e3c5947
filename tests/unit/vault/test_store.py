"""The vault: accounts, file modes, formats, damage, rotation."""

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from annulet.errors import UsageError, VaultError
from annulet.vault.credential import CredentialPolicy, InjectionTemplate
from annulet.vault.database import Database
from annulet.vault.key_sources import ProvidedKeys
from annulet.vault.keys import keys_to_text, new_key
from annulet.vault.secret import Secret
from annulet.vault.store import VAULT_SCHEMA, StaleRow, Vault

KEY = ProvidedKeys(Secret("5a" * 32))
Open = Callable[..., Vault]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "home"


@pytest.fixture
def open_vault(home: Path) -> Open:
    return lambda keys=KEY, **more: Vault(home, clock=lambda: 1000.0, provided_keys=keys, **more)


def change(path: Path, statement: str, *values: object) -> None:
    """Change the file as a program without the key could."""
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement, values)
        db.commit()


def test_looking_creates_nothing(home: Path, open_vault: Open) -> None:
    """Commands that only read leave an empty machine empty."""
    vault = open_vault()
    assert vault.accounts() == ()
    assert vault.credentials() == ()
    assert vault.get("anna", "oura") is None
    assert vault.key_location() is None
    assert vault.read_server_history("x") == ("", "")
    assert not vault.remove("anna", "oura")
    assert not home.exists()


def test_folder_and_files_are_private_under_any_umask(home: Path, open_vault: Open) -> None:
    """0700 and 0600, the key file included."""
    before = os.umask(0)
    try:
        open_vault(None).put("anna", "oura", {"access_token": "planted-secret"})
    finally:
        os.umask(before)
    assert home.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in home.iterdir()} == {"vault.sqlite3", "vault.key"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in home.iterdir())
    assert not any(b"planted-secret" in path.read_bytes() for path in home.iterdir())


def test_several_accounts_and_one_default(open_vault: Open) -> None:
    """The first one is the default; forgetting it makes another one the default."""
    vault = open_vault()
    assert vault.account_or_default() == "default"
    for name in ("bob", "anna", "carl"):
        vault.put(name, "oura", {"access_token": name})
    assert vault.accounts() == ("bob", "anna", "carl")
    assert vault.account_or_default() == "bob"
    assert vault.account_or_default("anna") == "anna"
    assert vault.remove_account("bob")
    assert vault.account_or_default() == "anna"
    assert vault.get("carl", "oura").fields == {"access_token": "carl"}
    with pytest.raises(UsageError, match="letters"):
        vault.account_or_default("../anna")


def test_a_generation_is_never_used_twice(open_vault: Open) -> None:
    """Not even after an entry was removed and made again: a late writer cannot hit it."""
    vault = open_vault()
    first = vault.put("anna", "oura", {})
    vault.remove("anna", "oura")
    second = vault.put("anna", "oura", {})
    assert second.generation > first.generation
    for late in (first.generation, second.generation + 1):
        with pytest.raises(StaleRow):
            vault.put("anna", "oura", {"late": True}, expected=late)
        with pytest.raises(StaleRow):
            vault.write_state("anna", "oura", late, {"late": True})
    third = vault.put("anna", "oura", {"on": "time"}, expected=second.generation)
    assert third.generation > second.generation


def test_what_is_known_about_an_entry_ends_with_its_values(open_vault: Open) -> None:
    """Remarks belong to one generation; the policy stays until it is changed."""
    vault = open_vault()
    policy = CredentialPolicy(templates=(InjectionTemplate(host_pattern="api.ouraring.com"),))
    entry = vault.put("anna", "oura", {"a": 1}, policy=policy)
    vault.write_state("anna", "oura", entry.generation, {"remark": 1})
    assert vault.allow_tool("anna", "oura", "bash").state == {"remark": 1}
    renewed = vault.put("anna", "oura", {"a": 2})
    assert renewed.state == {}
    assert vault.get("anna", "oura").policy.allows("bash")
    assert vault.get("anna", "oura").policy.templates == policy.templates
    with pytest.raises(UsageError, match="holds no"):
        vault.allow_tool("bob", "oura", "bash")


def test_swapped_rows_are_refused(open_vault: Open) -> None:
    """Exchanging rows in the file gives no account the token of another."""
    vault = open_vault()
    vault.put("anna", "oura", {"access_token": "anna's"})
    vault.put("bob", "oura", {"access_token": "bob's"})
    change(
        vault.path,
        "UPDATE credentials SET (sealed, generation)=("
        "SELECT sealed, generation FROM credentials WHERE account='bob') WHERE account='anna'",
    )
    with pytest.raises(VaultError, match="changed or damaged"):
        vault.get("anna", "oura")
    assert vault.get("bob", "oura").fields == {"access_token": "bob's"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credentials SET generation=generation+1",
        "UPDATE credentials SET sealed=x'00'",
        "UPDATE credentials SET sealed=substr(sealed, 1, length(sealed)-1)",
        "UPDATE credentials SET sealed='text'",
        "UPDATE credentials SET generation='many'",
        "UPDATE credentials SET generation=-1",
        "UPDATE credentials SET account='bob'",
        "DROP TABLE credentials",
        "DROP TABLE meta",
    ],
)
def test_tampering_gets_a_sentence_and_keeps_the_file(open_vault: Open, statement: str) -> None:
    """Every call says vault_locked, and nothing is deleted."""
    vault = open_vault()
    vault.put("anna", "oura", {"access_token": "x"})
    change(vault.path, statement)
    before = vault.path.read_bytes()
    with pytest.raises(VaultError) as refused:
        vault.credentials()
    assert refused.value.exit_code == 6
    assert refused.value.hint
    assert vault.path.read_bytes() == before


def test_a_tampered_state_is_ignored(open_vault: Open) -> None:
    """The state is not sealed; an unreadable one does not close the vault."""
    vault = open_vault()
    vault.put("anna", "oura", {"access_token": "x"})
    for remark in ("not json", "[1]", ""):
        change(vault.path, "UPDATE credentials SET state=?", remark)
        assert vault.get("anna", "oura").state == {}


def test_the_wrong_key_is_named(open_vault: Open) -> None:
    """Another ANNULET_KEY, or none where one was used: each has its sentence."""
    open_vault().put("anna", "oura", {})
    with pytest.raises(VaultError, match="another key than the one in ANNULET_KEY"):
        open_vault(ProvidedKeys(Secret("6b" * 32))).get("anna", "oura")
    with pytest.raises(VaultError, match="key of your own"):
        open_vault(None).get("anna", "oura")


def test_a_lost_key_file_is_not_replaced(home: Path, open_vault: Open) -> None:
    """A new key would not open the old rows, so none is made; forgetting still works."""
    vault = open_vault(None)
    vault.put("anna", "oura", {})
    (home / "vault.key").unlink()
    again = open_vault(None)
    with pytest.raises(VaultError, match="not where it was kept"):
        again.get("anna", "oura")
    with pytest.raises(VaultError, match="not where it was kept"):
        again.put("bob", "oura", {})
    assert not (home / "vault.key").exists()
    assert again.remove_account("anna")
    again.put("anna", "oura", {"new": "beginning"})
    assert open_vault(None).get("anna", "oura").fields == {"new": "beginning"}


def test_a_newer_vault_is_refused_and_kept(open_vault: Open) -> None:
    """The sentence says which annulet wrote it, and what to do."""
    vault = open_vault()
    vault.put("anna", "oura", {})
    change(vault.path, "PRAGMA user_version=7")
    before = vault.path.read_bytes()
    for call in (vault.accounts, vault.credentials, lambda: vault.put("anna", "oura", {})):
        with pytest.raises(VaultError, match="newer annulet") as refused:
            call()
        assert "Update" in refused.value.hint
    assert vault.path.read_bytes() == before


def test_an_older_vault_is_upgraded_with_a_copy_put_aside(home: Path, open_vault: Open) -> None:
    """The copy is private, whole, and of the old format."""
    vault = open_vault()
    vault.put("anna", "oura", {"access_token": "x"})
    steps = {1: lambda db: db.execute("ALTER TABLE credentials ADD COLUMN colour TEXT")}
    newer = Database(vault.path, replace(VAULT_SCHEMA, format=2, upgrades=steps))
    with newer.open_reader() as db:
        assert db.execute("SELECT colour FROM credentials").fetchall() == [(None,)]
    copy = home / "vault.sqlite3.format-1.bak"
    assert copy.stat().st_mode & 0o777 == 0o600
    with Database(copy, VAULT_SCHEMA).open_reader() as db:
        assert db.execute("SELECT account FROM credentials").fetchall() == [("anna",)]
    with pytest.raises(VaultError, match="newer annulet"):
        vault.accounts()


def test_an_upgrade_that_fails_leaves_the_old_vault(open_vault: Open) -> None:
    """All steps or none."""
    vault = open_vault()
    vault.put("anna", "oura", {"access_token": "x"})

    def half(db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE credentials")
        db.execute("SELECT nonsense FROM nowhere")

    newer = Database(vault.path, replace(VAULT_SCHEMA, format=2, upgrades={1: half}))
    with pytest.raises(VaultError), newer.open_reader():
        pass
    assert vault.get("anna", "oura").fields == {"access_token": "x"}


@pytest.mark.parametrize("content", [b"not a database " * 300, b"SQLite format 3\0" + b"\1" * 4000])
def test_a_damaged_vault_is_explained_and_kept(open_vault: Open, content: bytes) -> None:
    """What cannot be read is not thrown away."""
    vault = open_vault()
    vault.put("anna", "oura", {})
    vault.path.write_bytes(content)
    for call in (vault.accounts, lambda: vault.put("anna", "oura", {})):
        with pytest.raises(VaultError, match=r"damaged|not a vault") as refused:
            call()
        assert str(vault.path) in refused.value.message
    assert vault.path.read_bytes() == content


def test_another_programs_database_is_left_alone(open_vault: Open, home: Path) -> None:
    """A file of that name with other tables is not a vault."""
    home.mkdir(parents=True)
    change(home / "vault.sqlite3", "CREATE TABLE theirs (x)")
    with pytest.raises(VaultError, match="not a vault"):
        open_vault().put("anna", "oura", {})


def test_a_file_in_the_folders_place_gets_a_sentence(tmp_path: Path) -> None:
    """ANNULET_HOME that cannot be a folder is explained."""
    (tmp_path / "home").write_text("in the way")
    vault = Vault(tmp_path / "home", clock=lambda: 0.0, provided_keys=KEY)
    assert vault.accounts() == ()
    with pytest.raises(VaultError, match="data folder"):
        vault.create()


def test_rotation_reseals_everything_and_drops_the_old_key(home: Path, open_vault: Open) -> None:
    """A copy of the old key opens nothing any more; a process that held it finds the new one."""
    vault, sleeper = open_vault(None), open_vault(None)
    for name in ("anna", "bob"):
        vault.put(name, "oura", {"of": name})
    sleeper.get("anna", "oura")
    old_key = (home / "vault.key").read_text()
    new = vault.rotate_key()
    assert {entry.key_id for entry in vault.credentials()} == {new}
    assert new not in old_key
    assert sleeper.get("bob", "oura").fields == {"of": "bob"}
    assert sleeper.put("anna", "oura", {"of": "anna again"}).key_id == new
    (home / "vault.key").write_text(old_key)
    with pytest.raises(VaultError):
        open_vault(None).get("anna", "oura")


def test_rotation_to_a_key_of_the_persons_own(open_vault: Open) -> None:
    """From our key file to ANNULET_KEY, and from one ANNULET_KEY to the next."""
    open_vault(None).put("anna", "oura", {"of": "anna"})
    old_key, new = new_key(), new_key()
    first = open_vault(ProvidedKeys(Secret(keys_to_text((old_key,)))))
    assert first.rotate_key() == old_key.id
    with pytest.raises(UsageError, match="already sealed"):
        first.rotate_key()
    second = open_vault(ProvidedKeys(Secret(keys_to_text((new, old_key)))))
    assert second.put("bob", "oura", {}).key_id == old_key.id
    assert second.rotate_key() == new.id
    assert open_vault(ProvidedKeys(Secret(keys_to_text((new,))))).get("anna", "oura").fields == {
        "of": "anna"
    }


def test_an_interrupted_rotation_loses_nothing(open_vault: Open, monkeypatch) -> None:
    """Between keeping the new key and resealing, the old one still opens everything."""
    vault = open_vault(None)
    vault.put("anna", "oura", {"of": "anna"})

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("annulet.vault.vault_keys.VaultKeys.adopt", stop)
        with pytest.raises(KeyboardInterrupt):
            vault.rotate_key()
    again = open_vault(None)
    assert again.get("anna", "oura").fields == {"of": "anna"}
    again.put("bob", "oura", {})
    again.rotate_key()
    assert len(again.credentials()) == 2


def test_the_keychain_is_preferred_and_remembered(home: Path, open_vault: Open) -> None:
    """With a keychain there is no key file; without it later, the sentence says so."""
    held: dict[tuple[str, str], str] = {}
    ring = type(
        "Ring",
        (),
        {
            "get_password": lambda _, service, name: held.get((service, name)),
            "set_password": lambda _, service, name, value: held.update({(service, name): value}),
        },
    )()
    open_vault(None, keychain=ring).put("anna", "oura", {"of": "anna"})
    assert not (home / "vault.key").exists()
    assert open_vault(None, keychain=ring).key_location().name == "keychain"
    with pytest.raises(VaultError, match="keychain, which cannot be read"):
        open_vault(None).get("anna", "oura")
    open_vault(None, keychain=ring).rotate_key()
    assert len(held) == 1
    assert open_vault(None, keychain=ring).get("anna", "oura").fields == {"of": "anna"}


def test_a_new_vault_made_by_many_at_once_has_one_key(open_vault: Open) -> None:
    """Twelve threads connect on a fresh machine: every one of them can read every row."""
    failures: list[Exception] = []

    def one(number: int) -> None:
        try:
            open_vault(None).put(f"person{number}", "oura", {"number": number})
        except Exception as error:  # noqa: BLE001 - reported below
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    entries = open_vault(None).credentials()
    assert len(entries) == 12
    assert len({entry.generation for entry in entries}) == 12
    assert len({entry.key_id for entry in entries}) == 1


def test_the_server_history_holds_words_only(open_vault: Open) -> None:
    """The client id is hashed, and no address can be planted."""
    vault = open_vault()
    vault.write_server_history("client-1", works="legacy", refused="current")
    assert vault.read_server_history("client-1") == ("legacy", "current")
    assert vault.read_server_history("client-2") == ("", "")
    assert b"client-1" not in vault.path.read_bytes()

"""The grant of one account in the vault: sealed, locked, and faithful to what is written."""

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from annulet.errors import UsageError, VaultError
from annulet.oauth import application
from annulet.oauth.application import Application
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Intent, StaleGeneration
from annulet.oauth.provider import ServerHistory
from annulet.oauth.vault_grants import (
    VaultGrants,
    bearer_policy,
    read_server_history,
    write_server_history,
)
from annulet.vault.key_sources import ProvidedKeys
from annulet.vault.secret import Secret
from annulet.vault.store import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(
        tmp_path / "home", clock=lambda: 1.0, provided_keys=ProvidedKeys(Secret("ab" * 32))
    )


async def test_a_grant_comes_back_as_it_was_written(
    vault: Vault, grant: Callable[..., Grant]
) -> None:
    """Every field, also the unknown ones; and no token lies in the open."""
    store = VaultGrants(vault, "anna", policy=bearer_policy("https://api.ouraring.com"))
    for given in (grant(), grant(scopes=None, refresh_token=None, oura_account="a@example.org")):
        assert (await store.replace(given)).grant == given
        assert (await store.load()).grant == given
    assert b"access-1" not in vault.path.read_bytes()
    assert b"example.org" not in vault.path.read_bytes()
    template = vault.get("anna", "oura").policy.templates[0]
    assert template.as_dict()["hostPattern"] == "api.ouraring.com"
    assert template.as_dict()["valuePrefix"] == "Bearer "


async def test_intent_and_reason_are_kept_until_the_next_pair(
    vault: Vault, grant: Callable[..., Grant]
) -> None:
    """What was begun and why it ended survives the process; a new pair clears it."""
    store = VaultGrants(vault, "anna")
    row = await store.replace(grant())
    intent = Intent(started_at=5.0, fingerprint="abcd", attempts=3, not_before=9.0, doubtful=False)
    await store.record_intent(row.generation, intent)
    assert (await VaultGrants(vault, "anna").load()).intent == intent
    await store.mark(row.generation, "interrupted")
    assert (await store.load()).needs_reconnect == "interrupted"
    later = await store.save(row.generation, grant(access_token=Secret("access-2")))
    assert later.generation > row.generation
    assert await store.load() == dataclasses.replace(later, intent=None, needs_reconnect=None)
    for write in (
        store.save(row.generation, grant()),
        store.mark(row.generation, "revoked"),
        store.record_intent(row.generation, None),
    ):
        with pytest.raises(StaleGeneration):
            await write
    await store.remove()
    await store.remove()
    assert await store.load() is None


async def test_one_holder_at_a_time(vault: Vault) -> None:
    """Two stores of one account exclude each other, two accounts do not."""
    first, second, of_bob = (VaultGrants(vault, name) for name in ("anna", "anna", "bob"))
    async with first.lock(wait=0) as held:
        assert held
        async with second.lock(wait=0) as also:
            assert not also
        async with of_bob.lock(wait=0) as theirs:
            assert theirs
        waiting = asyncio.create_task(_held(second))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    assert await waiting
    locks = [path for path in vault.home.iterdir() if path.suffix == ".lock"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in locks)


async def _held(store: VaultGrants) -> bool:
    async with store.lock(wait=5) as held:
        return held


async def test_fields_that_are_no_grant_get_a_sentence(vault: Vault) -> None:
    """A credential of another annulet is not guessed at."""
    for fields in ({}, {"expires_at": "soon"}, {"issued_at": 1, "expires_at": 2, "scopes": 5}):
        vault.put("anna", "oura", fields)
        with pytest.raises(VaultError, match="cannot be read"):
            await VaultGrants(vault, "anna").load()


async def test_the_application_is_sealed_for_later_commands(vault: Vault) -> None:
    """Later commands need no environment; a second account may use the only one there is."""
    assert application.read_application(vault, "anna") is None
    registered = Application("client-1", Secret("planted-secret"))
    application.store_application(vault, "anna", registered)
    assert application.read_application(vault, "anna") == registered
    assert application.read_application(vault, "bob") == registered
    assert b"planted-secret" not in vault.path.read_bytes()
    assert b"client-1" not in vault.path.read_bytes()
    application.store_application(vault, "carl", Application("client-2", Secret("x")))
    assert application.read_application(vault, "bob") is None
    look_up = application.client_secret_lookup(vault, "anna", application=None)
    assert await look_up("client-1") == Secret("planted-secret")
    with pytest.raises(UsageError, match="not known"):
        await look_up("client-2")
    newer = Application("client-1", Secret("rotated"))
    look_up = application.client_secret_lookup(vault, "anna", application=newer)
    assert await look_up("client-1") == Secret("rotated")


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [("", "s"), ("c", ""), ("c", None), ("c d", "s"), ("c", "s\n"), ("é", "s"), ("c" * 600, "s")],
)
def test_an_application_that_cannot_be_right_is_refused(client_id: str, secret: object) -> None:
    """Missing, with blanks, not ASCII: refused before the person is sent to Oura."""
    given = None if secret is None else Secret(str(secret))
    with pytest.raises(UsageError, match="client"):
        application.check_application(client_id, given)


def test_what_was_learnt_about_an_application_is_kept(vault: Vault) -> None:
    """The right server is remembered by client id."""
    assert read_server_history(vault, "c") == ServerHistory()
    write_server_history(vault, "c", ServerHistory("legacy", "current"))
    assert read_server_history(vault, "c") == ServerHistory("legacy", "current")
    assert read_server_history(vault, "d") == ServerHistory()

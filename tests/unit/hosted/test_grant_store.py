"""The store behind the token session: one renewal at a time, and no lost or old tokens."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from annulet.hosted.database import tables
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Intent, StaleGeneration
from annulet.vault.secret import Secret

WATCHED = "annulet.hosted.connections.renewal_lease._WATCHED_S"


def grant(access: str = "access-1", refresh: str = "refresh-1") -> Grant:
    return Grant(
        client_id="annulet-simulator",
        token_url="http://127.0.0.1:8790/oauth/v2/ext/oauth-token",
        revoke_url="http://127.0.0.1:8790/oauth/v2/ext/oauth-revoke",
        access_token=Secret(access),
        refresh_token=Secret(refresh),
        issued_at=1_000.0,
        expires_at=87_400.0,
        scopes=("daily",),
        requested=("daily", "stress"),
    )


@pytest.fixture
async def store(hosted):
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    person = await hosted.service.accounts.people.find_by_login("anna@example.org")
    return hosted.service.toolkit.contexts.grant_store(person.id)


async def test_a_grant_comes_back_as_it_was(store) -> None:
    """Sealing and unsealing changes nothing."""
    assert await store.load() is None
    await store.replace(grant())
    stored = await store.load()
    assert stored.grant == grant()
    assert stored.generation == 1


async def test_the_database_holds_no_token_in_the_clear(hosted, store) -> None:
    """Neither the row nor the files contain a token."""
    await store.replace(grant("a-very-visible-access", "a-very-visible-refresh"))
    content = b"".join(path.read_bytes() for path in hosted.home.glob("annulet.db*"))
    assert b"a-very-visible" not in content


async def test_a_write_for_an_old_generation_changes_nothing(store) -> None:
    """A process that read an older pair cannot overwrite a newer one."""
    await store.replace(grant())
    await store.save(1, grant("access-2"))
    for late in (
        store.save(1, grant("access-3")),
        store.mark(1, "revoked"),
        store.record_intent(1, Intent(started_at=1.0, fingerprint="abcd")),
    ):
        with pytest.raises(StaleGeneration):
            await late
    stored = await store.load()
    assert stored.grant.access_token.reveal() == "access-2"
    assert stored.needs_reconnect is None


async def test_generations_are_never_used_twice(hosted, store) -> None:
    """A row from before a disconnection cannot be put back."""
    await store.replace(grant())
    (old,) = await hosted.rows(tables.connections)
    await store.remove()
    assert await store.load() is None
    fresh = await store.replace(grant("access-2"))
    assert fresh.generation > old["generation"] + 1
    with pytest.raises(StaleGeneration):
        await store.save(old["generation"], grant("access-3"))


async def test_intents_and_reasons_stand_beside_the_grant(store) -> None:
    """They are loaded with the grant, and a saved pair clears them."""
    await store.replace(grant())
    intent = Intent(started_at=5.0, fingerprint="abcd", attempts=2, not_before=9.0)
    await store.record_intent(1, intent)
    assert (await store.load()).intent == intent
    await store.mark(1, "interrupted")
    assert (await store.load()).needs_reconnect == "interrupted"
    await store.save(1, grant("access-2"))
    stored = await store.load()
    assert (stored.intent, stored.needs_reconnect) == (None, None)


async def test_one_renewal_at_a_time(hosted, store) -> None:
    """The second one waits until the first is done, or gives up at once when told to."""
    await store.replace(grant())
    async with store.lock(wait=0) as first:
        assert first
        async with store.lock(wait=0) as second:
            assert not second
        waiting = asyncio.create_task(hold(store))
        await asyncio.sleep(0)
    assert await waiting


async def hold(store) -> bool:
    async with store.lock(wait=5) as held:
        return held


async def test_the_lease_of_a_dead_process_ends(hosted, store, monkeypatch) -> None:
    """It ends by the clock of the database; the clock of a replica gives no right to take it."""
    monkeypatch.setattr(WATCHED, 0.0)
    await store.replace(grant())
    person_id = (await hosted.rows(tables.connections))[0]["person_id"]
    replica = hosted.service.toolkit.contexts.grant_store(person_id)
    async with store.lock(wait=0):
        hosted.clock.advance(minutes=10)
        async with replica.lock(wait=0) as held:
            assert not held
        await end_lease(hosted)
        async with replica.lock(wait=0) as held:
            assert held


async def test_a_holder_that_lost_its_lease_sends_nothing(hosted, store, monkeypatch) -> None:
    """A process that was paused cannot write its intent once another one holds the lease."""
    monkeypatch.setattr(WATCHED, 0.0)
    await store.replace(grant())
    person_id = (await hosted.rows(tables.connections))[0]["person_id"]
    replica = hosted.service.toolkit.contexts.grant_store(person_id)
    intent = Intent(started_at=1.0, fingerprint="abcd")
    async with store.lock(wait=0):
        await store.record_intent(1, intent)
        await end_lease(hosted)
        async with replica.lock(wait=0):
            with pytest.raises(StaleGeneration):
                await store.record_intent(1, intent)
            await replica.record_intent(1, intent)


async def test_a_lease_that_has_just_ended_is_watched_first(hosted, store) -> None:
    """A holder that could not extend its lease without a database gets the time to do so."""
    await store.replace(grant())
    person_id = (await hosted.rows(tables.connections))[0]["person_id"]
    replica = hosted.service.toolkit.contexts.grant_store(person_id)
    async with store.lock(wait=0):
        await end_lease(hosted)
        async with replica.lock(wait=0) as held:
            assert not held


async def end_lease(hosted) -> None:
    """Let every lease have ended a long time ago."""
    await hosted.service.database.execute(update(tables.connections).values(lease_until=1))


async def test_many_questions_renew_once(hosted) -> None:
    """Twenty questions at the end of a token's life spend one refresh token."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    endpoint, key = await anna.new_key()
    hosted.clock.advance(hours=25)
    hosted.oura.requests.clear()
    answers = await asyncio.gather(*(anna.ask(key, f"/mcp/{endpoint}") for _ in range(20)))
    assert all('"isError":true' not in answer.text for answer in answers)
    assert len(hosted.oura.requests.matching("oauth-token")) == 1

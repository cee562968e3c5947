"""The token session: early, once, saved before use, and honest about what it cannot know."""

import asyncio
import dataclasses
from collections.abc import Callable

import anyio
import httpx2
import pytest

from annulet.errors import (
    ConsentRevoked,
    DatabaseUnavailable,
    NotConnected,
    OuraUnavailable,
    VaultError,
)
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Intent
from annulet.vault.secret import Secret

DAY = 86_400.0
GONE = httpx2.Response(400, json={"error": "invalid_grant"})
DOWN = httpx2.Response(503, text="<html>busy</html>")


def silence() -> httpx2.ReadTimeout:
    return httpx2.ReadTimeout("secret detail")


async def test_a_young_token_is_used_as_it_is(world: Callable) -> None:
    """Three quarters of its life cost no request."""
    here = world()
    here.now += 0.74 * DAY
    assert await here.session().access_token() == "access-1"
    assert here.endpoint.forms == []


async def test_a_token_in_its_last_quarter_is_renewed_early(world: Callable) -> None:
    """One request in the documented shape; saved before it is handed out."""
    here = world()
    here.now += 0.76 * DAY
    assert await here.session().access_token() == "access-2"
    assert here.endpoint.forms == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-1",
            "client_id": "client-1",
            "client_secret": "client-secret",
        }
    ]
    assert here.store.log == ["intent", "save"]
    assert here.store.row.grant.refresh_token == Secret("refresh-2")
    assert here.store.row.grant.expires_at == here.now + DAY
    assert here.store.row.grant.scopes == ("daily",)


async def test_a_missing_connection_is_reported(world: Callable) -> None:
    """The hint says what to do."""
    with pytest.raises(NotConnected) as told:
        await world(connected=False).session().access_token()
    assert "annulet connect" in told.value.hint


async def test_twenty_questions_at_once_cost_one_renewal(world: Callable) -> None:
    """With an expired token, in three sessions of one process."""
    here = world()
    here.now += 2 * DAY
    sessions = [here.session() for _ in range(3)]
    asked = [sessions[number % 3].access_token() for number in range(20)]
    assert set(await asyncio.gather(*asked)) == {"access-2"}
    assert len(here.endpoint.forms) == 1


async def test_a_rejected_token_is_renewed_once_however_many_say_so(world: Callable) -> None:
    """Parallel requests that met the same 401 share one renewal."""
    here = world()
    session = here.session()
    renewed = await asyncio.gather(*(session.renew("access-1") for _ in range(5)))
    assert set(renewed) == {"access-2"}
    assert await session.renew("access-1") == "access-2"
    assert len(here.endpoint.forms) == 1


async def test_the_intent_stands_before_the_request_leaves(world: Callable) -> None:
    """Kill -9 at this moment leaves a trace: who looks next knows that something was begun."""
    here = world()
    here.now += 2 * DAY
    seen: list[Intent | None] = []
    here.endpoint.before = lambda: seen.append(here.store.row.intent)
    await here.session().access_token()
    assert seen[0] is not None
    assert seen[0].doubtful
    assert seen[0].fingerprint == Secret("refresh-1").fingerprint
    assert here.store.row.intent is None


async def test_cancellation_waits_until_the_pair_is_saved(world: Callable) -> None:
    """A question that is abandoned while the request is under way does not cost the grant."""
    here = world()
    here.now += 2 * DAY
    sent, answer = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        sent.set()
        await answer.wait()

    here.endpoint.before = slowly
    asked = asyncio.create_task(here.session().access_token())
    await sent.wait()
    asked.cancel()
    await asyncio.sleep(0.01)
    assert not asked.done()
    answer.set()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert here.store.row.grant.access_token == Secret("access-2")


async def test_a_cancelled_scope_waits_as_well(world: Callable) -> None:
    """Servers cancel by scopes, again and again; the pair is saved all the same."""
    here = world()
    here.now += 0.9 * DAY
    with anyio.CancelScope() as scope:

        async def given_up() -> None:
            scope.cancel()
            await asyncio.sleep(0.01)

        here.endpoint.before = given_up
        await here.session().access_token()
    assert scope.cancelled_caught
    assert here.store.row.grant.access_token == Secret("access-2")


@pytest.mark.parametrize("answer", [GONE, httpx2.Response(401, text="no"), httpx2.Response(400)])
async def test_a_refusal_is_kept_as_a_state_with_its_reason(
    world: Callable, answer: object
) -> None:
    """Revoked at Oura: said so, kept, and not asked again."""
    here = world()
    here.now += 2 * DAY
    here.endpoint.answers = [answer]
    for _ in range(2):
        with pytest.raises(ConsentRevoked, match="revoked") as told:
            await here.session().access_token()
        assert told.value.exit_code == 3
    assert here.store.row.needs_reconnect == "revoked"
    assert here.store.row.grant.refresh_token == Secret("refresh-1")
    assert len(here.endpoint.forms) == 1


async def test_a_refusal_after_a_lost_answer_is_called_interrupted(world: Callable) -> None:
    """An earlier renewal left its intent: that is another story than a revocation."""
    here = world()
    here.now += 2 * DAY
    here.store.row = dataclasses.replace(
        here.store.row, intent=Intent(started_at=here.now - 60, fingerprint="abcd")
    )
    here.endpoint.answers = [GONE]
    with pytest.raises(ConsentRevoked, match="interrupted"):
        await here.session().access_token()
    assert here.store.row.needs_reconnect == "interrupted"


async def test_a_killed_renewal_whose_request_never_arrived_is_made_good(world: Callable) -> None:
    """The refresh token was not spent after all: the next question works."""
    here = world()
    here.now += 2 * DAY
    here.store.row = dataclasses.replace(
        here.store.row, intent=Intent(started_at=here.now - 60, fingerprint="abcd")
    )
    assert await here.session().access_token() == "access-2"
    assert here.store.row.intent is None


async def test_the_living_token_is_used_while_the_grant_needs_reconnecting(world: Callable) -> None:
    """What still works goes on working; when Oura rejects it, the reason is told."""
    here = world()
    here.now += 0.8 * DAY
    here.endpoint.answers = [GONE]
    session = here.session()
    assert await session.access_token() == "access-1"
    assert await session.access_token() == "access-1"
    with pytest.raises(ConsentRevoked, match="revoked"):
        await session.renew("access-1")
    here.now += DAY
    with pytest.raises(ConsentRevoked, match="revoked"):
        await session.access_token()
    assert len(here.endpoint.forms) == 1


async def test_a_winner_elsewhere_is_adopted_instead_of_despairing(world: Callable) -> None:
    """The refusal came because another replica had renewed: its pair is used."""
    here = world()
    here.now += 2 * DAY
    newer = dataclasses.replace(
        here.store.row.grant, access_token=Secret("theirs"), expires_at=here.now + DAY
    )

    async def elsewhere() -> None:
        await here.store.save(1, newer)

    here.endpoint.before = elsewhere
    here.endpoint.answers = [GONE]
    assert await here.session().access_token() == "theirs"
    assert here.store.row.needs_reconnect is None


async def test_a_new_consent_is_not_overwritten_by_a_late_renewal(world: Callable) -> None:
    """The person reconnected while a request was under way: the new grant stays."""
    here = world()
    here.now += 2 * DAY
    fresh = dataclasses.replace(
        here.store.row.grant, access_token=Secret("fresh"), expires_at=here.now + DAY
    )
    here.endpoint.before = lambda: here.store.replace(fresh)
    assert await here.session().access_token() == "fresh"
    assert here.store.row.grant == fresh


async def test_a_disconnect_meanwhile_is_respected(world: Callable) -> None:
    """The renewed pair of a removed grant is not written back."""
    here = world()
    here.now += 2 * DAY
    here.endpoint.before = here.store.remove
    with pytest.raises(NotConnected):
        await here.session().access_token()
    assert here.store.row is None


@pytest.mark.parametrize("trouble", [DOWN, silence(), httpx2.Response(200, text="not json")])
async def test_an_outage_leaves_the_living_token_in_use(world: Callable, trouble: object) -> None:
    """5xx, a lost answer or nonsense: the old token works on, and Oura is left in peace."""
    here = world()
    here.now += 0.8 * DAY
    here.endpoint.answers = [trouble] * 9
    session = here.session()
    for _ in range(5):
        assert await session.access_token() == "access-1"
    assert len(here.endpoint.forms) == 1
    assert here.store.row.intent.doubtful
    assert here.store.row.needs_reconnect is None


async def test_a_doubtful_refresh_token_waits_for_the_end_of_the_living_one(
    world: Callable,
) -> None:
    """Trying it again could cost the access token that still works."""
    here = world()
    here.now += 0.8 * DAY
    here.endpoint.answers = [silence()]
    session = here.session()
    await session.access_token()
    here.now += 0.1 * DAY
    assert await session.access_token() == "access-1"
    assert len(here.endpoint.forms) == 1
    here.now += 0.06 * DAY
    assert await session.access_token() == "access-3"


async def test_an_expired_token_and_an_outage_are_told_with_a_time(world: Callable) -> None:
    """Nothing is lost; the message holds nothing of the library's or the server's."""
    here = world()
    here.now += 2 * DAY
    here.endpoint.answers = [silence(), DOWN]
    session = here.session()
    with pytest.raises(OuraUnavailable, match="Nothing is lost") as told:
        await session.access_token()
    assert told.value.hint == "Try again in 1 s."
    assert "secret detail" not in f"{told.value.message}{told.value.__cause__}"
    here.now += 2
    with pytest.raises(OuraUnavailable):
        await session.access_token()
    here.now += 3
    assert await session.access_token() == "access-4"


async def test_backing_off_grows_and_holds_everybody(world: Callable) -> None:
    """Within the back-off no other process asks again; a clock set back does not block for ever."""
    here = world()
    here.now += 2 * DAY
    here.endpoint.answers = [DOWN] * 6
    for _ in range(6):
        with pytest.raises(OuraUnavailable):
            await here.session().access_token()
        here.now += 40
    left = here.store.row.intent.not_before - here.now + 40
    assert left == 32
    here.now -= 40
    with pytest.raises(OuraUnavailable):
        await here.session().access_token()
    assert len(here.endpoint.forms) == 6
    here.now -= 0.5 * DAY
    assert await here.session().access_token() == "access-8"


async def test_a_limit_says_when(world: Callable) -> None:
    """429 with Retry-After: the token is surely not spent, and the time is respected."""
    here = world()
    here.now += 2 * DAY
    here.endpoint.answers = [httpx2.Response(429, headers={"retry-after": "90"})]
    with pytest.raises(OuraUnavailable) as told:
        await here.session().access_token()
    assert told.value.hint == "Try again in 90 s."
    assert not here.store.row.intent.doubtful


async def test_a_request_that_never_left_is_repeated(
    world: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connection refused costs nothing: it is tried again in the same breath."""
    monkeypatch.setattr("annulet.oauth.session._UNSENT_PAUSES_S", (0.01, 0.01))
    here = world()
    here.now += 2 * DAY
    here.endpoint.answers = [httpx2.ConnectError("x"), httpx2.ConnectTimeout("x")]
    assert await here.session().access_token() == "access-4"
    here.endpoint.answers = [httpx2.ConnectError("x")] * 3
    here.now += 2 * DAY
    with pytest.raises(OuraUnavailable):
        await here.session().access_token()
    assert not here.store.row.intent.doubtful


async def test_a_wrong_secret_costs_no_grant(world: Callable) -> None:
    """The application is at fault: once its secret is right, everything works again."""
    here = world()
    here.now += 2 * DAY
    here.endpoint.answers = [httpx2.Response(401, json={"error": "invalid_client"})]
    with pytest.raises(ConsentRevoked, match="client id and secret"):
        await here.session().access_token()
    assert here.store.row.needs_reconnect is None
    assert await here.session().access_token() == "access-3"


async def test_a_grant_without_a_refresh_token_ends_by_itself(
    world: Callable, grant: Callable[..., Grant]
) -> None:
    """It is used to its end, then the reason is told."""
    here = world(grant(refresh_token=None))
    here.now += 0.99 * DAY
    assert await here.session().access_token() == "access-1"
    here.now += 0.02 * DAY
    with pytest.raises(ConsentRevoked, match="none to renew"):
        await here.session().access_token()
    assert here.store.row.needs_reconnect == "expired"
    assert here.endpoint.forms == []


async def test_a_pair_that_cannot_be_written_is_kept_and_not_used(
    world: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full disk: the pair waits in memory, nothing is spent again, and a later try writes it."""
    monkeypatch.setattr("annulet.oauth.session._SAVE_PAUSES_S", (0.01, 0.01))
    here = world()
    here.now += 2 * DAY
    here.store.failing, here.store.failures = VaultError("disk full"), 99
    session = here.session()
    with pytest.raises(VaultError, match="could not be written"):
        await session.access_token()
    with pytest.raises(VaultError, match="could not be written"):
        await session.access_token()
    assert len(here.endpoint.forms) == 1
    here.store.failures = 0
    assert await session.access_token() == "access-2"
    assert len(here.endpoint.forms) == 1


async def test_a_pair_that_cannot_be_written_keeps_the_lock(
    world: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question ends with a sentence; the pair is tried on, and the old token is not spent."""
    monkeypatch.setattr("annulet.oauth.session._QUESTION_S", 0.05)
    monkeypatch.setattr("annulet.oauth.session._SAVE_PAUSES_S", (0.01, 0.01))
    here = world()
    here.now += 2 * DAY
    here.store.failing, here.store.failures = DatabaseUnavailable(), 10_000
    session = here.session(keeps_writing=lambda: True)
    with pytest.raises(OuraUnavailable, match="is being renewed"):
        await session.access_token()
    async with here.store.lock(wait=0) as held:
        assert not held
    here.store.failures = 0
    assert await session.access_token() == "access-2"
    assert len(here.endpoint.forms) == 1
    await session.aclose()


async def test_a_short_trouble_with_writing_is_sat_out(world: Callable) -> None:
    """A file that is busy for a moment is written a moment later."""
    here = world()
    here.now += 2 * DAY
    here.store.failing, here.store.failures = OSError("busy"), 2
    assert await here.session().access_token() == "access-2"


async def test_an_early_renewal_that_hangs_delays_no_request(
    world: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old token is handed out, the renewal goes on, and closing waits for its pair."""
    monkeypatch.setattr("annulet.oauth.session._EARLY_WAIT_S", 0.01)
    here = world()
    here.now += 0.8 * DAY
    answer = asyncio.Event()
    here.endpoint.before = answer.wait
    session = here.session()
    assert await session.access_token() == "access-1"
    assert await session.access_token() == "access-1"
    asyncio.get_running_loop().call_later(0.02, answer.set)
    await session.aclose()
    assert here.store.row.grant.access_token == Secret("access-2")
    assert len(here.endpoint.forms) == 1


async def test_a_lock_held_elsewhere_does_not_hold_up_a_living_token(world: Callable) -> None:
    """While another session renews, the living token is used."""
    here = world()
    here.now += 0.8 * DAY
    async with here.store.lock(wait=0):
        assert await here.session().access_token() == "access-1"
    assert here.endpoint.forms == []

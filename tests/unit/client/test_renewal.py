"""Tokens: renewed once for all who need it, and never for a missing permission."""

from datetime import date

import anyio
import httpx2
import pytest

from annulet.client import StaticToken
from annulet.errors import ConsentRevoked, OuraUnavailable, ScopeMissing

DAY = date(2026, 5, 6)


class Tokens:
    """Hands out token-0, token-1, …; counts renewals."""

    def __init__(self, failure=None):
        self.number = 0
        self.renewals = []
        self.failure = failure

    async def access_token(self):
        return f"token-{self.number}"

    async def renew(self, rejected):
        self.renewals.append(rejected)
        await anyio.sleep(0.01)
        if self.failure:
            raise self.failure
        self.number += 1
        return f"token-{self.number}"


def accepting(oura, *tokens):
    """Oura accepts only these tokens."""

    def answer(request):
        if request.headers["authorization"].removeprefix("Bearer ") in tokens:
            return oura.serve(request)
        return httpx2.Response(401, json={"detail": "Unauthorized"})

    oura.script = [answer] * 50


async def test_an_expired_token_is_renewed_once_and_the_question_answered(oura, connect):
    """The person notices nothing."""
    accepting(oura, "token-1")
    tokens = Tokens()
    async with connect(tokens) as client:
        assert await client.daily_sleep(DAY, DAY) == []
    assert tokens.renewals == ["token-0"]
    assert len(oura.requests) == 2


async def test_parallel_questions_renew_once(oura, connect):
    """Eight requests refused together need one renewal."""
    accepting(oura, "token-1")
    tokens = Tokens()
    async with connect(tokens) as client, anyio.create_task_group() as group:
        for name in ("sleep", "workout", "session", "tag", "daily_sleep", "daily_stress"):
            group.start_soon(client.collection, name, DAY, DAY)
    assert tokens.renewals == ["token-0"]
    assert len(oura.requests) == 12


async def test_a_renewed_token_that_is_refused_too_ends_the_attempt(oura, connect):
    """One renewal and one retry; then the person must connect again."""
    accepting(oura)
    tokens = Tokens()
    async with connect(tokens) as client:
        with pytest.raises(ConsentRevoked):
            await client.daily_sleep(DAY, DAY)
    assert len(tokens.renewals) == 1
    assert [request.url.path.rsplit("/", 1)[1] for request in oura.requests] == [
        "daily_sleep",
        "daily_sleep",
        "personal_info",
    ]


def refusing(oura, name):
    """Oura refuses one collection without a reason, whatever the token."""

    def answer(request):
        if request.url.path.endswith(f"/{name}"):
            return httpx2.Response(401)
        return oura.serve(request)

    oura.script = [answer] * 50


async def test_a_collection_that_refuses_a_token_taken_elsewhere_is_not_permitted(oura, connect):
    """A connection that works is not called revoked because of one collection."""
    refusing(oura, "daily_spo2")
    tokens = Tokens()
    async with connect(tokens) as client:
        for _ in range(3):
            with pytest.raises(ScopeMissing) as caught:
                await client.daily_spo2(DAY, DAY)
            assert caught.value.scope == "spo2"
            assert caught.value.hint
        assert await client.daily_sleep(DAY, DAY) == []
    assert tokens.renewals == ["token-0"], "renewing again cannot help"


async def test_a_bare_token_refused_by_one_collection_only_still_works(oura, connect):
    """A token that cannot be renewed is not called revoked either."""
    refusing(oura, "heartrate")
    async with connect("bare") as client:
        with pytest.raises(ScopeMissing) as caught:
            await client.latest_heartrate()
        assert await client.daily_sleep(DAY, DAY) == []
    assert caught.value.scope == "heartrate"


@pytest.mark.parametrize("when", ["access_token", "renew"])
async def test_a_short_outage_of_the_sign_in_service_is_waited_out(oura, connect, when):
    """The question is answered once the token could be renewed after all."""
    accepting(oura, "token-1")
    tokens = Tokens()
    working, failures = getattr(tokens, when), [OuraUnavailable("down")] * 2

    async def sometimes(*arguments):
        if failures:
            raise failures.pop()
        return await working(*arguments)

    setattr(tokens, when, sometimes)
    async with connect(tokens) as client:
        assert await client.daily_sleep(DAY, DAY) == []
    assert not failures


async def test_a_missing_permission_never_renews(oura, connect):
    """The sentence about a scope is about consent, not about the token's age."""
    body = {"detail": "Token is not authorized access spo2 scope."}
    oura.script = [httpx2.Response(401, json=body)]
    tokens = Tokens()
    async with connect(tokens) as client:
        with pytest.raises(ScopeMissing):
            await client.daily_spo2(DAY, DAY)
    assert tokens.renewals == []


@pytest.mark.parametrize(
    ("failure", "attempts"), [(ConsentRevoked("gone"), 1), (OuraUnavailable("down"), 4)]
)
async def test_a_failed_renewal_is_told_to_all_who_waited(oura, connect, failure, attempts):
    """One attempt to renew serves all the requests that wait for it; an outage is tried again."""
    accepting(oura)
    tokens = Tokens(failure)
    errors = []

    async def ask(client, name):
        try:
            await client.collection(name, DAY, DAY)
        except type(failure) as error:
            errors.append(error)

    async with connect(tokens) as client, anyio.create_task_group() as group:
        for name in ("sleep", "workout", "daily_sleep"):
            group.start_soon(ask, client, name)
    assert len(errors) == 3
    assert len(tokens.renewals) == attempts


async def test_a_bare_token_is_never_refreshed(oura, connect):
    """The person learns that the token no longer works, and what to do."""
    accepting(oura)
    async with connect("bare") as client:
        with pytest.raises(ConsentRevoked) as caught:
            await client.daily_sleep(DAY, DAY)
    assert caught.value.hint
    assert "bare" not in str(caught.value) + caught.value.hint
    assert "bare" not in repr(StaticToken("bare"))

"""The token endpoint's answers, friendly and hostile."""

import math
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from annulet.errors import UsageError
from annulet.oauth import exchange
from annulet.oauth.exchange import SHORT_LIFETIME_S, TokenResponse
from annulet.oura_http.error_mapping import TokenRequestRefused
from annulet.oura_http.sending import NoResponse
from annulet.vault.secret import Secret

URL = "https://moi.example/token"
PAIR = {"access_token": "at", "refresh_token": "rt", "expires_in": 86_400, "token_type": "bearer"}


async def ask(answer: httpx2.Response | Exception, url: str = URL) -> TokenResponse:
    """What a refresh makes of this answer."""

    def give(_: httpx2.Request) -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(give)) as http:
        return await exchange.refresh_tokens(
            url, refresh_token=Secret("rt"), client_id="c", client_secret=Secret("s"), http=http
        )


async def test_the_documented_answer_is_read() -> None:
    """All fields, the permissions without their prefix, an id_token that is null."""
    fields = {**PAIR, "scope": "extapi:daily extapi:spo2Daily", "id_token": None}
    tokens = await ask(httpx2.Response(200, json=fields))
    assert tokens == TokenResponse(Secret("at"), Secret("rt"), 86_400.0, ("daily", "spo2"))


@pytest.mark.parametrize(
    ("change", "lifetime"),
    [
        ({"expires_in": "2592000"}, 2_592_000.0),
        ({"expires_in": 0.5}, 0.5),
        ({"expires_in": None}, SHORT_LIFETIME_S),
        ({"expires_in": -5}, SHORT_LIFETIME_S),
        ({"expires_in": 0}, SHORT_LIFETIME_S),
        ({"expires_in": True}, SHORT_LIFETIME_S),
        ({"expires_in": "soon"}, SHORT_LIFETIME_S),
        ({"expires_in": [1]}, SHORT_LIFETIME_S),
        ({"expires_in": math.nan}, SHORT_LIFETIME_S),
        ({"expires_in": math.inf}, SHORT_LIFETIME_S),
        ({"expires_in": 10**400}, 10 * 366 * 86_400.0),
    ],
)
async def test_a_life_that_makes_no_sense_is_taken_as_short(
    change: dict[str, Any], lifetime: float
) -> None:
    """Too short costs a renewal, too long would cost a failing question."""
    import json

    body = json.dumps({**PAIR, **change})
    assert (await ask(httpx2.Response(200, text=body))).lifetime_s == lifetime


@pytest.mark.parametrize("scope", [None, 7, {"a": 1}, [1, 2], "", " ", []])
async def test_permissions_that_are_not_told_are_unknown_not_none(scope: object) -> None:
    """Unknown is not the same as nothing."""
    fields = PAIR if scope is None else {**PAIR, "scope": scope}
    assert (await ask(httpx2.Response(200, json=fields))).scopes is None


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 12},
        {"access_token": "a b"},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": "é"},
        {"access_token": "x" * 9_000},
        {"token_type": "mac"},
        {"token_type": 5},
    ],
)
async def test_an_answer_without_a_usable_token_is_no_answer(change: dict[str, Any]) -> None:
    """Nothing half-read is ever stored, nor put into a header."""
    with pytest.raises(NoResponse) as silence:
        await ask(httpx2.Response(200, json={**PAIR, **change}))
    assert silence.value.is_sent


@pytest.mark.parametrize("refresh", [None, "", 7, ["x"], "a b"])
async def test_a_missing_refresh_token_keeps_the_old_one(refresh: object, grant: Any) -> None:
    """A server that does not rotate need not repeat it."""
    tokens = await ask(httpx2.Response(200, json={**PAIR, "refresh_token": refresh}))
    assert tokens.refresh_token is None
    assert tokens.apply_to(grant(), at=5.0).refresh_token == Secret("refresh-1")


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, text="[" * 60_000),
        httpx2.Response(200, text='{"access_token": "' + "x" * 70_000 + '"}'),
        httpx2.Response(200, json=["at"]),
        httpx2.Response(200),
        httpx2.Response(204),
        httpx2.Response(302, headers={"location": "https://evil.example/"}),
        httpx2.Response(403, text="firewall"),
        httpx2.Response(404, json={"detail": "Not Found"}),
        httpx2.Response(500, json=PAIR),
        httpx2.ReadTimeout("detail"),
        httpx2.RemoteProtocolError("detail"),
    ],
)
async def test_what_is_neither_yes_nor_no_is_silence(answer: Any) -> None:
    """Pages of firewalls, endless bodies, redirects: the token may or may not be spent."""
    with pytest.raises(NoResponse) as silence:
        await ask(answer)
    assert silence.value.is_sent
    assert silence.value.__cause__ is None
    assert "detail" not in str(silence.value)


async def test_only_known_error_names_are_kept() -> None:
    """Texts of the server go nowhere; a deep refusal is still a refusal."""
    for name, code in (("invalid_grant", "invalid_grant"), ("<script>", ""), (["x"], "")):
        with pytest.raises(TokenRequestRefused) as refused:
            await ask(httpx2.Response(400, json={"error": name, "error_description": "secret"}))
        assert (refused.value.status, refused.value.error) == (400, code)
        assert "secret" not in str(refused.value)


async def test_tokens_are_never_sent_in_the_clear() -> None:
    """Plain http to another machine is refused before anything leaves."""
    with pytest.raises(UsageError, match="neither https"):
        await ask(httpx2.Response(200, json=PAIR), url="http://moi.example/token")
    assert (await ask(httpx2.Response(200, json=PAIR), url="http://127.0.0.1:9/token")).lifetime_s


async def test_an_endless_answer_is_cut_off() -> None:
    """A body that never ends is not read to its end."""
    read = 0

    async def drip() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 1024

    with pytest.raises(NoResponse):
        await ask(httpx2.Response(200, content=drip()))
    assert read < 100

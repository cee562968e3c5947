"""A code that is exchanged for nothing: what is told is what happened."""

import httpx2
import pytest

from annulet.oauth.connect_errors import exchange_refused, exchange_without_token
from annulet.oauth.exchange import exchange_code
from annulet.oura_http.error_mapping import TokenRequestRefused
from annulet.oura_http.sending import NoResponse
from annulet.vault.secret import Secret

REDIRECT = "http://localhost:8765/callback"
URL = "https://api.example.org/token"
TOKENS = {"access_token": "made-up", "token_type": "bearer"}


async def failure_of(response):
    """The error a person sees where the token endpoint answers like this."""

    def respond(_request):
        if isinstance(response, Exception):
            raise response
        return response

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(respond)) as http:
        try:
            await exchange_code(
                URL,
                code=Secret("code"),
                verifier=Secret("verifier"),
                redirect_uri=REDIRECT,
                client_id="id",
                client_secret=Secret("secret"),
                http=http,
            )
        except NoResponse as failure:
            return exchange_without_token(failure)
        except TokenRequestRefused as refusal:
            return exchange_refused(refusal, REDIRECT)
    raise AssertionError("a token was taken from this")


def answer(status=200, /, **content):
    """A response with a JSON object."""
    return httpx2.Response(status, json=content)


@pytest.mark.parametrize(
    ("response", "code", "words"),
    [
        (httpx2.ConnectError("no"), "oura_unavailable", "did not answer"),
        (httpx2.Response(200, text="<html>"), "oura_unavailable", "no token response"),
        (httpx2.Response(200), "oura_unavailable", "no token response"),
        (httpx2.Response(200, json=[TOKENS]), "oura_unavailable", "no token response"),
        (httpx2.Response(200, text="access_token=x"), "oura_unavailable", "no token response"),
        (answer(token_type="bearer"), "oura_unavailable", "without an access token"),
        (answer(**{**TOKENS, "token_type": "mac"}), "oura_unavailable", "without an access token"),
        (httpx2.Response(503), "oura_unavailable", "out of order"),
        (httpx2.Response(302, headers={"location": "/x"}), "oura_unavailable", "sent annulet else"),
        (answer(error="invalid_grant"), "not_connected", "it is used or has expired"),
        (answer(400, error="invalid_grant"), "not_connected", "it is used or has expired"),
        (
            answer(400, error="invalid_grant", error_description="no match of the redirection URI"),
            "not_connected",
            "it is used or has expired",
        ),
        (
            answer(400, error="invalid_request", error_description="redirect_uri mismatch"),
            "not_connected",
            "redirect address is not registered",
        ),
        (
            answer(401, status=401, title="Invalid Client ID", detail="x"),
            "not_connected",
            "does not accept the client id",
        ),
    ],
)
async def test_each_failure_has_a_sentence_of_its_own(response, code, words):
    """None of them is told as silence, but silence itself."""
    error = await failure_of(response)
    assert error.code == code
    assert words in error.message
    assert "annulet connect" in error.hint


@pytest.mark.parametrize(
    ("wait", "words"), [("60", "in 60 seconds"), ("1", "in 1 second:"), (None, "in a few minutes")]
)
async def test_a_limit_says_when_to_come_back(wait, words):
    """The code was not looked at; the wait is Oura's."""
    error = await failure_of(httpx2.Response(429, headers={"retry-after": wait} if wait else {}))
    assert error.code == "rate_limited"
    assert words in error.hint

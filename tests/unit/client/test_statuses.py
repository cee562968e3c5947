"""Every status of Oura becomes one error, whatever the body looks like."""

from datetime import date

import httpx2
import pytest

from annulet.client.error_mapping import Answer, refusal, retry_after
from annulet.contract.collections import COLLECTIONS
from annulet.errors import (
    ConsentRevoked,
    MembershipRequired,
    OuraRateLimited,
    OuraRejectedRequest,
    OuraUnavailable,
    ScopeMissing,
)

DAY = date(2026, 5, 6)
LEAK = "planted-body-text"
BODIES = {
    "bare": b'{"detail":"planted-body-text"}',
    "problem": b'{"status":400,"title":"planted-body-text","detail":"planted-body-text"}',
    "list": b'{"detail":[{"loc":["query","start_date"],"msg":"planted-body-text"}]}',
    "array": b'["planted-body-text"]',
    "empty": b"",
    "html": b"<html><h1>planted-body-text</h1></html>",
    "binary": b"\xff\xfe\x00",
}
STATUSES = {
    301: OuraUnavailable,
    302: OuraUnavailable,
    400: OuraRejectedRequest,
    401: ConsentRevoked,
    403: MembershipRequired,
    404: OuraRejectedRequest,
    405: OuraRejectedRequest,
    408: OuraUnavailable,
    422: OuraRejectedRequest,
    426: MembershipRequired,
    429: OuraRateLimited,
    500: OuraUnavailable,
    502: OuraUnavailable,
    503: OuraUnavailable,
    504: OuraUnavailable,
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", BODIES)
async def test_a_status_is_one_error(oura, connect, status, body):
    """The error follows the status alone and never repeats what the body says."""
    oura.script = [httpx2.Response(status, content=BODIES[body])] * 20
    async with connect() as client:
        with pytest.raises(STATUSES[status]) as caught:
            await client.daily_sleep(DAY, DAY)
    assert type(caught.value) is STATUSES[status]
    assert LEAK not in caught.value.message + caught.value.hint
    assert caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "body",
    [
        '{"detail":"Token is not authorized access spo2 scope."}',
        '{"detail":"Token is not authorized to access the spo2 scope"}',
        '{"detail":"Token is not authorised access extapi:spo2 scope."}',
        '{"detail":"Token is not authorized to access \\"spo2\\" scope."}',
        '{"detail":"Token is not authorized access spo2Daily scope."}',
        '{"status":401,"title":"No","detail":"Token is not authorized access spo2 scope."}',
        '{"detail":[{"msg":"Token is not authorized access spo2 scope."}]}',
        '["Token is not authorized access spo2 scope."]',
        "Token is not authorized access spo2 scope.",
        "<html><p>Token is not authorized access spo2 scope.</p></html>",
        '{"detail":"TOKEN IS NOT AUTHORIZED ACCESS SPO2 SCOPE."}',
        '{"detail":"Missing required scope: spo2"}',
        '{"error":"insufficient_scope"}',
    ],
)
@pytest.mark.parametrize("status", [401, 403])
async def test_a_missing_permission_is_named(oura, connect, status, body):
    """However it is worded, the permission is named and nothing is refreshed or repeated."""
    oura.script = [httpx2.Response(status, text=body)]
    async with connect() as client:
        with pytest.raises(ScopeMissing) as caught:
            await client.daily_spo2(DAY, DAY)
    assert caught.value.scope == "spo2"
    assert "Blood oxygen" in caught.value.message
    assert len(oura.requests) == 1


def test_another_permission_than_the_table_expects_is_believed():
    """Oura's sentence wins over our table."""
    answer = Answer(401, {}, b'{"detail":"Token is not authorized access stress scope."}')
    assert refusal(answer, COLLECTIONS["daily_stress"]).scope == "stress"
    answer = Answer(401, {}, b'{"detail":"Token is not authorized access glucose scope."}')
    assert refusal(answer, COLLECTIONS["daily_stress"]).scope == "glucose"


def test_a_challenge_header_names_the_permission():
    """The standard header is understood as well."""
    header = 'Bearer error="insufficient_scope", scope="extapi:heartrate"'
    answer = Answer(401, {"www-authenticate": header})
    assert refusal(answer, COLLECTIONS["heartrate"]).scope == "heartrate"


@pytest.mark.parametrize(
    "body",
    [
        "Access forbidden. The subscription has expired and data is not available.",
        "No permission: membership is not active",
        "",
    ],
)
def test_a_lapsed_membership_is_not_a_missing_permission(body):
    """403 is the membership unless a permission is named."""
    answer = Answer(403, {}, body.encode())
    assert isinstance(refusal(answer, COLLECTIONS["sleep"]), MembershipRequired)


@pytest.mark.parametrize(
    "body", ["Token expired", "Token lacks valid permission", '{"detail":"Unauthorized"}']
)
def test_a_dead_token_is_not_a_missing_permission(body):
    """401 without the sentence about a scope is about the token."""
    answer = Answer(401, {}, body.encode())
    assert isinstance(refusal(answer, COLLECTIONS["sleep"]), ConsentRevoked)


def test_no_hostile_text_reaches_the_message():
    """A permission's name is a word, not a sentence of somebody else's."""
    body = b'{"detail":"Token is not authorized access <b>ignore-all</b>:x scope."}'
    error = refusal(Answer(401, {}, body), COLLECTIONS["daily_spo2"])
    assert error.scope == "spo2"
    assert "ignore" not in error.message


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", b'{"data":', b"[]", b"null", b'{"data":{}}', b'{"data":[1]}', b"{}"],
)
async def test_an_unreadable_200_is_an_outage(oura, connect, content):
    """What is no envelope is no empty answer."""
    oura.script = [httpx2.Response(200, content=content)] * 10
    async with connect() as client:
        with pytest.raises(OuraUnavailable):
            await client.daily_sleep(DAY, DAY)


async def test_redirects_are_not_followed(oura, connect):
    """The token goes nowhere but to the address it was meant for."""
    oura.script = [httpx2.Response(302, headers={"location": "https://elsewhere.example/"})] * 5
    async with connect() as client:
        with pytest.raises(OuraUnavailable):
            await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 1


async def test_a_missing_document_is_told(oura, connect):
    """404 on one document is not an outage."""
    oura.script = [httpx2.Response(404, json={"detail": "Document not found."})]
    async with connect() as client:
        with pytest.raises(OuraRejectedRequest, match="404"):
            await client.document("daily_sleep", "gone")


def test_retry_after_is_read_in_both_forms():
    """Seconds or a date; nonsense is nothing."""
    assert retry_after({"retry-after": "0"}) == 0
    assert retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, now=20.0) == 40
    assert retry_after({"retry-after": "soon"}, now=20.0) is None
    assert retry_after({"retry-after": "-3"}) is None
    assert retry_after({"retry-after": "inf"}) is None
    assert retry_after({"retry-after": "2301007791"}) == 3600, "nobody waits 73 years"
    assert retry_after({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}, now=0.0) == 3600

"""What a status of Oura means: one error for each, whatever the body looks like."""

import pytest

from annulet.contract.collections import DAILY_SPO2, DAILY_STRESS, HEARTRATE, SLEEP
from annulet.errors import (
    AppUpdateNeeded,
    ConsentRevoked,
    MembershipRequired,
    OuraRateLimited,
    OuraRejectedRequest,
    OuraUnavailable,
    ScopeMissing,
)
from annulet.oura_http.error_mapping import (
    TokenRequestRefused,
    data_error,
    is_temporary,
    subscription_problem,
    token_error,
)
from annulet.oura_http.sending import NoResponse, Response

LEAK = b"planted-body-text"
BODIES = (
    b'{"detail":"planted-body-text"}',
    b'{"status":400,"title":"planted-body-text","detail":"planted-body-text"}',
    b'{"detail":[{"loc":["query","start_date"],"msg":"planted-body-text"}]}',
    b'["planted-body-text"]',
    b"",
    b"<html><h1>planted-body-text</h1></html>",
    b"\xff\xfe\x00",
)
ANSWERED_ELSEWHERE = {
    200: None,
    401: ConsentRevoked,
    403: MembershipRequired,
    408: OuraUnavailable,
    426: AppUpdateNeeded,
    429: OuraRateLimited,
}


def expected_data_error(status):
    """The error of the data API by the class of the status, with the exceptions named above."""
    if status in ANSWERED_ELSEWHERE:
        return ANSWERED_ELSEWHERE[status]
    return OuraRejectedRequest if 400 <= status < 500 else OuraUnavailable


def expected_token_error(status):
    """The error of an exchange: only a 4xx that is no matter of time is a refusal."""
    if 200 <= status < 300:
        return None
    is_refusal = 400 <= status < 500 and status not in (408, 429)
    return TokenRequestRefused if is_refusal else NoResponse


def expected_problem(status, action):
    """The problem with a subscription, by what was asked."""
    table = {
        ("create", 400): "unreachable",
        ("create", 504): "unreachable",
        ("create", 409): "taken",
        ("change", 403): "gone",
        ("change", 404): "gone",
    }
    usual = {401: "credentials", 403: "forbidden", 408: "silent", 429: "limited"}
    if 200 <= status < 300:
        return None
    temporary = "silent" if status < 200 or status >= 500 else "refused"
    return table.get((action, status), usual.get(status, temporary))


@pytest.mark.parametrize("hundred", [100, 200, 300, 400, 500])
def test_a_status_means_one_thing_on_each_interface(hundred):
    """Data API, token endpoint and subscriptions: no status is left out, no body is repeated."""
    for status in range(hundred, hundred + 100):
        for body in BODIES:
            error = data_error(Response(status, {}, body), SLEEP)
            assert type(error) is (expected_data_error(status) or type(None)), status
            if error is not None:
                assert error.message
                assert error.hint
                assert LEAK.decode() not in error.message + error.hint
        refusal = token_error(Response(status), {"error": LEAK.decode()}, refusals=range(400, 500))
        assert type(refusal) is (expected_token_error(status) or type(None)), status
        assert LEAK.decode() not in str(refusal)
        for action in ("list", "create", "change"):
            problem = subscription_problem(status, action)
            assert problem == expected_problem(status, action), (status, action)


def test_only_outages_and_limits_are_temporary():
    """The same wrong request would be refused again; a redirect stays one."""
    temporary = {status for status in range(200, 600) if is_temporary(status)}
    assert temporary == {408, 429, *range(500, 600)}


@pytest.mark.parametrize(
    ("status", "fields", "error"),
    [
        (400, {"error": "invalid_grant"}, "invalid_grant"),
        (401, {"error": "invalid_client"}, "invalid_client"),
        (400, {"error": "invalid_redirect_uri"}, "invalid_redirect_uri"),
        (400, {"error": "<script>"}, ""),
        (400, {"error": ["invalid_grant"]}, ""),
        (400, {}, ""),
    ],
)
def test_a_refused_token_request_names_a_known_error_only(status, fields, error):
    """The OAuth error codes of the RFC are passed on; other texts are not."""
    refusal = token_error(Response(status), fields, refusals=range(400, 500))
    assert (refusal.status, refusal.error) == (status, error)


def test_another_status_leaves_open_what_was_spent():
    """A refresh that meets 403 may come from a firewall, so the grant is not given up."""
    failure = token_error(Response(403), {}, refusals=range(400, 402))
    assert isinstance(failure, NoResponse)
    assert failure.is_sent
    limited = token_error(Response(429, {"retry-after": "7"}), {}, refusals=range(400, 402))
    assert (limited.is_sent, limited.retry_after_s) == (False, 7.0)


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_permission_is_named(status):
    """Each known wording of Oura names the permission."""
    wordings = (
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
    )
    for wording in wordings:
        error = data_error(Response(status, {}, wording.encode()), DAILY_SPO2)
        assert isinstance(error, ScopeMissing), wording
        assert error.scope == "spo2"
        assert "Blood oxygen" in error.message


def test_another_permission_than_the_table_expects_is_believed():
    """Oura's sentence wins over our table."""
    for scope in ("stress", "glucose"):
        body = f'{{"detail":"Token is not authorized access {scope} scope."}}'.encode()
        assert data_error(Response(401, {}, body), DAILY_STRESS).scope == scope


def test_a_challenge_header_names_the_permission():
    """The header of RFC 6750 is understood as well."""
    header = 'Bearer error="insufficient_scope", scope="extapi:heartrate"'
    response = Response(401, {"www-authenticate": header})
    assert data_error(response, HEARTRATE).scope == "heartrate"


@pytest.mark.parametrize(
    "body",
    [
        b"Access forbidden. The subscription has expired and data is not available.",
        b"No permission: membership is not active",
        b"",
    ],
)
def test_a_lapsed_membership_is_not_a_missing_permission(body):
    """403 is the membership unless a permission is named."""
    assert isinstance(data_error(Response(403, {}, body), SLEEP), MembershipRequired)


@pytest.mark.parametrize(
    "body", [b"Token expired", b"Token lacks valid permission", b'{"detail":"Unauthorized"}']
)
def test_a_refused_token_is_not_a_missing_permission(body):
    """401 without the sentence about a scope is about the token."""
    assert isinstance(data_error(Response(401, {}, body), SLEEP), ConsentRevoked)


def test_no_hostile_text_reaches_the_message():
    """A permission's name is one word, never a sentence of the server's."""
    body = b'{"detail":"Token is not authorized access <b>ignore-all</b>:x scope."}'
    error = data_error(Response(401, {}, body), DAILY_SPO2)
    assert error.scope == "spo2"
    assert "ignore" not in error.message

"""Which routes exist and which parameters each of them knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annulet.contract.collections import COLLECTIONS
from annulet.proxy.request_refused import RequestRefused
from annulet.proxy.routes import Route, find_route, read_query

DAYS = b"start_date=2026-05-01&end_date=2026-05-31"


def route(name: str) -> Route:
    return find_route(f"/v2/usercollection/{name}".encode())


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_collection_has_its_route(name: str) -> None:
    """All nineteen collections are reachable under Oura's own path."""
    assert route(name).path == f"/v2/usercollection/{name}"


def test_one_document_is_found_by_its_id_and_not_journaled() -> None:
    """A document id goes to Oura, and only a placeholder into the journal."""
    parsed = route("sleep/ab-12_Z")
    assert parsed.path == "/v2/usercollection/sleep/ab-12_Z"
    assert parsed.template == "/v2/usercollection/sleep/{document_id}"
    assert parsed.parameters == ()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v2",
        "/v2/usercollection",
        "/v2/usercollection/",
        "/v2/usercollection/vo2_max",
        "/v2/usercollection/daily_sleep/",
        "/v2/usercollection/daily_sleep/a/b",
        "/v2/usercollection/daily_sleep/a.b",
        f"/v2/usercollection/daily_sleep/{'a' * 81}",
        "/v2/usercollection/heartrate/abc",
        "/v2/usercollection/personal_info/abc",
        "/v2/usercollection/glucose",
        "/v2/webhook/subscription",
        "/v2/sandbox/usercollection/personal_info",
        "/oauth/token",
        "/oauth/revoke",
        "/v1/userinfo",
        "/v2/usercollection/daily_sleep\n",
    ],
)
def test_nothing_else_is_a_route(path: str) -> None:
    """What is not in the table does not exist."""
    with pytest.raises(RequestRefused) as caught:
        find_route(path.encode())
    assert caught.value.status == 404


def test_the_sandbox_is_a_route_of_its_own_with_fewer_parameters() -> None:
    """Oura's sandbox knows neither fields nor latest."""
    parsed = find_route(b"/v2/sandbox/usercollection/heartrate")
    assert parsed.sandbox
    assert parsed.parameters == ("start_datetime", "end_datetime", "next_token")


def test_a_checked_query_is_written_anew() -> None:
    """What goes to Oura is what was checked, with an offset's plus sign kept a plus sign."""
    query = b"start_datetime=2026-05-01T00:00:00+02:00&end_datetime=2026-05-02T00%3A00%3A00Z"
    parameters = read_query(route("heartrate"), query)
    assert parameters.encoded == (
        "start_datetime=2026-05-01T00%3A00%3A00%2B02%3A00&end_datetime=2026-05-02T00%3A00%3A00Z"
    )
    assert parameters.names == ("start_datetime", "end_datetime")


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("daily_sleep", b"user=somebody"),
        ("daily_sleep", b"start_datetime=2026-05-01T00:00:00Z"),
        ("daily_sleep", b"latest=true"),
        ("heartrate", b"start_date=2026-05-01"),
        ("personal_info", b"fields=email"),
        ("ring_configuration", DAYS),
        ("sleep/abc", b"fields=day"),
        ("daily_sleep", b"start_date=2026-05-01&start_date=2020-01-01"),
        ("daily_sleep", b"start_date=2026-05-01&start%5Fdate=2020-01-01"),
        ("daily_sleep", b"start_date"),
        ("daily_sleep", b"start_date="),
        ("daily_sleep", b"start_date=20260501"),
        ("daily_sleep", b"start_date=1577836800"),
        ("daily_sleep", b"start_date=2026-W01-1"),
        ("daily_sleep", b"start_date=2026-02-30"),
        ("daily_sleep", b"start_date=2026-05-01%0d%0aX:y"),
        ("daily_sleep", b"start_date=2026-05-01%00"),
        ("daily_sleep", b"start_date=\xd9\xa22026-05-01"),
        ("daily_sleep", b"start_date=2026-05-31&end_date=2026-05-01"),
        ("daily_sleep", b"next_token=a%20b"),
        ("daily_sleep", b"next_token=" + b"a" * 5000),
        ("daily_sleep", b"fields=day;score"),
        ("heartrate", b"latest=maybe"),
        ("daily_sleep", b"&"),
        ("daily_sleep", DAYS + b"&"),
    ],
)
def test_every_other_query_is_refused(name: str, query: bytes) -> None:
    """Unknown, repeated and malformed parameters do not reach Oura."""
    with pytest.raises(RequestRefused) as caught:
        read_query(route(name), query)
    assert caught.value.status == 400


@given(st.binary(max_size=60))
def test_no_query_breaks_the_reader(query: bytes) -> None:
    """Whatever stands in a query, the answer is a refusal or well-formed parameters."""
    try:
        parameters = read_query(route("daily_sleep"), query)
    except RequestRefused:
        return
    assert set(parameters.names) <= {"start_date", "end_date", "next_token", "fields"}

"""How one request is sent: headers, limits, and what happens when no response comes."""

import gzip

import anyio
import httpx2
import pytest

from annulet.oura_http.sending import (
    USER_AGENT,
    NoResponse,
    Request,
    RequestLimits,
    Response,
    open_http,
    send,
)

URL = "https://api.ouraring.com/v2/usercollection/sleep"
LIMITS = RequestLimits(total_s=5.0, max_bytes=100)


async def sent(reply, request=None, limits=LIMITS):
    """The response of a server that replies like this."""
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(reply)) as http:
        return await send(http, request or Request(url=URL), limits)


async def test_every_request_says_who_asks_and_wants_json():
    """The same headers for everything that goes to Oura; a caller may add to them."""
    requests = []

    def reply(request):
        requests.append(request)
        return httpx2.Response(200, json={})

    await sent(reply)
    await sent(reply, Request(url=URL, headers={"accept": "text/csv"}))
    assert [request.headers["user-agent"] for request in requests] == [USER_AGENT] * 2
    assert [request.headers["accept"] for request in requests] == ["application/json", "text/csv"]


async def test_forms_json_and_queries_are_encoded():
    """Each kind of content has its header."""
    requests = []

    def reply(request):
        requests.append(request)
        return httpx2.Response(200, json={})

    await sent(reply, Request(url=URL, params={"next_token": "a&b"}))
    await sent(reply, Request(method="POST", url=URL, form={"code": "a&b"}))
    await sent(reply, Request(method="POST", url=URL, json={"data_type": "sleep"}))
    query, form, json = requests
    assert str(query.url).endswith("?next_token=a%26b")
    assert form.content == b"code=a%26b"
    assert json.headers["content-type"] == "application/json"


async def test_a_redirect_is_a_response_like_any_other():
    """The request goes nowhere but to the address it was meant for."""
    headers = {"location": "https://elsewhere.example/"}
    response = await sent(lambda _: httpx2.Response(302, headers=headers))
    assert response.status == 302


async def test_a_body_over_the_limit_is_not_read():
    """A small message that unpacks to a large body is bounded like any other."""
    packed = gzip.compress(b" " * 10_000)
    headers = {"content-encoding": "gzip"}
    response = await sent(lambda _: httpx2.Response(200, content=packed, headers=headers))
    assert (response.is_complete, response.body) == (False, b"")
    whole = await sent(lambda _: httpx2.Response(200, content=b"x" * 100))
    assert (whole.is_complete, len(whole.body)) == (True, 100)


@pytest.mark.parametrize(
    ("failure", "is_sent", "is_late"),
    [
        (httpx2.ConnectError("no route"), False, False),
        (httpx2.ConnectTimeout("no route"), False, True),
        (httpx2.PoolTimeout("no slot"), False, True),
        (httpx2.ReadTimeout("slow"), True, True),
        (httpx2.RemoteProtocolError("closed"), True, False),
        (httpx2.ReadError("cut"), True, False),
        (OSError("network is unreachable"), True, False),
    ],
)
async def test_a_failure_says_whether_the_request_may_have_arrived(failure, is_sent, is_late):
    """A code or a refresh token may be sent again only where it never left."""

    def fail(_):
        raise failure

    with pytest.raises(NoResponse) as caught:
        await sent(fail)
    assert (caught.value.is_sent, caught.value.is_late) == (is_sent, is_late)
    assert str(failure) not in str(caught.value)


async def test_an_address_that_cannot_be_one_is_not_sent():
    """A broken setting is no crash."""
    with pytest.raises(NoResponse) as caught:
        await sent(lambda _: httpx2.Response(200), Request(url="https://oura.example:port/"))
    assert not caught.value.is_sent


async def test_a_silent_server_is_given_up():
    """The time of a request is bounded, whatever the server does."""

    async def hang(_):
        await anyio.sleep_forever()

    with pytest.raises(NoResponse) as caught:
        await sent(hang, limits=RequestLimits(total_s=0.02, max_bytes=100))
    assert (caught.value.is_sent, caught.value.is_late) == (True, True)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b"\xff", b'{"a":'])
def test_a_body_that_is_no_json_is_told(body):
    """Also one that is nested without end."""
    with pytest.raises(ValueError, match="not JSON"):
        Response(200, {}, body).json()
    assert Response(200, {}, body).json_object() == {}


def test_json_that_is_no_object_has_no_fields():
    """A list or a number is no response of an OAuth server."""
    assert Response(200, {}, b"[1]").json_object() == {}
    assert Response(200, {}, b'{"a":1}').json_object() == {"a": 1}


async def test_the_environment_counts_towards_other_machines_only(monkeypatch):
    """A proxy of a company is used for Oura; it could not reach this machine."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    for url, used in (
        ("https://api.ouraring.com", True),
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("http://[::1]:8080", False),
    ):
        async with open_http(url, max_connections=1) as http:
            assert http.trust_env is used
    async with open_http(URL, max_connections=1, uses_environment=False) as http:
        assert not http.trust_env


async def test_no_cookie_is_kept():
    """A cookie of one response is not sent with the next request."""
    async with open_http(URL, max_connections=1) as http:
        response = httpx2.Response(
            200, headers={"set-cookie": "a=b"}, request=httpx2.Request("GET", URL)
        )
        http.cookies.extract_cookies(response)
        assert len(http.cookies.jar) == 0


def test_nothing_secret_is_printed():
    """A request in a traceback shows neither headers nor forms."""
    request = Request(
        url=URL, headers={"authorization": "Bearer made-up"}, form={"code": "made-up"}
    )
    assert "made-up" not in repr(request)
    assert "made-up" not in repr(Response(200, {}, b"made-up"))


async def test_layers_of_compression_are_refused():
    """Two layers of a few kilobytes can hide gigabytes."""
    bomb = gzip.compress(gzip.compress(b"0" * 2**20))

    def reply(_):
        headers = {"content-encoding": "gzip, gzip"}
        return httpx2.Response(200, stream=httpx2.ByteStream(bomb), headers=headers)

    with pytest.raises(NoResponse):
        await sent(reply, limits=RequestLimits(total_s=5.0, max_bytes=2**30))

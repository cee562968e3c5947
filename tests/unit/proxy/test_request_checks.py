"""Which requests are looked at at all."""

import pytest

from annulet.proxy.raw_request import RawRequest
from annulet.proxy.request_checks import check_request, read_bearer, read_declared_tool
from annulet.proxy.request_refused import RequestRefused

ALLOWED_HOSTS = frozenset({b"127.0.0.1:8767", b"localhost:8767"})
HOST = (b"host", b"127.0.0.1:8767")
PATH = b"/v2/usercollection/daily_sleep"


def asked(method: str = "GET", path: bytes = PATH, *headers: tuple[bytes, bytes]) -> RawRequest:
    return RawRequest(method, path, b"", headers or (HOST,))


def passes(request: RawRequest) -> bool:
    """Whether the checks let a request through."""
    try:
        check_request(request, ALLOWED_HOSTS)
    except RequestRefused:
        return False
    return True


def refused(request: RawRequest) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        check_request(request, ALLOWED_HOSTS)
    return caught.value


def test_a_plain_read_passes() -> None:
    """A GET of a plain path under the bound host passes, whatever the case of the host."""
    assert passes(asked())
    assert passes(asked("GET", PATH, (b"host", b"LOCALHOST:8767")))
    assert not passes(asked("GET", PATH, (b"host", b"example.org")))


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "get", "X"]
)
def test_every_other_method_is_refused(method: str) -> None:
    """Only GET reads, and nothing but reading exists."""
    refusal = refused(asked(method))
    assert refusal.status == 405
    assert (b"allow", b"GET") in refusal.headers


@pytest.mark.parametrize(
    "path",
    [
        b"/v2/usercollection/../../oauth/token",
        b"/v2/usercollection/%2e%2e%2ftoken",
        b"/v2/usercollection/daily%5Fsleep",
        b"//evil.example/v2/usercollection/daily_sleep",
        b"/v2//usercollection/daily_sleep",
        b"/@evil.example/v2/usercollection/daily_sleep",
        b"/v2/usercollection/daily_sleep@evil.example",
        b"/v2/usercollection/daily_sleep;x=1",
        b"/v2/usercollection/daily_sleep\\..",
        b"/v2/usercollection/daily_sleep#top",
        b"/v2/usercollection/daily_sleep\r\nX: y",
        b"/v2/usercollection/daily_sleep\n",
        b"/v2/usercollection/daily_sleep\x00",
        b"/v2/usercollection/daily_sleep\xc3\xa9",
        b"/v2/usercollection/daily_sleep:443",
    ],
)
def test_hostile_paths_are_refused_undecoded(path: bytes) -> None:
    """Nothing is decoded or collapsed before it is judged."""
    assert refused(asked("GET", path)).status == 403


@pytest.mark.parametrize("path", [b"http://127.0.0.1:8767" + PATH, b"evil.example:443", b"*", b""])
def test_other_forms_of_the_target_are_not_found(path: bytes) -> None:
    """Absolute form, authority form and the asterisk end the connection."""
    refusal = refused(asked("GET", path))
    assert refusal.status == 404
    assert (b"connection", b"close") in refusal.headers


def test_connect_is_not_found() -> None:
    """The proxy is no tunnel."""
    assert refused(asked("CONNECT", b"api.ouraring.com:443")).status == 404


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [b"evil.example"],
        [b"127.0.0.1"],
        [b"127.0.0.1:8768"],
        [b"127.0.0.1:8767.evil.example"],
        [b"127.0.0.1:8767", b"127.0.0.1:8767"],
    ],
)
def test_a_foreign_host_is_misdirected(hosts: list[bytes]) -> None:
    """A name that a browser was tricked into resolving to this machine is not ours."""
    headers = tuple((b"host", host) for host in hosts) or ((b"accept", b"*/*"),)
    assert refused(asked("GET", PATH, *headers)).status == 421


@pytest.mark.parametrize(
    "header",
    [
        (b"origin", b"https://evil.example"),
        (b"origin", b"null"),
        (b"origin", b"http://127.0.0.1:8767"),
        (b"sec-fetch-site", b"cross-site"),
        (b"sec-fetch-site", b"same-site"),
    ],
)
def test_web_pages_are_refused(header: tuple[bytes, bytes]) -> None:
    """A page in a browser gets nothing, whichever site it says it is."""
    assert refused(asked("GET", PATH, HOST, header)).status == 403


def test_an_address_typed_into_a_browser_passes() -> None:
    """Fetch metadata that names no other site passes."""
    assert passes(asked("GET", PATH, HOST, (b"sec-fetch-site", b"none")))


@pytest.mark.parametrize(
    "extra",
    [
        [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")],
        [(b"x-annulet-tool", b"bash"), (b"x-annulet-tool", b"other")],
        [(b"transfer-encoding", b"chunked")],
        [(b"content-length", b"5")],
        [(b"content-length", b"0"), (b"content-length", b"5")],
    ],
)
def test_ambiguous_requests_are_refused(extra: list[tuple[bytes, bytes]]) -> None:
    """Two capabilities, two tools or a body are never needed to read."""
    assert refused(asked("GET", PATH, HOST, *extra)).status == 400


@pytest.mark.parametrize(
    "value", [b"", b"Basic YTpi", b"Bearer", b"Bearer a b", b"Bearer a, Bearer b", b"Bearer \xff"]
)
def test_what_is_no_bearer_is_no_capability(value: bytes) -> None:
    """Anything but one bearer token counts as none."""
    with pytest.raises(RequestRefused) as caught:
        read_bearer(asked("GET", PATH, HOST, (b"authorization", value)))
    assert caught.value.status == 401


def test_the_declared_tool_is_optional_and_checked() -> None:
    """A tool may say its name; a name that is none is refused."""
    assert read_declared_tool(asked()) is None
    assert read_declared_tool(asked("GET", PATH, (b"x-annulet-tool", b"bash"))) == "bash"
    with pytest.raises(RequestRefused):
        read_declared_tool(asked("GET", PATH, (b"x-annulet-tool", b"ba sh")))

"""The attack list of the specification, byte by byte over a real socket."""

import json
import stat

import pytest

PATH = "/v2/usercollection/daily_sleep"


async def test_the_plain_request_is_forwarded(running) -> None:
    """The positive control: without it, every refusal below would prove nothing."""
    answer = await running.raw(running.request())
    assert answer.startswith(b"HTTP/1.1 200")
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1].split(b"\r\n")[1])["data"][0]["score"] == 80
    assert len(running.upstream.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
async def test_other_methods(running, method: str) -> None:
    """405, and Oura is not asked."""
    assert await running.status(running.request(method=method)) == 405
    assert running.upstream.requests == []


@pytest.mark.parametrize(
    "path",
    [
        "/v2/usercollection/../../oauth/token",
        "/v2/usercollection/daily_sleep/../personal_info",
        "/v2/usercollection/%2e%2e%2f%2e%2e%2foauth%2ftoken",
        "/v2/usercollection/daily_sleep%00",
        "//evil.example/v2/usercollection/daily_sleep",
        "/@evil.example/v2/usercollection/daily_sleep",
        "/v2/usercollection/daily_sleep%20HTTP/1.1",
        "/v2/usercollection/daily_sleep;a=b",
        "/v2/usercollection/daily_sleep#x",
    ],
)
async def test_hostile_paths(running, path: str) -> None:
    """403, and Oura is not asked."""
    assert await running.status(running.request(path)) == 403
    assert running.upstream.requests == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]:80", ""])
async def test_forged_hosts(running, host: str) -> None:
    """421, whatever else is right."""
    request = f"GET {PATH} HTTP/1.1\r\nHost: {host}\r\n{running.bearer}\r\n\r\n"
    assert await running.status(request.encode()) == 421
    assert running.upstream.requests == []


async def test_http_1_0_without_a_host(running) -> None:
    """421: an old protocol is no way around the check."""
    request = f"GET {PATH} HTTP/1.0\r\n{running.bearer}\r\n\r\n"
    assert await running.status(request.encode()) == 421


async def test_http_1_1_without_or_with_two_hosts(running) -> None:
    """Refused by the protocol itself."""
    none = f"GET {PATH} HTTP/1.1\r\n{running.bearer}\r\n\r\n"
    host = f"Host: 127.0.0.1:{running.port}\r\n"
    two = f"GET {PATH} HTTP/1.1\r\n{host}{host}{running.bearer}\r\n\r\n"
    assert await running.status(none.encode()) == 400
    assert await running.status(two.encode()) == 400
    assert running.upstream.requests == []


@pytest.mark.parametrize(
    "line",
    ["Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"],
)
async def test_web_pages(running, line: str) -> None:
    """403: a page in a browser cannot use the port."""
    assert await running.status(running.request(PATH, line)) == 403
    assert running.upstream.requests == []


async def test_absolute_form_and_connect(running) -> None:
    """Not found or closed: this is no forward proxy and no tunnel."""
    for target in (f"{running.base}{PATH}", "http://evil.example/", "https://api.ouraring.com/"):
        assert await running.status(running.request(target)) in {0, 404}
    connect = b"CONNECT api.ouraring.com:443 HTTP/1.1\r\nHost: api.ouraring.com:443\r\n\r\n"
    assert await running.status(connect) in {0, 404}
    assert running.upstream.requests == []


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /v2/usercollection/daily\r\nsleep HTTP/1.1\r\n{host}{bearer}\r\n\r\n",
        "GET /v2/usercollection/daily_sleep\rX HTTP/1.1\r\n{host}{bearer}\r\n\r\n",
        "GET /v2/usercollection/daily_sleep HTTP/1.1\r\n{host}{bearer}\r\nAccept: a\rb\r\n\r\n",
        "GET /v2/usercollection/daily_sleep HTTP/1.1\r\n{host}{bearer}\r\nAccept: a\x00b\r\n\r\n",
        "GET /v2/usercollection/daily_sleep HTTP/1.1\r\n{host}{bearer}\r\nBad name: x\r\n\r\n",
    ],
)
async def test_control_characters(running, request_text: str) -> None:
    """A line break or a zero byte in path or header is refused."""
    request = request_text.format(host=f"Host: 127.0.0.1:{running.port}\r\n", bearer=running.bearer)
    assert await running.status(request.encode()) in {0, 400, 403}
    assert running.upstream.requests == []


async def test_a_folded_header_adds_no_header(running) -> None:
    """An obsolete continuation line stays inside its value, and that value is not passed on."""
    request = running.request(PATH, "Accept: a\r\n X-Injected: yes")
    assert await running.status(request) in {200, 400}
    assert all("\nx-injected" not in each.lower() for each in running.upstream.requests)


async def test_smuggled_requests(running) -> None:
    """A body is refused, and what it holds is never taken for another request."""
    inner = running.request("/v2/usercollection/personal_info").decode()
    for line in (f"Content-Length: {len(inner)}", "Transfer-Encoding: chunked"):
        request = running.request(PATH, line).decode() + inner
        assert (await running.raw(request.encode())).count(b"HTTP/1.1 ") == 1
    both = running.request(PATH, "Content-Length: 3", "Transfer-Encoding: chunked")
    assert await running.status(both + b"0\r\n\r\n") == 400
    assert running.upstream.requests == []


async def test_capabilities_that_do_not_count(running) -> None:
    """None, a wrong one, two at once, and the person's own token."""
    wrong = ["Authorization: Bearer annulet_cap_x", "Authorization: Basic eDp5", "Authorization:"]
    for line in wrong:
        assert await running.status(running.request(PATH, line)) == 401
    two = running.request(PATH, running.bearer, running.bearer)
    assert await running.status(two) == 400
    assert running.upstream.requests == []


async def test_the_limits_of_a_capability(running) -> None:
    """Another collection, a longer range, another tool, one request too many."""

    async def status(token: str, path: str = PATH, *lines: str) -> int:
        return await running.status(running.request(path, f"Authorization: Bearer {token}", *lines))

    narrow = running.mint(collections=frozenset({"daily_sleep"}), max_days=7, budget=1)
    assert await status(narrow, "/v2/usercollection/heartrate") == 403
    assert await status(narrow, f"{PATH}?start_date=2020-01-01&end_date=2026-01-01") == 403
    assert await status(narrow, f"{PATH}?sql=1") == 400
    assert await status(narrow, PATH, "X-Annulet-Tool: browser") == 403
    assert await status(narrow, f"{PATH}?start_date=2026-05-25&end_date=2026-05-31") == 200
    assert await status(narrow) == 403
    assert len(running.upstream.requests) == 1


async def test_a_redirect_of_oura(running) -> None:
    """502, not followed, its target not told."""
    answer = await running.raw(running.request("/v2/usercollection/vO2_max"))
    assert answer.startswith(b"HTTP/1.1 502")
    assert b"evil" not in answer
    assert len(running.upstream.requests) == 1


async def test_an_echo_over_piece_borders(running) -> None:
    """The injected header comes back as a hole, and cookies do not come back."""
    answer = await running.raw(running.request("/v2/usercollection/tag"))
    assert b"made-up-access-token" in running.upstream.requests[0].encode()
    assert b"[redacted]" in answer
    assert b"made-up-access-token" not in answer
    assert b"set-cookie" not in answer.lower()


async def test_the_unix_socket_is_private_and_works(running) -> None:
    """Only the owner can open it."""
    import asyncio

    assert stat.S_IMODE(running.socket.stat().st_mode) == 0o600
    reader, writer = await asyncio.open_unix_connection(running.socket)
    writer.write(f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\n{running.bearer}\r\n\r\n".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_every_refusal_is_in_the_journal_without_its_words(running) -> None:
    """What an attacker wrote is not repeated."""
    await running.raw(running.request("/canary-path?canary=1"))
    await running.raw(running.request(method="CANARY"))
    entries = [json.loads(line) for line in running.journal.read_text().splitlines()]
    assert [entry["status"] for entry in entries] == [404, 405]
    assert "canary" not in running.journal.read_text().lower()

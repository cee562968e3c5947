"""Attacks on a service, each a stream of connections with raw bytes.

An attack yields pairs: the bytes of a connection, piece by piece, and the seconds between them. A
connection of many pieces holds its place for as long as the service lets it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator, Sequence

Connection = tuple[Sequence[bytes], float]
Attack = Callable[[random.Random, str], Iterator[Connection]]

MIB = 2**20
HOST = b"host.of.the.service"
"""Stands for the address of the service."""
PATHS = (
    "/static/../../../../etc/passwd",
    "/static/%2e%2e/%2e%2e/etc/passwd",
    "/static/..%5c..%5cetc",
    "/%00",
    "//evil.test/%2f..",
    "/mcp/../admin",
    "/mcp/%00/",
    "/mcp/" + "a" * 8_000,
    "/%c0%ae%c0%ae/",
    "/admin;a=b",
    "/oauth/authorize?redirect_uri=javascript:alert(1)&client_id=\u202e".encode().decode("latin-1"),
    "/?" + "a=b&" * 2_000,
    "http://evil.test/mcp",
    "*",
)
_POST = b"POST /mcp HTTP/1.1\r\nHost: %s\r\n" % HOST
_GET = b"GET / HTTP/1.1\r\nHost: %s\r\n" % HOST
SMUGGLED = (
    _POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + _GET + b"\r\n",
    _POST + b"Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcd",
    _POST + b"Transfer-Encoding: xchunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
    _POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nabcd\r\n0\r\n\r\n",
    _POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    _GET + b"X: a\r\n b\r\n\r\n",
    _GET + b"Host: b\r\n\r\n",
    _GET + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    _GET.replace(b"/1.1", b"/9.9") + b"\r\n",
    _GET.replace(b"Host:", b"Host :") + b"\r\n",
    _GET.replace(b"\r\n", b"\n") + b"\n",
    _GET.replace(b"GET /", b"CONNECT evil.test:443") + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00" * 4_096,
    b"G" * 70_000,
)


def request(
    path: str, body: bytes = b"", headers: Sequence[str] = (), *, method: str = "POST"
) -> bytes:
    """One request that closes its connection."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST.decode()}", "Connection: close"]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1", "replace") + body


def bearer(key: str) -> list[str]:
    """The headers of a call with a key."""
    return [
        f"Authorization: Bearer {key}",
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
    ]


def slow_heads(rng: random.Random, _key: str) -> Iterator[Connection]:
    """Heads that never end."""
    while True:
        head = [b"GET / HTTP/1.1\r\nHost: %s\r\n" % HOST]
        yield head + [b"X-%d: a\r\n" % rng.randrange(10**6) for _ in range(20)], 2.0


def slow_bodies(_rng: random.Random, _key: str) -> Iterator[Connection]:
    """Bodies that never end."""
    while True:
        head = request("/oauth/token", headers=["Content-Length: 9000"]).replace(b"close", b"x")
        yield [head, *[b"a"] * 20], 4.0


def huge_bodies(_rng: random.Random, key: str) -> Iterator[Connection]:
    """Bodies beyond every limit, announced and in pieces."""
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    for path in ("/mcp", "/oauth/register", "/oauth/token", "/webhooks/oura", "/sign-in") * 10**6:
        chunked = request(path, headers=[*bearer(key), "Transfer-Encoding: chunked"])
        yield [chunked, *[chunk] * 64], 0.0
        yield [request(path, b"a" * (2 * MIB), bearer(key))], 0.0


def deep_json(rng: random.Random, key: str) -> Iterator[Connection]:
    """JSON that is nested without end, or is none."""
    bodies = (
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":' + b"[" * 30_000,
        b"\xff\xfe",
        b'{"id":1e999999}',
        b"1" * 100_000,
    )
    while True:
        path = rng.choice(("/mcp", "/oauth/register", "/webhooks/oura", "/mcp"))
        yield [request(path, rng.choice(bodies), bearer(key))], 0.0


def many_headers(rng: random.Random, _key: str) -> Iterator[Connection]:
    """Thousands of headers, and very long ones."""
    while True:
        yield [request("/", headers=[f"X-{n}: a" for n in range(5_000)], method="GET")], 0.0
        yield [request("/", headers=["Cookie: " + "a=b; " * 20_000], method="GET")], 0.0
        yield [request("/", headers=[f"Host: {rng.random()}.test"], method="GET")], 0.0


def guessed_passwords(rng: random.Random, _key: str) -> Iterator[Connection]:
    """Passwords of the honest person and of others."""
    cookie = f"{rng.random()}"
    token = hmac.new(cookie.encode(), b"annulet-form", hashlib.sha256).hexdigest()
    form = [
        "Content-Type: application/x-www-form-urlencoded",
        f"Origin: http://{HOST.decode()}",
        f"Cookie: annulet-visit={cookie}",
    ]
    while True:
        login = rng.choice(("person0@example.net", f"{rng.random()}@example.net"))
        body = f"login={login}&name=a&password=secret-{rng.random()}&form_token={token}".encode()
        yield [request(rng.choice(("/sign-in", "/sign-up", "/forgot")), body, form)], 0.0


def registered_clients(rng: random.Random, _key: str) -> Iterator[Connection]:
    """Clients without end, small and large."""
    while True:
        uris = [f"https://{rng.randrange(10**9)}.test/cb"] * rng.choice((1, 1, 200))
        body = json.dumps({"redirect_uris": uris, "client_name": "\u202e" + "a" * 100}).encode()
        yield [request("/oauth/register", body, ["Content-Type: application/json"])], 0.0


def guessed_tokens(rng: random.Random, _key: str) -> Iterator[Connection]:
    """Codes, refresh tokens, keys and cookies of others."""
    form = ["Content-Type: application/x-www-form-urlencoded"]
    while True:
        guess = f"{rng.getrandbits(256):x}"
        body = f"grant_type=refresh_token&refresh_token={guess}&client_id={guess}".encode()
        yield [request("/oauth/token", body, form)], 0.0
        yield [request("/mcp", b"{}", bearer(guess))], 0.0
        yield [request("/admin", headers=[f"Cookie: annulet_session={guess}"], method="GET")], 0.0
        yield [request("/mcp", b"{}", ["Authorization: Basic \xe9"])], 0.0


def sessions(rng: random.Random, key: str) -> Iterator[Connection]:
    """Sessions of the older era without end, and ids of others."""
    client = {"name": "a", "version": "1"}
    opening = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": opening}
    while True:
        yield [request("/mcp", json.dumps(body).encode(), bearer(key))], 0.0
        stolen = [*bearer(key), f"Mcp-Session-Id: {rng.getrandbits(128):x}"]
        yield [request("/mcp", b'{"jsonrpc":"2.0","id":2,"method":"tools/list"}', stolen)], 0.0


def event_streams(_rng: random.Random, key: str) -> Iterator[Connection]:
    """Streams that are opened and left open."""
    listen = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": {}}
    while True:
        yield [request("/mcp", headers=bearer(key), method="GET"), *[b""] * 20], 1.0
        yield [request("/mcp", json.dumps(listen).encode(), bearer(key)), *[b""] * 20], 1.0


def malformed_calls(rng: random.Random, key: str) -> Iterator[Connection]:
    """JSON-RPC that is none, with a key that is good."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    bodies: list[object] = [
        [call] * 5_000,
        {**call, "id": {"a": [1]}},
        {**call, "params": {"name": "oura_query", "arguments": {"where": ["(" * 3_000]}}},
        {**call, "params": {"name": "\u202e\x00", "arguments": {}}},
        {**call, "params": {"name": "oura_events", "arguments": {"start": "9999-12-31"}}},
        {"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": "oura://%00/"}},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
        {"jsonrpc": "1.0"},
        None,
    ]
    while True:
        yield [request("/mcp", json.dumps(rng.choice(bodies)).encode(), bearer(key))], 0.0


def odd_paths(rng: random.Random, _key: str) -> Iterator[Connection]:
    """Paths and methods that no page has."""
    while True:
        method = rng.choice(("GET", "POST", "DELETE", "TRACE", "OPTIONS", "PROPFIND"))
        yield [request(rng.choice(PATHS), method=method)], 0.0


def smuggled_requests(rng: random.Random, _key: str) -> Iterator[Connection]:
    """Requests whose end is ambiguous, and what is no HTTP."""
    while True:
        yield [rng.choice(SMUGGLED)], 0.0


ATTACKS: dict[Attack, int] = {
    slow_heads: 300,
    slow_bodies: 60,
    event_streams: 60,
    huge_bodies: 2,
    deep_json: 2,
    many_headers: 2,
    guessed_passwords: 4,
    registered_clients: 2,
    guessed_tokens: 4,
    sessions: 2,
    malformed_calls: 2,
    odd_paths: 2,
    smuggled_requests: 2,
}
"""How many connections each attack holds at once."""

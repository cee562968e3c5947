"""The loopback server against browsers, other programs and attackers."""

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from starlette.responses import Response

from annulet.oauth.connect_errors import PortBusy
from annulet.oauth.loopback_server import DONE_PATH, LoopbackServer, bind_loopback_server
from annulet.oauth.pages import page, redirect


class Flow:
    """The flow behind the server: keeps the queries that reach it."""

    def __init__(self, server: LoopbackServer) -> None:
        self.server = server
        self.queries: list[str] = []

    async def respond(self, query: str) -> Response:
        self.queries.append(query)
        self.server.set_last_page(page(200, "Connected", "Good <b>news</b>"))
        return redirect(DONE_PATH)


@pytest.fixture
async def flow() -> AsyncIterator[Flow]:
    server = bind_loopback_server((0,))
    flow = Flow(server)
    await server.start(flow.respond)
    yield flow
    await server.aclose()


async def exchange(port: int, text: str, host: str = "127.0.0.1") -> str:
    """Send these lines, and read to the end."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(text.replace("\n", "\r\n").replace("PORT", str(port)).encode("latin-1"))
    await writer.drain()
    response = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return response.decode()


def get(target: str, *more: str) -> str:
    """A browser's request."""
    return "\n".join([f"GET {target} HTTP/1.1", "Host: localhost:PORT", *more, "", ""])


async def test_the_code_leaves_the_address_bar(flow: Flow) -> None:
    """The callback is answered by a redirect to a clean page that tells the truth, escaped."""
    port = flow.server.port
    first = await exchange(port, get("/callback?code=abc&state=xyz"))
    assert first.startswith("HTTP/1.1 303")
    assert "location: /done\r\n" in first
    last = await exchange(port, get("/done"))
    assert last.startswith("HTTP/1.1 200")
    assert "Good &lt;b&gt;news" in last
    for answer in (first, last):
        assert "default-src 'none'" in answer
        assert "referrer-policy: no-referrer" in answer
        assert "cache-control: no-store" in answer
        assert "abc" not in answer
        assert "xyz" not in answer
    assert flow.queries == ["code=abc&state=xyz"]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/favicon.ico"), 404),
        (get("/"), 404),
        (get("/callback/?code=x"), 404),
        (get("//callback?code=x"), 404),
        (get("/CALLBACK?code=x"), 404),
        (get("/done"), 404),
        (get("http://localhost:PORT/callback?code=x"), 404),
        (get("/callback?code=x").replace("GET", "POST"), 405),
        (get("/callback?code=x").replace("GET", "HEAD"), 405),
        (get("/callback?code=x").replace("GET", "OPTIONS"), 405),
        (get("/callback?code=x", "Sec-Purpose: prefetch;prerender"), 503),
        (get("/callback?code=x", "Purpose: prefetch"), 503),
        (get("/callback?code=x").replace("localhost:PORT", "evil.example"), 421),
        (get("/callback?code=x").replace("localhost:PORT", "localhost"), 421),
        (get("/callback?code=x").replace("localhost:PORT", "localhost:1"), 421),
        (get("/callback?code=x").replace("localhost:PORT", "localhost.evil.example:PORT"), 421),
        ("GET /callback?code=x HTTP/1.1\n\n", 400),
        ("GET /callback?code=x HTTP/1.0\n\n", 421),
    ],
)
async def test_other_requests_use_up_nothing(flow: Flow, request_: str, status: int) -> None:
    """Icons, prefetches, other names, other methods: answered, and the flow goes on."""
    answer = await exchange(flow.server.port, request_)
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert flow.queries == []


@pytest.mark.parametrize(
    "noise",
    [
        "\n",
        "hello\n\n",
        "GET /callback?code=x\n\n",
        "GET /callback?code=x y HTTP/1.1\n\n",
        "GET /callback?code=x HTTP/1.1\nHost: localhost:PORT\nHost: localhost:PORT\n\n",
        "GET /callback?code=x HTTP/1.1\n" + "X: y\n" * 20_000,
        "GET /" + "x" * 100_000,
        "\x16\x03\x01\x02\x00\n\n",
    ],
)
async def test_noise_does_not_stop_the_wait(flow: Flow, noise: str) -> None:
    """What is not HTTP is dropped; the next good request is served."""
    with contextlib.suppress(ConnectionError):  # cut off while still talking: just as well
        await exchange(flow.server.port, noise)
    assert flow.queries == []
    assert "303" in await exchange(flow.server.port, get("/callback?state=s"))


async def test_a_silent_connection_does_not_keep_it_from_ending() -> None:
    """A client that connects and sends nothing is disconnected."""
    server = bind_loopback_server((0,))
    await server.start(Flow(server).respond)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await asyncio.sleep(0.01)
    await server.aclose()
    writer.close()
    with pytest.raises(OSError):  # noqa: PT011 - refused, whatever the system calls it
        await asyncio.open_connection("127.0.0.1", server.port)


async def test_both_loopback_addresses_are_ours(flow: Flow) -> None:
    """Another program cannot take the other address of `localhost`."""
    port = flow.server.port
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as blocker:
            try:
                blocker.bind((host, port))
            except OSError:
                continue
            pytest.skip("no IPv6 here") if family == socket.AF_INET6 else pytest.fail("free")
    answer = await exchange(port, get("/x").replace("localhost", "[::1]"), host="::1")
    assert answer.startswith("HTTP/1.1 404")


async def test_a_port_taken_on_one_address_is_not_used() -> None:
    """With [::1] taken by another program, the next port is used."""
    with socket.socket(socket.AF_INET6) as squatter:
        try:
            squatter.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 here")
        squatter.listen()
        taken = squatter.getsockname()[1]
        server = bind_loopback_server((taken, 0))
        assert server.port != taken
        await server.aclose()


async def test_busy_ports_are_named_with_their_owner() -> None:
    """The sentence names the ports, and the program that holds one where the system tells."""
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        with pytest.raises(PortBusy, match=str(taken)) as caught:
            bind_loopback_server((taken,))
        assert caught.value.exit_code == 2
        assert caught.value.as_dict()["error"]["reason"] == "port_busy"
        with open("/proc/self/comm", encoding="utf-8") as name:  # noqa: PTH123, ASYNC230 - one line
            assert name.read().strip() in caught.value.message


async def test_the_redirect_address_is_the_one_to_register(flow: Flow) -> None:
    """Exactly this string stands in the application form at Oura."""
    assert flow.server.redirect_uri == f"http://localhost:{flow.server.port}/callback"


ENDS = """
import asyncio, contextlib, socket, sys
from annulet.oauth.loopback_server import bind_loopback_server
from annulet.oauth.pages import page

async def respond(query):
    await asyncio.sleep(30)
    return page(200, "Late")

async def main(clients):
    server = bind_loopback_server((0,))
    try:
        await server.start(respond)
        start = f"GET /callback?code=x HTTP/1.1\\r\\nHost: localhost:{server.port}"
        for text in ("", start, start + "\\r\\n\\r\\n"):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.sendall(text.encode())
        await asyncio.sleep(0.2)
        if "cancelled" in sys.argv:
            asyncio.current_task().cancel()
            await asyncio.sleep(0)
    finally:
        await server.aclose()

with contextlib.ExitStack() as clients, contextlib.suppress(asyncio.CancelledError):
    asyncio.run(main(clients))
print("ended")
"""


@pytest.mark.parametrize("way", ["closed", "cancelled"])
def test_it_ends_by_itself_and_without_a_traceback(way: str) -> None:
    """Silent, half-sent and unanswered requests do not hold it up, and the terminal stays clean."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ENDS, way],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert (done.stdout, done.stderr) == ("ended\n", "")

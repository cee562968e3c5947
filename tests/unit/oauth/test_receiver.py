"""The loopback receiver against browsers, strangers and attackers."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from annulet.oauth.failures import PortBusy
from annulet.oauth.loopback_server import DONE_PATH, Receiver, bind
from annulet.oauth.pages import Reply, page, redirect


class Flow:
    """What stands behind the receiver: notes the queries that reach it."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.seen: list[str] = []

    async def take(self, query: str) -> Reply:
        self.seen.append(query)
        self.receiver.conclude(page(200, "Connected", "Good <b>news</b>"))
        return redirect(DONE_PATH)


@pytest.fixture
async def flow() -> AsyncIterator[Flow]:
    receiver = bind((0,))
    behind = Flow(receiver)
    await receiver.start(behind.take)
    yield behind
    await receiver.aclose()


async def say(port: int, text: str, host: str = "127.0.0.1") -> str:
    """Send these lines, and read to the end."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(text.replace("\n", "\r\n").replace("PORT", str(port)).encode("latin-1"))
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return answer.decode()


def get(target: str, *more: str) -> str:
    """A browser's request."""
    return "\n".join([f"GET {target} HTTP/1.1", "Host: localhost:PORT", *more, "", ""])


async def test_the_code_leaves_the_address_bar(flow: Flow) -> None:
    """The callback is answered by a redirect to a clean page that tells the truth, escaped."""
    port = flow.receiver.port
    first = await say(port, get("/callback?code=abc&state=xyz"))
    assert first.startswith("HTTP/1.1 303")
    assert "Location: /done\r\n" in first
    last = await say(port, get("/done"))
    assert last.startswith("HTTP/1.1 200")
    assert "Good &lt;b&gt;news" in last
    for answer in (first, last):
        assert "default-src 'none'" in answer
        assert "Referrer-Policy: no-referrer" in answer
        assert "Cache-Control: no-store" in answer
        assert "abc" not in answer
        assert "xyz" not in answer
    assert flow.seen == ["code=abc&state=xyz"]


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
        ("GET /callback?code=x HTTP/1.1\n\n", 421),
        ("GET /callback?code=x HTTP/1.0\n\n", 421),
    ],
)
async def test_strangers_consume_nothing(flow: Flow, request_: str, status: int) -> None:
    """Icons, prefetches, other names, other methods: answered, and the flow goes on."""
    answer = await say(flow.receiver.port, request_)
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert flow.seen == []


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
        await say(flow.receiver.port, noise)
    assert flow.seen == []
    assert "303" in await say(flow.receiver.port, get("/callback?state=s"))


async def test_a_silent_connection_does_not_keep_it_from_ending() -> None:
    """Somebody who connects and says nothing is hung up on."""
    receiver = bind((0,))
    await receiver.start(Flow(receiver).take)
    _, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    await asyncio.sleep(0.01)
    await receiver.aclose()
    writer.close()
    with pytest.raises(OSError):  # noqa: PT011 - refused, whatever the system calls it
        await asyncio.open_connection("127.0.0.1", receiver.port)


async def test_both_loopback_addresses_are_ours(flow: Flow) -> None:
    """Nobody can sit on the other address of `localhost`; other interfaces are not served."""
    port = flow.receiver.port
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as other:
            try:
                other.bind((host, port))
            except OSError:
                continue
            pytest.skip("no IPv6 here") if family == socket.AF_INET6 else pytest.fail("free")
    answer = await say(port, get("/x").replace("localhost", "[::1]"), host="::1")
    assert answer.startswith("HTTP/1.1 404")


async def test_a_port_taken_on_one_address_is_not_used() -> None:
    """With [::1] taken by somebody else, the next port is."""
    with socket.socket(socket.AF_INET6) as squatter:
        try:
            squatter.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 here")
        squatter.listen()
        taken = squatter.getsockname()[1]
        receiver = bind((taken, 0))
        assert receiver.port != taken
        await receiver.aclose()


async def test_busy_ports_are_named_with_their_owner() -> None:
    """The sentence says which ports, and who holds one where the system tells."""
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        with pytest.raises(PortBusy, match=str(taken)) as told:
            bind((taken,))
        assert told.value.exit_code == 2
        assert told.value.as_dict()["error"]["reason"] == "port_busy"
        with open("/proc/self/comm", encoding="utf-8") as name:  # noqa: PTH123, ASYNC230 - one line
            assert name.read().strip() in told.value.message


async def test_the_redirect_address_is_the_one_to_register(flow: Flow) -> None:
    """Exactly this string stands in the application form at Oura."""
    assert flow.receiver.redirect_uri == f"http://localhost:{flow.receiver.port}/callback"

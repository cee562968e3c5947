"""The loopback receiver: a very small web server for one redirect, on 127.0.0.1 and ::1.

It is bound before the browser opens, answers only to its own name, and lets nothing but the
callback path reach the flow: icons, prefetches and strangers consume nothing.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from annulet.contract.addresses import LOOPBACK_NAMES
from annulet.oauth.failures import PortBusy
from annulet.oauth.pages import Reply, page
from annulet.oauth.port_owner import owner_of

__all__ = ["CALLBACK_PATH", "DONE_PATH", "PORTS", "Receiver", "bind"]

PORTS: Final = (8765, 8766)
CALLBACK_PATH: Final = "/callback"
DONE_PATH: Final = "/done"
_LARGEST_HEAD: Final = 32_768
_HEAD_SECONDS: Final = 10.0
_LINGER_SECONDS: Final = 3.0

Handler = Callable[[str], Awaitable[Reply]]
"""Gets the query of a callback and says what the browser sees."""


class Receiver:
    """Serves until `aclose`.

    Args:
        sockets: Bound by `bind`.
    """

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = sockets
        self.port = int(sockets[0].getsockname()[1])
        self._servers: list[asyncio.Server] = []
        self._handler: Handler | None = None
        self._last: Reply | None = None
        self._shown = asyncio.Event()
        self._open: set[asyncio.Task[None]] = set()

    @property
    def redirect_uri(self) -> str:
        """The address to register with the application."""
        return f"http://localhost:{self.port}{CALLBACK_PATH}"

    async def start(self, handler: Handler) -> None:
        """Begin to answer."""
        self._handler = handler
        for one in self._sockets:
            self._servers.append(await asyncio.start_server(self._talk, sock=one))

    def conclude(self, last: Reply) -> None:
        """What `/done` shows from now on."""
        self._last = last

    async def linger(self) -> None:
        """Give the browser a moment to fetch `/done`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._shown.wait(), _LINGER_SECONDS)

    async def aclose(self) -> None:
        """Stop listening and end every connection."""
        for server in self._servers:
            server.close()
        for one in self._sockets:
            one.close()
        for task in tuple(self._open):
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            head = await asyncio.wait_for(_head(reader), _HEAD_SECONDS)
            reply, shown = await self._reply(head)
            writer.write(reply.encoded())
            await writer.drain()
            if shown:
                self._shown.set()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError):
            pass  # whoever called has left, or did not speak HTTP
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _reply(self, head: bytes) -> tuple[Reply, bool]:
        """The reply, and whether it is the last page of the flow."""
        method, target, headers = _parsed(head)
        parts = urlsplit(target if target.startswith("/") else "/")
        refusal = self._refusal(method, parts.path, headers)
        if refusal is not None:
            return refusal, False
        if parts.path == DONE_PATH:
            return self._last or page(404, "Nothing here yet"), self._last is not None
        if self._handler is None:
            return page(503, "Not ready yet"), False
        return await self._handler(parts.query), False

    def _refusal(self, method: str, path: str, headers: Mapping[str, str]) -> Reply | None:
        """Why a request does not reach the flow; ``None`` where it does."""
        if headers.get("host", "").casefold() not in self._names():
            return page(421, "Wrong address", "This page answers only to its own name.")
        if path not in {CALLBACK_PATH, DONE_PATH}:
            return page(404, "Nothing here")
        if method != "GET":
            return page(405, "Not like this")
        if "prefetch" in headers.get("sec-purpose", headers.get("purpose", "")).casefold():
            return page(503, "Not ahead of time")
        return None

    def _names(self) -> set[str]:
        return {f"{name}:{self.port}" for name in LOOPBACK_NAMES}


def bind(ports: Sequence[int] = PORTS) -> Receiver:
    """Take the first port that is free on both loopback addresses.

    Raises:
        PortBusy: None of them is.
    """
    for port in ports:
        sockets = _both(port)
        if sockets:
            return Receiver(sockets)
    owner = next(filter(None, map(owner_of, ports)), "")
    listed = " and ".join(str(port) for port in ports)
    used = f" ({owner} uses it)" if owner else ""
    raise PortBusy(
        f"No port is free for the way back from Oura: {listed} in use{used}.",
        hint="End the program that uses it, or choose another with --port and register "
        "http://localhost:PORT/callback with the application at Oura.",
    )


def _both(port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.1 and, where the machine has IPv6, on ::1; empty when one is taken."""
    try:
        four = _bound(socket.AF_INET, "127.0.0.1", port)
    except (OSError, OverflowError):
        return []
    if not socket.has_ipv6:
        return [four]
    try:
        six = _bound(socket.AF_INET6, "::1", int(four.getsockname()[1]))
    except OSError as error:
        if _no_ipv6(error):
            return [four]
        four.close()
        return []
    return [four, six]


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "nt":
            bound.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", ~4), 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # past TIME_WAIT only
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
        bound.listen(16)
        bound.settimeout(0)
    except BaseException:  # whatever it was, the port is given back
        bound.close()
        raise
    return bound


def _no_ipv6(error: OSError) -> bool:
    import errno

    return error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}


async def _head(reader: asyncio.StreamReader) -> bytes:
    """Everything up to the empty line; longer heads are nobody's."""
    head = bytearray()
    while len(head) <= _LARGEST_HEAD:
        line = await reader.readline()
        if not line or line in {b"\r\n", b"\n"}:
            return bytes(head)
        head += line
    raise ValueError("head too long")


def _parsed(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *rest = head.decode("latin-1").splitlines() or [""]
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
        raise ValueError("not HTTP")
    headers: dict[str, str] = {}
    for line in rest:
        name, _, value = line.partition(":")
        key = name.strip().casefold()
        if key == "host" and key in headers:
            raise ValueError("two hosts")
        headers[key] = value.strip()
    return words[0], words[1], headers

"""Prompts and messages while connecting: on standard error, never on standard output."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from annulet.cli.output import streams
from annulet.errors import UsageError

_POLL_SECONDS: Final = 0.1


def interactive() -> bool:
    """Whether a person can answer at the terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def ask_line(question: str) -> str:
    """One line, typed in the open; asked on standard error.

    Raises:
        UsageError: The input ended.
    """
    print(question, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise UsageError("Nothing was typed.", hint="Run the command again.")
    return line.strip()


def ask_hidden(question: str) -> str:
    """One line that is not shown while it is typed.

    Raises:
        UsageError: The input ended.
    """
    from getpass import getpass

    try:
        return getpass(question, stream=sys.stderr).strip()
    except EOFError:
        raise UsageError("Nothing was typed.", hint="Run the command again.") from None


class ConsentTerminal:
    """The terminal's side of connecting.

    Args:
        browser: Whether to open the consent page in a browser.
    """

    def __init__(self, *, browser: bool) -> None:
        self._browser = browser
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._reading = False
        self._over = threading.Event()
        self._counting = False

    def show_consent_page(self, url: str, *, port: int, is_repeated: bool) -> None:
        """Show the page, and open it where that was asked for."""
        self._end_line()
        opened = "Opening" if self._browser else "Open"
        where = "once more" if is_repeated else "in your browser"
        streams.note(f"{opened} Oura's consent page {where}:\n\n  {url}\n")
        if self._browser:
            threading.Thread(target=_open_browser, args=(url,), daemon=True).start()
        elif not is_repeated:
            streams.note(
                "If the browser runs on another machine, either forward the port first:\n"
                f"  ssh -L {port}:127.0.0.1:{port} HOST\n"
                "or, after you have given the permission, paste the whole address that the "
                "browser shows here and press Enter."
            )

    def show_time_left(self, seconds: float) -> None:
        """A countdown, where a person can see it."""
        if not sys.stderr.isatty():
            return
        left = max(0, round(seconds))
        self._counting = True
        print(f"\rWaiting for your permission: {left // 60}:{left % 60:02d} ", end="", flush=True,
              file=sys.stderr)  # fmt: skip

    def show_note(self, text: str) -> None:
        """A sentence between the countdown's lines."""
        self._end_line()
        streams.note(text)

    async def read_pasted(self) -> str:
        """The next line that was pasted; without a terminal this never returns."""
        if not self._reading and (not self._browser or interactive()):
            self._reading = True
            _read_lines(asyncio.get_running_loop(), self._lines.put_nowait, self._over)
        return await self._lines.get()

    def close(self) -> None:
        """End the countdown's line, and leave what is typed from now on to others."""
        self._over.set()
        self._end_line()

    def _end_line(self) -> None:
        if self._counting:
            print(file=sys.stderr, flush=True)
            self._counting = False


def _open_browser(url: str) -> None:
    import webbrowser

    with suppress(webbrowser.Error, OSError):  # the address is on the screen in any case
        webbrowser.open(url)


def _read_lines(
    loop: asyncio.AbstractEventLoop, put: Callable[[str], None], closed: threading.Event
) -> None:
    """Read standard input beside the event loop, until it is closed.

    From the descriptor itself: a thread that waits inside ``sys.stdin`` would hold its lock when
    the interpreter ends.
    """

    def read() -> None:
        pending = b""
        with suppress(OSError, RuntimeError, ValueError):  # no input, or the loop has ended
            while (part := _part(sys.stdin.fileno(), closed)) is not None:
                *lines, pending = (pending + part).split(b"\n")
                if not part:  # the input has ended; its last line may lack an end
                    lines, pending = [pending], b""
                for line in lines:
                    if line.strip():
                        loop.call_soon_threadsafe(put, line.decode("utf-8", "replace"))
                if not part:
                    return

    threading.Thread(target=read, daemon=True).start()


def _part(descriptor: int, closed: threading.Event) -> bytes | None:
    """The next bytes; empty at the end of the input, ``None`` once ``closed`` is set."""
    while os.name == "posix" and not select.select([descriptor], [], [], _POLL_SECONDS)[0]:
        if closed.is_set():
            return None
    return None if closed.is_set() else os.read(descriptor, 65_536)

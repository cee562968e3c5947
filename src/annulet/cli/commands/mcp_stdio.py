"""``annulet mcp`` on stdio, reached without the machinery of the other commands.

Assistants start this command again and again, so nothing that it does not need is imported.
"""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from importlib import import_module
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from annulet.mcp_server.content_form import ContentForm
from annulet.mcp_server.recorded_handshake import Opening, RecordedHandshake

if TYPE_CHECKING:
    from annulet.toolkit.context import Context

_IN_A_TERMINAL: Final = (
    "This is the MCP server: an assistant starts it and writes to it, Ctrl-C ends it.\n"
    "To put it into an assistant's configuration, run: annulet mcp install"
)
_OpenPerson = Callable[[], AbstractAsyncContextManager["Context"]]
_RunStdio = Callable[[_OpenPerson, Opening, ContentForm], None]


def account_of(argv: Sequence[str]) -> str | None:
    """The account of a plain ``annulet mcp``; ``None`` where something else was typed.

    >>> account_of(["mcp"]), account_of(["mcp", "--account", "anna"]), account_of(["mcp", "--http"])
    ('', 'anna', None)
    """
    match list(argv):
        case ["mcp"]:
            return ""
        case ["mcp", "--account", account] if not account.startswith("-"):
            return account
        case ["mcp", option] if option.startswith("--account="):
            return option.partition("=")[2]
    return None


def serve(account: str) -> int:
    """Serve on standard input and output until the client stops writing.

    The opening is answered from a record while the server loads. Settings are read by the first
    question, so that a mistake in them is told in the chat instead of ending the server.
    """
    if sys.stdin is not None and sys.stdin.isatty():
        print(_IN_A_TERMINAL, file=sys.stderr, flush=True)
    # Only the default handler interrupts a read of standard input, and there is nothing to
    # clean up.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # An assistant that has gone reads no answer: there is nothing to tell anyone.
    try:
        _converse(account)
    except* (BrokenPipeError, ConnectionResetError):
        pass
    return 0


def _converse(account: str) -> None:
    loading = _Loading()
    loading.start()
    # Unbuffered: what is behind the opening stays in the pipe for the server.
    with (
        open(0, "rb", buffering=0, closefd=False) as lines,
        open(1, "wb", closefd=False) as replies,
    ):
        record = RecordedHandshake.read(lambda: loading.read_form() != "text")
        opening = record.answer(lines, replies)
    if not opening.pending:
        return
    run_stdio = loading.wait()

    def open_person() -> AbstractAsyncContextManager[Context]:
        from annulet.settings import Settings
        from annulet.wiring import open_context

        return open_context(Settings.from_environ(), account=account)

    run_stdio(open_person, opening, loading.read_form())


class _Loading(Thread):
    """Loads the server, then what the first question needs."""

    def __init__(self) -> None:
        super().__init__(name="loading")
        self._loaded = Event()
        self._read = Event()
        self._form: ContentForm = "both"
        self._run_stdio: _RunStdio | None = None
        self._problem: BaseException | None = None

    def run(self) -> None:
        """Load in a thread, because the client waits for its first reply."""
        try:
            self._form = _read_form()
        finally:
            self._read.set()
        try:
            self._run_stdio = _load_server()
        except BaseException as problem:  # noqa: BLE001 - raised again by `wait`
            self._problem = problem
        self._loaded.set()
        with suppress(ImportError):  # what cannot be loaded is told by the question that needs it
            import_module("annulet.wiring")
            import_module("httpcore2")

    def read_form(self) -> ContentForm:
        """Wait for the form in which answers are sent, the only setting that is read so early."""
        self._read.wait()
        return self._form

    def wait(self) -> _RunStdio:
        """Wait for the server; raises what its import raised."""
        self._loaded.wait()
        if self._run_stdio is None:
            raise self._problem or RuntimeError("The server is not loaded.")
        return self._run_stdio


def _read_form() -> ContentForm:
    from annulet.settings import read_content_form

    return read_content_form()


def _load_server() -> _RunStdio:
    """The server with everything it needs to list its tools.

    What an import creates stays, so looking for garbage meanwhile is a tenth of the start lost.
    """
    gc.disable()
    try:
        from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle
        from annulet.mcp_server.protocol.stdio import run_stdio

        build_catalogue_bundle()
        gc.freeze()
    finally:
        gc.enable()
    return run_stdio

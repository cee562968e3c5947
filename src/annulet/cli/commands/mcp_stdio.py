"""``annulet mcp`` on stdio, reached without the machinery of the other commands.

Assistants start this command again and again, so nothing that it does not need is imported.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annulet.toolkit.context import Context

_Open = Callable[[], AbstractAsyncContextManager["Context"]]


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

    Settings are read by the first question, so that a mistake in them is told in the chat instead
    of ending the server.
    """
    run_stdio = _load_server()

    def open_person() -> AbstractAsyncContextManager[Context]:
        from annulet.settings import Settings
        from annulet.wiring import open_context

        return open_context(Settings.from_environ(), account=account)

    # Only the default handler interrupts a read of standard input, and there is nothing to
    # clean up.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    run_stdio(open_person, _prepare)
    return 0


def _prepare() -> None:
    """Load what the first question needs, while the person still thinks about it."""
    with suppress(ImportError):  # what cannot be loaded is told by the question that needs it
        import_module("annulet.wiring")
        import_module("httpcore2")


def _load_server() -> Callable[[_Open, Callable[[], None]], None]:
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

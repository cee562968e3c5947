"""Started by tests as a subprocess: the stdio server for a person without a connection.

Its first argument names a file in which it notes when the person's context is opened and closed.
With a second one, `patient`, every question waits until it is cancelled, and that is noted, too.
"""

import asyncio
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import annulet.mcp_server.protocol.stdio as server
from annulet.errors import NotConnected
from annulet.toolkit.context import Context, Zone


def note(what):
    """Write one line into the journal."""
    with Path(sys.argv[1]).open("a", encoding="utf-8") as journal:
        journal.write(f"{what}\n")


@asynccontextmanager
async def open_context():
    """A context without a ring; what it prints must not reach standard output."""
    print("stray output of a library")
    note("opened")

    async def connection():
        if "patient" in sys.argv[2:]:
            note("waiting")
            try:
                await asyncio.Event().wait()
            finally:
                note("given up")
        raise NotConnected("No ring is connected yet.", hint="Run: annulet connect")

    yield Context(
        client=None,
        now=lambda: datetime(2026, 5, 1, 8, tzinfo=UTC),
        zone=Zone(UTC, "UTC"),
        connection=connection,
    )
    note("closed")


if __name__ == "__main__":
    server.run_stdio(open_context)

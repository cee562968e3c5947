"""One person's context, opened when it is first needed and closed with the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import anyio
from anyio.abc import TaskGroup

from annulet.toolkit.context import Context

__all__ = ["Opened", "opening"]

_CLOSING_S: Final = 5.0
_Open = Callable[[], AbstractAsyncContextManager[Context]]


class Opened:
    """Opens once, however many ask at the same time; a failure is not remembered."""

    def __init__(self, open_context: _Open, keepers: TaskGroup) -> None:
        self._open_context = open_context
        self._keepers = keepers
        self._turn = anyio.Lock()
        self._leave = anyio.Event()
        self._context: Context | None = None

    async def context(self) -> Context:
        """The person's context."""
        if self._context is None:
            async with self._turn:
                if self._context is None:
                    self._context = await self._opened()
        return self._context

    def close(self) -> None:
        """Let whoever opened the context leave it."""
        self._leave.set()

    async def _opened(self) -> Context:
        """Open in a task of its own, because whoever opens must also be the one who closes."""
        ready = anyio.Event()
        outcome: list[Context | Exception] = []

        async def keep() -> None:
            try:
                async with self._open_context() as context:
                    outcome.append(context)
                    ready.set()
                    await self._leave.wait()
            except Exception as problem:  # whoever asked raises it, in a task of their own
                if outcome:
                    raise
                outcome.append(problem)
                ready.set()

        self._keepers.start_soon(keep)
        await ready.wait()
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]


@asynccontextmanager
async def opening(open_context: _Open) -> AsyncIterator[Opened]:
    """Keep a context for as long as the block lasts.

    Args:
        open_context: Opens it; entered and left in one task.
    """
    async with anyio.create_task_group() as keepers:
        opened = Opened(open_context, keepers)
        yield opened
        opened.close()
        keepers.cancel_scope.deadline = anyio.current_time() + _CLOSING_S

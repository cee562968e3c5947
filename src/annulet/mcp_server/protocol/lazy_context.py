"""One person's context, opened when it is first needed and closed with the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import anyio
from anyio.abc import TaskGroup

from annulet.toolkit.context import Context

_CLOSE_TIMEOUT_S: Final = 5.0
OpenContext = Callable[[], AbstractAsyncContextManager[Context]]


class LazyContext:
    """Opens the context once, also for requests at the same time; a failure is not remembered."""

    def __init__(self, open_context: OpenContext, tasks: TaskGroup) -> None:
        self._open_context = open_context
        self._tasks = tasks
        self._lock = anyio.Lock()
        self._closing = anyio.Event()
        self._context: Context | None = None

    async def get(self) -> Context:
        """Return the person's context; it is opened when there is none."""
        if self._context is None:
            async with self._lock:
                if self._context is None:
                    self._context = await self._open()
        return self._context

    def close(self) -> None:
        """Let the task that opened the context close it."""
        self._closing.set()

    async def _open(self) -> Context:
        """Open the context in a task of its own, because the same task has to close it."""
        ready = anyio.Event()
        outcome: list[Context | Exception] = []

        async def hold_open() -> None:
            try:
                async with self._open_context() as context:
                    outcome.append(context)
                    ready.set()
                    await self._closing.wait()
            except Exception as problem:  # raised again in the task that waits for the context
                if outcome:
                    raise
                outcome.append(problem)
                ready.set()

        self._tasks.start_soon(hold_open)
        await ready.wait()
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]


@asynccontextmanager
async def open_lazily(open_context: OpenContext) -> AsyncIterator[LazyContext]:
    """Keep a context for as long as the block lasts.

    Args:
        open_context: Opens it; entered and left in one task.
    """
    async with anyio.create_task_group() as tasks:
        context = LazyContext(open_context, tasks)
        yield context
        context.close()
        tasks.cancel_scope.deadline = anyio.current_time() + _CLOSE_TIMEOUT_S

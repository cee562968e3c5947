"""Work that runs to its end although a cancellation or a signal arrives."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")

Work: TypeAlias = Coroutine[object, None, T]
SignalHandler: TypeAlias = Callable[[int, FrameType | None], object] | int | None

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")


async def run_to_completion(work: Work[T]) -> T:
    """Run ``work`` to its end, and only then let a cancellation through.

    Both asyncio's cancellation and anyio's scopes wait, and so do Ctrl-C, SIGTERM and SIGHUP
    where they have their default handlers. kill -9 does not wait: for that there is the intent
    in the grant store.
    """
    import anyio

    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    with defer_signals(), anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # retrieved: the cancelled caller will not ask for it
        raise cancelled
    return task.result()


async def run_in_thread(work: Callable[[], Work[T]]) -> T:
    """Run ``work`` in a thread with an event loop of its own, and wait for its end.

    An event loop that shuts down cancels all of its tasks, also shielded ones; it cannot cancel a
    thread. A cancellation that arrives here is dropped: call this from work that
    `run_to_completion` runs, whose caller gets a cancellation of its own.
    """
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(None, lambda: asyncio.run(work()))
    while not future.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({future})
    return future.result()


class _DeferringHandler:
    """A signal handler that keeps its signal until the last block has ended."""

    def __init__(self, number: signal.Signals, previous: SignalHandler) -> None:
        self.number = number
        self.previous = previous
        self.holders = 1
        self.has_arrived = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.has_arrived = True

    def release(self) -> bool:
        """Whether the signal must be delivered now."""
        self.holders -= 1
        if self.holders:
            return False
        signal.signal(self.number, self.previous)
        return self.has_arrived


@contextmanager
def defer_signals() -> Iterator[None]:
    """Defer the signals that would end the process until the block is left.

    Handlers set by others (an event loop, a server) stay: they end tasks, not the process.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = [handler for name in _SIGNALS if (handler := _defer(name)) is not None]
    try:
        yield
    finally:
        # All handlers are restored before a delivered signal can raise.
        for number in [handler.number for handler in handlers if handler.release()]:
            signal.raise_signal(number)


def _defer(name: str) -> _DeferringHandler | None:
    number = getattr(signal, name, None)
    if number is None:  # Windows has no SIGHUP
        return None
    previous = signal.getsignal(number)
    if isinstance(previous, _DeferringHandler):
        previous.holders += 1
        return previous
    if previous not in (signal.SIG_DFL, signal.default_int_handler):
        return None
    handler = _DeferringHandler(number, previous)
    signal.signal(number, handler)
    return handler

"""Work that is finished once begun, whatever cancellation or signal arrives meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, TypeVar

__all__ = ["beside_the_loop", "finished", "held_signals"]

T = TypeVar("T")

_HELD: Final = ("SIGINT", "SIGTERM", "SIGHUP")


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` to its end, and only then let a cancellation through.

    Both asyncio's cancellation and anyio's scopes wait, and so do Ctrl-C, SIGTERM and SIGHUP
    where nobody else handles them. kill -9 does not: the intent in the store is for that.
    """
    import anyio

    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    with held_signals(), anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # seen: the caller is leaving and will not ask
        raise cancelled
    return task.result()


async def beside_the_loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``work`` in a thread with a loop of its own, and wait for its end come what may.

    A loop that is shutting down cancels every one of its tasks, however well somebody waits for
    them; what runs in a thread it cannot reach. The cancellation is dropped here: call this from
    work that `finished` runs, whose caller gets a cancellation of its own.
    """
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(None, lambda: asyncio.run(work()))
    while not future.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({future})
    return future.result()


class _Held:
    """A handler that remembers its signal until everybody who asked for peace is done."""

    def __init__(self, number: signal.Signals, before: Any) -> None:
        self.number = number
        self.before = before
        self.holders = 1
        self.arrived = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.arrived = True

    def release(self) -> bool:
        """Whether the signal is to be delivered now."""
        self.holders -= 1
        if self.holders:
            return False
        signal.signal(self.number, self.before)
        return self.arrived


@contextmanager
def held_signals() -> Iterator[None]:
    """Put off the signals that would end the process, if it is ours to say.

    Handlers set by others (an event loop, a server) stay: they end tasks, not the process.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = [handler for name in _HELD if (handler := _hold(name)) is not None]
    try:
        yield
    finally:
        # Every handler is back in its place before the first delivery may raise.
        for number in [handler.number for handler in held if handler.release()]:
            signal.raise_signal(number)


def _hold(name: str) -> _Held | None:
    number = getattr(signal, name, None)
    if number is None:  # Windows has no SIGHUP
        return None
    before = signal.getsignal(number)
    if isinstance(before, _Held):
        before.holders += 1
        return before
    if before not in (signal.SIG_DFL, signal.default_int_handler):
        return None
    handler = _Held(number, before)
    signal.signal(number, handler)
    return handler

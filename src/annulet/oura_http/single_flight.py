"""Work that several callers want at the same time is done once."""

from __future__ import annotations

import operator
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import anyio

from annulet.errors import AnnuletError

K = TypeVar("K")
T = TypeVar("T")


class _Call(Generic[K, T]):
    """One piece of work that has begun."""

    __slots__ = ("error", "finished", "key", "result")

    def __init__(self, key: K) -> None:
        self.key = key
        self.finished = anyio.Event()
        self.result: tuple[T] | None = None  # a tuple, because the result itself may be None
        self.error: AnnuletError | None = None


class SingleFlight(Generic[K, T]):
    """Runs a piece of work once for all callers who want it while it runs.

    A cancelled caller does not cancel the others: one of those who wait starts the work again.
    """

    def __init__(self) -> None:
        self._running: list[_Call[K, T]] = []

    async def run(
        self,
        key: K,
        work: Callable[[], Awaitable[T]],
        *,
        serves: Callable[[K, K], bool] = operator.eq,
    ) -> T:
        """The result of the work, started here or by an earlier caller.

        Args:
            key: What is wanted.
            work: How to get it.
            serves: Whether running work (first key) gives what is wanted (second key).

        Raises:
            AnnuletError: The work failed, for all who waited for it.
        """
        while True:
            call = next((call for call in self._running if serves(call.key, key)), None)
            if call is None:
                return await self._start(key, work)
            await call.finished.wait()
            if call.error is not None:
                raise call.error
            if call.result is not None:
                return call.result[0]

    def detach(self) -> None:
        """Let new callers start anew; those who wait already still get their result."""
        self._running.clear()

    async def _start(self, key: K, work: Callable[[], Awaitable[T]]) -> T:
        call: _Call[K, T] = _Call(key)
        self._running.append(call)
        try:
            result = await work()
            call.result = (result,)
        except AnnuletError as error:
            call.error = error
            raise
        finally:
            if call in self._running:
                self._running.remove(call)
            call.finished.set()
        return result


async def run_concurrently(jobs: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """The results of all jobs, run at the same time, in the order of the jobs.

    Raises:
        AnnuletError: The first failure; the other jobs are cancelled.
    """
    if len(jobs) == 1:
        return [await jobs[0]()]
    results: dict[int, T] = {}
    failures: list[AnnuletError] = []

    async def run(index: int, job: Callable[[], Awaitable[T]]) -> None:
        try:
            results[index] = await job()
        except AnnuletError as error:
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for index, job in enumerate(jobs):
            group.start_soon(run, index, job)
    if failures:
        raise failures[0]
    return [results[index] for index in range(len(jobs))]

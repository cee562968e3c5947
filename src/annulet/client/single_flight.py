"""Work that several callers want at the same time is done once."""

from __future__ import annotations

import operator
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import anyio

from annulet.errors import AnnuletError

__all__ = ["Flights", "together"]

K = TypeVar("K")
T = TypeVar("T")


class _Flight(Generic[K, T]):
    """One piece of work under way."""

    __slots__ = ("done", "error", "key", "landed", "value")

    def __init__(self, key: K) -> None:
        self.key = key
        self.done = anyio.Event()
        self.landed = False
        self.value: T | None = None
        self.error: AnnuletError | None = None


class Flights(Generic[K, T]):
    """Joins callers who want the same, or a part of the same.

    A caller that is cancelled takes nobody along: whoever waited for it does the work.
    """

    def __init__(self) -> None:
        self._open: list[_Flight[K, T]] = []

    async def join(
        self,
        key: K,
        work: Callable[[], Awaitable[T]],
        *,
        serves: Callable[[K, K], bool] = operator.eq,
    ) -> T:
        """The outcome of the work, one's own or that of somebody who began it before.

        Args:
            key: What is wanted.
            work: How to get it.
            serves: Whether work under way (first) gives what is wanted (second).

        Raises:
            AnnuletError: The work failed, for all who joined it.
        """
        while True:
            flight = next((one for one in self._open if serves(one.key, key)), None)
            if flight is None:
                return await self._lead(key, work)
            await flight.done.wait()
            if flight.error is not None:
                raise flight.error
            if flight.landed:
                return flight.value  # type: ignore[return-value] # landed with a value

    def forget(self) -> None:
        """Let nobody join what is under way any more; those who have joined are still served."""
        self._open.clear()

    async def _lead(self, key: K, work: Callable[[], Awaitable[T]]) -> T:
        flight: _Flight[K, T] = _Flight(key)
        self._open.append(flight)
        try:
            flight.value = await work()
            flight.landed = True
        except AnnuletError as error:
            flight.error = error
            raise
        finally:
            if flight in self._open:
                self._open.remove(flight)
            flight.done.set()
        return flight.value


async def together(jobs: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Results of all jobs, run at the same time, in the order of the jobs.

    Raises:
        AnnuletError: The first failure; the other jobs are cancelled.
    """
    if len(jobs) == 1:
        return [await jobs[0]()]
    results: dict[int, T] = {}
    failures: list[AnnuletError] = []

    async def run(place: int, job: Callable[[], Awaitable[T]]) -> None:
        try:
            results[place] = await job()
        except AnnuletError as error:
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for place, job in enumerate(jobs):
            group.start_soon(run, place, job)
    if failures:
        raise failures[0]
    return [results[place] for place in range(len(jobs))]

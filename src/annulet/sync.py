"""The connection without ``async``, for scripts and notebooks.

::

    import annulet.sync

    with annulet.sync.connect() as oura:
        print(oura.answer("sleep_sessions").summary)

It works beside a running event loop, as notebooks have one: the requests run on a thread of their
own. In a notebook, ``oura = annulet.sync.connect()`` in one cell serves all later ones.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from annulet.errors import UsageError
from annulet.library.connected_client import ConnectedClient
from annulet.library.connected_client import connect as connect_async

P = ParamSpec("P")
R = TypeVar("R")


def _blocking(
    method: Callable[Concatenate[ConnectedClient, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[BlockingClient, P], R]:
    """The method without ``async``: it waits for the thread of the client."""

    @wraps(method)
    def call(self: BlockingClient, /, *args: P.args, **keywords: P.kwargs) -> R:
        return self._wait_for(method(self.connected, *args, **keywords))

    return call


class BlockingClient:
    """What `annulet.library.connected_client.ConnectedClient` has, each method without ``await``.

    Args:
        account: Which connection; the default one when left out.

    Raises:
        AnnuletError: The connection cannot be opened.
    """

    def __init__(self, account: str = "") -> None:
        self._loop = asyncio.new_event_loop()
        self._opened: Future[ConnectedClient] = Future()
        self._closed = asyncio.Event()
        # A daemon, so that a notebook that never closes the connection can end.
        self._thread = threading.Thread(target=self._run, args=(account,), daemon=True)
        self._thread.start()
        self._opened.result()

    @property
    def connected(self) -> ConnectedClient:
        """The client on the thread.

        Raises:
            UsageError: This connection was closed.
        """
        if not self._thread.is_alive() or self._closed.is_set():
            raise UsageError("This connection is closed.", hint="Open it again: connect()")
        return self._opened.result()

    answer = _blocking(ConnectedClient.answer)
    collection = _blocking(ConnectedClient.collection)
    document = _blocking(ConnectedClient.document)
    personal_info = _blocking(ConnectedClient.personal_info)
    daily_sleep = _blocking(ConnectedClient.daily_sleep)
    daily_readiness = _blocking(ConnectedClient.daily_readiness)
    daily_activity = _blocking(ConnectedClient.daily_activity)
    sleep = _blocking(ConnectedClient.sleep)
    sleep_time = _blocking(ConnectedClient.sleep_time)
    rest_mode_period = _blocking(ConnectedClient.rest_mode_period)
    daily_stress = _blocking(ConnectedClient.daily_stress)
    daily_resilience = _blocking(ConnectedClient.daily_resilience)
    daily_spo2 = _blocking(ConnectedClient.daily_spo2)
    daily_cardiovascular_age = _blocking(ConnectedClient.daily_cardiovascular_age)
    vo2_max = _blocking(ConnectedClient.vo2_max)
    workout = _blocking(ConnectedClient.workout)
    session = _blocking(ConnectedClient.session)
    enhanced_tag = _blocking(ConnectedClient.enhanced_tag)
    tag = _blocking(ConnectedClient.tag)
    heartrate = _blocking(ConnectedClient.heartrate)
    ring_battery_level = _blocking(ConnectedClient.ring_battery_level)
    latest_heartrate = _blocking(ConnectedClient.latest_heartrate)
    latest_battery_level = _blocking(ConnectedClient.latest_battery_level)
    ring_configuration = _blocking(ConnectedClient.ring_configuration)

    def close(self) -> None:
        """Close the connection; a second time does nothing."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closed.set)
            self._thread.join()

    def _run(self, account: str) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._stay_open(account))

    async def _stay_open(self, account: str) -> None:
        try:
            async with connect_async(account) as client:
                self._opened.set_result(client)
                await self._closed.wait()
        except BaseException as error:  # noqa: BLE001 - the caller's thread raises it
            if not self._opened.done():
                self._opened.set_exception(error)

    def _wait_for(self, work: Coroutine[Any, Any, R]) -> R:
        running = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return running.result()
        except BaseException:  # Ctrl-C as well: nothing goes on unseen
            running.cancel()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def connect(account: str = "") -> BlockingClient:
    """Open the stored connection, or ``ANNULET_ACCESS_TOKEN``, without ``async``.

    Args:
        account: Which connection; the default one when left out.

    Raises:
        NotConnected: There is no such connection; the hint says how to make it.
        AnnuletError: A setting is wrong, or the vault cannot be opened.
    """
    return BlockingClient(account)

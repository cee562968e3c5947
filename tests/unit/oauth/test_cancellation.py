"""Work that ends once it has begun."""

import asyncio
import os
import signal

import pytest

from annulet.oauth.cancellation import defer_signals, run_in_thread, run_to_completion


async def test_a_failure_and_a_result_come_through() -> None:
    """Protection changes nothing about the outcome."""

    async def fail() -> None:
        raise LookupError("as it was")

    assert await run_to_completion(asyncio.sleep(0, "result")) == "result"
    with pytest.raises(LookupError, match="as it was"):
        await run_to_completion(fail())


async def test_a_cancellation_wins_over_a_failure() -> None:
    """The cancelled caller does not get the failure; the next caller meets it."""
    begun = asyncio.Event()

    async def fail() -> None:
        begun.set()
        await asyncio.sleep(0.02)
        raise LookupError

    task = asyncio.create_task(run_to_completion(fail()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_loop_that_shuts_down_waits_for_the_thread() -> None:
    """Everything else is cancelled; the request and what follows it are not."""
    saved: list[str] = []

    async def request() -> str:
        await asyncio.sleep(0.1)
        return "pair"

    async def spend() -> None:
        saved.append(await run_in_thread(request))

    async def main() -> None:
        _ = asyncio.create_task(run_to_completion(spend()))  # noqa: RUF006 - left behind on purpose
        await asyncio.sleep(0.02)

    asyncio.run(main())
    assert saved == ["pair"]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_signals_are_put_off_and_then_delivered() -> None:
    """Nested holders count; the signal arrives when the last one is done."""
    log: list[str] = []
    before = signal.getsignal(signal.SIGTERM)

    def held() -> None:
        with defer_signals():
            with defer_signals():
                signal.raise_signal(signal.SIGINT)
                log.append("inner")
            log.append("outer")

    with pytest.raises(KeyboardInterrupt):
        held()
    assert log == ["inner", "outer"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_handlers_of_others_are_left_alone() -> None:
    """A server that ends gracefully keeps its own way of doing so."""
    got: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: got.append(number))
    try:
        with defer_signals():
            signal.raise_signal(signal.SIGTERM)
            assert got == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)

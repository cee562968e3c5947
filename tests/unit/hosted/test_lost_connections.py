"""What a lost connection leaves behind is told, and does not look like a defect of the service."""

import asyncio
import gc

import pytest

from annulet.hosted.lost_connections import log_lost_connections


@pytest.mark.parametrize(
    ("problem", "level"),
    [(ConnectionError("gone"), "WARNING"), (ConnectionResetError(), "WARNING"),
     (ValueError("a defect"), "ERROR")],
)  # fmt: skip
async def test_only_a_lost_connection_is_no_error(caplog, problem, level):
    """No one awaits the future; the log says at which level that matters."""
    loop = asyncio.get_running_loop()
    log_lost_connections(loop)
    try:
        loop.create_future().set_exception(problem)
        gc.collect()
    finally:
        loop.set_exception_handler(None)
    assert [record.levelname for record in caplog.records] == [level]

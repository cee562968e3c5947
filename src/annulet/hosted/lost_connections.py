"""Connections that are lost while no one waits for them: a warning, and no error of the service."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from annulet.hosted.web.json_log import LOGGER


def log_lost_connections(loop: asyncio.AbstractEventLoop) -> None:
    """Log what ends with a lost connection and is awaited by no one as a warning.

    A database driver leaves such a future where the server goes while a connection that was given
    up is still being opened. Those who waited has been answered. Every other exception that no one
    retrieves stays an error.

    Args:
        loop: The loop of the service.
    """
    loop.set_exception_handler(_handle)


def _handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    problem = context.get("exception")
    if "future" in context and isinstance(problem, ConnectionError):
        facts = {"error": type(problem).__name__}
        logging.getLogger(LOGGER).warning("a connection was lost", extra={"facts": facts})
        return
    loop.default_exception_handler(context)

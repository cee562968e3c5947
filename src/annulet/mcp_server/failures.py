"""Where an exception becomes something a client may see: the only translation point.

What annulet anticipated (`AnnuletError`) is told with its code, message and hint. Anything else is
a bug: the client gets one fixed sentence, standard error gets the exception's type and the places
it passed, and nobody gets its text, because that may hold values.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import PurePath
from typing import Any, Final

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR
from pydantic import ValidationError

from annulet.errors import AnnuletError

__all__ = ["BUG", "guard", "payload_of", "where"]

BUG: Final[dict[str, Any]] = {
    "error": {
        "code": "internal",
        "message": "annulet met a bug of its own and could not answer.",
        "hint": "Ask again; if it happens again, report it with annulet's log.",
    }
}
_FRAMES: Final = 6
_logger = logging.getLogger("annulet.mcp_server")


def payload_of(problem: Exception, doing: str) -> dict[str, Any]:
    """What a client is told about an exception.

    Args:
        problem: What was raised.
        doing: The method or tool that was at work, for the log.
    """
    if isinstance(problem, AnnuletError):
        return dict(problem.as_dict())
    _logger.error("%s failed: %s", doing, where(problem))
    return BUG


def where(problem: BaseException) -> str:
    """The type of an exception and the places it passed, without its text.

    >>> where(ValueError("a secret"))
    'ValueError'
    """
    frames = traceback.extract_tb(problem.__traceback__)[-_FRAMES:]
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)]
    return " < ".join([type(problem).__name__, *places])


async def guard(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Middleware: no exception of ours leaves with its text, in either era.

    The older era would send the text of an escaping exception to the client.
    """
    try:
        return await call_next(ctx)
    except (MCPError, ValidationError):
        raise
    except Exception as problem:  # noqa: BLE001 - the last door before the wire
        payload = payload_of(problem, ctx.method)
        said = payload["error"]
        text = f"{said['message']} {said['hint']}".strip()
        raise MCPError(code=INTERNAL_ERROR, message=text, data=payload) from None

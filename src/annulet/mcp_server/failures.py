"""Translates exceptions into what a client may see; no other place does.

An `AnnuletError` is told with its code, message and hint. Every other exception is a bug: the
client gets one fixed sentence, and the log gets the exception's type and the places it passed. Its
text goes nowhere, because it may hold values.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import PurePath
from typing import Final

from mcp.server.context import CallNext, HandlerResult
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR
from pydantic import ValidationError

from annulet.errors import AnnuletError
from annulet.mcp_server.request_person import RequestContext
from annulet.toolkit.tool import Answer

BUG: Final[Answer] = {
    "error": {
        "code": "internal",
        "message": "annulet met a bug of its own and could not answer.",
        "hint": "Ask again; if it happens again, report it with annulet's log.",
    }
}
_MAX_FRAMES: Final = 6
_logger = logging.getLogger("annulet.mcp_server")


def describe_failure(problem: Exception, task: str) -> Answer:
    """Describe an exception to a client, and log it if it is a bug.

    Args:
        problem: The exception.
        task: The method or tool that raised it, for the log.
    """
    if isinstance(problem, AnnuletError):
        return dict(problem.as_dict())
    _logger.error("%s failed: %s", task, describe_places(problem))
    return BUG


def describe_places(problem: BaseException) -> str:
    """Describe an exception by its type and the places it passed, without its text.

    >>> describe_places(ValueError("a secret"))
    'ValueError'
    """
    frames = traceback.extract_tb(problem.__traceback__)[-_MAX_FRAMES:]
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)]
    return " < ".join([type(problem).__name__, *places])


async def contain_exceptions(ctx: RequestContext, call_next: CallNext) -> HandlerResult:
    """Middleware that lets no exception of ours out with its text, in either era.

    The older era would send the text of an escaping exception to the client.
    """
    try:
        return await call_next(ctx)
    except (MCPError, ValidationError):
        raise
    except Exception as problem:  # noqa: BLE001 - the SDK would write its text on the wire
        failure = describe_failure(problem, ctx.method)
        error = failure["error"]
        text = f"{error['message']} {error['hint']}".strip()
        raise MCPError(code=INTERNAL_ERROR, message=text, data=failure) from None

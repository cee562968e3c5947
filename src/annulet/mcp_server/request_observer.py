"""What the server tells about each request that can reach a person's data, in typed values.

The server calls the observer where it dispatches a request. So an observer never reads a message,
and a request that was answered is observed, however the client wrote it.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR
from pydantic import BaseModel

from annulet.errors import AnnuletError, UsageError

OK: Final = "ok"
CANCELLED: Final = "cancelled"
INSUFFICIENT_SCOPE: Final = "insufficient_scope"
UNKNOWN: Final = "unknown"
"""The name of a target that the server does not have: what a client wrote is not passed on."""
_ANSWERS_WITHOUT_READING: Final = frozenset({"oura_permissions"})
"""Answers also where Oura refuses every read, so its answer proves nothing."""

Result = TypeVar("Result", bound=BaseModel)


class ObservedMethod(StrEnum):
    """The methods that can reach a person's data, by any of their names for it."""

    TOOL_CALL = "tools/call"
    RESOURCE_READ = "resources/read"
    PROMPT_GET = "prompts/get"
    COMPLETION = "completion/complete"


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """What a request is about.

    Attributes:
        method: The method.
        name: The tool, the prompt, or the address of the resource without its days; `UNKNOWN` for
            what the server does not have.
        reads_oura: Whether an answer proves that Oura gave data.
    """

    method: ObservedMethod
    name: str
    reads_oura: bool = False


@dataclass(frozen=True, slots=True)
class ObservedRequest:
    """A request that was dispatched, and how it ended.

    Attributes:
        target: What it was about.
        outcome: `OK`, `CANCELLED`, `INSUFFICIENT_SCOPE`, or the code of an error.
        answer_bytes: The size of the result as JSON, in bytes; 0 where there was no answer.
        seconds: How long it took.
    """

    target: RequestTarget
    outcome: str
    answer_bytes: int
    seconds: float

    @property
    def milliseconds(self) -> int:
        """How long it took, rounded."""
        return round(self.seconds * 1000)

    @property
    def read_health(self) -> str | None:
        """What the request found out about reading from Oura: `OK`, a code, ``None`` if nothing."""
        return self.outcome if self.target.reads_oura or self.outcome != OK else None


class RequestObserver(Protocol):
    """Is told about requests when they end."""

    def observe(self, request: ObservedRequest) -> None:
        """Take note of a request, before its response is sent; also where it was cancelled."""


class InsufficientScopeError(UsageError):
    """The tool is there, but the client was not granted the scope that it needs."""


async def observe(
    observer: RequestObserver | None, target: RequestTarget, work: Callable[[], Awaitable[Result]]
) -> Result:
    """Do the work of a request and tell the observer how it ended.

    Args:
        observer: Is told; ``None`` where requests are not observed.
        target: What the request is about.
        work: Returns the result, or raises why there is none.
    """
    if observer is None:
        return await work()
    began = time.perf_counter()
    # An exception that is no `Exception` is the cancellation of the task.
    outcome, answer_bytes = CANCELLED, 0
    try:
        result = await work()
        outcome, answer_bytes = OK, _count_bytes(result)
    except Exception as problem:
        outcome = _outcome_of(problem)
        raise
    finally:
        seconds = time.perf_counter() - began
        observer.observe(ObservedRequest(target, outcome, answer_bytes, seconds))
    return result


def proves_reading(tool: str) -> bool:
    """Whether an answer of this tool proves that Oura gave data."""
    return tool not in _ANSWERS_WITHOUT_READING


def _count_bytes(result: BaseModel) -> int:
    return len(result.model_dump_json(by_alias=True, exclude_none=True).encode())


def _outcome_of(problem: Exception) -> str:
    if isinstance(problem, InsufficientScopeError):
        return INSUFFICIENT_SCOPE
    if isinstance(problem, AnnuletError):
        return problem.code
    # The server's own refusals of a name or an argument are JSON-RPC errors.
    is_refusal = isinstance(problem, MCPError) and problem.error.code != INTERNAL_ERROR
    return UsageError.code if is_refusal else AnnuletError.code

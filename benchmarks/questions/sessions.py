"""One conversation with a server on stdio through the SDK's client, measured from both ends."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client

from annulet.simulator import SimulatedOura
from benchmarks.questions.question_list import Call

__all__ = ["Asked", "MeasuredSession", "open_session"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question answered.

    Attributes:
        texts: What the model reads, one text a call.
        structured: The structured answers.
        failed: Whether any call was an error.
        seconds: From the first call to the last answer.
        requests: How many requests reached Oura.
        size: Bytes Oura sent.
        trips: Requests that had to be waited for one after another.
    """

    texts: list[str]
    structured: list[dict[str, Any]]
    failed: bool
    seconds: float
    requests: int
    size: int
    trips: int

    @property
    def characters(self) -> int:
        """What the model reads, in characters."""
        return sum(map(len, self.texts))


@dataclass(slots=True)
class MeasuredSession:
    """A session that can be asked."""

    session: ClientSession
    cloud: SimulatedOura
    asked: dict[str, Asked] = field(default_factory=dict)

    async def ask(self, calls: Sequence[Call]) -> Asked:
        """Ask one question, which may need several calls, one after another."""
        self.cloud.requests.clear()
        begun = time.perf_counter()
        results = [await self.session.call_tool(name, arguments) for name, arguments in calls]
        seconds = time.perf_counter() - begun
        return Asked(
            texts=[
                "".join(getattr(block, "text", "") for block in result.content)
                for result in results
            ],
            structured=[result.structured_content or {} for result in results],
            failed=any(result.is_error for result in results),
            seconds=seconds,
            requests=len(self.cloud.requests),
            size=sum(entry.size for entry in self.cloud.requests),
            trips=self.cloud.requests.round_trips,
        )


@asynccontextmanager
async def open_session(
    cloud: SimulatedOura, command: Sequence[str], environment: dict[str, str]
) -> AsyncIterator[MeasuredSession]:
    """Start a server, shake hands, list the tools as every client does, and end it afterwards."""
    parameters = StdioServerParameters(
        command=command[0],
        args=list(command[1:]),
        env={"PATH": os.environ["PATH"], "TZ": "UTC", **_faked_time(), **environment},
    )
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: ASYNC230, PTH123 - the null device does not wait
        async with (
            stdio_client(parameters, errlog=nowhere) as (read, write),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            await session.list_tools()
            yield MeasuredSession(session, cloud)


def _faked_time() -> dict[str, str]:
    """What libfaketime needs, so that the server lives on the same day as the cloud."""
    return {
        name: value
        for name, value in os.environ.items()
        if name == "LD_PRELOAD" or name.startswith("FAKETIME")
    }

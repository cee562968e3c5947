"""A tool call: whose it is, what it asks, what became of it.

The SDK's low-level server checks neither the name of a tool nor its arguments and lets exceptions
through; this handler does both jobs and lets none through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext

from annulet.errors import AnnuletError, ConsentError, UsageError
from annulet.mcp_server.connecting import ask_to_connect, with_address
from annulet.mcp_server.failures import payload_of
from annulet.mcp_server.protocol.progress import with_progress
from annulet.mcp_server.request_person import AnswerFunction, Caller, FindCaller
from annulet.mcp_server.results import answered, failed
from annulet.toolkit.tool import Answer, Tool

__all__ = ["Extras", "ToolCalls"]

Extras = Callable[[str, Mapping[str, Any], Answer], Sequence[types.ContentBlock]]


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """Handles ``tools/call``.

    Attributes:
        tools: The tools by name.
        answer: Validates the arguments and answers; raises `AnnuletError`.
        find_caller: Finds the person behind a request.
        extras: Links and pictures that go beside an answer.
    """

    tools: Mapping[str, Tool]
    answer: AnswerFunction
    find_caller: FindCaller
    extras: Extras

    async def __call__(
        self, ctx: ServerRequestContext[Any, Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        """Answer one question, or say why not."""
        caller = self.find_caller(ctx)
        if params.name not in self.tools or not caller.may_use(params.name):
            return failed(self._no_such_tool(params.name, caller).as_dict())
        try:
            return await self._answered(ctx, params, caller)
        except ConsentError as problem:
            asked = ask_to_connect(ctx, params, problem, caller.connect_url)
            return asked or failed(with_address(problem.as_dict(), caller.connect_url))
        except Exception as problem:  # noqa: BLE001 - a bug must not reach the client as text
            return failed(payload_of(problem, params.name))

    async def _answered(
        self,
        ctx: ServerRequestContext[Any, Any],
        params: types.CallToolRequestParams,
        caller: Caller,
    ) -> types.CallToolResult:
        arguments = params.arguments or {}

        async def work() -> Answer:
            return await self.answer(params.name, arguments, await caller.context())

        payload = await with_progress(ctx, work)
        return answered(payload, extras=self.extras(params.name, arguments, payload))

    def _no_such_tool(self, name: str, caller: Caller) -> AnnuletError:
        offered = ", ".join(tool for tool in self.tools if caller.may_use(tool))
        if name in self.tools:
            return UsageError(
                f"{name} is switched off for this endpoint.", hint=f"Use one of: {offered}."
            )
        return UsageError("There is no tool of that name.", hint=f"Use one of: {offered}.")

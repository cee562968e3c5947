"""Handles ``tools/call``: finds the person and the tool, and answers or says why not.

The SDK's low-level server checks neither the name of a tool nor its arguments and lets exceptions
through; this handler does both jobs and lets none through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import mcp_types as types
from mcp.server.context import CallNext, HandlerResult

from annulet.errors import ConsentError, UsageError
from annulet.mcp_server.connecting import add_connect_url, build_connect_request
from annulet.mcp_server.content_form import ContentForm
from annulet.mcp_server.failures import describe_failure
from annulet.mcp_server.protocol.progress import report_progress_during
from annulet.mcp_server.request_observer import (
    UNKNOWN,
    ObservedMethod,
    RequestTarget,
    observe,
    proves_reading,
)
from annulet.mcp_server.request_person import (
    AnswerFunction,
    FindPerson,
    RequestContext,
    RequestPerson,
)
from annulet.mcp_server.results import build_failure, build_result
from annulet.toolkit.tool import Answer, Arguments, Tool

Extras = Callable[[str, Arguments, Answer], Sequence[types.ContentBlock]]


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """Handles ``tools/call``.

    Attributes:
        tools: The tools by name.
        answer: Validates the arguments and answers; raises `AnnuletError`.
        find_person: Finds the person behind a request.
        extras: Links and pictures that go beside an answer.
        form: The form in which answers are sent.
    """

    tools: Mapping[str, Tool]
    answer: AnswerFunction
    find_person: FindPerson
    extras: Extras
    form: ContentForm = "both"

    async def __call__(
        self, ctx: RequestContext, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        """Answer one question, or say why not."""
        person = self.find_person(ctx)

        async def work() -> types.CallToolResult:
            self._check_tool(params.name, person)
            return await self._answer(ctx, params, person)

        try:
            return await observe(person.observer, self._target(params.name), work)
        except ConsentError as problem:
            request = build_connect_request(ctx, params, problem, person.connect_url)
            payload = add_connect_url(problem.as_dict(), person.connect_url)
            return request or build_failure(payload, form=self.form)
        except Exception as problem:  # noqa: BLE001 - a bug must not reach the client as text
            return build_failure(describe_failure(problem, params.name), form=self.form)

    def _target(self, tool: str) -> RequestTarget:
        name = tool if tool in self.tools else UNKNOWN
        return RequestTarget(ObservedMethod.TOOL_CALL, name, reads_oura=proves_reading(tool))

    def _check_tool(self, tool: str, person: RequestPerson) -> None:
        """Check that there is such a tool and that this request may use it.

        Raises:
            UsageError: There is none, or it is switched off.
            InsufficientScopeError: The client was not granted the scope for it.
        """
        person.check_scope(frozenset({tool}))
        if tool in self.tools and person.may_use(tool):
            return
        offered = ", ".join(name for name in self.tools if person.may_use(name))
        problem = (
            f"{tool} is switched off for this endpoint."
            if tool in self.tools
            else "There is no tool of that name."
        )
        raise UsageError(problem, hint=f"Use one of: {offered}.")

    async def _answer(
        self, ctx: RequestContext, params: types.CallToolRequestParams, person: RequestPerson
    ) -> types.CallToolResult:
        arguments = params.arguments or {}

        async def work() -> Answer:
            return await self.answer(params.name, arguments, await person.open_context())

        payload = await report_progress_during(ctx, work)
        extras = self.extras(params.name, arguments, payload)
        return build_result(payload, extras=extras, form=self.form)


async def wrap_arguments(ctx: RequestContext, call_next: CallNext) -> HandlerResult:
    """Middleware that lets arguments through which are no object, such as a JSON text.

    The SDK would refuse the request; `annulet.toolkit.arguments` reads them or says what is wrong.
    """
    params = ctx.params
    if ctx.method == "tools/call" and params is not None:
        arguments = params.get("arguments")
        if arguments is not None and not isinstance(arguments, Mapping):
            return await call_next(
                replace(ctx, params={**params, "arguments": {"arguments": arguments}})
            )
    return await call_next(ctx)

"""Suggestions while a person fills in a prompt or an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mcp_types as types

from annulet.contract.collections import COLLECTIONS
from annulet.mcp_server.protocol.prompts import PROMPTS
from annulet.mcp_server.request_observer import UNKNOWN, ObservedMethod, RequestTarget, observe
from annulet.mcp_server.request_person import FindPerson, RequestContext
from annulet.mcp_server.resources.addresses import DOCUMENTS_TEMPLATE

_PERIODS: Final = ("last week", "this week", "last 7 days", "last 30 days", "last month")
_Reference = types.PromptReference | types.ResourceTemplateReference


@dataclass(frozen=True, slots=True)
class Completions:
    """Handles ``completion/complete``: periods in words, and names of collections.

    Attributes:
        find_person: Finds the person behind a request.
    """

    find_person: FindPerson

    async def __call__(
        self, ctx: RequestContext, params: types.CompleteRequestParams
    ) -> types.CompleteResult:
        """Return the suggestions that begin with what was typed."""

        async def work() -> types.CompleteResult:
            typed = params.argument.value.strip().casefold()
            offered = _list_suggestions(params.ref, params.argument.name)
            values = [words for words in offered if words.casefold().startswith(typed)]
            completion = types.Completion(values=values, total=len(values), has_more=False)
            return types.CompleteResult(completion=completion)

        target = RequestTarget(ObservedMethod.COMPLETION, _name_of(params.ref))
        return await observe(self.find_person(ctx).observer, target, work)


def _name_of(reference: _Reference) -> str:
    if isinstance(reference, types.ResourceTemplateReference):
        return "oura://documents" if reference.uri == DOCUMENTS_TEMPLATE else UNKNOWN
    return reference.name if any(prompt.name == reference.name for prompt in PROMPTS) else UNKNOWN


def _list_suggestions(reference: _Reference, argument: str) -> tuple[str, ...]:
    if isinstance(reference, types.ResourceTemplateReference):
        is_collection = reference.uri == DOCUMENTS_TEMPLATE and argument == "collection"
        return tuple(COLLECTIONS) if is_collection else ()
    with_default = {
        name
        for prompt in PROMPTS
        if prompt.name == reference.name
        for name, _, default in prompt.arguments
        if default is not None
    }
    return _PERIODS if argument in with_default else ()

"""Suggestions while a person fills in a prompt or an address."""

from __future__ import annotations

from typing import Any, Final

import mcp_types as types
from mcp.server.context import ServerRequestContext

from annulet.contract.collections import COLLECTIONS
from annulet.mcp_server.protocol.prompts import PROMPTS
from annulet.mcp_server.resources.documents import TEMPLATE

__all__ = ["complete"]

_PERIODS: Final = ("last week", "this week", "last 7 days", "last 30 days", "last month")


async def complete(
    _ctx: ServerRequestContext[Any, Any], params: types.CompleteRequestParams
) -> types.CompleteResult:
    """Handle ``completion/complete``: periods in words, and names of collections."""
    typed = params.argument.value.strip().casefold()
    offered = _offered(params.ref, params.argument.name)
    values = [words for words in offered if words.casefold().startswith(typed)]
    completion = types.Completion(values=values, total=len(values), has_more=False)
    return types.CompleteResult(completion=completion)


def _offered(
    ref: types.PromptReference | types.ResourceTemplateReference, argument: str
) -> tuple[str, ...]:
    if isinstance(ref, types.ResourceTemplateReference):
        asked = ref.uri == TEMPLATE and argument == "collection"
        return tuple(COLLECTIONS) if asked else ()
    with_default = {
        name
        for prompt in PROMPTS
        if prompt.name == ref.name
        for name, _, default in prompt.arguments
        if default is not None
    }
    return _PERIODS if argument in with_default else ()

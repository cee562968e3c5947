"""The same question again: the same answer, as long as it would be made of the same documents."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Final

from annulet.toolkit.context import Context
from annulet.toolkit.tool import Answer, Arguments

__all__ = ["again"]

_MEMORY: Final = "answers"
_MOST: Final = 6
_QUARTER: Final = 15 * 60
_Revision = tuple[int, int]


async def again(
    name: str,
    context: Context,
    arguments: Arguments,
    run: Callable[[Context, Arguments], Awaitable[Answer]],
) -> Answer:
    """The answer of a moment ago, or a new one.

    An answer holds until the client reads or forgets anything, and not beyond the quarter of an
    hour it was given in: midnight falls on quarters of an hour in every time zone.

    Args:
        name: The tool.
        context: Whose question; its memory keeps the last few answers.
        arguments: What was asked, validated.
        run: Answers.
    """
    known = _answers(context)
    quarter = int(context.now().timestamp() // _QUARTER)
    key = json.dumps([name, context.zone.name, quarter, dict(arguments)], sort_keys=True)
    found = known.get(key)
    if found is not None and found[0] == context.client.revision:
        known.move_to_end(key)
        return deepcopy(found[1])
    unkept = context.client.revision[1]
    answer = await run(context, arguments)
    revision = context.client.revision
    if revision[1] == unkept:
        known[key] = (revision, deepcopy(answer))
        while len(known) > _MOST:
            known.popitem(last=False)
    return answer


def _answers(context: Context) -> OrderedDict[str, tuple[_Revision, Answer]]:
    found = context.memory.get(_MEMORY)
    if not isinstance(found, OrderedDict):
        found = context.memory[_MEMORY] = OrderedDict()
    return found

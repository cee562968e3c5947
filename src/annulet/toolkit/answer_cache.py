"""The same question again: the same answer, as long as it would be made of the same documents."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, cast

from annulet.toolkit.context import Context
from annulet.toolkit.tool import Answer, Arguments

__all__ = ["again"]

_MEMORY: Final = "answers"
# More than the questions people go round and round in; fewer would find none of them again.
_MOST: Final = 12
_QUARTER: Final = 15 * 60
_KEPT: Final = 120.0


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer, when it was given, and how often the client had forgotten something by then.

    It is kept as text: whoever gets it may change it, and reading is quicker than copying.
    """

    text: str
    at: float
    losses: int

    def holds(self, context: Context) -> bool:
        """Whether it would be made of the same documents now."""
        fresh = context.now().timestamp() - self.at <= _KEPT
        return fresh and self.losses == context.client.revision[0]


async def again(
    name: str,
    context: Context,
    arguments: Arguments,
    run: Callable[[Context, Arguments], Awaitable[Answer]],
) -> Answer:
    """The answer of a moment ago, or a new one.

    An answer holds for two minutes, unless the client forgets anything, and not beyond the quarter
    of an hour it was given in: midnight falls on quarters of an hour in every time zone.

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
    if found is not None and found.holds(context):
        known.move_to_end(key)
        return cast("Answer", json.loads(found.text))
    unkept = context.client.revision[1]
    answer = await run(context, arguments)
    losses, left_out = context.client.revision
    for old in [key for key, one in known.items() if not one.holds(context)]:
        del known[old]
    if left_out == unkept:
        known[key] = _Known(json.dumps(answer), context.now().timestamp(), losses)
        while len(known) > _MOST:
            known.popitem(last=False)
    return answer


def _answers(context: Context) -> OrderedDict[str, _Known]:
    found = context.memory.get(_MEMORY)
    if not isinstance(found, OrderedDict):
        found = context.memory[_MEMORY] = OrderedDict()
    return found

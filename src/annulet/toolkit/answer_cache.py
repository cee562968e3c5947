"""The same question gets the same answer, as long as its documents have not changed."""

from __future__ import annotations

import json
from typing import Final

from annulet.toolkit.context import CachedAnswer, Context
from annulet.toolkit.tool import Answer, Arguments, Tool

# More than the questions a conversation goes round in: with fewer, none of them would be a hit.
_MOST_ANSWERS: Final = 12
_QUARTER_S: Final = 15 * 60
_MAX_AGE_S: Final = 120.0


async def cached_answer(tool: Tool, context: Context, arguments: Arguments) -> Answer:
    """The answer of a moment ago, or a new one.

    An answer holds for two minutes, as long as the client evicts nothing, and not beyond the
    quarter of an hour it was made in: midnight falls on quarters of an hour in every time zone.
    It is cached as text, so that the caller may change what it gets.

    Args:
        tool: The tool.
        context: Whose question; its memory holds the last answers.
        arguments: What was asked, validated.
    """
    answers = context.memory.answers
    quarter = int(context.now().timestamp() // _QUARTER_S)
    key = json.dumps([tool.name, context.zone.name, quarter, dict(arguments)], sort_keys=True)
    cached = answers.get(key)
    if cached is not None and _holds(cached, context):
        answers.move_to_end(key)
        hit: Answer = json.loads(cached.text)
        return hit
    uncacheable = context.client.revision.uncacheable
    answer = await tool.run(context, arguments)
    revision = context.client.revision
    for expired in [key for key, cached in answers.items() if not _holds(cached, context)]:
        del answers[expired]
    if revision.uncacheable == uncacheable:
        made_at = context.now().timestamp()
        answers[key] = CachedAnswer(json.dumps(answer), made_at, revision.evictions)
        while len(answers) > _MOST_ANSWERS:
            answers.popitem(last=False)
    return answer


def _holds(cached: CachedAnswer, context: Context) -> bool:
    """Whether an answer would be made of the same documents now."""
    is_fresh = context.now().timestamp() - cached.made_at <= _MAX_AGE_S
    return is_fresh and cached.evictions == context.client.revision.evictions

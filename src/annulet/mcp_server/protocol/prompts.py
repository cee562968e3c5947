"""Four questions people ask again and again, ready to pick from a client's menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

__all__ = ["PROMPTS", "PromptText", "get_prompt", "listed_prompts"]

_LONGEST_ARGUMENT: Final = 80
_MANNER: Final = (
    " Speak plainly, quote numbers with their units, say which days are missing, and neither"
    " diagnose nor give orders."
)


@dataclass(frozen=True, slots=True)
class PromptText:
    """One prompt.

    Attributes:
        name: Its name for programs.
        title: Its name in a menu.
        description: What the person gets.
        text: What is asked, with ``{argument}`` where an argument goes.
        arguments: Name, description and default of each; without a default it is required.
    """

    name: str
    title: str
    description: str
    text: str
    arguments: tuple[tuple[str, str, str | None], ...] = ()


PROMPTS: Final[tuple[PromptText, ...]] = (
    PromptText(
        "morning_briefing",
        "Morning briefing",
        "Last night and today's readiness, against what is usual for you.",
        "How did I sleep last night, and how ready am I today? Use oura_daily_summary with"
        " baselines=true for the day of last night. If something is far from my usual range, look"
        " at oura_anomalies for the last 7 days. Answer in five sentences or fewer: the night, the"
        " readiness, what stands out, what is missing.",
    ),
    PromptText(
        "weekly_review",
        "Weekly review",
        "A week of sleep, readiness, activity and events, against the week before.",
        "Review {week} for me. Use oura_daily_summary for the days, oura_compare of {week} against"
        " the seven days before it, and oura_events for workouts and tags. Give one short table of"
        " the days, then what clearly changed and what did not.",
        (("week", "The days to review, such as “last week” or “last 7 days”", "last week"),),
    ),
    PromptText(
        "what_changed",
        "What changed",
        "What is really different lately, and what is only noise.",
        "What has changed in my body over {period}? Use oura_trends for the direction of each"
        " metric, oura_compare of {period} against the period of the same length before it, and"
        " oura_anomalies for {period}. Name only changes that go beyond my own noise, and say when"
        " nothing did.",
        (("period", "The days to look at, such as “last 30 days”", "last 30 days"),),
    ),
    PromptText(
        "tag_experiment",
        "Experiment with a tag",
        "What happens on the nights after a tag such as alcohol or late meal.",
        "What changes in the night after I tag “{tag}”? Use oura_effects with that tag; if the tag"
        " is unknown, show me the tags it lists and ask which one I mean. Report the size and the"
        " uncertainty of each effect and on how many nights it rests, and say that nights differ"
        " in more than the tag.",
        (("tag", "A tag from the Oura app, such as alcohol or late meal", None),),
    ),
)


def listed_prompts() -> list[types.Prompt]:
    """Every prompt as the protocol lists it."""
    return [
        types.Prompt(
            name=prompt.name,
            title=prompt.title,
            description=prompt.description,
            arguments=[
                types.PromptArgument(name=name, description=text, required=default is None)
                for name, text, default in prompt.arguments
            ]
            or None,
        )
        for prompt in PROMPTS
    ]


async def get_prompt(
    _ctx: ServerRequestContext[Any, Any], params: types.GetPromptRequestParams
) -> types.GetPromptResult:
    """Handle ``prompts/get``."""
    prompt = next((prompt for prompt in PROMPTS if prompt.name == params.name), None)
    if prompt is None:
        names = ", ".join(prompt.name for prompt in PROMPTS)
        raise MCPError(
            types.INVALID_PARAMS, f"There is no prompt of that name. Use one of: {names}."
        )
    values = _filled(prompt, params.arguments or {})
    text = prompt.text.format_map(values) + _MANNER
    return types.GetPromptResult(
        description=prompt.description,
        messages=[
            types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
        ],
    )


def _filled(prompt: PromptText, given: dict[str, str]) -> dict[str, str]:
    """The prompt's arguments, complete, each on one short line."""
    values = {}
    for name, _, default in prompt.arguments:
        value = " ".join(given.get(name, "").split())[:_LONGEST_ARGUMENT] or default
        if value is None:
            raise MCPError(types.INVALID_PARAMS, f"{prompt.name} needs the argument “{name}”.")
        values[name] = value
    return values

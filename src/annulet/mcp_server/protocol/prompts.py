"""Four questions people ask again and again, ready to pick from a client's menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mcp_types as types
from mcp.shared.exceptions import MCPError

from annulet.mcp_server.request_observer import UNKNOWN, ObservedMethod, RequestTarget, observe
from annulet.mcp_server.request_person import FindPerson, RequestContext

_MAX_ARGUMENT_LENGTH: Final = 80
_STYLE: Final = (
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
        " the seven days before it, oura_events for workouts and tags, and oura_query for counts"
        " and averages. Give one short table of"
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


def list_prompts() -> list[types.Prompt]:
    """List every prompt as the protocol does."""
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


@dataclass(frozen=True, slots=True)
class PromptGets:
    """Handles ``prompts/get``.

    Attributes:
        find_person: Finds the person behind a request.
    """

    find_person: FindPerson

    async def __call__(
        self, ctx: RequestContext, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        """Return a prompt with its arguments filled in."""
        prompt = next((prompt for prompt in PROMPTS if prompt.name == params.name), None)
        target = RequestTarget(ObservedMethod.PROMPT_GET, prompt.name if prompt else UNKNOWN)

        async def work() -> types.GetPromptResult:
            return _fill(prompt, params.arguments or {})

        return await observe(self.find_person(ctx).observer, target, work)


def _fill(prompt: PromptText | None, given: dict[str, str]) -> types.GetPromptResult:
    """Fill the arguments in.

    Raises:
        MCPError: There is no such prompt, or a required argument is missing.
    """
    if prompt is None:
        names = ", ".join(prompt.name for prompt in PROMPTS)
        raise MCPError(
            types.INVALID_PARAMS, f"There is no prompt of that name. Use one of: {names}."
        )
    text = prompt.text.format_map(_complete_arguments(prompt, given)) + _STYLE
    return types.GetPromptResult(
        description=prompt.description,
        messages=[
            types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
        ],
    )


def _complete_arguments(prompt: PromptText, given: dict[str, str]) -> dict[str, str]:
    """Return every argument of the prompt, each on one short line."""
    values = {}
    for name, _, default in prompt.arguments:
        value = " ".join(given.get(name, "").split())[:_MAX_ARGUMENT_LENGTH] or default
        if value is None:
            raise MCPError(types.INVALID_PARAMS, f"{prompt.name} needs the argument “{name}”.")
        values[name] = value
    return values

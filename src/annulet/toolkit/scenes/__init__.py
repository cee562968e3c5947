"""Pictures of answers: from what a tool answered to a chart, without asking anybody anything.

`picture` draws one answer as SVG. Some answers leave out the days or moments that a picture
needs: `further` says which question would bring them, and `picture` takes its answer as ``more``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from annulet.charts import DESKTOP
from annulet.toolkit.scenes.changes import compare_picture, effects_picture, trends_picture
from annulet.toolkit.scenes.days import daily_picture
from annulet.toolkit.scenes.inside import intraday_picture
from annulet.toolkit.scenes.nights import sleep_picture
from annulet.toolkit.scenes.reading import Look
from annulet.toolkit.scenes.terminal import terminal_lines
from annulet.toolkit.scenes.unusual import anomalies_picture
from annulet.toolkit.tool import Answer, Arguments

__all__ = ["further", "picture", "terminal_lines"]

_Draw = Callable[[Answer, Answer, Look], str | None]
_DRAWN: Final[dict[str, _Draw]] = {
    "oura_daily_summary": daily_picture,
    "oura_sleep_sessions": sleep_picture,
    "oura_intraday": intraday_picture,
    "oura_trends": trends_picture,
    "oura_anomalies": anomalies_picture,
    "oura_compare": compare_picture,
    "oura_effects": effects_picture,
}
_FINE_DAYS: Final = 2
_COARSE_DAYS: Final = 7
_LONGEST_COURSE: Final = 366


def picture(
    tool: str,
    answer: Answer,
    more: Answer | None = None,
    *,
    theme: str = "light",
    width: int = DESKTOP,
) -> str | None:
    """Draw an answer as SVG; ``None`` where it has nothing that a picture would show.

    Args:
        tool: The tool that answered.
        answer: Its answer.
        more: The answer to the question that `further` named.
        theme: ``light``, ``dark`` or ``page``.
        width: In pixels; 360 is a phone's.
    """
    draw = _DRAWN.get(tool)
    return None if draw is None else draw(answer, more or {}, Look(theme, width))


def further(tool: str, arguments: Arguments, answer: Answer) -> tuple[str, dict[str, Any]] | None:
    """The question whose answer completes the picture; ``None`` when nothing is lacking."""
    period = answer.get("period")
    if not period:
        return None
    days = int(answer.get("coverage", {}).get("days", 1))
    inside = {"start": period["start"], "end": period["end"]}
    if tool in {"oura_trends", "oura_anomalies"}:
        shown = days <= _LONGEST_COURSE and _wants_days(tool, answer)
        return ("oura_daily_summary", {**inside, "baselines": True}) if shown else None
    if tool == "oura_daily_summary" and "baselines" not in answer:
        return (tool, {**_given(arguments), **inside, "baselines": True})
    if tool == "oura_sleep_sessions" and days == 1 and "series" not in answer:
        return (tool, {**_given(arguments), **inside, "series": True})
    if tool == "oura_intraday" and "series" not in answer:
        step = 5 if days <= _FINE_DAYS else 30 if days <= _COARSE_DAYS else 60
        return (tool, {**_given(arguments), "resolution_min": step})
    return None


def _wants_days(tool: str, answer: Answer) -> bool:
    if tool == "oura_anomalies":
        return bool(answer.get("episodes"))
    return len(answer.get("table", {}).get("rows", ())) == 1


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What was really asked: options left out stay left out."""
    return {name: value for name, value in arguments.items() if value is not None}

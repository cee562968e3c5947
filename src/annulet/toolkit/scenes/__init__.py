"""Answers as chart scenes, built from their fields without asking anything.

`build_scene` turns one answer into a scene, which `annulet.charts` draws as a picture or as lines
of characters. Some answers leave out the days or instants that a picture needs: `next_question`
says which question would bring them, and `build_scene` takes its answer as ``more``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from annulet.charts import Scene
from annulet.toolkit.scenes.anomalies import anomalies_scene
from annulet.toolkit.scenes.answer_parts import covered_days, period_days
from annulet.toolkit.scenes.daily import daily_scene
from annulet.toolkit.scenes.differences import compare_scene, effects_scene, trends_scene
from annulet.toolkit.scenes.fields import Fields
from annulet.toolkit.scenes.intraday import intraday_scene
from annulet.toolkit.scenes.nights import sleep_scene
from annulet.toolkit.scenes.query import query_scene, query_with_more
from annulet.toolkit.tool import Answer, Arguments

_SCENES: Final[dict[str, Callable[[Fields, Fields], Scene | None]]] = {
    "oura_daily_summary": daily_scene,
    "oura_sleep_sessions": sleep_scene,
    "oura_intraday": intraday_scene,
    "oura_trends": trends_scene,
    "oura_anomalies": anomalies_scene,
    "oura_compare": compare_scene,
    "oura_effects": effects_scene,
    "oura_query": query_scene,
}
_FINE_DAYS: Final = 2
_COARSE_DAYS: Final = 7
_MOST_DAYS: Final = 366


def has_scenes(tool: str) -> bool:
    """Whether a chart can be drawn of this tool's answers at all."""
    return tool in _SCENES


def build_scene(tool: str, answer: Answer, more: Answer | None = None) -> Scene | None:
    """Build the scene of an answer; ``None`` where it has nothing that a chart would show.

    Args:
        tool: The tool that answered.
        answer: Its answer.
        more: The answer to the question that `next_question` named.
    """
    build = _SCENES.get(tool)
    return None if build is None else build(Fields(answer), Fields(more))


def next_question(tool: str, arguments: Arguments, answer: Answer) -> tuple[str, Arguments] | None:
    """Return the question whose answer completes the picture; ``None`` when nothing is lacking."""
    fields = Fields(answer)
    ends = period_days(fields)
    if ends is None:
        return None
    days = covered_days(fields)
    first, last = (day.isoformat() for day in ends)
    asked = {name: value for name, value in arguments.items() if value is not None}
    period = {"start": first, "end": last}
    if tool in {"oura_trends", "oura_anomalies"}:
        is_lacking = days <= _MOST_DAYS and _shows_days(tool, fields)
        return ("oura_daily_summary", {**period, "baselines": True}) if is_lacking else None
    finer = query_with_more(asked, fields) if tool == "oura_query" else None
    if tool == "oura_daily_summary" and "baselines" not in fields:
        # The ranges of the last day: then a day is judged alike alone and among others.
        finer = {**asked, "start": last, "end": last, "baselines": True}
    elif tool == "oura_sleep_sessions" and days == 1 and "series" not in fields:
        finer = {**asked, **period, "series": True}
    elif tool == "oura_intraday" and "series" not in fields:
        step = 5 if days <= _FINE_DAYS else 30 if days <= _COARSE_DAYS else 60
        finer = {**asked, "resolution_min": step}
    return (tool, finer) if finer else None


def _shows_days(tool: str, answer: Fields) -> bool:
    """Tell whether the chart of the answer has a course by day."""
    if tool == "oura_anomalies":
        return bool(answer.items("episodes"))
    return len(answer.rows("table")) == 1

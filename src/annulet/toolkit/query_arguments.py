"""The arguments of a query as small models write them, brought into the form of its schema."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from annulet.toolkit.tool import Arguments

__all__ = ["plain_arguments"]

_LISTS: Final = ("metrics", "where", "calculate")
_ROWS: Final = {
    **dict.fromkeys(("day", "daily", "nights", "night", "tage"), "days"),
    **dict.fromkeys(("sleep", "sleep_sessions", "naps", "nap", "schlaf"), "sleeps"),
    **dict.fromkeys(("workout", "training", "exercise", "exercises", "activities"), "workouts"),
    **dict.fromkeys(("session", "meditations", "meditation"), "sessions"),
    **dict.fromkeys(("tag", "notes", "labels"), "tags"),
}
_SPORTS: Final = {
    **dict.fromkeys(("run", "runs", "jog", "jogs", "läufe", "running"), "running"),
    **dict.fromkeys(("ride", "rides", "bike rides", "cycling"), "cycling"),
    **dict.fromkeys(("swim", "swims", "swimming"), "swimming"),
    **dict.fromkeys(("walk", "walks", "walking"), "walking"),
    **dict.fromkeys(("hike", "hikes", "hiking"), "hiking"),
}
_LAST_EVENTS: Final = re.compile(
    r"(?:the |my |die )?(?:last|latest|past|letzten) (\d{1,3}) (.+)", re.IGNORECASE
)
_EVENTS: Final = ("workouts", "sessions", "tags")


def plain_arguments(raw: Arguments) -> dict[str, Any]:
    """Lists from single texts, known words for rows, and ``last 3 runs`` into its parts.

    Args:
        raw: The arguments as they came.
    """
    arguments: dict[str, Any] = dict(raw)
    for name in _LISTS:
        if name in arguments:
            arguments[name] = _listed(name, arguments[name])
    by = arguments.get("by")
    if isinstance(by, list | tuple) and len(by) == 1:
        arguments["by"] = by[0]
    _read_rows(arguments)
    _read_last_events(arguments)
    return arguments


def _listed(name: str, value: object) -> object:
    """A list from what may be a text, a JSON text or an object of conditions."""
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            try:
                parsed = json.loads(text)
            except ValueError:
                return value
            return parsed if isinstance(parsed, list) else value
        return [value] if name == "where" else value
    if isinstance(value, Mapping) and name == "where":
        return [_pair(str(field), wanted) for field, wanted in value.items()]
    return value


def _pair(field: str, wanted: object) -> str:
    """A condition from a field and what it shall be: ``{"steps": ">= 10000"}``."""
    text = str(wanted).strip()
    return f"{field} {text}" if re.match(r"[<>=!≥≤≠]", text) else f"{field} = {text}"


def _read_rows(arguments: dict[str, Any]) -> None:
    """Another word for what a row is; a sport or ``naps`` is a condition besides."""
    of = arguments.get("of")
    if not isinstance(of, str):
        return
    word = of.strip().casefold().replace("-", "_")
    if word in {"nap", "naps"}:
        _add_condition(arguments, "type = nap")
    if word in _SPORTS:
        _add_condition(arguments, f"activity = {_SPORTS[word]}")
        arguments["of"] = "workouts"
        return
    if _LAST_EVENTS.fullmatch(of.strip()) and not arguments.get("start"):
        arguments["start"] = arguments.pop("of")
        return
    arguments["of"] = _ROWS.get(word, of)


def _read_last_events(arguments: dict[str, Any]) -> None:
    """``last 3 runs`` as a start: the sport, the order and how many."""
    start = arguments.get("start")
    match = _LAST_EVENTS.fullmatch(start.strip()) if isinstance(start, str) else None
    if match is None:
        return
    word = match[2].strip().casefold()
    if word in _SPORTS:
        arguments["of"] = "workouts"
        _add_condition(arguments, f"activity = {_SPORTS[word]}")
    elif word in _EVENTS or word.rstrip("s") + "s" in _EVENTS:
        arguments["of"] = word.rstrip("s") + "s"
    elif word in {"nap", "naps"}:
        arguments["of"] = "sleeps"
        _add_condition(arguments, "type = nap")
    else:
        return
    del arguments["start"]
    arguments.setdefault("sort", "-start")
    arguments.setdefault("limit", int(match[1]))


def _add_condition(arguments: dict[str, Any], condition: str) -> None:
    given = arguments.get("where") or []
    conditions = list(given) if isinstance(given, list | tuple) else [given]
    field, _, _ = condition.partition(" ")
    if not any(str(condition).strip().casefold().startswith(field) for condition in conditions):
        arguments["where"] = [*conditions, condition]

"""The arguments of a query as small models write them, brought into the form of its schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from annulet.toolkit.argument_forms import read_object
from annulet.toolkit.tool import Arguments

__all__ = ["plain_arguments"]

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
    """Known words for rows, conditions from an object, and ``last 3 runs`` into its parts.

    Args:
        raw: The arguments as they came.
    """
    arguments: dict[str, Any] = dict(raw)
    where = arguments.get("where")
    if isinstance(where, str) and where.lstrip().startswith("{"):
        where = read_object(where, ())
    if isinstance(where, Mapping):
        arguments["where"] = [_pair(str(field), wanted) for field, wanted in where.items()]
    _read_rows(arguments)
    _read_last_events(arguments)
    return arguments


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

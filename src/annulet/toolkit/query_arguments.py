"""The arguments of a query as small models write them, brought into the form of its schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from annulet.errors import UsageError
from annulet.toolkit.argument_forms import parse_text
from annulet.toolkit.period_words import COUNT_WORDS
from annulet.toolkit.query_columns import ROW_COLUMNS
from annulet.toolkit.tool import Arguments

_LISTS: Final = ("metrics", "where", "calculate")
_ROWS: Final = {
    **dict.fromkeys(("day", "daily", "nights", "night", "tage"), "days"),
    **dict.fromkeys(("sleep", "sleep_sessions", "naps", "nap", "schlaf"), "sleeps"),
    **dict.fromkeys(("workout", "training", "exercise", "exercises", "activities"), "workouts"),
    "session": "sessions",
    **dict.fromkeys(("tag", "notes", "labels"), "tags"),
}
_SPORTS: Final = {
    **dict.fromkeys(("run", "runs", "jog", "jogs", "läufe", "running"), "running"),
    **dict.fromkeys(("ride", "rides", "bike rides", "cycling"), "cycling"),
    **dict.fromkeys(("swim", "swims", "swimming"), "swimming"),
    **dict.fromkeys(("walk", "walks", "walking"), "walking"),
    **dict.fromkeys(("hike", "hikes", "hiking"), "hiking"),
}
_SESSIONS: Final = {
    **dict.fromkeys(("meditation", "meditations"), "meditation"),
    **dict.fromkeys(("breathing", "breathwork", "breathing exercises"), "breathing"),
    **dict.fromkeys(("relaxation", "relaxations"), "relaxation"),
}
_OTHER_NAMES: Final = {
    **dict.fromkeys(("groupby", "group", "groups", "grouping"), "by"),
    **dict.fromkeys(("filter", "filters", "condition", "conditions", "query"), "where"),
    **dict.fromkeys(("orderby", "sortby", "order"), "sort"),
    **dict.fromkeys(("aggregate", "aggregates", "aggregation", "aggregations", "agg"), "calculate"),
    **dict.fromkeys(("calculation", "calculations", "statistics", "stats"), "calculate"),
    **dict.fromkeys(("metric", "columns", "column", "fields", "field", "select"), "metrics"),
    "top": "limit",
}
"""Names of parameters in other query languages, folded, with those of the schema."""
_ENDS: Final = {"top": "highest", "bottom": "lowest"}
"""Names of a limit that say by what order, too."""
_SIGN_WORDS: Final = {
    **dict.fromkeys(("gte", "ge", "min", "atleast", "from"), ">="),
    **dict.fromkeys(("lte", "le", "max", "atmost", "to"), "<="),
    "gt": ">",
    "lt": "<",
    "eq": "=",
    "equals": "=",
    "in": "=",
    "is": "=",
    "any": "=",
    **dict.fromkeys(("ne", "neq", "nin", "not", "notin"), "!="),
    **{sign: sign for sign in ("=", "==", "!=", "<>", ">", ">=", "<", "<=")},
}
"""The keys of an object of limits: ``{"steps": {"gte": 8000}}``."""
_JOINS: Final = {
    **dict.fromkeys(("and", "und", "&&", "&"), "and"),
    **dict.fromkeys(("or", "oder", "||", "|"), "or"),
}
_BETWEEN_NAMES: Final = re.compile(r"\s+(?:and|und|&|\+)\s+", re.IGNORECASE)
_LAST_EVENTS: Final = re.compile(
    r"(?:the |my |die )?(?:last|latest|past|letzten) (\d{1,3}) (.+)", re.IGNORECASE
)
_EVENTS: Final = ("workouts", "sessions", "tags")
_CALL: Final = re.compile(r"(\w+)\(([^()]*)\)")
_TRIPLE: Final = 3
_SIGNS: Final = frozenset({"=", "==", "!=", "<>", ">", ">=", "<", "<=", "in", "not in", "is"})
_FIELD_KEYS: Final = ("field", "column", "metric", "name")
_SIGN_KEYS: Final = ("op", "operator", "comparison", "cmp")
_VALUE_KEYS: Final = ("value", "values", "equals")


def plain_arguments(raw: Arguments) -> dict[str, Any]:
    """Known words for rows, conditions from an object, and ``last 3 runs`` into its parts.

    Args:
        raw: The arguments as they came.
    """
    arguments = _by_schema_names(raw)
    for name in _LISTS:
        if name in arguments:
            arguments[name] = _listed(name, arguments[name])
    for name in ("by", "sort"):
        value = arguments.get(name)
        if isinstance(value, list | tuple) and len(value) == 1:
            arguments[name] = value[0]
    _read_calls(arguments)
    _read_rows(arguments)
    _read_last_events(arguments)
    limit = arguments.get("limit")
    if isinstance(limit, str):
        arguments["limit"] = COUNT_WORDS.get(limit.strip().casefold(), limit)
    return arguments


def _by_schema_names(raw: Arguments) -> dict[str, Any]:
    """The arguments under the names of the schema, where other tools call them otherwise."""
    arguments: dict[str, Any] = {}
    for name, value in raw.items():
        if name.casefold() in _ENDS and not {"limit", "sort"} & raw.keys():
            arguments["limit"] = value
            if raw.get("metrics") or raw.get("by"):
                arguments["sort"] = _ENDS[name.casefold()]  # not the newest ones
            continue
        known = _OTHER_NAMES.get(re.sub(r"[\s_\-]", "", name.casefold()))
        arguments[known if known is not None and known not in raw else name] = value
    return arguments


def _listed(name: str, value: object) -> object:
    """A list from what may be a text, a JSON text or an object of conditions."""
    if isinstance(value, str):
        parsed = parse_text(value)
        value = [value] if isinstance(parsed, str) and name == "where" else parsed
    if name == "where" and isinstance(value, Mapping):
        return _conditions(value)
    if name != "where":
        return _apart(value)
    if not isinstance(value, list | tuple):
        return value
    if len(value) == _TRIPLE and str(value[1]).strip() in _SIGNS:
        return [" ".join(map(_operand, value))]
    return _joined([text for item in value for text in _condition_texts(item)])


def _apart(value: object) -> object:
    """``mean and max`` as two names."""
    if isinstance(value, str):
        return _BETWEEN_NAMES.split(value) if _BETWEEN_NAMES.search(value) else value
    if isinstance(value, list | tuple):
        parts = [_apart(item) for item in value]
        return [item for part in parts for item in (part if isinstance(part, list) else [part])]
    return value


def _joined(texts: list[object]) -> list[object]:
    """Conditions with an ``and`` or ``or`` as an entry of its own between two of them."""
    conditions: list[object] = []
    joins = ""
    for text in texts:
        word = _JOINS.get(text.strip().casefold(), "") if isinstance(text, str) else ""
        if word and conditions:
            joins = word
        elif joins == "or" and isinstance(text, str) and isinstance(conditions[-1], str):
            conditions[-1], joins = f"{conditions[-1]} or {text}", ""
        else:
            conditions.append(text)
            joins = ""
    return conditions if joins != "or" else [*conditions, "or"]


def _condition_texts(item: object) -> Iterable[object]:
    """The conditions of one item of a list, which may be an object or a list of three."""
    item = parse_text(item)
    if isinstance(item, Mapping | list | tuple):
        texts = _listed("where", item)
        return texts if isinstance(texts, list) else [item]
    return [item]


def _conditions(value: Mapping[object, object]) -> list[str]:
    """The conditions of an object: ``{"steps": ">= 1"}`` or field, operator and value apart."""
    keys = {str(key).casefold(): wanted for key, wanted in value.items()}
    field = next((keys[name] for name in _FIELD_KEYS if name in keys), None)
    wanted = next((keys[name] for name in _VALUE_KEYS if name in keys), None)
    if field is not None and wanted is not None:
        sign = next((keys[name] for name in _SIGN_KEYS if name in keys), "=")
        return [f"{field} {sign} {_operand(wanted)}"]
    return [text for name, wanted in value.items() for text in _pairs(str(name), wanted)]


def _operand(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _read_calls(arguments: dict[str, Any]) -> None:
    """``mean(hrv)`` among the metrics or calculations as a metric and what is calculated."""
    for name in ("metrics", "calculate"):
        given = arguments.get(name)
        items = [given] if isinstance(given, str) else given
        if not isinstance(items, list | tuple):
            continue
        calls = [_CALL.fullmatch(item.strip()) for item in items if isinstance(item, str)]
        found_calls = [call for call in calls if call is not None]
        if not found_calls:
            continue
        arguments[name] = [
            item for item in items if not isinstance(item, str) or not _CALL.fullmatch(item.strip())
        ]
        for call in found_calls:
            _add(arguments, "calculate", call[1])
            if call[2].strip() not in {"", "*"}:
                _add(arguments, "metrics", call[2].strip())


def _add(arguments: dict[str, Any], name: str, word: str) -> None:
    given = arguments.get(name) or []
    items = [given] if isinstance(given, str) else list(given)
    arguments[name] = items if word in items else [*items, word]


def _pairs(field: str, wanted: object) -> Iterable[str]:
    """The conditions on one field: ``{"gte": 8000, "lt": 12000}`` are two."""
    if not isinstance(wanted, Mapping):
        return [_pair(field, wanted)]
    signs = {str(key): re.sub(r"[\s_\-$]", "", str(key).casefold()) for key in wanted}
    unknown = next((key for key, folded in signs.items() if folded not in _SIGN_WORDS), None)
    if unknown is not None:
        raise UsageError(
            f"“{field[:40]}” has no comparison “{unknown[:40]}”.",
            hint=f'Write it as text, e.g. "{field[:40]} >= 8000".',
        )
    return [
        f"{field} {_SIGN_WORDS[folded]} {_operand(wanted[key])}" for key, folded in signs.items()
    ]


def _pair(field: str, wanted: object) -> str:
    """A condition from a field and what it shall be: ``{"steps": ">= 10000"}``."""
    text = _operand(wanted).strip()
    return f"{field} {text}" if re.match(r"[<>=!≥≤≠]", text) else f"{field} = {text}"


def _read_rows(arguments: dict[str, Any]) -> None:
    """Another word for what a row is; a sport or ``naps`` is a condition besides."""
    of = arguments.get("of")
    if not isinstance(of, str):
        return
    word = of.strip().casefold().replace("-", "_")
    if word in {"nap", "naps"}:
        _add_condition(arguments, "type = nap")
    for rows, kinds, field in (("workouts", _SPORTS, "activity"), ("sessions", _SESSIONS, "type")):
        if word.replace("_", " ") in kinds:
            _add_condition(arguments, f"{field} = {kinds[word.replace('_', ' ')]}")
            arguments["of"] = rows
            return
    if _LAST_EVENTS.fullmatch(of.strip()) and not arguments.get("start"):
        arguments["start"] = arguments.pop("of")
        return
    arguments["of"] = _ROWS.get(word, word if word in ROW_COLUMNS else of)
    if arguments["of"] not in ROW_COLUMNS:
        name = of.strip()[:40]
        raise UsageError(
            f"A row cannot be “{name}”.",
            hint=f"of is one of {', '.join(ROW_COLUMNS)}. For a tag: of “tags”, where "
            f"“tag = {name}”; for a sport: of “workouts”, where “activity = {name}”.",
        )


def _read_last_events(arguments: dict[str, Any]) -> None:
    """``last 3 runs`` as a start: the sport, the order and how many."""
    _read_last_events_of_conditions(arguments)
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


def _read_last_events_of_conditions(arguments: dict[str, Any]) -> None:
    """``last 3 runs`` among the conditions is no condition but what is asked."""
    conditions = arguments.get("where")
    if not isinstance(conditions, list | tuple) or arguments.get("start"):
        return
    texts = [text for text in conditions if isinstance(text, str)]
    last = next((text for text in texts if _LAST_EVENTS.fullmatch(text.strip())), None)
    if last is not None:
        arguments["where"] = [text for text in conditions if text is not last]
        arguments["start"] = last


def _add_condition(arguments: dict[str, Any], condition: str) -> None:
    given = arguments.get("where") or []
    conditions = list(given) if isinstance(given, list | tuple) else [given]
    field, _, _ = condition.partition(" ")
    is_asked = re.compile(rf"{field}\s*(?:=|is\s(?!not)|:)", re.IGNORECASE)
    if not any(is_asked.match(str(condition).strip()) for condition in conditions):
        arguments["where"] = [*conditions, condition]

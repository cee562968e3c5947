"""Arguments as people, models and shells write them, checked against a tool's own schema."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from annulet.errors import UsageError
from annulet.toolkit.argument_forms import is_absent, read_list, read_object, read_scalar
from annulet.toolkit.tool import Schema, Tool

_TRUE: Final = frozenset({"true", "1", "yes", "y", "t", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "n", "f", "off"})
_WHOLE: Final = re.compile(r"([+-]?\d{1,9})(?:\.0*)?")


def validate(tool: Tool, raw: object) -> dict[str, object]:
    """The arguments of a question, complete with defaults.

    A list may come as a list, as JSON text or as ``a,b``; a number or a switch as text; an absent
    value as null or as nothing; see `annulet.toolkit.argument_forms`.

    Raises:
        UsageError: An unknown parameter, a value of the wrong kind; the hint says what the
            parameter takes.
    """
    given = read_object(raw, tool.properties)
    given = {name: value for name, value in given.items() if not is_absent(value)}
    if tool.prepare is not None:
        given = tool.prepare(given)
    unknown = next((name for name in given if name not in tool.properties), None)
    if unknown is not None:
        near = get_close_matches(unknown.casefold(), tool.properties, 1)
        raise UsageError(
            f"{tool.name} has no parameter “{unknown[:40]}”.",
            hint=(f"Did you mean {near[0]}? " if near else "")
            + f"Its parameters: {', '.join(tool.properties)}.",
        )
    return {
        name: _value(name, schema, given[name], whole=name in tool.unsplit)
        if name in given
        else schema.get("default")
        for name, schema in tool.properties.items()
    }


def _value(name: str, schema: Schema, value: object, *, whole: bool) -> object:
    kind = schema.get("type")
    if kind == "array":
        return _items(name, schema["items"], read_list(value, whole=whole))
    value = read_scalar(value)
    if kind == "boolean":
        return _boolean(name, value)
    if kind == "integer":
        return _integer(name, schema, value)
    return _string(name, schema, value)


def _items(name: str, schema: Schema, items: list[object]) -> list[str]:
    if not all(isinstance(item, str) for item in items):
        raise UsageError(f"“{name}” takes a list of words.", hint=f"Write {name} as a,b or [a, b].")
    return list(dict.fromkeys(_string(name, schema, item) for item in items))


def _boolean(name: str, value: object) -> bool:
    text = str(value).strip().casefold().removesuffix(".0")
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise UsageError(f"“{name}” is a switch.", hint="Write true or false.")


def _integer(name: str, schema: Schema, value: object) -> int:
    low, high = schema.get("minimum"), schema.get("maximum")
    number = _whole(value)
    fits = (
        number is not None and (low is None or number >= low) and (high is None or number <= high)
    )
    if number is None or not fits:
        limits = "" if low is None else f" {low} to {high}"
        raise UsageError(f"“{name}” is out of range.", hint=f"Write a whole number{limits}.")
    return number


def _whole(value: object) -> int | None:
    """A whole number of at most nine digits, also as a text or with a fraction of zero."""
    text = "" if isinstance(value, bool) else str(value).strip()
    match = _WHOLE.fullmatch(text)
    return int(match[1]) if match else None


def _string(name: str, schema: Schema, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"“{name}” is text.", hint=str(schema.get("description", "Write a word.")))
    text = str(value).strip()
    limit = int(schema.get("maxLength", 200))
    if len(text) > limit or any(ord(c) < 32 for c in text):  # noqa: PLR2004 - control characters
        raise UsageError(f"“{name}” is too long or not plain text.", hint="Write a few words.")
    allowed = schema.get("enum")
    if not allowed or text in allowed:
        return text
    folded = {str(word).casefold(): str(word) for word in allowed}
    match = folded.get(text.casefold().replace("-", "_").replace(" ", "_"))
    if match is None:
        raise UsageError(
            f"“{name}” cannot be “{text[:40]}”.", hint=f"Choose from: {', '.join(allowed)}."
        )
    return match

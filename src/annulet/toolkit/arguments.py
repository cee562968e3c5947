"""Arguments as people, models and shells write them, checked against a tool's own schema."""

from __future__ import annotations

from typing import Final

from annulet.errors import UsageError
from annulet.toolkit.tool import Arguments, Schema, Tool

__all__ = ["validate"]

_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off"})


def validate(tool: Tool, raw: Arguments | None) -> dict[str, object]:
    """The arguments of a question, complete with defaults.

    A list may come as a list or as ``a,b``; a number or a switch may come as text; an absent
    value may come as null or as nothing.

    Raises:
        UsageError: An unknown parameter, a value of the wrong kind, a missing one; the hint
            says what the parameter takes.
    """
    given = {name: value for name, value in (raw or {}).items() if not _absent(value)}
    if tool.prepare is not None:
        given = tool.prepare(given)
    unknown = [name for name in given if name not in tool.properties]
    if unknown:
        known = ", ".join(tool.properties) or "none"
        raise UsageError(
            f"{tool.name} has no parameter “{str(unknown[0])[:40]}”.",
            hint=f"Its parameters: {known}.",
        )
    missing = [name for name in tool.required if name not in given]
    if missing:
        described = tool.properties[missing[0]].get("description", "")
        raise UsageError(f"{tool.name} needs “{missing[0]}”.", hint=f"{described}")
    return {
        name: _value(name, schema, given[name], whole=name in tool.unsplit)
        if name in given
        else schema.get("default")
        for name, schema in tool.properties.items()
    }


def _absent(value: object) -> bool:
    return value is None or value in ("", [])


def _value(name: str, schema: Schema, value: object, *, whole: bool) -> object:
    kind = schema.get("type")
    if kind == "array":
        return _items(name, schema["items"], value, whole=whole)
    if kind == "boolean":
        return _boolean(name, value)
    if kind == "integer":
        return _integer(name, schema, value)
    return _string(name, schema, value)


def _items(name: str, schema: Schema, value: object, *, whole: bool) -> list[str]:
    parts = value if isinstance(value, list | tuple) else [value]
    texts = [piece for part in parts for piece in _pieces(name, part, whole=whole)]
    return list(dict.fromkeys(_string(name, schema, text) for text in texts))


def _pieces(name: str, part: object, *, whole: bool) -> list[str]:
    if not isinstance(part, str):
        raise UsageError(f"“{name}” takes a list of words.", hint=f"Write {name} as a,b or [a, b].")
    pieces = [part] if whole else part.split(",")
    return [piece.strip() for piece in pieces if piece.strip()]


def _boolean(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().casefold()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise UsageError(f"“{name}” is a switch.", hint="Write true or false.")


def _integer(name: str, schema: Schema, value: object) -> int:
    low, high, allowed = schema.get("minimum"), schema.get("maximum"), schema.get("enum")
    number = _whole(value)
    fits = (
        number is not None and (low is None or number >= low) and (high is None or number <= high)
    )
    if number is None or not fits or (allowed and number not in allowed):
        choices = ", ".join(map(str, allowed)) if allowed else f"a whole number {low} to {high}"
        raise UsageError(f"“{name}” is out of range.", hint=f"Write {choices}.")
    return number


def _whole(value: object) -> int | None:
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(str(value).strip()[:12])
    except ValueError:
        return None


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

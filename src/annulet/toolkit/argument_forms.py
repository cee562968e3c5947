"""The forms in which hosts and models write arguments, read before they are checked.

Each form was seen from a real client or framework: JSON inside a text, the name of a language for
nothing, names in camel case, names that the host itself adds.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from annulet.errors import UsageError

_NOTHING: Final = frozenset({"", "null", "none", "nil", "undefined"})
_WRAPPERS: Final = frozenset({"arguments", "args", "kwargs", "input", "params", "parameters"})
_HOST_NAMES: Final = frozenset(
    {
        "action",
        "chatinput",
        "meta",
        "randomstring",
        "sessionid",
        "toolaction",
        "toolcallid",
        "toolsummary",
        "waitforprevioustools",
    }
)
"""Names that n8n, Cursor and other hosts add to the arguments of a model, folded."""


def read_object(raw: object, names: Collection[str]) -> dict[str, Any]:
    """The arguments by the names of the schema, without what the host added.

    Args:
        raw: An object, or a text with one; perhaps inside an object with one wrapper's name.
        names: The parameters there are.

    Raises:
        UsageError: It is neither.
    """
    given = {} if is_absent(raw) else parse_text(raw)
    if not isinstance(given, Mapping):
        raise UsageError(
            "The arguments are not an object.", hint='Write them as {"start": "yesterday"}.'
        )
    by_folded = {_fold(name): name for name in names}
    arguments: dict[str, Any] = {}
    for name, value in given.items():
        known = name if name in names else by_folded.get(_fold(str(name)))
        if known is not None:
            arguments[known] = value
        elif _fold(str(name)) not in _HOST_NAMES:
            arguments[str(name)] = value
    if len(arguments) == 1:
        name, value = next(iter(arguments.items()))
        if name not in names and name in _WRAPPERS and isinstance(parse_text(value), Mapping):
            return read_object(value, names)
    return arguments


def is_absent(value: object) -> bool:
    """Whether a value stands for nothing, in whatever language its writer thinks."""
    return (
        value is None or value in ([], {}) or (isinstance(value, str) and _fold(value) in _NOTHING)
    )


def read_list(value: object, *, whole: bool) -> list[object]:
    """The items of a list, of a text that holds one, or of a text with separators.

    Args:
        value: What came.
        whole: Whether commas are part of an item.

    >>> read_list('["sleep"]', whole=False), read_list("sleep, spo2", whole=False)
    (['sleep'], ['sleep', 'spo2'])
    """
    if isinstance(value, list | tuple):
        return [item for part in value for item in read_list(part, whole=whole)]
    if not isinstance(value, str):
        return [] if is_absent(value) else [value]
    parsed = parse_text(value)
    if isinstance(parsed, list | tuple):
        return read_list(parsed, whole=whole)
    text = value.strip()
    if text[:1] == "[" and text[-1:] == "]":
        text = text[1:-1]
    pieces = [text] if whole else [piece.strip("'\" \t") for piece in re.split(r"[,;\n]", text)]
    return [piece.strip() for piece in pieces if not is_absent(piece)]


def read_scalar(value: object) -> object:
    """The one item of a list of one, else the value."""
    parsed = parse_text(value) if isinstance(value, str) and value.lstrip()[:1] == "[" else value
    if isinstance(parsed, list | tuple) and len(parsed) == 1:
        return read_scalar(parsed[0])
    return value


def parse_text(value: object) -> object:
    """A JSON text, or a list or object as Python writes it, as what it holds."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    for read in (json.loads, ast.literal_eval):
        try:
            return read(value.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return value


def _fold(name: str) -> str:
    return name.strip().casefold().replace("_", "").replace("-", "")

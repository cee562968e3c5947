"""One table of a TOML file put in, replaced or taken out, and every other byte left alone."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, Final

__all__ = ["OtherwiseWritten", "taken_out", "with_entry"]

_HEADER: Final = re.compile(r"^[ \t]*\[{1,2}[ \t]*(?P<keys>[^\[\]#]+?)[ \t]*\]{1,2}[ \t]*(?:#.*)?$")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


class OtherwiseWritten(ValueError):  # noqa: N818 - a state of the file
    """The entry stands in the file in a form that cannot be edited as one table."""


def with_entry(text: str, section: str, name: str, value: dict[str, Any]) -> str:
    """The text with the entry as a table of its own.

    Raises:
        tomllib.TOMLDecodeError: The text cannot be read.
        OtherwiseWritten: The entry is there in another form.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    table = newline.join(_table(section, name, value)) + newline
    start, end = _place(text, section, name)
    if start < end:
        gap = newline if text[end:].strip() and not text[end:].startswith(("\n", "\r\n")) else ""
        return text[:start] + table + gap + text[end:]
    body = text.rstrip()
    return (body + newline * 2 if body else "") + table


def taken_out(text: str, section: str, name: str) -> str:
    """The text without the entry; the same text where there is none.

    Raises:
        tomllib.TOMLDecodeError: The text cannot be read.
        OtherwiseWritten: The entry is there in another form.
    """
    start, end = _place(text, section, name)
    if start == end:
        return text
    before, after = text[:start].rstrip("\r\n"), text[end:].lstrip("\r\n")
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = newline * 2 if before and after else newline if before else ""
    return before + gap + after


def _place(text: str, section: str, name: str) -> tuple[int, int]:
    """Where the entry's tables stand; an empty place where there is none."""
    present = name in (tomllib.loads(text).get(section) or {})
    lines = text.splitlines(keepends=True)
    ours = [number for number, keys in _headers(lines) if keys[:2] == (section, name)]
    if not ours:
        if present:
            raise OtherwiseWritten
        return len(text), len(text)
    first, last = ours[0], ours[-1]
    between = [number for number, _ in _headers(lines) if first <= number <= last]
    if between != ours:
        raise OtherwiseWritten
    following = [number for number, _ in _headers(lines) if number > last]
    stop = _without_tail(lines, last, following[0] if following else len(lines))
    return len("".join(lines[:first])), len("".join(lines[:stop]))


def _without_tail(lines: list[str], first: int, stop: int) -> int:
    """Blank lines and comments before the next header belong to the next table."""
    while stop > first + 1 and (not lines[stop - 1].strip() or lines[stop - 1].lstrip()[0] == "#"):
        stop -= 1
    return stop


def _headers(lines: list[str]) -> list[tuple[int, tuple[str, ...]]]:
    """The number and the dotted keys of every line that opens a table."""
    found = [(number, _HEADER.match(line.rstrip("\r\n"))) for number, line in enumerate(lines)]
    return [(number, _keys(match["keys"])) for number, match in found if match]


def _keys(dotted: str) -> tuple[str, ...]:
    parts = re.findall(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+', dotted)
    return tuple(part.strip("\"'") for part in parts)


def _table(section: str, name: str, value: dict[str, Any]) -> list[str]:
    lines = [f"[{section}.{_key(name)}]"]
    lines += [f"{_key(key)} = {_value(item)}" for key, item in value.items()]
    return lines


def _value(item: Any) -> str:
    if isinstance(item, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(v)}" for key, v in item.items()) + " }"
    if isinstance(item, list):
        return "[" + ", ".join(_value(part) for part in item) + "]"
    return json.dumps(item, ensure_ascii=True)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name)

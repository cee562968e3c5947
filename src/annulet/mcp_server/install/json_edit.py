"""One entry of a JSON file put in, replaced or taken out, and every other byte left alone."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from annulet.mcp_server.install.jsonc import Member, Node, parse

__all__ = ["NotAnObject", "taken_out", "with_entry"]

_INDENT: Final = "  "
_REMARK: Final = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/[ \t]*)?(?=\r?\n)")


class NotAnObject(ValueError):  # noqa: N818 - a state of the file
    """The document, or the section for servers, is something else than an object."""


def with_entry(text: str, section: str, name: str, value: dict[str, Any]) -> str:
    """The text with the entry in its section.

    Raises:
        Malformed: The text cannot be read.
        NotAnObject: There is no place for the entry.
    """
    if not text.strip():
        return json.dumps({section: {name: value}}, indent=2, ensure_ascii=False) + "\n"
    root = _object(parse(text))
    found = root.member(section)
    if found is None:
        return _inserted(text, root, section, {name: value})
    servers = _object(found.value)
    present = servers.member(name)
    if present is None:
        return _inserted(text, servers, name, value)
    written = _written(value, _indent_at(text, present.start), text)
    return text[: present.value.start] + written + text[present.value.end :]


def taken_out(text: str, section: str, name: str) -> str:
    """The text without the entry; the same text where there is none.

    Raises:
        Malformed: The text cannot be read.
        NotAnObject: The section is something else than a list of servers.
    """
    if not text.strip():
        return text
    found = _object(parse(text)).member(section)
    if found is None:
        return text
    servers = _object(found.value)
    gone = servers.member(name)
    return text if gone is None else _without(text, servers, gone)


def _object(node: Node) -> Node:
    if not node.is_object:
        raise NotAnObject
    return node


def _inserted(text: str, parent: Node, key: str, value: dict[str, Any]) -> str:
    """The text with a new last member of an object."""
    newline = "\r\n" if "\r\n" in text else "\n"
    outer = _indent_at(text, parent.start)
    if not parent.members:
        inner = outer + _step(text)
        member = f"{json.dumps(key)}: {_written(value, inner, text)}"
        body = f"{newline}{inner}{member}{newline}{outer}"
        kept = text[parent.start + 1 : parent.end - 1].rstrip()
        return text[: parent.start + 1] + kept + body + text[parent.end - 1 :]
    last = parent.members[-1]
    inner = _indent_at(text, last.start)
    if "\n" not in text[parent.start : last.start]:
        inner = outer + _step(text)
    member = f"{newline}{inner}{json.dumps(key)}: {_written(value, inner, text)}"
    end = last.value.end
    comma = _comma_after(text, end, parent.end - 1)
    if comma is not None:
        place = _past_remark(text, comma + 1)
        return text[:place] + member + "," + text[place:]
    place = _past_remark(text, end)
    return text[:end] + "," + text[end:place] + member + text[place:]


def _past_remark(text: str, position: int) -> int:
    """The end of the line, where only a remark about what stands before it is left."""
    remark = _REMARK.match(text, position)
    return remark.end() if remark else position


def _without(text: str, parent: Node, gone: Member) -> str:
    """The text without one member, its comma, and the blanks before it."""
    index = parent.members.index(gone)
    before = parent.members[index - 1].value.end if index else parent.start + 1
    comma = _comma_after(text, gone.value.end, parent.end - 1)
    end = gone.value.end if comma is None else comma + 1
    start = gone.start
    while start > before and text[start - 1].isspace():
        start -= 1
    left = text[:start]
    if index and index == len(parent.members) - 1 and comma is None:
        at = _comma_after(text, before, start)
        if at is not None:
            left = text[:at] + text[at + 1 : start]
    return left + text[end:]


def _comma_after(text: str, position: int, end: int) -> int | None:
    """Where the comma behind a value stands, past blanks and comments."""
    while position < end:
        if text.startswith("//", position):
            stop = text.find("\n", position)
            position = end if stop < 0 else stop
        elif text.startswith("/*", position):
            position = text.index("*/", position) + 2
        elif text[position] == ",":
            return position
        elif text[position].isspace():
            position += 1
        else:
            return None
    return None


def _written(value: dict[str, Any], indent: str, text: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = json.dumps(value, indent=_step(text), ensure_ascii=False).split("\n")
    return f"{newline}{indent}".join(lines)


def _indent_at(text: str, position: int) -> str:
    """The blanks at the beginning of the line on which a position stands."""
    start = text.rfind("\n", 0, position) + 1
    line = text[start:position]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _step(text: str) -> str:
    """One step of indentation, as the file's owner writes it."""
    for line in text.splitlines()[1:]:
        blanks = line[: len(line) - len(line.lstrip(" \t"))]
        if blanks and line.strip().startswith('"'):
            return blanks
    return _INDENT

"""One server of a JSON file added, replaced or removed; every other byte stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from annulet.mcp_server.assistants.config_file import ServerEntry
from annulet.mcp_server.install.config_errors import ConfigFormError
from annulet.mcp_server.install.jsonc import Member, Node, parse

_INDENT: Final = "  "
_COMMENT: Final = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/[ \t]*)?(?=\r?\n)")


def add_entry(text: str, section: str, name: str, entry: ServerEntry) -> str:
    """Return the text with the entry in its section.

    Raises:
        MalformedConfigError: The text cannot be read.
        ConfigFormError: The document or the section is not an object.
    """
    if not text.strip():
        return json.dumps({section: {name: entry}}, indent=2, ensure_ascii=False) + "\n"
    root = _object(parse(text))
    member = root.member(section)
    if member is None:
        return _insert(text, root, section, {name: entry})
    servers = _object(member.value)
    present = servers.member(name)
    if present is None:
        return _insert(text, servers, name, entry)
    written = _write(entry, _indent_at(text, present.start), text)
    return text[: present.value.start] + written + text[present.value.end :]


def remove_entry(text: str, section: str, name: str) -> str:
    """Return the text without the entry; the same text where there is none.

    Raises:
        MalformedConfigError: The text cannot be read.
        ConfigFormError: The document or the section is not an object.
    """
    if not text.strip():
        return text
    member = _object(parse(text)).member(section)
    if member is None:
        return text
    servers = _object(member.value)
    present = servers.member(name)
    return text if present is None else _remove(text, servers, present)


def _object(node: Node) -> Node:
    if not node.is_object:
        raise ConfigFormError
    return node


def _insert(text: str, parent: Node, key: str, value: Mapping[str, object]) -> str:
    """Return the text with a new last member of an object."""
    newline = "\r\n" if "\r\n" in text else "\n"
    outer = _indent_at(text, parent.start)
    if not parent.members:
        inner = outer + _step(text)
        member = f"{json.dumps(key)}: {_write(value, inner, text)}"
        body = f"{newline}{inner}{member}{newline}{outer}"
        between = text[parent.start + 1 : parent.end - 1].rstrip()
        return text[: parent.start + 1] + between + body + text[parent.end - 1 :]
    last = parent.members[-1]
    inner = _indent_at(text, last.start)
    if "\n" not in text[parent.start : last.start]:
        inner = outer + _step(text)
    member = f"{newline}{inner}{json.dumps(key)}: {_write(value, inner, text)}"
    end = last.value.end
    comma = _comma_after(text, end, parent.end - 1)
    if comma is not None:
        place = _skip_comment(text, comma + 1)
        return text[:place] + member + "," + text[place:]
    place = _skip_comment(text, end)
    return text[:end] + "," + text[end:place] + member + text[place:]


def _skip_comment(text: str, position: int) -> int:
    """The end of the line, where only a comment about what stands before it is left."""
    comment = _COMMENT.match(text, position)
    return comment.end() if comment else position


def _remove(text: str, parent: Node, member: Member) -> str:
    """Return the text without one member, its comma, and the blanks before it."""
    index = parent.members.index(member)
    before = parent.members[index - 1].value.end if index else parent.start + 1
    comma = _comma_after(text, member.value.end, parent.end - 1)
    end = member.value.end if comma is None else comma + 1
    start = member.start
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


def _write(value: Mapping[str, object], indent: str, text: str) -> str:
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

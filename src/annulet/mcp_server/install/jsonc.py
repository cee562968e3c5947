"""Reading JSON with comments and trailing commas, and remembering where everything stands.

Only the positions matter here: an edit changes one place of the text and leaves every other byte,
comments and odd spacing included, as its owner wrote it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from annulet.mcp_server.install.config_errors import MalformedConfigError

_SKIPPED: Final = re.compile(r"(?:[\s\ufeff]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_MAX_DEPTH: Final = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One ``"key": value`` of an object; ``start`` is where the key's quote stands."""

    key: str
    start: int
    value: Node


@dataclass(frozen=True, slots=True)
class Node:
    """One value, from ``start`` up to but without ``end``."""

    value: Any
    start: int
    end: int
    members: tuple[Member, ...] = field(default=())

    @property
    def is_object(self) -> bool:
        """Whether it has members."""
        return isinstance(self.value, dict)

    def member(self, key: str) -> Member | None:
        """The member of that name; the last one where a name is repeated, as readers take it."""
        return next((member for member in reversed(self.members) if member.key == key), None)


def parse(text: str) -> Node:
    """The document as one value with positions.

    Raises:
        MalformedConfigError: It cannot be read.
    """
    node = _Parser(text).value(_skip(text, 0), 0)
    end = _skip(text, node.end)
    if end != len(text):
        raise _malformed(text, end)
    return node


def _malformed(text: str, position: int) -> MalformedConfigError:
    line = text.count("\n", 0, position) + 1
    return MalformedConfigError(f"at line {line}")


def _skip(text: str, position: int) -> int:
    skipped = _SKIPPED.match(text, position)
    return skipped.end() if skipped else position


@dataclass(frozen=True, slots=True)
class _Parser:
    text: str

    def value(self, start: int, depth: int) -> Node:
        bracket = self.text[start : start + 1]
        if depth > _MAX_DEPTH:
            raise _malformed(self.text, start)
        if bracket == "{":
            return self._object(start, depth)
        if bracket == "[":
            return self._array(start, depth)
        pattern = _STRING if bracket == '"' else _SCALAR
        scalar = pattern.match(self.text, start)
        if scalar is None:
            raise _malformed(self.text, start)
        return Node(self._scalar(scalar[0], start), start, scalar.end())

    def _object(self, start: int, depth: int) -> Node:
        members: list[Member] = []
        position = _skip(self.text, start + 1)
        while self.text[position : position + 1] != "}":
            key = _STRING.match(self.text, position)
            if key is None:
                raise _malformed(self.text, position)
            colon = _skip(self.text, key.end())
            self._expect(":", colon)
            value = self.value(_skip(self.text, colon + 1), depth + 1)
            members.append(Member(self._scalar(key[0], position), position, value))
            position = self._next(value.end, "}")
        values = {member.key: member.value.value for member in members}
        return Node(values, start, position + 1, tuple(members))

    def _array(self, start: int, depth: int) -> Node:
        items: list[Any] = []
        position = _skip(self.text, start + 1)
        while self.text[position : position + 1] != "]":
            item = self.value(position, depth + 1)
            items.append(item.value)
            position = self._next(item.end, "]")
        return Node(items, start, position + 1)

    def _next(self, end: int, closing: str) -> int:
        """Where the next item begins, or where the closing bracket stands."""
        position = _skip(self.text, end)
        if self.text[position : position + 1] == closing:
            return position
        self._expect(",", position)
        return _skip(self.text, position + 1)

    def _expect(self, sign: str, position: int) -> None:
        if self.text[position : position + 1] != sign:
            raise _malformed(self.text, position)

    def _scalar(self, raw: str, position: int) -> Any:
        try:
            return json.loads(raw)
        except ValueError:
            raise _malformed(self.text, position) from None

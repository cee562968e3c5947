"""Reading JSON with comments and trailing commas, and remembering where everything stands.

Only the positions matter here: an edit changes one place of the text and leaves every other byte,
comments and odd spacing included, as its owner wrote it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["Malformed", "Member", "Node", "parse"]

_SKIPPED: Final = re.compile(r"(?:[\s\ufeff]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_DEEPEST: Final = 200


class Malformed(ValueError):  # noqa: N818 - a state of the file
    """The text is not JSON, not even with comments.

    Attributes:
        line: The line where reading failed, from 1.
    """

    def __init__(self, text: str, position: int) -> None:
        self.line = text.count("\n", 0, position) + 1
        super().__init__(f"line {self.line}")


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
        Malformed: It cannot be read.
    """
    node = _Reader(text).value(_skip(text, 0), 0)
    end = _skip(text, node.end)
    if end != len(text):
        raise Malformed(text, end)
    return node


def _skip(text: str, position: int) -> int:
    found = _SKIPPED.match(text, position)
    return found.end() if found else position


@dataclass(frozen=True, slots=True)
class _Reader:
    text: str

    def value(self, start: int, depth: int) -> Node:
        opening = self.text[start : start + 1]
        if depth > _DEEPEST:
            raise Malformed(self.text, start)
        if opening == "{":
            return self._object(start, depth)
        if opening == "[":
            return self._array(start, depth)
        pattern = _STRING if opening == '"' else _SCALAR
        found = pattern.match(self.text, start)
        if found is None:
            raise Malformed(self.text, start)
        return Node(self._scalar(found[0], start), start, found.end())

    def _object(self, start: int, depth: int) -> Node:
        members: list[Member] = []
        position = _skip(self.text, start + 1)
        while self.text[position : position + 1] != "}":
            found = _STRING.match(self.text, position)
            if found is None:
                raise Malformed(self.text, position)
            colon = _skip(self.text, found.end())
            self._expect(":", colon)
            value = self.value(_skip(self.text, colon + 1), depth + 1)
            members.append(Member(self._scalar(found[0], position), position, value))
            position = self._next(value.end, "}")
        found_values = {member.key: member.value.value for member in members}
        return Node(found_values, start, position + 1, tuple(members))

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
            raise Malformed(self.text, position)

    def _scalar(self, raw: str, position: int) -> Any:
        try:
            return json.loads(raw)
        except ValueError:
            raise Malformed(self.text, position) from None

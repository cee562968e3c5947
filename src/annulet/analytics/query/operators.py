"""Where the words and signs of a line stand, outside of quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

FLIPPED: Final = {"=": "=", "!=": "!=", ">": "<", ">=": "<=", "<": ">", "<=": ">="}
"""The sign that means the same with the sides exchanged."""

NEGATED: Final = {"=": "!=", "!=": "=", ">": "<=", ">=": "<", "<": ">=", "<=": ">"}
"""The sign that holds where the other does not."""

CONTAINS: Final = "contains"
"""The sign of a comparison with a part of a name."""

QUOTED: Final = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'|“[^”]*”|„[^“]*“")
_CONNECTIVE: Final = re.compile(r"(?<!\w)(and|or|und|oder)(?!\w)|&&|\|\||;", re.IGNORECASE)
_BETWEEN: Final = re.compile(
    r"((?<!\w)(?:between|zwischen)\s+[^\s]+(?:\s+[^\s]+)??)\s(and|und)\s", re.IGNORECASE
)
_SIGNS: Final = {
    **dict(zip(FLIPPED, FLIPPED, strict=True)),
    **dict.fromkeys(("==", "==="), "="),
    **dict.fromkeys(("≥", "=>"), ">="),
    **dict.fromkeys(("≤", "=<"), "<="),
    **dict.fromkeys(("≠", "<>"), "!="),
}
_WORDS: Final[dict[str, str]] = {
    **dict.fromkeys(("not equal to", "not equals", "not in", "not", "nicht", "isn't"), "!="),
    **dict.fromkeys(("not one of", "not any of", "none of", "keiner von", "ne"), "!="),
    **dict.fromkeys(("one of", "any of", "either", "eq"), "="),
    "gte": ">=",
    "ge": ">=",
    "gt": ">",
    "lte": "<=",
    "le": "<=",
    "lt": "<",
    **dict.fromkeys(("no less than", "at least", "mindestens", "ab"), ">="),
    **dict.fromkeys(("no more than", "at most", "höchstens", "up to"), "<="),
    **dict.fromkeys(("more than", "greater than", "over", "above", "after"), ">"),
    **dict.fromkeys(("über", "mehr als", "größer als", "nach", "later than"), ">"),
    **dict.fromkeys(("less than", "fewer than", "under", "below", "before"), "<"),
    **dict.fromkeys(("unter", "weniger als", "kleiner als", "vor", "earlier than"), "<"),
    **dict.fromkeys(("equal to", "equals", "has", "in", "is", "ist"), "="),
    **dict.fromkeys(("contains", "contain", "containing", "includes", "like", "enthält"), CONTAINS),
    **dict.fromkeys(("between", "zwischen"), "between"),
}
_SIGN: Final = re.compile(r"===?|=>|=<|>=|<=|<>|!=|[=<>≥≤≠]")
_PHRASE: Final = re.compile(
    rf"(?<![\w.])(?:(?:is|are|was|ist)\s+)?({'|'.join(sorted(_WORDS, key=len, reverse=True))})"
    r"(?![\w.])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison sign and where it stands.

    Attributes:
        sign: One of ``= != > >= < <=``, ``between`` or ``contains``.
        start: Where it begins.
        end: Where it ends.
        is_symbol: Whether it was written as a sign and not as a word.
    """

    sign: str
    start: int
    end: int
    is_symbol: bool


def operators(text: str) -> list[Operator]:
    """The comparison signs of a text, in order; the words only where there is no sign."""
    plain = QUOTED.sub(lambda match: "\1" * len(match[0]), text)
    signs = [
        Operator(_SIGNS[m[0]], m.start(), m.end(), is_symbol=True) for m in _SIGN.finditer(plain)
    ]
    if signs:
        return signs
    return [
        Operator(_WORDS[" ".join(m[1].casefold().split())], m.start(), m.end(), is_symbol=False)
        for m in _PHRASE.finditer(plain)
    ]


def range_word(text: str) -> tuple[int, int] | None:
    """Where the ``and`` between two values begins and ends; None where there is none."""
    match = _CONNECTIVE.search(QUOTED.sub(lambda quoted: "\1" * len(quoted[0]), text))
    return None if match is None else match.span()


def split_words(text: str) -> list[tuple[str, int, int]]:
    """The stretches between ``and`` and ``or``: the word before each, where it begins and ends.

    The ``and`` between the two values of a range is not such a word.
    """
    plain = QUOTED.sub(lambda match: "\1" * len(match[0]), text)
    ranges = {match.start(2) for match in _BETWEEN.finditer(plain)}
    stretches = []
    word, start = "", 0
    for match in _CONNECTIVE.finditer(plain):
        if match.start() in ranges:
            continue
        stretches.append((word, start, match.start()))
        word = "or" if match[0].casefold() in {"or", "oder", "||"} else "and"
        start = match.end()
    return [*stretches, (word, start, len(text))]

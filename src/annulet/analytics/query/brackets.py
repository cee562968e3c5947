"""The pieces of a line, the brackets around them, and a line as a list of lines."""

from __future__ import annotations

from dataclasses import dataclass

from annulet.analytics.query.operators import split_words


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the line, and where it begins (counted from 1)."""

    text: str
    position: int


def without_brackets(part: Piece) -> Piece:
    """A part without the brackets around the whole of it."""
    text, position = part.text, part.position
    while text[:1] == "(" and _closing(text) == len(text) - 1:
        inner = text[1:-1]
        position += 1 + len(inner) - len(inner.lstrip())
        text = inner.strip()
    return Piece(text, position)


def _closing(text: str) -> int:
    """Where the bracket closes that opens the text; -1 where it does not."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return place
    return -1


def as_entries(text: str) -> str:
    """A line whose brackets say what belongs together, as a list of lines; empty without them."""
    pieces: list[str] = [""]
    for word, start, end in split_words(text):
        opened = pieces[-1].count("(") - pieces[-1].count(")")
        if word == "and" and not opened:
            pieces.append(text[start:end])
        else:
            pieces[-1] += f" {word} {text[start:end]}" if word else text[start:end]
    entries = [without_brackets(Piece(piece.strip(), 1)).text for piece in pieces]
    is_mixed = any(
        len({word for word, _, _ in split_words(entry) if word}) > 1 for entry in entries
    )
    lacks_brackets = any(piece.count("(") != piece.count(")") for piece in pieces)
    has_loose_or = any(" or " in piece and not piece.strip().startswith("(") for piece in pieces)
    if is_mixed or lacks_brackets or has_loose_or:
        return ""
    return "[" + ", ".join(f'"{" ".join(entry.split())}"' for entry in entries) + "]"

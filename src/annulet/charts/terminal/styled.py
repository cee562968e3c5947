"""Styled text: pieces of a line, each with the name of a style of `annulet.charts.palette`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple, TypeAlias

from annulet.charts.palette import TERMINAL, Colour

_PLAIN_SPELLING = str.maketrans(
    {
        "\N{MINUS SIGN}": "-",
        "\N{EN DASH}": "-",
        "\N{MIDDLE DOT}": ",",
        "\N{HORIZONTAL ELLIPSIS}": ".",
        "\N{DEGREE SIGN}": None,
    }
)


class StyledText(NamedTuple):
    """A piece of a line in one style."""

    text: str
    style: str = "ink"


Line: TypeAlias = tuple[StyledText, ...]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters that charts are made of."""

    levels: str
    stages: dict[str, str]
    gap: str
    point: str
    edge: str
    usual: str
    unusual: str
    block: str
    interval: str
    band: str
    clear: str
    chance: str


_BLOCKS = Glyphs(
    "▁▂▃▄▅▆▇█", {"deep": "█", "light": "▓", "rem": "▒", "awake": "░"},
    "·", "•", "│", "─", "▲", "█", "─", "░", "●", "○",
)  # fmt: skip
_ASCII = Glyphs(
    "_.-=+*#@", {"deep": "#", "light": "=", "rem": "~", "awake": "'"},
    ".", "*", "|", "-", "!", "#", "-", ":", "@", "o",
)  # fmt: skip


def glyphs(*, ascii_only: bool) -> Glyphs:
    """Return the characters for a terminal."""
    return _ASCII if ascii_only else _BLOCKS


def style_of(colour: Colour) -> str:
    """Return the terminal style of a scene's colour."""
    return colour if colour in TERMINAL else "muted"


def join(pieces: Iterable[StyledText]) -> Line:
    """Join neighbours of the same style."""
    return tuple(
        StyledText("".join(piece.text for piece in group), style)
        for style, group in groupby(pieces, key=lambda piece: piece.style)
    )


def to_ascii(line: Line) -> Line:
    """Spell a line in ASCII; a character without a plain spelling becomes a question mark."""
    return tuple(
        StyledText(
            piece.text.translate(_PLAIN_SPELLING).encode("ascii", "replace").decode(), piece.style
        )
        for piece in line
    )


def shorten(words: str, room: int) -> str:
    """Return words that fit the room, with an ellipsis where they do not."""
    return words if len(words) <= room else words[: room - 1] + "\N{HORIZONTAL ELLIPSIS}"


def plain_text(lines: Iterable[Line]) -> str:
    """Return the lines as one string without any style."""
    return "\n".join("".join(piece.text for piece in line).rstrip() for line in lines)

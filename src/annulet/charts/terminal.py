"""Charts of plain characters for the command line: lines of spans with a style name each.

The style names are the keys of `annulet.charts.palette.TERMINAL`; whoever prints decides about
colour. With ``ascii_only`` nothing beyond ASCII appears. No line is wider than asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from annulet.charts.text import number, with_unit
from annulet.charts.values import DEFAULT_LABELS, STAGES, Labels, finite, present

__all__ = ["Bit", "Line", "bars", "hypnogram", "line", "plain", "sparkline", "week_strip"]

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = "_.-=+*#@"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_GLYPHS = {"deep": "█", "light": "▓", "rem": "▒", "awake": "░"}
_ASCII_GLYPHS = {"deep": "#", "light": "=", "rem": "~", "awake": "'"}
_GAP = "·"
_NARROWEST = 12


class Bit(NamedTuple):
    """A piece of a line in one style."""

    text: str
    style: str = "ink"


Line = tuple[Bit, ...]


def plain(lines: Iterable[Line]) -> str:
    """Return the lines as one string without any style."""
    return "\n".join("".join(bit.text for bit in line).rstrip() for line in lines)


def _gap(*, ascii_only: bool) -> str:
    return "." if ascii_only else _GAP


def _shorten(values: Sequence[float | None], width: int) -> list[float | None]:
    """Return at most `width` values: means of neighbours, missing where all are missing."""
    if len(values) <= width:
        return [finite(value) for value in values]
    kept: list[float | None] = []
    for n in range(width):
        part = present(values[n * len(values) // width : (n + 1) * len(values) // width])
        kept.append(sum(part) / len(part) if part else None)
    return kept


def _level(value: float, low: float, high: float, steps: int) -> int:
    if high <= low:
        return steps // 2
    return min(int((value - low) / (high - low) * steps), steps - 1)


def sparkline(
    values: Sequence[float | None],
    width: int = 40,
    *,
    style: str = "accent",
    ascii_only: bool = False,
) -> Line:
    """Return the shape of the values in one line of characters; a gap is a small dot."""
    shown = _shorten(values, max(width, 1))
    numbers = present(shown)
    if not numbers:
        return (Bit(_gap(ascii_only=ascii_only) * len(shown), "muted"),)
    blocks = _ASCII_BLOCKS if ascii_only else _BLOCKS
    low, high = min(numbers), max(numbers)
    bits = [
        Bit(_gap(ascii_only=ascii_only), "muted")
        if value is None
        else Bit(blocks[_level(value, low, high, len(blocks))], style)
        for value in shown
    ]
    return _merge(bits)


def _merge(bits: Iterable[Bit]) -> Line:
    """Join neighbours of the same style."""
    merged: list[Bit] = []
    for bit in bits:
        if merged and merged[-1].style == bit.style:
            merged[-1] = Bit(merged[-1].text + bit.text, bit.style)
        else:
            merged.append(bit)
    return tuple(merged)


def bars(
    rows: Sequence[tuple[str, float | None]],
    width: int = 60,
    *,
    unit: str = "",
    decimals: int = 0,
    style: str = "accent",
    ascii_only: bool = False,
) -> list[Line]:
    """Return one horizontal bar a row, from zero, with its name before and its figure after."""
    numbers = present(value for _, value in rows)
    most = max([*numbers, 0.0])
    figures = [
        "no data" if finite(v) is None else _ascii(with_unit(v or 0.0, unit, decimals), ascii_only)
        for _, v in rows
    ]
    tail = max((len(words) for words in figures), default=0)
    head = min(max((len(name) for name, _ in rows), default=0), max(width // 3, 4))
    room = max(width - head - tail - 2, 1)
    lines: list[Line] = []
    for (name, raw), words in zip(rows, figures, strict=True):
        value = finite(raw)
        share = max(value, 0.0) / most if value is not None and most > 0 else 0.0
        bar = _bar(share, room, ascii_only=ascii_only)
        lines.append(
            (
                Bit(_cut(name, head, ascii_only=ascii_only).ljust(head) + " ", "muted"),
                Bit(bar.ljust(room) + " ", style),
                Bit(words.rjust(tail), "muted" if value is None else "ink"),
            )
        )
    return lines


def _cut(name: str, room: int, *, ascii_only: bool) -> str:
    if len(name) <= room:
        return name
    return name[: room - 1] + ("." if ascii_only else "…")


def _bar(share: float, room: int, *, ascii_only: bool) -> str:
    if ascii_only:
        return "#" * round(share * room)
    whole, part = divmod(round(share * room * 8), 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")


def _ascii(words: str, ascii_only: bool) -> str:
    return words.replace("\N{MINUS SIGN}", "-") if ascii_only else words


def hypnogram(
    stages: Sequence[str | None],
    start: str,
    end: str,
    width: int = 60,
    *,
    labels: Labels = DEFAULT_LABELS,
    ascii_only: bool = False,
) -> list[Line]:
    """Return a night as four rows of stages over a line with the times of its ends."""
    head = max(len(labels.stage(stage)) for stage in STAGES)
    room = max(width - head - 1, _NARROWEST)
    shown = _most_frequent(stages, room)
    glyphs = _ASCII_GLYPHS if ascii_only else _GLYPHS
    lines: list[Line] = []
    for row in STAGES:
        bits = [Bit(glyphs[row] if stage == row else " ", row) for stage in shown]
        lines.append((Bit(labels.stage(row).rjust(head) + " ", "muted"), *_merge(bits)))
    gap = max(len(shown) - len(start) - len(end), 1)
    lines.append((Bit(" " * (head + 1) + start + " " * gap + end, "muted"),))
    return lines


def _most_frequent(stages: Sequence[str | None], width: int) -> list[str | None]:
    """Return at most `width` stages; of several in one place the most frequent, then deepest."""
    if len(stages) <= width:
        return list(stages)
    kept: list[str | None] = []
    for n in range(width):
        part = stages[n * len(stages) // width : (n + 1) * len(stages) // width]
        known = [stage for stage in part if stage in STAGES]
        rank = {stage: (known.count(stage), STAGES.index(stage)) for stage in known if stage}
        kept.append(max(rank, key=lambda stage: rank[stage]) if rank else None)
    return kept


def line(
    values: Sequence[float | None],
    start: str,
    end: str,
    width: int = 60,
    height: int = 6,
    *,
    decimals: int = 0,
    style: str = "accent",
    ascii_only: bool = False,
) -> list[Line]:
    """Return a small line chart with its highest and lowest figure and the ends of its axis."""
    numbers = present(values)
    if not numbers:
        return [(Bit("no data", "muted"),)]
    low, high = min(numbers), max(numbers)
    tops = [_ascii(number(value, decimals), ascii_only) for value in (high, low)]
    head = max(len(words) for words in tops)
    shown = _shorten(values, max(width - head - 2, 1))
    point, edge = ("*", "|") if ascii_only else ("•", "│")
    height = max(height, 2)
    levels = [None if v is None else _level(v, low, high, height) for v in shown]
    lines: list[Line] = []
    for row in reversed(range(height)):
        words = tops[0] if row == height - 1 else tops[1] if row == 0 else ""
        marks = "".join(point if level == row else " " for level in levels)
        lines.append((Bit(words.rjust(head) + " " + edge, "muted"), Bit(marks, style)))
    gap = max(len(shown) - len(start) - len(end), 1)
    lines.append((Bit(" " * (head + 2) + start + " " * gap + end, "muted"),))
    return lines


def week_strip(flags: Sequence[bool | None], width: int = 60, *, ascii_only: bool = False) -> Line:
    """Return one character a day: unusual, as usual, or nothing known. The last days win."""
    unusual, usual = ("!", "-") if ascii_only else ("▲", "─")
    bits = []
    for flag in flags[-max(width, 1) :]:
        if flag is None:
            bits.append(Bit(_gap(ascii_only=ascii_only), "muted"))
        else:
            bits.append(Bit(unusual, "attention") if flag else Bit(usual, "good"))
    return _merge(bits)

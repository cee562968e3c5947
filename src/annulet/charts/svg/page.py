"""The frame that all charts share: heading, one important figure, legend, note, margins."""

from __future__ import annotations

from collections.abc import Sequence

from annulet.charts.palette import Theme, theme
from annulet.charts.scene import Heading, Key
from annulet.charts.svg.drawing import Drawing
from annulet.charts.text import fit, text_width, wrap

PHONE = 360
DESKTOP = 760
_COMPACT = 520
_NARROWEST = 200

_TITLE = 16.0
_VALUE = 22.0
_SMALL = 12.0
_TINY = 11.0
_LEGEND_ROW = 20.0


class Page:
    """A drawing with its heading done; writers put blocks below `top` and then finish it.

    Attributes:
        drawing: Where marks go.
        theme: The colours.
        compact: Whether the chart is phone-sized.
        left: The left margin's edge.
        right: The right margin's edge.
        top: The first free line below what is drawn.
    """

    def __init__(self, heading: Heading, width: int, theme_name: str) -> None:
        self.theme: Theme = theme(theme_name)
        width = max(int(width), _NARROWEST)
        self.compact = width < _COMPACT
        self.drawing = Drawing(width, self.theme)
        margin = 16.0 if self.compact else 24.0
        self.left, self.right = margin, width - margin
        self.top = margin
        self._margin = margin
        self._heading = heading
        self._draw_heading()

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.right - self.left

    def _draw_heading(self) -> None:
        heading, drawing = self._heading, self.drawing
        wide = self._value_width()
        beside = 0 < wide <= self.inner * 0.42
        # Viewers may lack the font that was measured: words beside a figure leave it some air.
        room = (self.inner - wide - 20) * 0.92 if beside else self.inner
        line = self.top + 13
        for words in wrap(heading.title, room, _TITLE, bold=True):
            drawing.text((self.left, line), words, size=_TITLE, fill=self.theme.ink, bold=True)
            line += 21
        for words in wrap(heading.subtitle, room, _SMALL, lines=3 if self.compact else 2):
            drawing.text((self.left, line), words, size=_SMALL)
            line += 16
        if beside:
            self._draw_value(self.right, self.top + 17, "end")
        elif wide:
            self._draw_value(self.left, line + 20, None)
            line += 56
        self.top = max(line - 2, self.top + (44 if beside else 0))

    def _value_width(self) -> float:
        if not self._heading.value:
            return 0.0
        value = text_width(self._heading.value, _VALUE, bold=True)
        return max(value, text_width(self._heading.value_note, _TINY))

    def _draw_value(self, x: float, line: float, anchor: str | None) -> None:
        value = fit(self._heading.value, self.inner, _VALUE, bold=True)
        note = fit(self._heading.value_note, self.inner, _TINY)
        ink = self.theme.ink
        self.drawing.text((x, line), value, size=_VALUE, fill=ink, bold=True, anchor=anchor)
        self.drawing.text((x, line + 19), note, size=_TINY, anchor=anchor)

    def legend(self, keys: Sequence[Key]) -> None:
        """Draw the keys in rows that flow: none overlaps another, whatever its length."""
        if not keys:
            return
        x, line = self.left, self.top + 14
        for key in keys:
            words = fit(key.words, self.inner - 24, _TINY)
            width = 22 + text_width(words, _TINY)
            if x > self.left and x + width > self.right:
                x, line = self.left, line + _LEGEND_ROW
            self._swatch(key, x, line - 4)
            self.drawing.text((x + 20, line), words, size=_TINY)
            x += width + 16
        self.top = line + 6

    def _swatch(self, key: Key, x: float, middle: float) -> None:
        drawing, colour = self.drawing, self.theme.colour(key.colour)
        if key.mark == "dot":
            drawing.dot((x + 7, middle), colour, radius=3.5)
        elif key.mark == "ring":
            drawing.dot((x + 7, middle), self.theme.surface, radius=4, stroke=colour, width=2)
        elif key.mark == "line":
            drawing.path([(x + 1, middle), (x + 13, middle)], colour, width=2.5)
        elif key.mark == "gap":
            ends = (x + 1, middle + 3), (x + 13, middle + 3)
            drawing.line(*ends, colour, width=2, dash="2 3")
        elif key.mark == "band":
            drawing.rect((x, middle - 5, 14, 10), colour, stroke=self.theme.edge, radius=2)
        else:
            drawing.rect((x + 1, middle - 5, 12, 10), colour, radius=2.5)

    def empty(self, words: str, height: float) -> None:
        """Say calmly that there is nothing to show."""
        self.top += 14
        self.drawing.rect((self.left, self.top, self.inner, height), self.theme.raised, radius=8)
        lines = wrap(words, self.inner - 32, 13)
        line = self.top + height / 2 + 4 - (len(lines) - 1) * 9
        for part in lines:
            middle = (self.left + self.right) / 2
            self.drawing.text((middle, line), part, size=13, anchor="middle")
            line += 18
        self.top += height

    def finish(self, description: str) -> str:
        """Add the note, close the picture and return it."""
        line = self.top + 22
        for words in wrap(self._heading.note, self.inner, _TINY, lines=4):
            self.drawing.text((self.left, line), words, size=_TINY)
            line += 15
        bottom = (line - 15 if self._heading.note.strip() else self.top) + self._margin - 4
        return self.drawing.render(round(bottom), self._heading.title, description)

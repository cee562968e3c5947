"""Episodes in words, each with its metrics as bars from what was expected."""

from __future__ import annotations

from annulet.charts.scene import EpisodeCards, FigureBar
from annulet.charts.svg.page import Page
from annulet.charts.text import fit, wrap

_ROW = 22.0
_INDENT = 26.0


def draw_cards(page: Page, cards: EpisodeCards) -> None:
    """Draw the episodes below what is there."""
    drawing, colours = page.drawing, page.theme
    for card in cards.cards:
        top, centre, left = page.top + 26, page.left + 9, page.left + _INDENT
        drawing.dot((centre, top), colours.attention, radius=9)
        number = str(card.number)
        drawing.text((centre, top + 4), number, fill=colours.surface, bold=True, anchor="middle")
        drawing.text((left, top + 4), card.days, size=13, fill=colours.ink, bold=True)
        page.top = top + 8
        for words in wrap(card.words, page.inner - _INDENT, 12, lines=6):
            page.top += 17
            drawing.text((left, page.top), words, size=12)
        for figure in card.figures:
            page.top += _ROW
            _draw_figure(page, figure)
        page.top += 6


def _draw_figure(page: Page, figure: FigureBar) -> None:
    """Draw one metric: its name, a bar left or right of the expected, and the figures."""
    drawing, colours, line = page.drawing, page.theme, page.top
    left = page.left + _INDENT
    names, figures = (0.46, 0.34) if page.compact else (0.28, 0.34)
    room = page.right - left
    drawing.text((left, line), fit(figure.label, room * names - 8, 11), fill=colours.ink)
    start, end = left + room * names, page.right - room * figures - 8
    middle = (start + end) / 2
    far = middle + figure.share * (end - start) / 2
    drawing.line((middle, line - 12), (middle, line + 4), colours.edge)
    box = (min(middle, far), line - 9, max(abs(far - middle), 1.5), 10)
    drawing.rect(box, colours.attention, radius=2, tip=figure.tip)
    words = figure.short_words if page.compact else figure.words
    drawing.text((page.right, line), fit(words, room * figures, 11), anchor="end")

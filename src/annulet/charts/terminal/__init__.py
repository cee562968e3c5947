"""Writes scenes as lines of characters for the command line."""

from annulet.charts.terminal.styled import Line, StyledText, plain_text
from annulet.charts.terminal.writer import draw_lines

__all__ = ["Line", "StyledText", "draw_lines", "plain_text"]

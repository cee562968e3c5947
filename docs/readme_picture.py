"""Writes what the README shows: a question with its answer and chart, and an answer as text.

They are of a simulated person at one fixed instant, so they change only when the product does:
``make docs``.
"""

from __future__ import annotations

import asyncio
import re
import textwrap
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2

from annulet.charts import draw_svg
from annulet.client import OuraClient
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Connection, Context, Zone
from annulet.toolkit.scenes import build_scene
from annulet.toolkit.tool import Answer

HERE = Path(__file__).parent / "images"
NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
PERSON = "plain"
QUESTION = "How did I sleep last night?"
TEXT_QUESTION = "What does alcohol do to my nights?"
README = Path(__file__).parents[1] / "README.md"
SAMPLE = re.compile(r"(?<=```text\n)\? .*?(?=```)", re.DOTALL)
WIDTH, EDGE, LINE, SIZE = 760, 28, 23, 15
COLOURS = {
    "light": {"page": "#ffffff", "bubble": "#eef0f3", "text": "#1d2330", "frame": "#d9dde3"},
    "dark": {"page": "#161c1f", "bubble": "#2a303a", "text": "#e6e9ee", "frame": "#343b46"},
}


async def ask() -> tuple[str, object, str]:
    """The sentences about the night, the scene of its chart, and the answer as text."""
    cloud = SimulatedOura([PERSON], now=NOW)
    home = cloud.people[PERSON].traits.zone
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=cloud.app)) as http:

        async def connection() -> Connection:
            return Connection("default")

        client = OuraClient(cloud.issue_token(PERSON), http=http)
        context = Context(client, cloud.clock, Zone(ZoneInfo(home), home), connection)
        question = {"start": "last night", "include_naps": False, "series": True}
        night = await answer("oura_sleep_sessions", question, context)
        effects = await answer("oura_effects", {"tag": "alcohol"}, context)
    told = [f"? {TEXT_QUESTION}", *textwrap.wrap(effects["summary"], 110), *notes(effects)]
    return str(night["summary"]), build_scene("oura_sleep_sessions", night), "\n".join(told)


def notes(told: Answer) -> list[str]:
    """What the answer says besides, as the command line shows it."""
    return [textwrap.fill(f"· {note}", 110, subsequent_indent="  ") for note in told["notes"]]


def picture(theme: str, summary: str, scene: object) -> str:
    """The whole picture as one SVG."""
    colours = COLOURS[theme]
    chart = draw_svg(scene, theme=theme, width=WIDTH - 2 * EDGE)
    height = int(re.search(r'height="(\d+)', chart)[1])
    lines = textwrap.wrap(summary, 88)
    chart_at = 92 + LINE * len(lines)
    total = chart_at + height + EDGE
    bubble = 8 * len(QUESTION) + 36
    words = [
        text(line, EDGE, 88 + LINE * place, colours["text"]) for place, line in enumerate(lines)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" '
            f'width="{WIDTH}" height="{total}" role="img" font-family="system-ui, sans-serif">',
            f"<title>{escape(QUESTION)} {escape(summary)}</title>",
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{total - 1}" rx="14" '
            f'fill="{colours["page"]}" stroke="{colours["frame"]}"/>',
            f'<rect x="{WIDTH - EDGE - bubble}" y="20" width="{bubble}" height="38" rx="19" '
            f'fill="{colours["bubble"]}"/>',
            text(QUESTION, WIDTH - EDGE - bubble + 18, 44, colours["text"]),
            *words,
            chart.replace("<svg ", f'<svg x="{EDGE}" y="{chart_at}" ', 1),
            "</svg>\n",
        ]
    )


def text(words: str, x: int, y: int, colour: str) -> str:
    """One line of text."""
    return f'<text x="{x}" y="{y}" font-size="{SIZE}" fill="{colour}">{escape(words)}</text>'


def written() -> dict[Path, str]:
    """Both pictures and the README by their file."""
    summary, scene, sample = asyncio.run(ask())
    shown = {HERE / f"answer-{theme}.svg": picture(theme, summary, scene) for theme in COLOURS}
    return {**shown, README: SAMPLE.sub(f"{sample}\n", README.read_text("utf-8"))}


if __name__ == "__main__":
    for file, content in written().items():
        file.write_text(content, encoding="utf-8")

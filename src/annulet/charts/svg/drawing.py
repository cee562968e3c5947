"""An SVG that is written piece by piece: shapes, words, and a frame that screen readers know.

Only presentation attributes are used: no style sheet, no script, nothing from elsewhere, so that
the picture also shows under the strictest content policy.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from annulet.charts.palette import FONT_STACK, Theme
from annulet.charts.text import clean

Point = tuple[float, float]


def plain_number(value: float) -> str:
    """Return a coordinate with at most two digits behind the point."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _attributes(values: dict[str, str | float | None]) -> str:
    pairs = []
    for name, value in values.items():
        if value is None:
            continue
        written = value if isinstance(value, str) else plain_number(value)
        pairs.append(f' {name.rstrip("_").replace("_", "-")}="{written}"')
    return "".join(pairs)


class Drawing:
    """Collects the elements of one picture, from back to front."""

    def __init__(self, width: float, theme: Theme) -> None:
        self.width = width
        self.theme = theme
        self._parts: list[str] = []

    def add(
        self, name: str, content: str = "", *, tip: str = "", **values: str | float | None
    ) -> None:
        """Add an element; `tip` becomes what a mouse resting on it is told."""
        inside = (f"<title>{clean(tip)}</title>" if tip else "") + content
        start = f"<{name}{_attributes(values)}"
        self._parts.append(f"{start}>{inside}</{name}>" if inside else f"{start}/>")

    def rect(
        self,
        box: tuple[float, float, float, float],
        fill: str,
        *,
        radius: float | None = None,
        stroke: str | None = None,
        tip: str = "",
    ) -> None:
        """Add a rectangle ``(left, top, width, height)``."""
        left, top, width, height = box
        self.add(
            "rect", tip=tip, x=left, y=top, width=max(width, 0.0), height=max(height, 0.0),
            rx=radius, fill=fill, stroke=stroke,
        )  # fmt: skip

    def line(
        self, start: Point, end: Point, stroke: str, *, width: float = 1, dash: str | None = None
    ) -> None:
        """Add a straight line."""
        self.add(
            "line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke=stroke,
            stroke_width=width, stroke_dasharray=dash,
        )  # fmt: skip

    def path(
        self,
        points: Sequence[Point],
        stroke: str,
        *,
        width: float = 2,
        dash: str | None = None,
    ) -> None:
        """Add an open line through the points; a single point becomes a dot."""
        if len(points) == 1:
            self.dot(points[0], stroke, radius=max(width, 2.5))
        elif points:
            self.add(
                "path", d=trace(points), fill="none", stroke=stroke, stroke_width=width,
                stroke_linejoin="round", stroke_linecap="round", stroke_dasharray=dash,
            )  # fmt: skip

    def area(self, upper: Sequence[Point], lower: Sequence[Point], fill: str) -> None:
        """Fill the space between two lines that run over the same places."""
        if upper:
            self.add("path", d=trace([*upper, *reversed(lower)]) + "Z", fill=fill)

    def dot(
        self,
        at: Point,
        fill: str,
        *,
        radius: float = 3,
        stroke: str | None = None,
        width: float | None = None,
        tip: str = "",
    ) -> None:
        """Add a circle."""
        self.add(
            "circle", tip=tip, cx=at[0], cy=at[1], r=radius, fill=fill, stroke=stroke,
            stroke_width=width,
        )  # fmt: skip

    def text(
        self,
        at: Point,
        words: str,
        *,
        size: float = 11,
        fill: str | None = None,
        bold: bool = False,
        anchor: str | None = None,
        halo: bool = False,
        after: str = "",
    ) -> None:
        """Add one line of words; with a halo it stays readable over marks.

        Words `after` follow in quiet: where they begin is for the viewer's font to decide.
        """
        quiet: dict[str, str | float | None] = {"dx": 7, "font_size": 11, "font_weight": "400"}
        quiet["fill"] = self.theme.muted
        tail = f"<tspan{_attributes(quiet)}>{clean(after)}</tspan>" if after else ""
        self.add(
            "text", clean(words) + tail, x=at[0], y=at[1], font_size=size,
            fill=fill or self.theme.muted, font_weight="600" if bold else None,
            text_anchor=anchor, paint_order="stroke" if halo else None,
            stroke=self.theme.surface if halo else None, stroke_width=4 if halo else None,
            stroke_linejoin="round" if halo else None,
        )  # fmt: skip

    def render(self, height: float, title: str, description: str) -> str:
        """Return the whole picture, named and described for those who do not see it."""
        body = "".join(self._parts)
        # Several pictures share one page: ids come from the content, so output stays the same.
        mark = f"c{zlib.crc32((title + description + body).encode('utf-8', 'replace')):08x}"
        frame = _attributes(
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "width": self.width,
                "height": height,
                "viewBox": f"0 0 {plain_number(self.width)} {plain_number(height)}",
                "role": "img",
                "aria_labelledby": f"{mark}t {mark}d",
                "font_family": FONT_STACK,
            }
        )
        return (
            f'<svg{frame}><title id="{mark}t">{clean(title)}</title>'
            f'<desc id="{mark}d">{clean(description)}</desc>'
            f'<rect width="100%" height="100%" rx="12" fill="{self.theme.surface}"/>'
            f"{body}</svg>\n"
        )


def trace(points: Sequence[Point]) -> str:
    """Return the path data of straight lines through the points."""
    return "M" + "L".join(f"{plain_number(x)},{plain_number(y)}" for x, y in points)

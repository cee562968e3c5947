"""The example on the landing page: an invented night, drawn by the charts of real nights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.charts import DESKTOP, Heading, Night, Samples, draw_svg, night

_BEDTIME: Final = datetime(2026, 5, 19, 23, 5, tzinfo=UTC)
_STAGE_MINUTES: Final = 5
_STAGES: Final = (
    ("awake", 2), ("light", 5), ("deep", 8), ("light", 6), ("rem", 3), ("light", 7),
    ("deep", 6), ("light", 5), ("rem", 5), ("awake", 1), ("light", 8), ("deep", 3),
    ("rem", 7), ("light", 9), ("rem", 8), ("light", 6), ("awake", 2),
)  # fmt: skip
_WIDTHS: Final = {"phone": 328, "tablet": 640, "desktop": 928}
_HEART_RATE: Final = (
    64, 62, 60, 59, 58, 57, 56, 55, 54, 53, 53, 52, 52, 51, 51, 52, 51, 50, 51, 52, 53,
)  # fmt: skip
_HRV: Final = (
    38, 42, 55, 61, 58, 49, 52, 63, 66, 60, 57, 64, 70, 68, 61, 66, 72, 69, 63, 60, 58,
)  # fmt: skip


def build_example_night() -> Night:
    """Build an invented night of seven and a half quiet hours."""
    stages = [stage for stage, count in _STAGES for _ in range(count)]
    length = timedelta(minutes=_STAGE_MINUTES * len(stages))
    minutes = length.seconds / 60
    return Night(
        start=_BEDTIME,
        end=_BEDTIME + length,
        stages=stages,
        heart_rate=Samples(_BEDTIME, minutes / len(_HEART_RATE), _HEART_RATE),
        hrv=Samples(_BEDTIME, minutes / len(_HRV), _HRV),
    )


async def show_example(request: Request) -> Response:
    """Send the chart in the colours and the width that the browser asked for."""
    heading = Heading("A night", "An example, not anybody's")
    svg = draw_svg(
        night(build_example_night(), heading),
        theme="dark" if request.query_params.get("theme") == "dark" else "light",
        width=_WIDTHS.get(request.query_params.get("width", ""), DESKTOP),
    )
    headers = {"cache-control": "public, max-age=86400"}
    return Response(svg, media_type="image/svg+xml", headers=headers)


ROUTES: Final = (Route("/example/night.svg", show_example),)

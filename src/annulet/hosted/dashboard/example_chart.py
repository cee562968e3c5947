"""The made-up night of the landing page, drawn by the charts people see of their own nights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.charts import DESKTOP, Heading, Night, Samples, night

__all__ = ["ROUTES"]

_BEDTIME: Final = datetime(2026, 5, 19, 23, 5, tzinfo=UTC)
_COURSE: Final = (
    ("awake", 2), ("light", 5), ("deep", 8), ("light", 6), ("rem", 3), ("light", 7),
    ("deep", 6), ("light", 5), ("rem", 5), ("awake", 1), ("light", 8), ("deep", 3),
    ("rem", 7), ("light", 9), ("rem", 8), ("light", 6), ("awake", 2),
)  # fmt: skip
_WIDTHS: Final = {"phone": 328, "tablet": 640, "desktop": 928}
_HEART: Final = (64, 62, 60, 59, 58, 57, 56, 55, 54, 53, 53, 52, 52, 51, 51, 52, 51, 50, 51, 52, 53)
_HRV: Final = (38, 42, 55, 61, 58, 49, 52, 63, 66, 60, 57, 64, 70, 68, 61, 66, 72, 69, 63, 60, 58)


def made_up_night() -> Night:
    """Seven and a half quiet hours of nobody."""
    stages = [stage for stage, count in _COURSE for _ in range(count)]
    length = timedelta(minutes=5 * len(stages))
    return Night(
        start=_BEDTIME,
        end=_BEDTIME + length,
        stages=stages,
        heart_rate=Samples(_BEDTIME, length.seconds / 60 / len(_HEART), _HEART),
        hrv=Samples(_BEDTIME, length.seconds / 60 / len(_HRV), _HRV),
    )


async def example(request: Request) -> Response:
    """The picture, in the colours and width the browser asked for."""
    svg = night(
        made_up_night(),
        Heading("A night", "An example, not anybody's"),
        theme="dark" if request.query_params.get("theme") == "dark" else "light",
        width=_WIDTHS.get(request.query_params.get("width", ""), DESKTOP),
    )
    headers = {"cache-control": "public, max-age=86400"}
    return Response(svg, media_type="image/svg+xml", headers=headers)


ROUTES: Final = (Route("/example/night.svg", example),)

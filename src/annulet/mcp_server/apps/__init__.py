"""Interactive charts for clients that show pages in the chat.

There is one self-contained page with several views. It loads and stores nothing. It draws the
answer of a tool, and asks the server for the days behind an answer only through the host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from annulet.mcp_server.apps.app_resource import AppResource


def _page_builder(view: str) -> Callable[[], str]:
    def build() -> str:
        # Read when a client asks for the page, not when the server starts.
        from annulet.mcp_server.apps.page_builder import build_page

        return build_page(view)

    return build


def _app(view: str, title: str, description: str, tool: str) -> AppResource:
    return AppResource(
        uri=f"ui://annulet/{view}",
        name=f"chart-{view}",
        title=title,
        description=description,
        tools=(tool,),
        build_html=_page_builder(view),
    )


APP_RESOURCES: Final[tuple[AppResource, ...]] = (
    _app(
        "night",
        "Chart of a night",
        "Stages of sleep with heart rate and HRV, moment by moment.",
        "oura_sleep_sessions",
    ),
    _app(
        "days",
        "Chart of days",
        "The figures of one day against what is usual, or of several days in their course.",
        "oura_daily_summary",
    ),
    _app(
        "trend",
        "Chart of trends",
        "Each metric over the window: its days, mean, change and slope.",
        "oura_trends",
    ),
    _app(
        "anomalies",
        "Chart of unusual days",
        "When days were unusual, what moved, and how far from what was expected.",
        "oura_anomalies",
    ),
    _app(
        "intraday",
        "Chart of a day",
        "Heart rate or movement through the day, moment by moment.",
        "oura_intraday",
    ),
)

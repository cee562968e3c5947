"""The type of an interactive chart in chat: one self-contained page beside the answers of tools.

`annulet.mcp_server.apps` lists the charts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

APP_EXTENSION: Final = "io.modelcontextprotocol/ui"
APP_MIME_TYPE: Final = "text/html;profile=mcp-app"


@dataclass(frozen=True, slots=True)
class AppResource:
    """One page.

    Attributes:
        uri: ``ui://annulet/…``.
        name: Short name for programs.
        title: The name a person reads.
        description: What the page shows.
        tools: Names of the tools whose answers it draws.
        build_html: Builds the page; it needs nothing from the network.
    """

    uri: str
    name: str
    title: str
    description: str
    tools: tuple[str, ...]
    build_html: Callable[[], str]


def find_app(apps: Iterable[AppResource], tool: str) -> AppResource | None:
    """Find the page that draws this tool's answers, where there is one."""
    return next((app for app in apps if tool in app.tools), None)

"""What an interactive chart in chat is: one self-contained page, shown beside some tools' answers.

`annulet.mcp_server.apps` lists them; the rest of the room only needs to know this shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["APP_EXTENSION", "APP_MIME_TYPE", "AppResource", "app_of_tool"]

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
        html: Loads the page; it needs nothing from the network.
    """

    uri: str
    name: str
    title: str
    description: str
    tools: tuple[str, ...]
    html: Callable[[], str]


def app_of_tool(apps: Iterable[AppResource], tool: str) -> AppResource | None:
    """The page that draws this tool's answers, where there is one."""
    return next((app for app in apps if tool in app.tools), None)

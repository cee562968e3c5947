"""Interactive charts for clients that show pages in the chat."""

from __future__ import annotations

from typing import Final

from annulet.mcp_server.app_resource import AppResource

__all__ = ["APP_RESOURCES"]

APP_RESOURCES: Final[tuple[AppResource, ...]] = ()

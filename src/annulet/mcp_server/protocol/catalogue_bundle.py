"""What annulet offers over MCP: its ten tools and the charts that go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from annulet.mcp_server.apps.app_resource import AppResource
from annulet.mcp_server.request_person import AnswerFunction
from annulet.toolkit.tool import Tool

__all__ = ["Offer", "offer"]


class Offer(TypedDict):
    """The arguments of `build_server` that do not depend on who asks."""

    tools: Mapping[str, Tool]
    answer: AnswerFunction
    apps: Sequence[AppResource]


def offer() -> Offer:
    """The tools, the function that answers, and the interactive charts."""
    from annulet.mcp_server.apps import APP_RESOURCES
    from annulet.toolkit.answers import TOOLS, answer

    return Offer(tools=TOOLS, answer=answer, apps=APP_RESOURCES)

"""What annulet serves over MCP, to every person: the tools and the charts that go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from annulet.mcp_server.apps.app_resource import AppResource
from annulet.mcp_server.request_person import AnswerFunction
from annulet.toolkit.tool import Tool


class CatalogueBundle(TypedDict):
    """The arguments of `build_server` that do not depend on the person."""

    tools: Mapping[str, Tool]
    answer: AnswerFunction
    apps: Sequence[AppResource]


def build_catalogue_bundle() -> CatalogueBundle:
    """Build the tools, the function that answers, and the interactive charts."""
    from annulet.mcp_server.apps import APP_RESOURCES
    from annulet.toolkit.answers import TOOLS, answer

    return CatalogueBundle(tools=TOOLS, answer=answer, apps=APP_RESOURCES)

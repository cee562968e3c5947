"""The resources and the templates as the protocol lists them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import mcp_types as types

from annulet.mcp_server.apps.app_resource import APP_MIME_TYPE, AppResource
from annulet.mcp_server.resources.addresses import (
    DOCUMENTS_TEMPLATE,
    GLOSSARY_URI,
    PERSONAL,
    SERIES,
)

JSON: Final = "application/json"
MARKDOWN: Final = "text/markdown"


def list_resources(apps: Sequence[AppResource]) -> list[types.Resource]:
    """List every fixed resource."""
    glossary = types.Resource(
        uri=GLOSSARY_URI,
        name="glossary",
        title="Glossary of the metrics",
        description="What each metric means, its unit, and how to read the answers.",
        mime_type=MARKDOWN,
    )
    personal = [
        types.Resource(
            uri=uri,
            name=uri.removeprefix("oura://"),
            title=resource.title,
            description=resource.description,
            mime_type=JSON,
        )
        for uri, resource in PERSONAL.items()
    ]
    pages = [
        types.Resource(
            uri=app.uri,
            name=app.name,
            title=app.title,
            description=app.description,
            mime_type=APP_MIME_TYPE,
        )
        for app in apps
    ]
    return [glossary, *personal, *pages]


def list_templates() -> list[types.ResourceTemplate]:
    """List every address with days; both days are included."""
    documents = types.ResourceTemplate(
        uri_template=DOCUMENTS_TEMPLATE,
        name="documents",
        title="Raw documents of a collection",
        description="Everything Oura has in one of its collections (such as heartrate or "
        "daily_sleep), from one ISO day to another, both included; for work with code.",
        mime_type=JSON,
    )
    series = [
        types.ResourceTemplate(
            uri_template=f"oura://{name}/{{start}}/{{end}}",
            name=name,
            title=resource.title,
            description=resource.description,
            mime_type=JSON,
        )
        for name, resource in SERIES.items()
    ]
    return [*series, documents]

"""The addresses of the resources, and what stands behind each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from annulet.contract.collections import COLLECTIONS
from annulet.toolkit.tool import Arguments

GLOSSARY_URI: Final = "oura://glossary"
DOCUMENTS_TEMPLATE: Final = "oura://documents/{collection}/{start}/{end}"
_DOCUMENTS: Final = re.compile(r"oura://documents/(\w+)/(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")
_SERIES: Final = re.compile(r"oura://([a-z-]+)/(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class AnswerResource:
    """A resource whose content is the answer of a tool.

    Attributes:
        title: Its name in a menu.
        description: What it holds.
        tool: The tool that answers.
        arguments: The arguments that ask for all of it.
    """

    title: str
    description: str
    tool: str
    arguments: Arguments


def _series(title: str, tool: str, arguments: Arguments) -> AnswerResource:
    description = f"{title}, from one ISO day to another, both included."
    return AnswerResource(title, description, tool, arguments)


PERSONAL: Final[Mapping[str, AnswerResource]] = {
    "oura://connection": AnswerResource(
        "Connection",
        "What may be read, what is missing, and the health of the connection.",
        "oura_permissions",
        {},
    ),
    "oura://today": AnswerResource(
        "Today", "Last night and today so far.", "oura_daily_summary", {"start": "today"}
    ),
}
"""By address."""

SERIES: Final[Mapping[str, AnswerResource]] = {
    "daily": _series("All daily values", "oura_daily_summary", {}),
    "sleep": _series("Sleeps with their 15-minute series", "oura_sleep_sessions", {"series": True}),
    "heart-rate": _series(
        "Heart rate in 5-minute steps",
        "oura_intraday",
        {"metric": "heart_rate", "resolution_min": 5},
    ),
    "activity": _series(
        "Movement (MET) in 5-minute steps",
        "oura_intraday",
        {"metric": "activity", "resolution_min": 5},
    ),
}
"""By the name in the address; the days follow it."""


@dataclass(frozen=True, slots=True)
class ToolAddress:
    """An address behind which a tool answers.

    Attributes:
        name: The address without its days.
        tool: The tool.
        arguments: Its arguments.
    """

    name: str
    tool: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class DocumentsAddress:
    """The address of the documents of a collection.

    Attributes:
        name: The address without its days, and without a collection that Oura does not have.
        collection: Oura's name of the collection, as the client wrote it.
        start: First day.
        end: Last day.
    """

    name: str
    collection: str
    start: str
    end: str


def parse_address(uri: str) -> ToolAddress | DocumentsAddress | None:
    """Parse the address of a person's resource; ``None`` where there is none at it."""
    if uri in PERSONAL:
        resource = PERSONAL[uri]
        return ToolAddress(uri, resource.tool, resource.arguments)
    if match := _DOCUMENTS.fullmatch(uri):
        collection, start, end = match.groups()
        known = f"/{collection}" if collection in COLLECTIONS else ""
        return DocumentsAddress(f"oura://documents{known}", collection, start, end)
    match = _SERIES.fullmatch(uri)
    if match is None or match[1] not in SERIES:
        return None
    resource = SERIES[match[1]]
    days = {"start": match[2], "end": match[3]}
    return ToolAddress(f"oura://{match[1]}", resource.tool, {**resource.arguments, **days})

"""One document a day, where Oura sends several versions of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec

from annulet.contract.documents import Document, Part

D = TypeVar("D", bound=Document)
P = TypeVar("P", bound=Part)


def merge_by_day(documents: Iterable[D]) -> list[D]:
    """The documents with all versions of a day in one, days in order.

    A newer value replaces an older one; a missing value replaces nothing. Documents without a day
    stay as they are.
    """
    versions: dict[date | int, list[D]] = {}
    for index, document in enumerate(documents):
        day: date | None = getattr(document, "day", None)
        versions.setdefault(index if day is None else day, []).append(document)
    return [
        same_day[0] if len(same_day) == 1 else _merged(sorted(same_day, key=_made_at))
        for same_day in versions.values()
    ]


def _made_at(document: Document) -> datetime:
    """When a version was made; versions that do not say keep Oura's order."""
    when: datetime | None = getattr(document, "timestamp", None)
    return when if when is not None else datetime.min.replace(tzinfo=UTC)


def _merged(versions: list[P]) -> P:
    merged = versions[0]
    for newer in versions[1:]:
        values = {name: _newer_value(merged, newer, name) for name in newer.__struct_fields__}
        known = {name for name, value in values.items() if value is not None}
        extra = {**merged.extra, **newer.extra}
        values["extra"] = {name: value for name, value in extra.items() if name not in known}
        merged = msgspec.structs.replace(newer, **values)
    return merged


def _newer_value(older: Part, newer: Part, name: str) -> object:
    before, after = getattr(older, name), getattr(newer, name)
    if isinstance(before, Part) and isinstance(after, Part) and type(before) is type(after):
        return _merged([before, after])
    return before if after is None else after

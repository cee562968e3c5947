"""Envelope, pages and the ``fields`` parameter."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annulet.contract.collections import AnyCollection
from annulet.simulator.options import Options
from annulet.simulator.replies import Refused

__all__ = ["Question", "envelope", "page_number", "read_page", "selected", "token_for"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a list request asks for."""

    start: datetime
    end: datetime
    offset: int = 0
    page: int = 1
    fields: str = ""
    latest: bool = False


def token_for(collection: str, question: Question, offset: int) -> str:
    """The opaque token of the next page; it knows the whole question."""
    start, end = question.start.isoformat(), question.end.isoformat()
    text = json.dumps([collection, start, end, offset, question.page + 1, question.fields])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_page(token: str, collection: str) -> Question:
    """What a token stands for.

    Raises:
        Refused: It is none of ours, or belongs to another collection.
    """
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        name, start, end, offset, page, fields = json.loads(raw)
    except ValueError:
        raise Refused(400, "Invalid next_token.") from None
    if name != collection:
        raise Refused(400, "Invalid next_token.")
    bounds = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return Question(*bounds, offset=int(offset), page=int(page), fields=str(fields))


def page_number(path: str, query: Mapping[str, str]) -> int:
    """Which page of a list a request asks for; 1 is the first."""
    token = query.get("next_token")
    if not token:
        return 1
    try:
        return read_page(token, path.rsplit("/", 1)[-1]).page
    except Refused:
        return 1


def selected(collection: AnyCollection, data: dict[str, Any], fields: str) -> dict[str, Any]:
    """A document as asked for: anchors and known names; all of it where no name is known."""
    wanted = {name.strip() for name in fields.split(",")} if fields else set()
    known = wanted & set(collection.fields)
    if collection.selectable and known:
        keep = known | set(collection.anchors)
        data = {name: value for name, value in data.items() if name in keep}
    return {name: value() if callable(value) else value for name, value in data.items()}


def envelope(
    data: Iterable[dict[str, Any]], token: str | None, options: Options, *, series: bool
) -> dict[str, Any]:
    """``{"data": […], "next_token": …}``."""
    body: dict[str, Any] = {"data": list(data)}
    if token is not None or not (series and options.omit_series_token):
        body["next_token"] = token
    if options.meta:
        body["meta"] = {"version": "tomorrow"}
    return body

"""List queries, their page tokens, the list envelope and the ``fields`` parameter."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from annulet.contract.collections import AnyCollection
from annulet.simulator.options import Options
from annulet.simulator.responses import ApiError


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list request asks for."""

    start: datetime
    end: datetime
    offset: int = 0
    page: int = 1
    fields: str = ""
    latest: bool = False


def encode_next_token(collection: str, query: ListQuery, offset: int) -> str:
    """Return the opaque token of the next page; it contains the whole query."""
    start, end = query.start.isoformat(), query.end.isoformat()
    content = json.dumps([collection, start, end, offset, query.page + 1, query.fields])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def decode_next_token(token: str, collection: str) -> ListQuery:
    """Return the query in a page token.

    Raises:
        ApiError: The token is not ours, or belongs to another collection (400).
    """
    try:
        content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        name, start, end, offset, page, fields = json.loads(content)
    except ValueError:
        raise ApiError(400, "Invalid next_token.") from None
    if name != collection:
        raise ApiError(400, "Invalid next_token.")
    bounds = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return ListQuery(*bounds, offset=int(offset), page=int(page), fields=str(fields))


def page_number(path: str, query: Mapping[str, str]) -> int:
    """Return the page of a list that a request asks for; 1 is the first."""
    token = query.get("next_token")
    if not token:
        return 1
    try:
        return decode_next_token(token, path.rsplit("/", 1)[-1]).page
    except ApiError:
        return 1


def select_fields(
    collection: AnyCollection, data: Mapping[str, object], fields: str
) -> dict[str, object]:
    """Return the requested fields and the anchors, or all fields if none requested is known."""
    requested = {name.strip() for name in fields.split(",")} if fields else set()
    known = requested & set(collection.fields)
    if collection.selectable and known:
        selected = known | set(collection.anchors)
        data = {name: value for name, value in data.items() if name in selected}
    return {name: value() if callable(value) else value for name, value in data.items()}


def list_envelope(
    data: Iterable[Mapping[str, object]],
    next_token: str | None,
    options: Options,
    *,
    is_series: bool,
) -> dict[str, object]:
    """Return ``{"data": […], "next_token": …}``."""
    body: dict[str, object] = {"data": list(data)}
    if next_token is not None or not (is_series and options.omit_series_token):
        body["next_token"] = next_token
    if options.meta:
        body["meta"] = {"version": "tomorrow"}
    return body

"""Raw documents of one collection as a resource, for agents that work on data with code."""

from __future__ import annotations

from typing import Any, Final

from annulet.contract.collections import COLLECTIONS, AnyCollection, Query
from annulet.errors import UsageError
from annulet.toolkit.context import Context
from annulet.toolkit.dates import resolve
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.time_ranges import resolve_time_range

__all__ = ["TEMPLATE", "documents"]

TEMPLATE: Final = "oura://documents/{collection}/{start}/{end}"
_MOST: Final = 10_000
_LONGEST: Final = 400


async def documents(context: Context, name: str, start: str, end: str) -> dict[str, Any]:
    """Everything Oura has in a collection from one day to another, both included.

    Args:
        context: Whose documents.
        name: Oura's name of the collection.
        start: First day.
        end: Last day.

    Raises:
        AnnuletError: No such collection, too many documents for one resource, or Oura does not
            give them whole.
    """
    entry = COLLECTIONS.get(name)
    if entry is None:
        known = ", ".join(COLLECTIONS)
        raise UsageError("There is no collection of that name.", hint=f"Use one of: {known}.")
    first, last = await _range(context, entry, start, end)
    rows: list[dict[str, Any]] = []
    async for batch in context.client.stream(name, first, last):
        rows.extend(batch.rows)
        if len(rows) > _MOST:
            raise UsageError(
                f"That is more than {_MOST:,} documents, too many for one resource.",
                hint=f"Ask for fewer days, or run: annulet export {name}",
            )
    period = {"start": start, "end": end} if entry.query is not Query.NONE else None
    found: dict[str, Any] = {"collection": name}
    return found | ({"period": period} if period else {}) | {"documents": rows}


async def _range(context: Context, entry: AnyCollection, start: str, end: str) -> tuple[Any, Any]:
    if entry.query is Query.NONE:
        return None, None
    local_time = await resolve_local_time(context)
    if entry.query is Query.DATETIME:
        time_range = resolve_time_range(start, end, local_time, longest=_LONGEST)
        return time_range.start, time_range.end
    period = resolve(start, end, local_time.today, longest=_LONGEST)
    return period.start, period.end

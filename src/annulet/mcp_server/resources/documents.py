"""Raw documents of one collection as a resource, for agents that work on data with code."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from annulet.contract.collections import COLLECTIONS, AnyCollection, Query
from annulet.contract.documents import RawDocument
from annulet.errors import UsageError
from annulet.toolkit.context import Context
from annulet.toolkit.dates import resolve
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.time_ranges import resolve_time_range
from annulet.toolkit.tool import Answer

_MAX_DOCUMENTS: Final = 10_000
_MAX_DAYS: Final = 400


async def read_documents(context: Context, name: str, start: str, end: str) -> Answer:
    """Read everything Oura has in a collection from one day to another, both included.

    Args:
        context: Whose documents.
        name: Oura's name of the collection.
        start: First day.
        end: Last day.

    Raises:
        AnnuletError: No such collection, too many documents for one resource, or Oura does not
            give them whole.
    """
    collection = COLLECTIONS.get(name)
    if collection is None:
        known = ", ".join(COLLECTIONS)
        raise UsageError("There is no collection of that name.", hint=f"Use one of: {known}.")
    first, last = await _resolve_range(context, collection, start, end)
    rows: list[RawDocument] = []
    async for batch in context.client.stream(name, first, last):
        rows.extend(batch.rows)
        if len(rows) > _MAX_DOCUMENTS:
            raise UsageError(
                f"That is more than {_MAX_DOCUMENTS:,} documents, too many for one resource.",
                hint=f"Ask for fewer days, or run: annulet export {name}",
            )
    period = {"start": start, "end": end} if collection.query is not Query.NONE else None
    return {"collection": name, **({"period": period} if period else {}), "documents": rows}


async def _resolve_range(
    context: Context, collection: AnyCollection, start: str, end: str
) -> tuple[date | datetime | None, date | datetime | None]:
    if collection.query is Query.NONE:
        return None, None
    local_time = await resolve_local_time(context)
    if collection.query is Query.DATETIME:
        time_range = resolve_time_range(start, end, local_time, longest=_MAX_DAYS)
        return time_range.start, time_range.end
    period = resolve(start, end, local_time.today, longest=_MAX_DAYS)
    return period.start, period.end

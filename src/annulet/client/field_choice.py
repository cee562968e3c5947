"""Which fields of a collection are requested."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from annulet.client.windows import OVERLAPPING
from annulet.contract.collections import AnyCollection, Query
from annulet.contract.documents.consistency import judged_beside
from annulet.errors import UsageError


def choose_fields(collection: AnyCollection, fields: Iterable[str] | None) -> frozenset[str] | None:
    """Return the fields to request: the wanted ones, and those that date and judge a document.

    ``None`` asks for whole documents, also where Oura takes no notice of a choice.
    """
    if fields is None:
        return None
    wanted = check_fields(collection, fields)
    if not collection.selectable:
        return None
    if collection.query is Query.DATETIME:
        wanted |= {"timestamp", "source"} & set(collection.fields)
    elif collection.query is Query.NONE:
        wanted |= {"set_up_at"} & set(collection.fields)
    else:
        wanted |= {collection.day}
        if collection.name in OVERLAPPING:
            wanted |= {"end_day", "end_time"} & set(collection.fields)
    # What decides does so as Oura sent it: nothing is needed to judge it.
    return frozenset({*judged_beside(collection.document.rules, wanted), *collection.deciding})


def check_fields(collection: AnyCollection, fields: Iterable[str]) -> set[str]:
    """Return the names of the wanted fields; the collection has all of them.

    Raises:
        UsageError: It has no field of that name; the hint names the nearest.
    """
    wanted = {fields} if isinstance(fields, str) else set(fields)
    for name in sorted(wanted - set(collection.fields)):
        near = get_close_matches(name, collection.fields, n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Leave fields out to get all."
        raise UsageError(f"{collection.name} has no field “{name[:40]}”.", hint=hint)
    return wanted

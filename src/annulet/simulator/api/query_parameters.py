"""Query parameters, parsed by the library whose error messages the live service repeats.

A date is the instant 00:00 UTC, and a time without an offset is in UTC, as on the live service.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from annulet.contract.collections import Query
from annulet.simulator.responses import ApiError

_T = TypeVar("_T")

# Oura declares start_date and end_date as date-time or date, so a wrong one has two errors.
_DATE: Final[TypeAdapter[datetime | date]] = TypeAdapter(datetime | date)
_DATETIME: Final[TypeAdapter[datetime | date]] = TypeAdapter(datetime)
_BOOL: Final = TypeAdapter(bool)


def parse_list_parameters(
    query: Query, parameters: Mapping[str, str], *, has_latest: bool
) -> tuple[datetime | None, datetime | None, bool]:
    """Return start and end in UTC, ``None`` where not given, and ``latest``.

    Raises:
        ApiError: A parameter is not an instant, or ``latest`` is not a boolean (422).
    """
    errors: list[dict[str, object]] = []

    def parse(adapter: TypeAdapter[_T], name: str) -> _T | None:
        text = parameters.get(name)
        try:
            return None if text is None else adapter.validate_python(text)
        except ValidationError as error:
            errors.extend(
                {**details, "loc": ["query", name, *details["loc"]]}
                for details in error.errors(include_url=False)
            )
            return None

    adapter = _DATE if query is Query.DAY else _DATETIME
    bounds = [_in_utc(parse(adapter, name)) for name in query.parameters]
    latest = has_latest and parse(_BOOL, "latest")
    if errors:
        raise ApiError(422, errors)
    start, end = bounds or (None, None)
    return start, end, bool(latest)


def _in_utc(value: datetime | date | None) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:  # a time beyond the years 1 to 9999
        return value.replace(tzinfo=UTC)

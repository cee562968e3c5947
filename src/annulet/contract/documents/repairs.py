"""Harmless errors in the form of a value: a number as text, a moment without an offset.

Only the form of a value is mended here. Whether it is a measurement at all is decided by the type
of its field.
"""

from __future__ import annotations

import contextlib
import math
import re
from datetime import UTC, date, datetime, timedelta, timezone
from types import NoneType
from typing import Annotated, Final, get_args, get_origin

import msgspec

_LONGEST_NUMBER: Final = 32
_MOST_SECONDS: Final = 10**11
"""Larger numbers are milliseconds: as seconds they lie beyond the year 5000."""
_END_OF_DAY: Final = re.compile(r"^(\d{4}-\d\d-\d\d)[T ]24:00(?::00(?:\.0+)?)?")
_MINUTE: Final = timedelta(minutes=1)


def repair_value(value: object, hint: object) -> object:
    """The value in the form that its type expects, where the form is all that is wrong.

    Args:
        value: What Oura sent.
        hint: The type of its field.
    """
    kinds = plain_types(hint)
    if isinstance(value, list):
        return [_item(item, hint) for item in value]
    if kinds & {int, float}:
        return _number(value)
    if datetime in kinds:
        return _instant(value, naive=not _wants_offset(hint))
    if date in kinds:
        return _day(value)
    return value


def count_of_missing(value: object) -> int:
    """How many items of a list are missing; 0 for anything but a list."""
    return sum(item is None for item in value) if isinstance(value, list) else 0


def _item(item: object, hint: object) -> object:
    """An item of a list; what is no value becomes missing, so that the others keep their place."""
    items = next((get_args(part)[0] for part in get_args(hint) if get_origin(part) is tuple), None)
    if items is None or not plain_types(items) & {int, float}:
        return item
    number = _number(item)
    with contextlib.suppress(msgspec.ValidationError, OverflowError):
        return msgspec.convert(number, items)
    return None


def _number(value: object) -> object:
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER:
        with contextlib.suppress(ValueError):
            value = float(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)  # no number, and no value of any numeric field
        return int(value) if value.is_integer() else value
    return value


def _instant(value: object, *, naive: bool) -> object:
    """An instant that came as seconds or milliseconds since 1970, or without its offset."""
    moment = read_moment(value)
    if moment is None:
        return value
    return moment if naive or moment.utcoffset() is not None else moment.replace(tzinfo=UTC)


def read_moment(value: object) -> datetime | None:
    """A moment in any form: ISO 8601, with or without its offset, or a count since 1970 (UTC)."""
    with contextlib.suppress(ValueError, OverflowError, OSError):
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) > _MOST_SECONDS else value
            return datetime.fromtimestamp(seconds, UTC)
        if isinstance(value, str):
            return _whole_minutes(_parse_moment(value.strip().upper()))
    return None


def _parse_moment(text: str) -> datetime:
    """A moment; ISO 8601 lets a day end at 24:00, which is the midnight that begins the next.

    Raises:
        ValueError: It is none.
    """
    midnight = _END_OF_DAY.sub(r"\1 00:00:00", text)
    moment = datetime.fromisoformat(midnight)
    return moment if midnight == text else moment + timedelta(days=1)


def _whole_minutes(moment: datetime) -> datetime:
    """The same moment, its offset in whole minutes as every clock of today has it."""
    offset = moment.utcoffset()
    if offset is None or not offset % _MINUTE:
        return moment
    return moment.astimezone(timezone(_MINUTE * round(offset / _MINUTE)))


def _day(value: object) -> object:
    """A day that came as a moment, its local date, or in another of ISO 8601's spellings."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value.strip()).date()
    return value


def plain_types(hint: object) -> set[object]:
    """The plain types a field may have."""
    if get_origin(hint) is Annotated:
        return plain_types(get_args(hint)[0])
    if get_args(hint) and get_origin(hint) is not tuple:
        return {kind for part in get_args(hint) for kind in plain_types(part)} - {NoneType}
    return {hint}


def _wants_offset(hint: object) -> bool:
    return any(
        isinstance(note, msgspec.Meta) and note.tz is True
        for part in (hint, *get_args(hint))
        if get_origin(part) is Annotated
        for note in get_args(part)[1:]
    )

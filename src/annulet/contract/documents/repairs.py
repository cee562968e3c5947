"""Harmless errors in the form of a value: a number as text, a moment without an offset.

Only the form of a value is mended here. Whether it is a measurement at all is decided by the type
of its field.
"""

from __future__ import annotations

import contextlib
import math
from datetime import UTC, date, datetime
from types import NoneType
from typing import Annotated, Final, get_args, get_origin

import msgspec

_LONGEST_NUMBER: Final = 32
_MOST_SECONDS: Final = 10**11
"""Larger numbers are milliseconds: as seconds they lie beyond the year 5000."""


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
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) > _MOST_SECONDS else value
        with contextlib.suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(seconds, UTC)
    if isinstance(value, str) and not naive:
        with contextlib.suppress(ValueError):
            when = datetime.fromisoformat(value)
            return when if when.utcoffset() is not None else when.replace(tzinfo=UTC)
    return value


def _day(value: object) -> object:
    """A day that came as a moment: its local date."""
    if isinstance(value, str) and len(value) > len("2026-05-06"):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value).date()
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

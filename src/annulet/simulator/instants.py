"""Query parameters as the live API reads them: a date is the instant 00:00 UTC.

The validation failures repeat, word for word, what the live service is known to answer; their
wording is that of the parser it uses.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

__all__ = ["bool_failure", "instant_failures", "read_bool", "read_instant"]

_WATERSHED: Final = 20_000_000_000  # above: milliseconds
_LAST: Final = 253_402_300_799
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)
_TIME: Final = re.compile(
    r"(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+\-−]\d\d:?\d\d)?", re.ASCII
)
_TRUE: Final = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE: Final = frozenset({"0", "f", "false", "n", "no", "off"})
_DIGITS: Final = frozenset("0123456789")
_DATE_LENGTH: Final = 10


class _Bad(ValueError):  # noqa: N818 - it says what is bad
    """A text that is no instant; the argument says why."""


def read_instant(text: str) -> datetime:
    """The instant a parameter means.

    Raises:
        ValueError: It means none.
    """
    if _NUMBER.fullmatch(text):
        return _from_number(float(text))
    day = _read_date(text[:_DATE_LENGTH] if len(text) > _DATE_LENGTH else text)
    if len(text) == _DATE_LENGTH:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    if text[_DATE_LENGTH] not in "Tt_ ":
        raise _Bad("invalid datetime separator, expected `T`, `t`, `_` or space")
    return _read_time(day, text[_DATE_LENGTH + 1 :])


def _from_number(number: float) -> datetime:
    milliseconds = abs(number) > _WATERSHED
    if (number / 1000 if milliseconds else number) > _LAST:
        raise _Bad("dates after 9999 are not supported as unix timestamps")
    unit = "milliseconds" if milliseconds else "seconds"
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(**{unit: number})
    except OverflowError:
        raise _Bad("dates before 0000 are not supported as unix timestamps") from None


def _read_date(text: str) -> date:
    if len(text) < _DATE_LENGTH:
        raise _Bad("input is too short")
    for part, name in ((text[0:4], "year"), (text[5:7], "month"), (text[8:10], "day")):
        if name != "year" and text[4 if name == "month" else 7] != "-":
            raise _Bad("invalid date separator, expected `-`")
        if not _DIGITS.issuperset(part):
            raise _Bad(f"invalid character in {name}")
    month = int(text[5:7])
    if not 1 <= month <= 12:
        raise _Bad("month value is outside expected range of 1-12")
    try:
        return date(int(text[0:4]), month, int(text[8:10]))
    except ValueError:
        raise _Bad("day value is outside expected range") from None


def _read_time(day: date, text: str) -> datetime:
    found = _TIME.fullmatch(text)
    if not found:
        raise _Bad("input is too short" if len(text) < 5 else "invalid timezone sign")
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    for value, top, name in ((hour, 23, "hour"), (minute, 59, "minute"), (second, 59, "second")):
        if value > top:
            raise _Bad(f"{name} value is outside expected range of 0-{top}")
    micro = int((found[4] or "0").ljust(6, "0")[:6])
    local = datetime(day.year, day.month, day.day, hour, minute, second, micro, tzinfo=UTC)
    zone = found[5]
    if not zone or zone in "Zz":
        return local
    shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    if int(zone[-2:]) > 59:
        raise _Bad("timezone minute value is outside expected range of 0-59")
    if shift >= timedelta(days=1):
        raise _Bad("timezone offset must be less than 24 hours")
    try:
        return local - shift if zone[0] == "+" else local + shift
    except OverflowError:
        return local


def instant_failures(name: str, text: str, *, union: bool) -> list[dict[str, Any]]:
    """The entries of a 422 body for a text that is no instant.

    ``union``: the parameter is declared as date-time or date and fails twice.
    """
    reason = _reason(text)
    # Tried as a date alone, a readable date with a wrong time has something left over.
    as_date = reason
    if len(text) > _DATE_LENGTH and _is_date(text[:_DATE_LENGTH]):
        as_date = "unexpected extra characters at the end of the input"
    place = ["query", name]
    failures = [
        _failure(
            "datetime_from_date_parsing",
            [*place, "datetime"] if union else place,
            f"Input should be a valid datetime or date, {as_date}",
            text,
            as_date,
        )
    ]
    if union:
        failures.append(
            _failure(
                "date_from_datetime_parsing",
                [*place, "date"],
                f"Input should be a valid date or datetime, {reason}",
                text,
                reason,
            )
        )
    return failures


def _failure(kind: str, loc: list[str], msg: str, text: str, reason: str) -> dict[str, Any]:
    return {"type": kind, "loc": loc, "msg": msg, "input": text, "ctx": {"error": reason}}


def _reason(text: str) -> str:
    try:
        read_instant(text)
    except ValueError as error:
        return str(error)
    return "input is too short"


def _is_date(text: str) -> bool:
    try:
        _read_date(text)
    except _Bad:
        return False
    return True


def read_bool(text: str) -> bool:
    """A switch in the query.

    Raises:
        ValueError: The text is neither yes nor no.
    """
    lowered = text.lower()
    if lowered not in _TRUE | _FALSE:
        raise _Bad("neither yes nor no")
    return lowered in _TRUE


def bool_failure(name: str, text: str) -> dict[str, Any]:
    """The entry of a 422 body for a text that is no switch."""
    return {
        "type": "bool_parsing",
        "loc": ["query", name],
        "msg": "Input should be a valid boolean, unable to interpret input",
        "input": text,
    }

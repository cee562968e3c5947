"""The ``Retry-After`` header (RFC 9110 section 10.2.3): seconds, or a date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LONGEST_S: Final = 3600.0  # a longer wait is no advice for a person, and often a mistake


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until the server wants the next request; ``None`` when it does not say.

    A date counts from the ``Date`` header of the same response, so that no clock of ours matters.

    >>> retry_after_s({"retry-after": "12"}), retry_after_s({})
    (12.0, None)
    >>> at, until = "Thu, 01 Jan 1970 00:00:20 GMT", "Thu, 01 Jan 1970 00:01:00 GMT"
    >>> retry_after_s({"date": at, "retry-after": until})
    40.0
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        return _seconds_between(headers.get("date", ""), value)
    return min(seconds, _LONGEST_S) if 0 <= seconds < float("inf") else None


def _seconds_between(start: str, end: str) -> float | None:
    if not start or not end:
        return None
    from email.utils import parsedate_to_datetime

    try:
        seconds = parsedate_to_datetime(end).timestamp() - parsedate_to_datetime(start).timestamp()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, seconds), _LONGEST_S)

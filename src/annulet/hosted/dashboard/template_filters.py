"""The filters of the templates: instants, sizes and failures, as a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context

from annulet.hosted.audit.audit_actions import describe_action
from annulet.toolkit.wording.date_format import month_name

_BYTES_PER_KB: Final = 1000
_NEAR_DAYS: Final = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_FAILURES: Final = {
    "internal": "Oura did not understand a request",
    "membership_inactive": "Oura refused: the membership is not active",
    "app_update_needed": "Oura refused: the Oura app is too old",
    "missing_scope": "Oura refused: a permission is missing",
    "needs_reconnect": "Oura refused to renew the access",
    "oura_unavailable": "Oura could not be reached",
    "rate_limited": "Oura asked for a pause: too many requests",
}


def capitalise(text: str) -> str:
    """Write the first letter large and keep the rest.

    >>> capitalise("today, 09:00")
    'Today, 09:00'
    """
    return text[:1].upper() + text[1:]


def describe_failure(code: str) -> str:
    """Describe the code of a failure towards Oura."""
    return _FAILURES.get(code, capitalise(code.replace("_", " ")))


def format_size(count: int) -> str:
    """Format a number of bytes.

    >>> format_size(800), format_size(1234)
    ('800 B', '1.2 kB')
    """
    return f"{count} B" if count < _BYTES_PER_KB else f"{count / _BYTES_PER_KB:.1f} kB"


def format_instant(stored: int | None, zone: str = "UTC") -> str:
    """Format an instant with date and time in a zone.

    >>> format_instant(1779267600, "Europe/Helsinki")
    '20 May 2026, 12:00'
    """
    if stored is None:
        return "never"
    local = _to_local(stored, zone)
    return f"{local.day} {month_name(local)} {local:%Y, %H:%M}"


@pass_context
def format_near_instant(context: Context, stored: int | None, zone: str) -> str:
    """Format an instant in running text: the name of a day near today, else the date."""
    if stored is None:
        return "never"
    local, today = _to_local(stored, zone), _to_local(context["now"], zone).date()
    day_name = _NEAR_DAYS.get((local.date() - today) // timedelta(days=1))
    return (
        f"{day_name}, {local:%H:%M}"
        if day_name
        else f"{local.day} {month_name(local)} {local.year}"
    )


def format_iso_instant(text: str, zone: str) -> str:
    """Format an instant that is given as ISO 8601 text; other text is returned as it is."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if instant.tzinfo is None else format_instant(int(instant.timestamp()), zone)


def _to_local(stored: int, zone: str) -> datetime:
    return datetime.fromtimestamp(stored, UTC).astimezone(ZoneInfo(zone))


FILTERS: Final[dict[str, Callable[..., str]]] = {
    "capital": capitalise,
    "failing": describe_failure,
    "lately": format_near_instant,
    "moment": format_iso_instant,
    "sentence": describe_action,
    "size": format_size,
    "when": format_instant,
}
"""By their names in the templates."""

"""Events of Oura: parsed, and checked for their signature and their age.

An event says whose data has changed and of which kind; it carries no value.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from annulet.hosted.clock import to_epoch_s
from annulet.hosted.strict_json import read_json
from annulet.vault.secret import Secret

_MAX_AGE_S: Final = 2 * 3600
"""Oura repeats an event that was not accepted for about an hour."""
_MAX_AHEAD_S: Final = 300
_MILLISECOND_DIGITS: Final = 13
_MAX_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class OuraEvent:
    """One event; its representation names neither the person nor the document."""

    data_type: str
    object_id: str = field(repr=False)
    event_time: str
    user_id: str = field(repr=False)


def parse_event(body: bytes) -> OuraEvent | None:
    """Parse the body of a request; ``None`` when it holds no event."""
    try:
        document = read_json(body)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    event = OuraEvent(**{name: _text(document.get(name)) for name in OuraEvent.__slots__})
    return event if event.user_id and event.data_type else None


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _MAX_TEXT else ""


def is_signed(secret: Secret, timestamp: str, body: bytes, signature: str) -> bool:
    """Tell whether the holder of the application's secret signed this body at this time.

    The signature covers the bytes as they came: JSON that is encoded again has other bytes.
    """
    mac = hmac.new(secret.reveal().encode(), timestamp.encode() + body, hashlib.sha256)
    return hmac.compare_digest(mac.hexdigest().upper().encode(), signature.encode())


def is_timely(timestamp: str, now: datetime) -> bool:
    """Tell whether the time of signing is neither too old nor in the future.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 5, 20, 12, tzinfo=UTC)
    >>> is_timely("1779278400", noon), is_timely("1779278400000", noon), is_timely("soon", noon)
    (True, True, False)
    """
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > _MILLISECOND_DIGITS:
        return False
    signed_at = int(timestamp)
    if len(timestamp) == _MILLISECOND_DIGITS:
        signed_at //= 1000
    return -_MAX_AHEAD_S <= to_epoch_s(now) - signed_at <= _MAX_AGE_S

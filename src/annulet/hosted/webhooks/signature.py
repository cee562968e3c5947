"""Whether an event is Oura's, and of now: its signature covers the bytes as they came."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Final

from annulet.hosted.clock import to_epoch_s
from annulet.vault.secret import Secret

__all__ = ["OLDEST_SECONDS", "genuine", "timely"]

OLDEST_SECONDS: Final = 2 * 3600
"""Oura repeats what was not accepted for about an hour; older than this it is not from there."""
_AHEAD_SECONDS: Final = 300
_MILLISECONDS: Final = 13


def genuine(secret: Secret, timestamp: str, body: bytes, given: str) -> bool:
    """Whether whoever knows the application's secret signed this body at this time.

    Args:
        secret: The secret of our application at Oura.
        timestamp: The header, as it came.
        body: The body, as it came: JSON written anew would be other bytes.
        given: The signature in the header.
    """
    signed = hmac.new(secret.reveal().encode(), timestamp.encode() + body, hashlib.sha256)
    return hmac.compare_digest(signed.hexdigest().upper().encode(), given.encode())


def timely(timestamp: str, now: datetime) -> bool:
    """Whether a time of signing is neither old nor still to come.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 5, 20, 12, tzinfo=UTC)
    >>> timely("1779278400", noon), timely("1779278400000", noon), timely("soon", noon)
    (True, True, False)
    """
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > _MILLISECONDS:
        return False
    signed = int(timestamp)
    if len(timestamp) == _MILLISECONDS:
        signed //= 1000
    return -_AHEAD_SECONDS <= to_epoch_s(now) - signed <= OLDEST_SECONDS

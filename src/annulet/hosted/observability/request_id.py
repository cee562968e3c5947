"""The id of a request: what a trusted proxy has given, or one of our own."""

from __future__ import annotations

import re
import secrets
from typing import Final

from starlette.types import Scope

from annulet.hosted.observability.work_record import RECORD_KEY, WorkRecord

HEADER: Final = b"x-request-id"
_PLAIN: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def read_request_id(scope: Scope) -> str:
    """Read the id in the header of a request, or make one where there is no plain token.

    The header is there only where a trusted proxy has sent it (`web.forwarded_headers`). Of
    several, the last one is that of the nearest proxy.
    """
    given = [value for name, value in scope["headers"] if name == HEADER]
    if given and _PLAIN.fullmatch(given[-1]):
        return str(given[-1], "ascii")
    return secrets.token_hex(8)


def find_request_id(scope: Scope) -> str:
    """Return the id of a request that is being answered; empty where it has none."""
    record: WorkRecord | None = scope.get(RECORD_KEY)
    return record.names["request_id"] if record else ""

"""Reads JSON-RPC messages, and says what is wrong with those that are none.

The SDK takes a request whose id is neither text nor a whole number for a notification, and a client
would wait for its answer for good.
"""

from __future__ import annotations

import json
from typing import Final

import mcp_types as types
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

_NOT_A_MESSAGE: Final = "This is not a JSON-RPC message."
_HALF_PAIR: Final = "A text holds half of a surrogate pair, which no UTF-8 can carry."


def read_message(text: str) -> SessionMessage | types.JSONRPCError:
    """Read one message, or build the error that answers it.

    Args:
        text: The message as JSON.
    """
    value = decode(text)
    if isinstance(value, types.JSONRPCError):
        return value
    try:
        message = types.jsonrpc_message_adapter.validate_python(value, by_name=False)
    except (ValidationError, RecursionError):
        return build_error(types.INVALID_REQUEST, _NOT_A_MESSAGE, read_id(value))
    return SessionMessage(message)


def decode(text: str) -> dict[str, object] | types.JSONRPCError:
    """Decode one message, or build the error that answers it.

    Args:
        text: The message as JSON.
    """
    try:
        value = json.loads(text.removeprefix("\ufeff"))  # some programs begin with a mark
    except (ValueError, RecursionError):
        return build_error(types.PARSE_ERROR, "This is not JSON.")
    if not isinstance(value, dict):
        return build_error(types.INVALID_REQUEST, _NOT_A_MESSAGE)
    fault = _find_fault(value) or _find_half_pair(text, value)
    return build_error(types.INVALID_REQUEST, fault, read_id(value)) if fault else value


def _find_fault(value: dict[str, object]) -> str:
    """Find what no request, notification or response may have; empty where there is nothing."""
    is_named = isinstance(value.get("method"), str)
    is_response = "method" not in value and ("result" in value or "error" in value)
    if value.get("jsonrpc") != "2.0" or not (is_named or is_response):
        return _NOT_A_MESSAGE
    if is_named and "id" in value and read_id(value) is None:
        return "The id of a request is text or a whole number."
    if not isinstance(value.get("params"), dict | None):
        return "The params of a message are an object."
    return ""


def read_id(value: object) -> str | int | None:
    """The id that an answer repeats; ``None`` where there is none."""
    request_id = value.get("id") if isinstance(value, dict) else None
    is_id = isinstance(request_id, str | int) and not isinstance(request_id, bool)
    return request_id if is_id and _is_unicode(request_id) else None


def build_error(code: int, message: str, request_id: str | int | None = None) -> types.JSONRPCError:
    """Build the error that answers a message."""
    return types.JSONRPCError(
        jsonrpc="2.0", id=request_id, error=types.ErrorData(code=code, message=message)
    )


def _find_half_pair(text: str, value: object) -> str:
    # only an escape can bring one, and escapes are rare
    return _HALF_PAIR if "\\u" in text and not _is_unicode(value) else ""


def _is_unicode(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True

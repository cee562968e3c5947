"""Asking, inside the chat, for the page where a ring is connected.

The address is always our own page, carries no secret and signs nobody in. Where the client cannot
open addresses, or already did and the ring is still not connected, the failure itself says what to
do.
"""

from __future__ import annotations

from typing import Any, Final

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from annulet.errors import AnnuletError, ConsentRevoked, NotConnected

__all__ = ["ask_to_connect", "with_address"]

_KEY: Final = "connect_ring"
_STATE: Final = "asked-to-connect"


def ask_to_connect(
    ctx: ServerRequestContext[Any, Any],
    params: types.InputResponseRequestParams,
    problem: AnnuletError,
    address: str | None,
) -> types.InputRequiredResult | None:
    """The request to open our page, where it helps and the client can; else nothing.

    Args:
        ctx: The request being answered.
        params: Its parameters; a retry holds what the person did.
        problem: Why there is no answer.
        address: Our page, where there is one.
    """
    already_asked = params.request_state is not None or bool(params.input_responses)
    if address is None or already_asked or not isinstance(problem, NotConnected | ConsentRevoked):
        return None
    if not _opens_addresses(ctx):
        return None
    request = types.ElicitRequest(
        params=types.ElicitRequestURLParams(
            message=f"{problem.message} Connect it here.", url=address
        )
    )
    return types.InputRequiredResult(input_requests={_KEY: request}, request_state=_STATE)


def with_address(payload: dict[str, Any], address: str | None) -> dict[str, Any]:
    """The failure with our page in its hint, unless it is there already."""
    said = payload["error"]
    if address is None or address in said["hint"]:
        return payload
    return {"error": {**said, "hint": f"{said['hint']} Open {address}".strip()}}


def _opens_addresses(ctx: ServerRequestContext[Any, Any]) -> bool:
    if ctx.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return False
    able = ctx.session.client_capabilities
    return bool(able and able.elicitation and able.elicitation.url is not None)

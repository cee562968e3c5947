"""Asks, inside the chat, to open the page where a ring is connected.

The address is always our own page, carries no secret and signs no person in. Where the client
cannot open addresses, or already did and the ring is still not connected, the failure itself says
what to do.
"""

from __future__ import annotations

from typing import Final

import mcp_types as types
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from annulet.errors import AnnuletError, ConsentRevoked, NotConnected
from annulet.mcp_server.request_person import RequestContext
from annulet.toolkit.tool import Answer

_REQUEST_NAME: Final = "connect_ring"
_STATE: Final = "asked-to-connect"


def build_connect_request(
    ctx: RequestContext,
    params: types.InputResponseRequestParams,
    problem: AnnuletError,
    connect_url: str | None,
) -> types.InputRequiredResult | None:
    """Build the request to open our page; ``None`` where it would not help.

    Args:
        ctx: The request being answered.
        params: Its parameters; a retry holds what the person did.
        problem: Why there is no answer.
        connect_url: Our page, where there is one.
    """
    is_retry = params.request_state is not None or bool(params.input_responses)
    if connect_url is None or is_retry or not isinstance(problem, NotConnected | ConsentRevoked):
        return None
    if not _can_open_urls(ctx):
        return None
    request = types.ElicitRequest(
        params=types.ElicitRequestURLParams(
            message=f"{problem.message} Connect it here.", url=connect_url
        )
    )
    return types.InputRequiredResult(input_requests={_REQUEST_NAME: request}, request_state=_STATE)


def add_connect_url(failure: Answer, connect_url: str | None) -> Answer:
    """Add our page to the hint of a failure, unless it is there already."""
    error = failure["error"]
    if connect_url is None or connect_url in error["hint"]:
        return failure
    return {"error": {**error, "hint": f"{error['hint']} Open {connect_url}".strip()}}


def _can_open_urls(ctx: RequestContext) -> bool:
    if ctx.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return False
    capabilities = ctx.session.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    return elicitation is not None and elicitation.url is not None

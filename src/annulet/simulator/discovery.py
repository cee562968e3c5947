"""Addresses of both identity providers, and the discovery document of the current one."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import PREFIX, SCOPES
from annulet.simulator.replies import json_reply

__all__ = [
    "AUTHORIZE",
    "DISCOVERY",
    "FRONT_DOOR",
    "INTROSPECT",
    "ISSUER",
    "LEGACY_REVOKE",
    "LEGACY_TOKEN",
    "REVOKE",
    "TOKEN",
    "issuer",
    "routes",
]

FRONT_DOOR: Final = "/oauth/authorize"
LEGACY_TOKEN: Final = "/oauth/token"  # noqa: S105 - an address
LEGACY_REVOKE: Final = "/oauth/revoke"
AUTHORIZE: Final = "/oauth/v2/ext/oauth-authorize"
TOKEN: Final = "/oauth/v2/ext/oauth-token"  # noqa: S105 - an address
REVOKE: Final = "/oauth/v2/ext/oauth-revoke"
INTROSPECT: Final = "/oauth/v2/ext/oauth-introspect"
ISSUER: Final = "/oauth/v2/ext/oauth-anonymous"
DISCOVERY: Final = f"{ISSUER}/.well-known/openid-configuration"


def issuer(request: Request) -> str:
    """The issuer, on the base the simulator is reached by."""
    return str(request.base_url).rstrip("/") + ISSUER


async def _discovery(request: Request) -> Response:
    base = str(request.base_url).rstrip("/")
    return json_reply(
        {
            "issuer": base + ISSUER,
            "authorization_endpoint": base + AUTHORIZE,
            "token_endpoint": base + TOKEN,
            "revocation_endpoint": base + REVOKE,
            "introspection_endpoint": base + INTROSPECT,
            "response_types_supported": ["code", "token"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "implicit",
            ],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["S256", "plain"],
            "scopes_supported": [PREFIX + name for name in SCOPES],
            "subject_types_supported": ["public"],
        }
    )


routes: Final = [Route(DISCOVERY, _discovery)]

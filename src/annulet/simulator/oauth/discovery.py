"""The paths of both identity providers, and the discovery document of the current one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import PREFIX, SCOPES
from annulet.simulator.responses import json_response, route


@dataclass(frozen=True, slots=True)
class ProviderPaths:
    """The paths of one identity provider."""

    authorize: str
    token: str
    revoke: str


LEGACY: Final = ProviderPaths("/oauth/authorize", "/oauth/token", "/oauth/revoke")
CURRENT: Final = ProviderPaths(
    "/oauth/v2/ext/oauth-authorize", "/oauth/v2/ext/oauth-token", "/oauth/v2/ext/oauth-revoke"
)
INTROSPECTION_PATH: Final = "/oauth/v2/ext/oauth-introspect"
_ISSUER_PATH: Final = "/oauth/v2/ext/oauth-anonymous"
_DISCOVERY_PATH: Final = f"{_ISSUER_PATH}/.well-known/openid-configuration"


def base_url(request: Request) -> str:
    """Return the base URL under which the simulator is reached, without a final slash."""
    return str(request.base_url).rstrip("/")


def issuer(request: Request) -> str:
    """Return the issuer of the current provider."""
    return base_url(request) + _ISSUER_PATH


async def _discovery_document(request: Request) -> Response:
    base = base_url(request)
    return json_response(
        {
            "issuer": issuer(request),
            "authorization_endpoint": base + CURRENT.authorize,
            "token_endpoint": base + CURRENT.token,
            "revocation_endpoint": base + CURRENT.revoke,
            "introspection_endpoint": base + INTROSPECTION_PATH,
            "response_types_supported": ["code", "token"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "implicit",
            ],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["S256", "plain"],
            "scopes_supported": [PREFIX + scope for scope in SCOPES],
            "subject_types_supported": ["public"],
        }
    )


def routes() -> list[Route]:
    """Return the discovery route."""
    return [route(_DISCOVERY_PATH, _discovery_document)]

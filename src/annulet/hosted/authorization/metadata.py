"""What clients read before they ask: RFC 9728 for the resource, RFC 8414 for this server."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from annulet.hosted.authorization.scopes import READ, SCOPES

__all__ = ["authorization_server", "challenge", "protected_resource", "resource_endpoint"]

_METHODS = ["none", "client_secret_basic", "client_secret_post"]


def authorization_server(public_url: str, *, documents: bool) -> dict[str, Any]:
    """The metadata of the authorization server.

    Args:
        public_url: The bare address of the service, which is the issuer.
        documents: Whether client-ID metadata documents can be fetched from here.
    """
    return {
        "issuer": public_url,
        "authorization_endpoint": f"{public_url}/authorize",
        "token_endpoint": f"{public_url}/token",
        "registration_endpoint": f"{public_url}/register",
        "revocation_endpoint": f"{public_url}/revoke",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": _METHODS,
        "revocation_endpoint_auth_methods_supported": _METHODS,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": documents,
        "service_documentation": f"{public_url}/",
    }


def protected_resource(public_url: str, resource: str) -> dict[str, Any]:
    """The metadata of one MCP endpoint."""
    return {
        "resource": resource,
        "authorization_servers": [public_url],
        "scopes_supported": [READ],
        "bearer_methods_supported": ["header"],
        "resource_name": "annulet: Oura Ring",
    }


def challenge(public_url: str, path: str, *, error: str = "", description: str = "") -> str:
    """The ``WWW-Authenticate`` header that leads a client to us."""
    words = [
        f'resource_metadata="{public_url}/.well-known/oauth-protected-resource{path}"',
        f'scope="{READ}"',
    ]
    if error:
        words = [f'error="{error}"', f'error_description="{description}"', *words]
    return "Bearer " + ", ".join(words)


def resource_endpoint(public_url: str, resource: str) -> str | None:
    """Which endpoint a ``resource`` parameter names.

    Returns:
        The id of an endpoint; empty for the common address, where consent picks the endpoint;
        ``None`` for what is not ours.

    >>> resource_endpoint("https://a.example", "https://a.example/mcp/e1")
    'e1'
    >>> resource_endpoint("https://a.example", "https://b.example/mcp") is None
    True
    """
    ours, theirs = urlsplit(public_url), urlsplit(resource)
    if not resource:
        return ""
    if (theirs.scheme, theirs.netloc.casefold()) != (ours.scheme, ours.netloc.casefold()):
        return None
    if theirs.query or theirs.fragment:
        return None
    path = theirs.path.rstrip("/")
    if path in {"", "/mcp"}:
        return ""
    head, _, endpoint = path.rpartition("/")
    return endpoint if head == "/mcp" and endpoint.isalnum() else None

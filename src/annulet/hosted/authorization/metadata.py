"""Metadata for clients: protected resource (RFC 9728) and authorization server (RFC 8414)."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from annulet.hosted.authorization.client_registration import AUTH_METHODS
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.authorization.scopes import OFFLINE, READ, SCOPES


def build_server_metadata(public_url: str, *, supports_documents: bool) -> dict[str, object]:
    """Build the metadata of the authorization server.

    Args:
        public_url: The address of the service, which is the issuer.
        supports_documents: Whether client-ID metadata documents can be fetched from here.
    """
    methods = list(AUTH_METHODS)
    return {
        "issuer": public_url,
        "authorization_endpoint": f"{public_url}/authorize",
        "token_endpoint": f"{public_url}/token",
        "registration_endpoint": f"{public_url}/register",
        "revocation_endpoint": f"{public_url}/revoke",
        "scopes_supported": [*SCOPES, OFFLINE],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": supports_documents,
        "service_documentation": f"{public_url}/",
    }


def build_resource_metadata(public_url: str, resource: str) -> dict[str, object]:
    """Build the metadata of one MCP endpoint."""
    return {
        "resource": resource,
        "authorization_servers": [public_url],
        "scopes_supported": [READ],
        "bearer_methods_supported": ["header"],
        "resource_name": "annulet: Oura Ring",
    }


def build_challenge(public_url: str, path: str, *, error: str = "", description: str = "") -> str:
    """Build the ``WWW-Authenticate`` header that leads a client to the metadata (RFC 9728)."""
    parameters = [
        f'resource_metadata="{public_url}/.well-known/oauth-protected-resource{path}"',
        f'scope="{READ}"',
    ]
    if error:
        parameters = [f'error="{error}"', f'error_description="{description}"', *parameters]
    return "Bearer " + ", ".join(parameters)


def canonical_resource(public_url: str, resource: str) -> str:
    """Return the one address for every form of a ``resource`` parameter (RFC 8707).

    The origin stands for the common address, where consent picks the endpoint.

    Raises:
        OAuthError: It is not a resource of this service.

    >>> canonical_resource("https://a.example", "https://A.example:443/mcp/")
    'https://a.example/mcp'
    """
    parts = _split(resource)
    path = parts.path.rstrip("/") or "/mcp"
    parent, _, endpoint_id = path.rpartition("/")
    is_ours = path == "/mcp" or (parent == "/mcp" and endpoint_id.isalnum())
    if _origin(parts) != _origin(urlsplit(public_url)) or parts.query or not is_ours:
        raise OAuthError("invalid_target", "The resource is not one of this service.")
    return f"{public_url}{path}"


def _split(resource: str) -> SplitResult:
    try:
        parts = urlsplit(resource)
        _ = parts.port  # raises for a port out of range
    except ValueError:
        return urlsplit("")
    return urlsplit("") if parts.fragment or parts.username or parts.password else parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default

"""Metadata for clients: protected resource (RFC 9728) and authorization server (RFC 8414)."""

from __future__ import annotations

from urllib.parse import urlsplit

from annulet.hosted.authorization.client_registration import AUTH_METHODS
from annulet.hosted.authorization.scopes import READ, SCOPES


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
        "scopes_supported": list(SCOPES),
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


def parse_resource(public_url: str, resource: str) -> str | None:
    """Parse a ``resource`` parameter (RFC 8707).

    Returns:
        The id of an endpoint; empty for the common address, where consent picks the endpoint;
        ``None`` for a resource of another service.

    >>> parse_resource("https://a.example", "https://a.example/mcp/e1")
    'e1'
    >>> parse_resource("https://a.example", "https://b.example/mcp") is None
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
    parent, _, endpoint_id = path.rpartition("/")
    return endpoint_id if parent == "/mcp" and endpoint_id.isalnum() else None

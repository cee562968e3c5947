"""An authorization request: what the client may be told, and what only the person is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from annulet.hosted.authorization.clients import OAuthClient, OAuthClients
from annulet.hosted.authorization.errors import OAuthError, RedirectError
from annulet.hosted.authorization.metadata import canonical_resource
from annulet.hosted.authorization.pkce import is_challenge
from annulet.hosted.authorization.redirects import add_query, is_registered
from annulet.hosted.authorization.scopes import parse_scopes

PARAMETERS: Final = (
    "client_id",
    "redirect_uri",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "scope",
    "state",
    "resource",
)
_MAX_STATE: Final = 2000


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A valid request, which can be shown to the person.

    Attributes:
        client: Who asks.
        redirect_uri: Where the answer goes.
        redirect_given: Whether the request named it; then the exchange must name it, too.
        challenge: The PKCE challenge.
        scopes: What is asked for.
        state: The client's own value, returned to it.
        resource: The resource that the token is for.
        endpoint_id: The endpoint that the resource names; empty where the person picks one.
    """

    client: OAuthClient
    redirect_uri: str
    redirect_given: bool
    challenge: str
    scopes: tuple[str, ...]
    state: str
    resource: str
    endpoint_id: str


async def parse_authorization_request(
    parameters: Mapping[str, str], clients: OAuthClients, public_url: str
) -> AuthorizationRequest:
    """Check the parameters of an authorization request.

    Raises:
        OAuthError: The client or its redirect URI is wrong: only the person may be told.
        RedirectError: Anything else is wrong: the client is told.
    """
    client = await clients.find(parameters.get("client_id", ""))
    given_uri = parameters.get("redirect_uri", "")
    redirect_uri = given_uri or (client.redirect_uris[0] if len(client.redirect_uris) == 1 else "")
    if not redirect_uri or not is_registered(redirect_uri, client.redirect_uris):
        raise OAuthError(
            "invalid_redirect_uri",
            "The application wants the answer at an address it has not registered.",
        )
    state = parameters.get("state", "")
    try:
        _check_flow(parameters, state)
        resource = canonical_resource(public_url, parameters.get("resource") or public_url)
        scopes = parse_scopes(parameters.get("scope", ""))
    except OAuthError as error:
        location = build_error_redirect(redirect_uri, error, state, public_url)
        raise RedirectError(
            location, error, client_id=client.id, redirect_uri=redirect_uri
        ) from None
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        redirect_given=bool(given_uri),
        challenge=parameters["code_challenge"],
        scopes=scopes,
        state=state,
        resource=resource,
        endpoint_id=resource.removeprefix(f"{public_url}/mcp").strip("/"),
    )


def build_error_redirect(redirect_uri: str, error: OAuthError, state: str, public_url: str) -> str:
    """Build the redirect that tells the client of an error."""
    parameters = {**error.as_dict(), "iss": public_url}
    if state:
        parameters["state"] = state
    return add_query(redirect_uri, parameters)


def _check_flow(parameters: Mapping[str, str], state: str) -> None:
    if parameters.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "Only the response type code is offered.")
    if parameters.get("code_challenge_method", "plain") != "S256":
        raise OAuthError("invalid_request", "PKCE with S256 is required.")
    if not is_challenge(parameters.get("code_challenge", "")):
        raise OAuthError("invalid_request", "The code challenge is missing or malformed.")
    if len(state) > _MAX_STATE:
        raise OAuthError("invalid_request", "The state is too long.")

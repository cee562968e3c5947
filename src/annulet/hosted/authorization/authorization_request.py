"""An authorization request: what may be told to the client, and what only to the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from annulet.hosted.authorization.clients import Client, Clients
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.authorization.metadata import resource_endpoint
from annulet.hosted.authorization.pkce import challenge_ok
from annulet.hosted.authorization.redirects import matches, with_parameters
from annulet.hosted.authorization.scopes import chosen

__all__ = [
    "PARAMETERS",
    "AuthorizationRequest",
    "RedirectError",
    "parse_authorization_request",
    "refusal",
]

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
_LONGEST_STATE: Final = 2000


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that can be put before the person.

    Attributes:
        client: Who asks.
        redirect_uri: Where the answer goes.
        redirect_given: Whether the request named it (then the exchange must, too).
        challenge: The PKCE challenge.
        scopes: What is asked for.
        state: The client's own, given back.
        resource: Which of our resources the token is for.
        endpoint_id: The endpoint that resource names; empty where the person picks.
    """

    client: Client
    redirect_uri: str
    redirect_given: bool
    challenge: str
    scopes: tuple[str, ...]
    state: str
    resource: str
    endpoint_id: str


class RedirectError(Exception):
    """A refusal that goes back to the client through the browser.

    Args:
        location: The redirect URI with the error.
    """

    def __init__(self, location: str) -> None:
        super().__init__("redirected")
        self.location = location


async def parse_authorization_request(
    parameters: Mapping[str, str], clients: Clients, public_url: str
) -> AuthorizationRequest:
    """Check an authorization request.

    Raises:
        OAuthError: The client or its redirect is wrong: only the person is told.
        RedirectError: Anything else is wrong: the client is told.
    """
    client = await clients.find(parameters.get("client_id", ""))
    given = parameters.get("redirect_uri", "")
    redirect_uri = given or (client.redirect_uris[0] if len(client.redirect_uris) == 1 else "")
    if not redirect_uri or not matches(redirect_uri, client.redirect_uris):
        raise OAuthError(
            "invalid_redirect_uri",
            "The application wants the answer at an address it has not registered.",
        )
    state = parameters.get("state", "")
    try:
        _check_flow(parameters, state)
        scopes = _scopes(parameters.get("scope", ""))
        endpoint = _endpoint(public_url, parameters.get("resource", ""))
    except OAuthError as error:
        raise RedirectError(refusal(redirect_uri, error, state, public_url)) from None
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        redirect_given=bool(given),
        challenge=parameters["code_challenge"],
        scopes=scopes,
        state=state,
        resource=f"{public_url}/mcp/{endpoint}" if endpoint else f"{public_url}/mcp",
        endpoint_id=endpoint,
    )


def refusal(redirect_uri: str, error: OAuthError, state: str, public_url: str) -> str:
    """The redirect that tells a client no."""
    answer = {**error.as_dict(), "iss": public_url}
    if state:
        answer["state"] = state
    return with_parameters(redirect_uri, answer)


def _scopes(asked: str) -> tuple[str, ...]:
    scopes = chosen(asked)
    if scopes is None:
        raise OAuthError("invalid_scope", "None of the scopes is known here.")
    return scopes


def _endpoint(public_url: str, resource: str) -> str:
    endpoint = resource_endpoint(public_url, resource)
    if endpoint is None:
        raise OAuthError("invalid_target", "The resource is not one of this service.")
    return endpoint


def _check_flow(parameters: Mapping[str, str], state: str) -> None:
    if parameters.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "Only the response type code is offered.")
    if parameters.get("code_challenge_method", "plain") != "S256":
        raise OAuthError("invalid_request", "PKCE with S256 is required.")
    if not challenge_ok(parameters.get("code_challenge", "")):
        raise OAuthError("invalid_request", "The code challenge is missing or malformed.")
    if len(state) > _LONGEST_STATE:
        raise OAuthError("invalid_request", "The state is too long.")

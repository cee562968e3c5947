"""The authorization endpoints: the current one with its consent page, and the legacy one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from annulet.contract.scopes import PREFIX, SCOPES
from annulet.simulator.oauth.applications import Application
from annulet.simulator.oauth.authorization_server import AuthorizationServer
from annulet.simulator.oauth.consent_pages import consent_page, error_page
from annulet.simulator.oauth.discovery import CURRENT, LEGACY, base_url, issuer
from annulet.simulator.oauth.token_store import CodeBinding
from annulet.simulator.request_log import LoggedRequest
from annulet.simulator.responses import html_response, route

_CHALLENGE_METHODS: Final = ("S256", "plain")


@dataclass(frozen=True, slots=True)
class _AuthorizationRequest:
    """One request with a known client and a registered redirect URI."""

    application: Application
    scopes: tuple[str, ...]
    state: str | None
    binding: CodeBinding


class AuthorizationEndpoint:
    """Answers the authorization endpoints of both providers."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server

    def routes(self) -> list[Route]:
        """Return the routes of the legacy and of the current provider."""
        return [
            route(LEGACY.authorize, self._forward),
            route(CURRENT.authorize, self._show_consent),
            route(CURRENT.authorize, self._take_decision, methods=["POST"]),
        ]

    async def _forward(self, request: Request) -> Response:
        """Forward to the current provider; each scope gets the prefix."""
        query = dict(request.query_params)
        if "scope" in query:
            query["scope"] = " ".join(
                PREFIX + scope
                for scope in query["scope"].split()
                if scope not in self._server.options.dropped_bare_scopes
            )
        return RedirectResponse(f"{base_url(request)}{CURRENT.authorize}?{urlencode(query)}", 302)

    async def _show_consent(self, request: Request) -> Response:
        authorization = self._read(request)
        if isinstance(authorization, Response):
            return authorization
        person = self._server.options.auto_approve
        if person:
            return self._approve(request, authorization, person, authorization.scopes)
        people = self._server.people.values()
        return html_response(consent_page(authorization.application, authorization.scopes, people))

    async def _take_decision(self, request: Request) -> Response:
        authorization = self._read(request)
        if isinstance(authorization, Response):
            return authorization
        form = await request.form()
        if form.get("decision", "allow") != "allow":
            return self._redirect(
                request,
                authorization,
                error="access_denied",
                error_description="The resource owner denied the request.",
            )
        person = str(form.get("person") or next(iter(self._server.people)))
        if person not in self._server.people:
            return _error_response("Unknown person", f"There is no person {person}.")
        scopes = _ticked_scopes(form, authorization.scopes)
        return self._approve(request, authorization, person, scopes)

    def _read(self, request: Request) -> _AuthorizationRequest | Response:
        """Return the authorization request, or the response to a wrong one.

        Errors of client and redirect URI are shown on a page, for the redirect URI is not to be
        trusted then (RFC 6749, 4.1.2.1); all others are sent to the redirect URI.
        """
        query = request.query_params
        application = self._server.applications.get(query.get("client_id", ""))
        if application is None:
            return _error_response("Invalid Client ID", "No application has this client id.")
        redirect_uri = query.get("redirect_uri")
        registered = application.redirect_uris
        if redirect_uri is None and len(registered) != 1:
            return _error_response("No Valid Redirect URIs", "Say which redirect URI to use.")
        if redirect_uri is not None and redirect_uri not in registered:
            return _error_response(
                "Redirect URI Not Found",
                f"{redirect_uri} is none of the registered ones: {', '.join(registered)}",
            )
        authorization = _AuthorizationRequest(
            application=application,
            scopes=_known_scopes(query.get("scope"), application),
            state=query.get("state"),
            binding=CodeBinding(
                redirect_uri=redirect_uri or registered[0],
                redirect_uri_given=redirect_uri is not None,
                code_challenge=query.get("code_challenge"),
                code_challenge_method=query.get("code_challenge_method", "plain"),
            ),
        )
        error = _find_error(authorization, query.get("response_type"))
        return self._redirect(request, authorization, **error) if error else authorization

    def _approve(
        self,
        request: Request,
        authorization: _AuthorizationRequest,
        person: str,
        scopes: tuple[str, ...],
    ) -> Response:
        grant = self._server.grant(authorization.application, person, scopes)
        code = self._server.tokens.issue_code(
            grant, authorization.binding, self._server.options.code_life
        )
        logged = LoggedRequest.of(request)
        logged.person, logged.client_id = person, authorization.application.client_id
        parameters = {"code": code.value}
        if not self._server.options.omit_scope:
            parameters["scope"] = " ".join(PREFIX + scope for scope in grant.scopes)
        return self._redirect(request, authorization, **parameters)

    def _redirect(
        self, request: Request, authorization: _AuthorizationRequest, **parameters: str
    ) -> Response:
        """Send the browser back to the application."""
        if authorization.state is not None and self._server.options.echo_state:
            parameters["state"] = authorization.state
        if authorization.application.receives_issuer:
            parameters["iss"] = issuer(request)
        redirect_uri = authorization.binding.redirect_uri
        separator = "&" if urlsplit(redirect_uri).query else "?"
        return RedirectResponse(f"{redirect_uri}{separator}{urlencode(parameters)}", 302)


def _error_response(title: str, text: str) -> Response:
    return html_response(error_page(title, text), 400)


def _find_error(
    authorization: _AuthorizationRequest, response_type: str | None
) -> dict[str, str] | None:
    """Return the error parameters of a request that cannot be granted."""
    binding = authorization.binding
    if response_type != "code":
        error = "unsupported_response_type"
        description = "Only the authorization code flow is offered."
    elif (
        binding.code_challenge is not None
        and binding.code_challenge_method not in _CHALLENGE_METHODS
    ):
        error = "invalid_request"
        description = "The code challenge method is not supported."
    elif not authorization.scopes:
        error, description = "invalid_scope", "None of the requested scopes is known."
    else:
        return None
    return {"error": error, "error_description": description}


def _known_scopes(scope: str | None, application: Application) -> tuple[str, ...]:
    """Return the requested scopes that are known and carry the prefix; others are dropped."""
    if scope is None:
        return application.scopes
    names = (name.removeprefix(PREFIX) for name in scope.split() if name.startswith(PREFIX))
    return tuple(
        dict.fromkeys(name for name in names if name in SCOPES and name in application.scopes)
    )


def _ticked_scopes(form: FormData, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scopes left ticked, or all if the form did not show them."""
    ticked = {str(value).removeprefix(PREFIX) for value in form.getlist("scope")}
    if not ticked and "scopes_shown" not in form:
        return scopes
    return tuple(scope for scope in scopes if scope in ticked)

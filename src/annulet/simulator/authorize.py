"""The authorization endpoints: the old front door, the current server and its consent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from annulet.contract.scopes import PREFIX, SCOPES
from annulet.simulator.applications import Application
from annulet.simulator.consent import consent_page, error_page
from annulet.simulator.demo_people import DESCRIPTIONS
from annulet.simulator.discovery import AUTHORIZE, FRONT_DOOR, issuer
from annulet.simulator.replies import page_reply
from annulet.simulator.state import State

__all__ = ["Authorize"]

_METHODS: Final = ("S256", "plain")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request for consent that may be shown."""

    application: Application
    redirect_uri: str
    redirect_given: bool
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None
    method: str


class _Unshowable(Exception):  # noqa: N818 - an answer, not an accident
    """A request whose answer must not be sent to the redirect URI."""


class Authorize:
    """Answers both authorization endpoints."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def routes(self) -> list[Route]:
        """The front door and the current endpoint."""
        return [
            Route(FRONT_DOOR, self.forward),
            Route(AUTHORIZE, self.ask, methods=["GET"]),
            Route(AUTHORIZE, self.answer, methods=["POST"]),
        ]

    async def forward(self, request: Request) -> Response:
        """Forward to the current server; scopes get their prefix on the way."""
        query = dict(request.query_params)
        if "scope" in query:
            query["scope"] = " ".join(
                PREFIX + name
                for name in query["scope"].split()
                if name not in self._state.options.dropped_bare_scopes
            )
        target = f"{str(request.base_url).rstrip('/')}{AUTHORIZE}?{urlencode(query)}"
        return RedirectResponse(target, 302)

    async def ask(self, request: Request) -> Response:
        """Show the consent page."""
        try:
            asked = self._read(request)
        except _Unshowable as error:
            return page_reply(error_page(*error.args), 400)
        refused = self._refused(request, asked)
        if refused:
            return refused
        if self._state.options.auto_approve:
            return self._allow(request, asked, self._state.options.auto_approve, asked.scopes)
        people = [(name, DESCRIPTIONS.get(name, "")) for name in self._state.people]
        return page_reply(consent_page(asked.application, asked.scopes, people))

    async def answer(self, request: Request) -> Response:
        """Take the person's decision."""
        try:
            asked = self._read(request)
        except _Unshowable as error:
            return page_reply(error_page(*error.args), 400)
        refused = self._refused(request, asked)
        if refused:
            return refused
        form = await request.form()
        if form.get("decision", "allow") != "allow":
            return self._back(
                request,
                asked,
                {
                    "error": "access_denied",
                    "error_description": "The resource owner denied the request.",
                },
            )
        name = str(form.get("person") or next(iter(self._state.people)))
        if name not in self._state.people:
            return page_reply(error_page("Unknown person", f"Nobody is called {name}."), 400)
        return self._allow(request, asked, name, _ticked(form, asked.scopes))

    def _read(self, request: Request) -> _Asked:
        query = request.query_params
        application = self._state.applications.find(query.get("client_id", ""))
        if application is None:
            raise _Unshowable("Invalid Client ID", "No application has this client id.")
        given = query.get("redirect_uri")
        known = application.redirect_uris
        if given is None:
            if len(known) != 1:
                raise _Unshowable("No Valid Redirect URIs", "Say which redirect URI to use.")
        elif given not in known:
            raise _Unshowable(
                "Redirect URI Not Found",
                f"{given} is none of the registered ones: {', '.join(known)}",
            )
        return _Asked(
            application=application,
            redirect_uri=given or known[0],
            redirect_given=given is not None,
            scopes=_known_scopes(query.get("scope"), application),
            state=query.get("state"),
            challenge=query.get("code_challenge"),
            method=query.get("code_challenge_method", "plain"),
        )

    def _refused(self, request: Request, asked: _Asked) -> Response | None:
        """The redirect for a request that is wrong in itself."""
        error = None
        if request.query_params.get("response_type") != "code":
            error = ("unsupported_response_type", "Only the authorization code flow is offered.")
        elif asked.challenge is not None and asked.method not in _METHODS:
            error = ("invalid_request", "The code challenge method is not supported.")
        elif not asked.scopes:
            error = ("invalid_scope", "None of the requested scopes is known.")
        if error is None:
            return None
        return self._back(request, asked, {"error": error[0], "error_description": error[1]})

    def _allow(
        self, request: Request, asked: _Asked, name: str, scopes: tuple[str, ...]
    ) -> Response:
        limit = self._state.person(name).grants
        granted = tuple(scope for scope in scopes if limit is None or scope in limit)
        grant = self._state.consent(asked.application, name, granted)
        code = self._state.tokens.code(
            grant,
            redirect_uri=asked.redirect_uri,
            redirect_given=asked.redirect_given,
            challenge=asked.challenge,
            method=asked.method,
            life=self._state.options.code_life,
        )
        entry = self._state.entry(request)
        entry.person, entry.client_id = name, asked.application.client_id
        values = {"code": code.value}
        if not self._state.options.omit_scope:
            values["scope"] = " ".join(PREFIX + scope for scope in granted)
        return self._back(request, asked, values)

    def _back(self, request: Request, asked: _Asked, values: dict[str, str]) -> Response:
        """Send the browser back to the application."""
        if asked.state is not None and self._state.options.echo_state:
            values["state"] = asked.state
        if asked.application.sends_issuer:
            values["iss"] = issuer(request)
        joint = "&" if urlsplit(asked.redirect_uri).query else "?"
        return RedirectResponse(f"{asked.redirect_uri}{joint}{urlencode(values)}", 302)


def _known_scopes(text: str | None, application: Application) -> tuple[str, ...]:
    """The scopes asked for: prefixed known names; unknown ones are dropped in silence."""
    if text is None:
        return application.scopes
    names = (name.removeprefix(PREFIX) for name in text.split() if name.startswith(PREFIX))
    return tuple(
        dict.fromkeys(name for name in names if name in SCOPES and name in application.scopes)
    )


def _ticked(form: FormData, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """The permissions left ticked; all of them when the form did not show them."""
    ticked = {str(value).removeprefix(PREFIX) for value in form.getlist("scope")}
    if not ticked and "scopes_shown" not in form:
        return scopes
    return tuple(scope for scope in scopes if scope in ticked)

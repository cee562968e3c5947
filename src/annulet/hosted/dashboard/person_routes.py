"""Routes of signed-in people: here stands who may use them, and that every form is checked.

A handler receives a `PersonRequest`, which exists only after both checks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import UsageError
from annulet.hosted.accounts.browser_sessions import BrowserSession
from annulet.hosted.accounts.people import Person
from annulet.hosted.clock import to_epoch_s
from annulet.hosted.dashboard.forms import Form, read_form
from annulet.hosted.dashboard.page_session import (
    PageSession,
    ProofRequiredError,
    redirect,
    require_admin,
    require_person,
    require_support,
)
from annulet.hosted.dashboard.rendering import render_fragment, render_page
from annulet.hosted.dashboard.submissions import is_sent_again
from annulet.hosted.service import Service, get_service

_PROOF_LIFETIME_S: Final = 600
_MAX_SUBJECT: Final = 254
_MAX_QUERY: Final = 254
"""An e-mail address has no more characters."""
_NO_VALUES: Final[Mapping[str, object]] = {}


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """A request of a signed-in person.

    Attributes:
        http: The request itself.
        service: The service.
        person: Who is signed in.
        browser: The browser in which they are signed in.
        form: The fields of the form; none for a GET request.
    """

    http: Request
    service: Service
    person: Person
    browser: BrowserSession
    form: Form

    def require_proof(self) -> None:
        """Check that the person has proved in this browser, some minutes ago, who they are.

        Raises:
            ProofRequiredError: They have not; a browser that was left open does not suffice.
        """
        age_s = to_epoch_s(self.service.clock()) - (self.browser.confirmed_at or 0)
        if age_s > _PROOF_LIFETIME_S and not self.service.settings.single_user:
            raise ProofRequiredError

    async def is_sent_again(self, kind: str) -> bool:
        """Tell whether this very form was sent before; see `submissions.is_sent_again`."""
        return await is_sent_again(self.service, self.form, kind, self.person.id)

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.http.path_params[name])

    def query(self, name: str) -> str:
        """Return what is looked for, or a place in a list; empty when it is not there.

        Raises:
            UsageError: It is longer than anything that could be found.
        """
        value = self.http.query_params.get(name, "")
        if len(value) > _MAX_QUERY:
            raise UsageError(
                "The search is too long.", hint=f"Look for at most {_MAX_QUERY} characters."
            )
        return value

    async def render(
        self,
        template: str,
        values: Mapping[str, object] = _NO_VALUES,
        *,
        status: int = 200,
        form_targets: tuple[str, ...] = (),
    ) -> Response:
        """Render a whole page; see `render_page`."""
        return await render_page(
            self.http, template, values, status=status, form_targets=form_targets
        )

    async def render_fragment(
        self, template: str, values: Mapping[str, object] = _NO_VALUES
    ) -> Response:
        """Render a part of a page."""
        return await render_fragment(self.http, template, values)

    async def redirect(self, path: str, notice: str = "", *, is_good: bool = True) -> Response:
        """Lead on to another page, with a sentence to show there; see `page_session.redirect`."""
        return await redirect(self.http, path, notice, is_good=is_good)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The question before something ends.

    Attributes:
        question: Such as "Revoke this key?".
        consequence: What it means, in a sentence or two.
        button: What the button says that does it.
        back: The page that Cancel leads to.
    """

    question: str
    consequence: str
    button: str
    back: str


_Handler = Callable[[PersonRequest], Awaitable[Response]]
_Requirement = Callable[[Request], Awaitable[PageSession]]


def person_get(path: str, handler: _Handler) -> Route:
    """Declare a page for a signed-in person."""
    return _declare(path, handler, "GET", require_person)


def person_post(
    path: str,
    handler: _Handler,
    *,
    needs_proof: bool = False,
    asks: Confirmation | None = None,
) -> Route:
    """Declare the target of a form for a signed-in person.

    Args:
        path: Its address.
        handler: What answers it.
        needs_proof: Whether the person must have proved lately who they are.
        asks: What to ask before it is done. The field ``subject`` of the form names what ends.
    """
    return _declare(path, handler, "POST", require_person, needs_proof=needs_proof, asks=asks)


def support_get(path: str, handler: _Handler) -> Route:
    """Declare a page for an admin and for support, which shows states and no content."""
    return _declare(path, handler, "GET", require_support)


def admin_post(
    path: str,
    handler: _Handler,
    *,
    needs_proof: bool = False,
    asks: Confirmation | None = None,
) -> Route:
    """Declare the target of a form for an admin; see `person_post`."""
    return _declare(path, handler, "POST", require_admin, needs_proof=needs_proof, asks=asks)


async def open_person_request(
    request: Request, require: _Requirement = require_person
) -> PersonRequest:
    """Check the person of a request, and the form of a POST request.

    Raises:
        SignInRequiredError: No person is signed in.
        NotFoundError: The page is for admins, and the person is none.
        FormRefusedError: The form does not carry the token of this browser.
    """
    session = await require(request)
    form = await read_form(request) if request.method == "POST" else Form({})
    return PersonRequest(request, get_service(request), session.person, session.browser, form)


def _declare(
    path: str,
    handler: _Handler,
    method: str,
    require: _Requirement,
    *,
    needs_proof: bool = False,
    asks: Confirmation | None = None,
) -> Route:
    async def answer(request: Request) -> Response:
        request.state.page_of_question = asks.back if asks is not None else ""
        page = await open_person_request(request, require)
        if needs_proof:
            page.require_proof()
        if asks is not None and not page.form.get("confirmed"):
            fields = {"asks": asks, "subject": page.form.get("subject")[:_MAX_SUBJECT]}
            return await page.render("ask.html", fields)
        return await handler(page)

    return Route(path, answer, methods=[method])

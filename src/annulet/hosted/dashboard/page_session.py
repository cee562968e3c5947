"""Who is in front of a page, and what that browser sent."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from annulet.errors import UsageError
from annulet.hosted.accounts.browser_sessions import LIFETIME_S, BrowserSession
from annulet.hosted.accounts.people import ADMIN, Person
from annulet.hosted.errors import NotFoundError
from annulet.hosted.opaque_tokens import new_token
from annulet.hosted.service import Service

__all__ = [
    "FormRefusedError",
    "PageSession",
    "SignInRequiredError",
    "admin",
    "begin_session",
    "form",
    "go",
    "local_path",
    "many",
    "service_of",
    "sign_in_address",
    "signed_in",
    "token_for",
    "visitor",
    "with_cookies",
]

_SINGLE: Final = "me@localhost"


class SignInRequiredError(Exception):
    """This page needs somebody."""


class FormRefusedError(UsageError):
    """The form is not one of ours, or too old."""


@dataclass(frozen=True, slots=True)
class PageSession:
    """Somebody signed in."""

    person: Person
    session: BrowserSession


def service_of(request: Request) -> Service:
    """The service this request came to."""
    return cast("Service", request.app.state.service)


async def visitor(request: Request) -> PageSession | None:
    """Who this is, if anybody is signed in."""
    if not hasattr(request.state, "visitor"):
        request.state.visitor = await _find(request)
    return cast("PageSession | None", request.state.visitor)


async def signed_in(request: Request) -> PageSession:
    """Who this is.

    Raises:
        SignInRequiredError: Nobody is signed in.
    """
    found = await visitor(request)
    if found is None:
        raise SignInRequiredError
    return found


async def admin(request: Request) -> PageSession:
    """The admin this is.

    Raises:
        SignInRequiredError: Nobody is signed in.
        NotFoundError: Somebody else: for them the page does not exist.
    """
    found = await signed_in(request)
    if not found.person.is_admin:
        raise NotFoundError("There is no such page.", hint="Check the address.")
    return found


async def form(request: Request) -> dict[str, str]:
    """The fields of a form of ours; of several of one name see `many`.

    Raises:
        FormRefusedError: It does not carry this browser's token.
    """
    async with request.form(max_files=0, max_fields=200) as data:
        fields = {name: value for name, value in data.items() if isinstance(value, str)}
        request.state.many = {
            name: [value for value in data.getlist(name) if isinstance(value, str)]
            for name in fields
        }
    given = fields.pop("form_token", "") or request.headers.get("x-form-token", "")
    expected = token_for(request)
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise FormRefusedError(
            "This form is too old or was not sent from this page.",
            hint="Go back, load the page again, and try once more.",
        )
    return fields


def many(request: Request, name: str) -> list[str]:
    """Every value of one field of the form that was read."""
    return cast("list[str]", request.state.many.get(name, []))


def token_for(request: Request) -> str:
    """What the forms of this browser carry; derived from its cookie, which no page can read."""
    secret = _browser_secret(request)
    return hmac.new(secret.encode(), b"annulet-form", hashlib.sha256).hexdigest() if secret else ""


def begin_session(request: Request, token: str) -> None:
    """Give this browser a session with the answer."""
    request.state.new_session = token


def with_cookies(request: Request, response: Response) -> Response:
    """The answer with the cookies this browser should have from now on."""
    cookies = service_of(request).cookies
    session = getattr(request.state, "new_session", None)
    visit = getattr(request.state, "new_visit", None)
    if session is not None:
        if session:
            cookies.set(response, cookies.session, session, lifetime_s=LIFETIME_S)
        else:
            cookies.delete(response, cookies.session)
    if visit:
        cookies.set(response, cookies.visit, visit, lifetime_s=None)
    return response


async def go(request: Request, path: str, notice: str = "") -> Response:
    """Lead on to another page of ours, with a sentence to show there."""
    found = await visitor(request)
    if notice and found is not None:
        await service_of(request).accounts.sessions.set_notice(found.session.id, notice)
    return with_cookies(request, RedirectResponse(path, status_code=303))


def local_path(wanted: str) -> str:
    """A path of ours to go to after sign-in; the dashboard for anything else.

    >>> local_path("/authorize?x=1"), local_path("//evil.example"), local_path("https://x.example")
    ('/authorize?x=1', '/dashboard', '/dashboard')
    """
    plain = wanted.isprintable() and "\\" not in wanted
    if plain and wanted.startswith("/") and not wanted.startswith("//"):
        return wanted
    return "/dashboard"


def sign_in_address(request: Request) -> str:
    """The sign-in page, which leads back here afterwards where that is possible."""
    if request.method != "GET":
        return "/sign-in"
    query = f"?{request.url.query}" if request.url.query else ""
    return "/sign-in?" + urlencode({"next": request.url.path + query})


def _browser_secret(request: Request) -> str:
    new: str | None = getattr(request.state, "new_session", None)
    cookies = service_of(request).cookies
    secret = new or cookies.read(request, cookies.session)
    if secret:
        return secret
    visit = cookies.read(request, cookies.visit) or getattr(request.state, "new_visit", "")
    if not visit and request.method == "GET":
        visit = request.state.new_visit = new_token()
    return visit


async def _find(request: Request) -> PageSession | None:
    service = service_of(request)
    token = service.cookies.read(request, service.cookies.session)
    found = await service.accounts.sessions.find(token) if token else None
    if found is not None:
        return PageSession(*found)
    return await _only_person(request, service) if service.settings.single_user else None


async def _only_person(request: Request, service: Service) -> PageSession | None:
    """Without accounts there is one person: whoever sits at this machine."""
    person = await service.accounts.people.find_by_login(_SINGLE)
    if person is None:
        zone = service.settings.timezone or "UTC"
        person = await service.accounts.people.create(
            _SINGLE, "Me", None, role=ADMIN, timezone=zone
        )
    token = await service.accounts.sessions.start(person.id, request.headers.get("user-agent", ""))
    begin_session(request, token)
    found = await service.accounts.sessions.find(token)
    return PageSession(*found) if found else None

"""The person and the browser in front of a page, and what that browser receives with the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from annulet.hosted.accounts.browser_name import describe_browser
from annulet.hosted.accounts.browser_sessions import LIFETIME_S, BrowserSession
from annulet.hosted.accounts.known_browsers import KNOWN_LIFETIME_S
from annulet.hosted.accounts.people import ADMIN, Person
from annulet.hosted.clock import to_epoch_s
from annulet.hosted.errors import NotFoundError
from annulet.hosted.mail.mail_texts import MailKind
from annulet.hosted.service import get_service
from annulet.hosted.web.client_address import read_client_address

CAUTION_MARK: Final = "! "
"""Begins the stored notice of something that was not done."""
_SINGLE_USER_LOGIN: Final = "me@localhost"


class SignInRequiredError(Exception):
    """The page needs a signed-in person; the browser is led to the sign-in page."""


class ProofRequiredError(Exception):
    """The action needs a fresh proof of who sits there; the browser is led to ``/confirm``."""


@dataclass(frozen=True, slots=True)
class PageSession:
    """A signed-in person and the browser they use."""

    person: Person
    browser: BrowserSession


async def find_session(request: Request) -> PageSession | None:
    """Find the session of a request, if a person is signed in; it is looked up once."""
    if not hasattr(request.state, "page_session"):
        request.state.page_session = await _look_up(request)
    session: PageSession | None = request.state.page_session
    return session


async def require_person(request: Request) -> PageSession:
    """Return the session of a request.

    Raises:
        SignInRequiredError: No person is signed in.
    """
    session = await find_session(request)
    if session is None:
        raise SignInRequiredError
    return session


async def require_admin(request: Request) -> PageSession:
    """Return the session of an admin.

    Raises:
        SignInRequiredError: No person is signed in.
        NotFoundError: The person is no admin: for them the page does not exist.
    """
    session = await require_person(request)
    if not session.person.is_admin:
        raise NotFoundError("There is no such page.", hint="Check the address.")
    return session


async def require_support(request: Request) -> PageSession:
    """Return the session of an admin, or of a person who helps them and changes nothing.

    Raises:
        SignInRequiredError: No person is signed in.
        NotFoundError: The person is neither: for them the page does not exist.
    """
    session = await require_person(request)
    if not session.person.sees_admin_pages:
        raise NotFoundError("There is no such page.", hint="Check the address.")
    return session


async def start_session(request: Request, person_id: str, *, is_new: bool = False) -> None:
    """Sign this browser in; the cookie goes out with the answer.

    Args:
        request: The request that is answered.
        person_id: Who signs in.
        is_new: Whether the person has only now become one, so that every browser is new to them.
    """
    user_agent, service = request.headers.get("user-agent", ""), get_service(request)
    accounts, cookies = service.accounts, service.cookies
    known_token = cookies.read(request, cookies.known_browser)
    if not is_new and not await accounts.known_browsers.find_browser(person_id, known_token):
        await service.outbox.post(
            MailKind.NEW_SIGN_IN,
            person_id,
            browser=describe_browser(user_agent),
            at=str(to_epoch_s(service.clock())),
        )
    request.state.session_cookie = await accounts.sessions.start(person_id, user_agent)
    request.state.known_browser_cookie = await accounts.known_browsers.remember(
        person_id, read_client_address(request.scope)
    )


async def renew_session(request: Request, session_id: str) -> None:
    """Give this browser another cookie, so that a copy of the old one is worth nothing."""
    token = await get_service(request).accounts.sessions.renew(session_id)
    request.state.session_cookie = token


def end_session(request: Request) -> None:
    """Let this browser forget its session with the answer."""
    request.state.session_cookie = ""
    request.state.page_session = None


def apply_cookies(request: Request, response: Response) -> Response:
    """Set and delete the cookies that this browser has from now on."""
    cookies = get_service(request).cookies
    session_token: str | None = getattr(request.state, "session_cookie", None)
    visit_token: str = getattr(request.state, "visit_cookie", "")
    known_token: str = getattr(request.state, "known_browser_cookie", "")
    if session_token:
        cookies.set(response, cookies.session, session_token, lifetime_s=LIFETIME_S)
    elif session_token is not None:
        cookies.delete(response, cookies.session)
    if known_token:
        cookies.set(response, cookies.known_browser, known_token, lifetime_s=KNOWN_LIFETIME_S)
    if visit_token:
        cookies.set(response, cookies.visit, visit_token, lifetime_s=None)
    return response


async def redirect(
    request: Request, path: str, notice: str = "", *, is_good: bool = True
) -> Response:
    """Lead on to another page of this service, with a sentence to show there.

    Args:
        request: The request that is answered.
        path: Of the page.
        notice: The sentence.
        is_good: Whether what the person wanted was done; otherwise the sentence looks different.
    """
    session = await find_session(request)
    if notice and session is not None:
        text = notice if is_good else f"{CAUTION_MARK}{notice}"
        await get_service(request).accounts.sessions.set_notice(session.browser.id, text)
    return apply_cookies(request, RedirectResponse(path, status_code=303))


def safe_path(wanted: str) -> str:
    """Return a path of this service to go to after sign-in; the dashboard for anything else.

    >>> safe_path("/authorize?x=1"), safe_path("//evil.example"), safe_path("https://x.example")
    ('/authorize?x=1', '/dashboard', '/dashboard')
    """
    is_plain = wanted.isprintable() and "\\" not in wanted
    if is_plain and wanted.startswith("/") and not wanted.startswith("//"):
        return wanted
    return "/dashboard"


def page_url(page: str, request: Request) -> str:
    """Return the address of a page that leads back to where the browser is.

    After the post of a form that is the page of the form, as the browser names it.
    """
    if request.method == "GET":
        path, query = request.url.path, request.url.query
    else:
        form_page = urlsplit(request.headers.get("referer", ""))
        is_ours = (
            f"{form_page.scheme}://{form_page.netloc}" == get_service(request).settings.public_url
        )
        path, query = (form_page.path, form_page.query) if is_ours else ("/dashboard", "")
        if path == request.url.path:  # the question before something ends cannot be opened again
            path = getattr(request.state, "page_of_question", "") or path
    return f"{page}?" + urlencode({"next": f"{path}?{query}" if query else path})


async def _look_up(request: Request) -> PageSession | None:
    service = get_service(request)
    token = service.cookies.read(request, service.cookies.session)
    session = await service.accounts.sessions.find(token) if token else None
    if session is not None:
        await service.pseudonyms.note_person(session[0].id)
        return PageSession(*session)
    return await _start_single_user(request) if service.settings.single_user else None


async def _start_single_user(request: Request) -> PageSession | None:
    """Sign in the only person of a service without accounts.

    A visit is stored when it sends a form: a program that keeps no cookies makes no rows.
    """
    service = get_service(request)
    person = await service.accounts.people.find_by_login(_SINGLE_USER_LOGIN)
    if person is None:
        zone = service.settings.timezone or "UTC"
        person = await service.accounts.people.create(
            _SINGLE_USER_LOGIN, "Me", None, role=ADMIN, timezone=zone
        )
    if request.method != "POST" or not service.cookies.read(request, service.cookies.visit):
        now = to_epoch_s(service.clock())
        visit = BrowserSession(
            id="",
            agent="",
            created_at=now,
            seen_at=now,
            expires_at=now,
            notice=None,
            confirmed_at=None,
        )
        return PageSession(person, visit)
    await start_session(request, person.id, is_new=True)
    session = await service.accounts.sessions.find(request.state.session_cookie)
    return PageSession(*session) if session else None

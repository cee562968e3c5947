"""The answers to errors: a page for a person, JSON for a program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from annulet.errors import AnnuletError, DatabaseUnavailable, UsageError
from annulet.hosted.accounts.sign_in_service import TooManyAttemptsError
from annulet.hosted.dashboard.forms import FormRefusedError
from annulet.hosted.dashboard.page_session import (
    CAUTION_MARK,
    ProofRequiredError,
    SignInRequiredError,
    find_session,
    page_url,
    redirect,
)
from annulet.hosted.dashboard.rendering import (
    is_fragment_request,
    render_failure,
    render_message,
)
from annulet.hosted.errors import NotFoundError, OverloadedError
from annulet.hosted.observability.request_id import find_request_id
from annulet.hosted.observability.work_record import note
from annulet.hosted.registrations.stages import ActionNotAllowedError
from annulet.hosted.service import get_service
from annulet.hosted.web.paths import is_program_path

_MESSAGES: Final = {
    404: (
        "Not found",
        "There is no such page.",
        "Check the address. What was here may have been deleted, or belongs to another account.",
    ),
    405: (
        "This page cannot be opened like that",
        "It is the answer to a form and shows nothing by itself.",
        "Go back to the page with the form and try once more.",
    ),
}
_RETRY_AFTER_S: Final = 5
_FRAGMENT_FAILED: Final = (
    '<p class="soft small" role="status">This part could not be loaded. Try again.</p>'
)


async def _lead_to_sign_in(request: Request, _error: Exception) -> Response:
    if is_fragment_request(request):
        return Response(status_code=204, headers={"hx-redirect": "/sign-in"})
    return RedirectResponse(page_url("/sign-in", request), status_code=303)


async def _lead_to_confirm(request: Request, _error: Exception) -> Response:
    location = page_url("/confirm", request)
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"location": location}, status_code=403)
    return RedirectResponse(location, status_code=303)


async def _answer_not_allowed(request: Request, _error: Exception) -> Response:
    session = await find_session(request)
    if session is not None:
        # after the second press of a button the notice of the first one is still unread
        notice = f"{CAUTION_MARK}That is no longer possible: this page was out of date."
        await get_service(request).accounts.sessions.add_notice(session.browser.id, notice)
    return await redirect(request, "/dashboard")


async def _answer_annulet_error(request: Request, error: Exception) -> Response:
    status, title = 503, "That did not work"
    if isinstance(error, NotFoundError):
        status, title = 404, "Not found"
    elif isinstance(error, FormRefusedError):
        status, title = 403, "The form was not accepted"
    elif isinstance(error, UsageError):
        status = 400
    elif isinstance(error, TooManyAttemptsError):
        status = 429
    text, hint = getattr(error, "message", ""), getattr(error, "hint", "")
    response = await render_message(request, status=status, title=title, text=text, hint=hint)
    if isinstance(error, OverloadedError):
        note(refusal="hashing")
        response.headers["retry-after"] = str(error.retry_after_s)
    if isinstance(error, TooManyAttemptsError):
        note(refusal="attempts")
        response.headers["retry-after"] = str(error.wait_s)
    return response


async def _answer_without_database(request: Request, error: Exception) -> Response:
    """Answer while the database is away; the page needs nothing from it."""
    note(refusal="database")
    headers = {"retry-after": str(_RETRY_AFTER_S)}
    if is_fragment_request(request):
        return HTMLResponse(_FRAGMENT_FAILED, status_code=503, headers=headers)
    if is_program_path(request.url.path):
        body = {"error": DatabaseUnavailable.code, "message": str(error)}
        return JSONResponse(body, status_code=503, headers=headers)
    page = render_failure(
        request,
        status=503,
        title="Not available just now",
        text="The database of this service does not answer just now.",
    )
    page.headers["retry-after"] = headers["retry-after"]
    return page


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette calls it for this type only
    if error.status_code in _MESSAGES and not is_program_path(request.url.path):
        title, text, hint = _MESSAGES[error.status_code]
        return await render_message(
            request, status=error.status_code, title=title, text=text, hint=hint
        )
    return JSONResponse(
        {"error": error.detail}, status_code=error.status_code, headers=error.headers
    )


async def _answer_crash(request: Request, _error: Exception) -> Response:
    """Answer a bug of annulet; the log says where, and the answer never quotes the error."""
    response = _build_crash_answer(request)
    # it is sent outside of the middleware that adds the id to every other answer
    response.headers["x-request-id"] = find_request_id(request.scope)
    return response


def _build_crash_answer(request: Request) -> Response:
    if is_fragment_request(request):
        return HTMLResponse(_FRAGMENT_FAILED, status_code=500)
    if "text/html" in request.headers.get("accept", "") and not is_program_path(request.url.path):
        return render_failure(
            request,
            status=500,
            title="That went wrong",
            text="annulet met a bug of its own. The log says where.",
        )
    body = {"error": "internal", "message": "annulet met a bug of its own. Try again."}
    return JSONResponse(body, status_code=500)


_Handler = Callable[[Request, Exception], Awaitable[Response]]
HANDLERS: Final[Mapping[type[Exception], _Handler]] = {
    SignInRequiredError: _lead_to_sign_in,
    ProofRequiredError: _lead_to_confirm,
    ActionNotAllowedError: _answer_not_allowed,
    DatabaseUnavailable: _answer_without_database,
    AnnuletError: _answer_annulet_error,
    HTTPException: _answer_http_error,
    Exception: _answer_crash,
}

"""What a browser is shown when something is refused or goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from annulet.errors import AnnuletError, UsageError
from annulet.hosted.dashboard.page_session import (
    FormRefusedError,
    SignInRequiredError,
    go,
    sign_in_address,
)
from annulet.hosted.dashboard.rendering import broken, page
from annulet.hosted.errors import NotFoundError
from annulet.hosted.registrations.stages import ActionNotAllowedError
from annulet.hosted.web.paths import is_program_path

__all__ = ["HANDLERS"]

_SAID: Final = {
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


async def _to_sign_in(request: Request, _error: Exception) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"hx-redirect": "/sign-in"})
    return RedirectResponse(sign_in_address(request), status_code=303)


async def _missing(request: Request, error: Exception) -> Response:
    return await _message(request, 404, "Not found", error)


async def _form_refused(request: Request, error: Exception) -> Response:
    return await _message(request, 403, "The form was not accepted", error)


async def _stale(request: Request, _error: Exception) -> Response:
    return await go(request, "/dashboard", "That is no longer possible: this page was out of date.")


async def _explained(request: Request, error: Exception) -> Response:
    if isinstance(error, UsageError):
        return await _message(request, 400, "That did not work", error)
    return await _message(request, 503, "That did not work", error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    said = _SAID.get(error.status_code)
    if said and not is_program_path(request.url.path):
        title, message, hint = said
        return await _message(request, error.status_code, title, NotFoundError(message, hint=hint))
    return JSONResponse(
        {"error": error.detail}, status_code=error.status_code, headers=error.headers
    )


async def _crashed(request: Request, _error: Exception) -> Response:
    """A bug of ours; the log tells where, the person is told nothing of its text."""
    if request.headers.get("hx-request"):
        words = '<p class="soft small" role="status">This part could not be loaded. Try again.</p>'
        return HTMLResponse(words, status_code=500)
    if "text/html" in request.headers.get("accept", "") and not is_program_path(request.url.path):
        return broken(request)
    body = {"error": "internal", "message": "annulet met a bug of its own. Try again."}
    return JSONResponse(body, status_code=500)


async def _message(request: Request, status: int, title: str, error: Exception) -> Response:
    message = getattr(error, "message", "")
    hint = getattr(error, "hint", "")
    return await page(request, "message.html", status=status, title=title, text=message, hint=hint)


HANDLERS: Final[Mapping[Any, Any]] = {
    SignInRequiredError: _to_sign_in,
    NotFoundError: _missing,
    FormRefusedError: _form_refused,
    ActionNotAllowedError: _stale,
    AnnuletError: _explained,
    HTTPException: _http,
    Exception: _crashed,
}

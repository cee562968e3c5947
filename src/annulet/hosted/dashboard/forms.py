"""Forms: their fields, and the token that ties each form to one browser (against CSRF)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from starlette.requests import Request

from annulet.errors import UsageError
from annulet.hosted.opaque_tokens import new_token
from annulet.hosted.service import get_service


class FormRefusedError(UsageError):
    """The form does not carry the token of this browser, or the token is too old."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each with all its values."""

    values: dict[str, list[str]]

    def get(self, name: str, default: str = "") -> str:
        """Return the last value of a field."""
        return self.values[name][-1] if self.values.get(name) else default

    def get_all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return self.values.get(name, [])


async def read_form(request: Request) -> Form:
    """Read the form of a request.

    Raises:
        FormRefusedError: It does not carry this browser's token.
    """
    async with request.form(max_files=0, max_fields=200) as data:
        values: dict[str, list[str]] = {}
        for name, value in data.multi_items():
            if isinstance(value, str):
                values.setdefault(name, []).append(value)
    form = Form(values)
    token = form.get("form_token") or request.headers.get("x-form-token", "")
    # the page was made for the cookie that came with it, also where this answer sets another one
    cookies = get_service(request).cookies
    sent = cookies.read(request, cookies.session) or cookies.read(request, cookies.visit)
    expected = _token_of(sent)
    if not expected or not hmac.compare_digest(token.encode(), expected.encode()):
        raise FormRefusedError(
            "This form is too old or was not sent from this page.",
            hint="Go back, load the page again, and try once more.",
        )
    return form


def form_token(request: Request) -> str:
    """Compute the token of this browser's forms, from its cookie, which no page can read."""
    return _token_of(_browser_secret(request))


def _token_of(secret: str) -> str:
    return hmac.new(secret.encode(), b"annulet-form", hashlib.sha256).hexdigest() if secret else ""


def _browser_secret(request: Request) -> str:
    """Return the value of the browser's cookie; a browser without one receives one."""
    new_session: str = getattr(request.state, "session_cookie", "")
    cookies = get_service(request).cookies
    session_token = new_session or cookies.read(request, cookies.session)
    if session_token:
        return session_token
    visit_token = cookies.read(request, cookies.visit) or getattr(request.state, "visit_cookie", "")
    if not visit_token and request.method == "GET":
        visit_token = request.state.visit_cookie = new_token()
    return visit_token

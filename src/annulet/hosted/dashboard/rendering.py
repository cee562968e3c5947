"""Renders templates into answers, with the headers and cookies that each page needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from annulet import __version__
from annulet.hosted.clock import to_epoch_s
from annulet.hosted.dashboard.forms import form_token
from annulet.hosted.dashboard.page_session import CAUTION_MARK, apply_cookies, find_session
from annulet.hosted.dashboard.template_filters import FILTERS
from annulet.hosted.observability.request_id import find_request_id
from annulet.hosted.opaque_tokens import new_id
from annulet.hosted.service import get_service
from annulet.hosted.web.security_headers import content_security_policy

_FOLDER: Final = Path(__file__).parent
STATIC: Final = _FOLDER / "static"
_NO_VALUES: Final[Mapping[str, object]] = {}


def load_templates() -> Environment:
    """Load the templates: every value is escaped, and a misspelt name is an error."""
    templates = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(FILTERS)
    templates.globals["version"] = __version__
    return templates


async def render_page(
    request: Request,
    template: str,
    values: Mapping[str, object] = _NO_VALUES,
    *,
    status: int = 200,
    form_targets: tuple[str, ...] = (),
) -> Response:
    """Render a whole page.

    Args:
        request: The request that is answered.
        template: The name of the template.
        values: What the template shows.
        status: The HTTP status.
        form_targets: Origins to which the answer to a form of this page may redirect.
    """
    session = await find_session(request)
    notice = session.browser.notice if session else None
    if session is not None and notice:
        await get_service(request).accounts.sessions.set_notice(session.browser.id, None)
    frame = {
        "notice": (notice or "").removeprefix(CAUTION_MARK),
        "notice_is_good": not (notice or "").startswith(CAUTION_MARK),
        "status": status,
        **await _read_frame(request),
    }
    html = _render(request, template, {**values, **frame})
    headers = {"content-security-policy": content_security_policy(*form_targets)}
    return apply_cookies(request, HTMLResponse(html, status_code=status, headers=headers))


async def render_message(
    request: Request, *, status: int, title: str, text: str, hint: str
) -> Response:
    """Render a page that says one thing and what to do next."""
    values = {"title": title, "text": text, "hint": hint}
    return await render_page(request, "message.html", values, status=status)


async def render_fragment(
    request: Request, template: str, values: Mapping[str, object] = _NO_VALUES
) -> Response:
    """Render a part of a page, for a browser that replaces parts."""
    html = _render(request, template, {**values, **await _read_frame(request)})
    return apply_cookies(request, HTMLResponse(html))


def render_failure(request: Request, *, status: int, title: str, text: str) -> Response:
    """Render the page for a failure of the service itself; it uses nothing that may have failed."""
    html = _render(request, "failure.html", {"status": status, "title": title, "text": text})
    headers = {"content-security-policy": content_security_policy(), "cache-control": "no-store"}
    return HTMLResponse(html, status_code=status, headers=headers)


def is_fragment_request(request: Request) -> bool:
    """Tell whether the browser asks for a part of a page (htmx)."""
    return bool(request.headers.get("hx-request"))


async def _read_frame(request: Request) -> dict[str, object]:
    """Read what the frame of every page shows."""
    service = get_service(request)
    session = await find_session(request)
    return {
        "me": session.person if session else None,
        "zone": session.person.timezone if session else "UTC",
        "form_token": form_token(request),
        "submission": new_id(),
        "public_url": service.settings.public_url,
        "single_user": service.settings.single_user,
        "policy": service.settings.signup,
        "has_application": bool(service.settings.client_id),
        "mail_is_on": service.outbox.is_on,
        "company": service.sign_in_methods.company.provider_host,
        "passkeys_available": service.sign_in_methods.passkeys.is_available,
        "path": request.url.path,
        "now": to_epoch_s(service.clock()),
    }


def _render(request: Request, template: str, values: dict[str, object]) -> str:
    templates: Environment = request.app.state.templates
    return templates.get_template(template).render(
        reference=find_request_id(request.scope), **values
    )

"""Templates become answers here, with the headers and cookies each page needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from annulet import __version__
from annulet.hosted.audit.audit_actions import describe_action
from annulet.hosted.dashboard.page_session import service_of, token_for, visitor, with_cookies
from annulet.hosted.web.security_headers import content_security_policy

__all__ = ["STATIC", "broken", "environment", "fragment", "page"]

_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"
_KILO: Final = 1000
_NEAR: Final = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_FAILURES: Final = {
    "internal": "Oura did not understand a request",
    "membership_inactive": "Oura refused: the membership is not active",
    "missing_scope": "Oura refused: a permission is missing",
    "needs_reconnect": "Oura refused to renew the access",
    "oura_unavailable": "Oura could not be reached",
    "rate_limited": "Oura asked for a pause: too many requests",
}


def environment() -> Environment:
    """The templates: everything is escaped, and a misspelt name is an error."""
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["capital"] = _capital
    templates.filters["failing"] = _failing
    templates.filters["lately"] = _lately
    templates.filters["size"] = _size
    templates.filters["when"] = _when
    templates.filters["moment"] = _moment
    templates.filters["sentence"] = describe_action
    templates.globals["version"] = __version__
    return templates


async def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    form_targets: tuple[str, ...] = (),
    **values: Any,
) -> Response:
    """A whole page.

    Args:
        request: What is answered.
        template: The name of the template.
        status: The HTTP status.
        form_targets: Origins the answer to a form of this page may lead to.
        values: What the template shows.
    """
    service = service_of(request)
    found = await visitor(request)
    notice = found.session.notice if found else None
    if found is not None and notice:
        await service.accounts.sessions.set_notice(found.session.id, None)
    values = {"notice": notice, "status": status, **values}
    html = _render(request, template, **values, **await _frame(request))
    headers = {"content-security-policy": content_security_policy(*form_targets)}
    return with_cookies(request, HTMLResponse(html, status_code=status, headers=headers))


async def fragment(request: Request, template: str, **values: Any) -> Response:
    """A part of a page, for a browser that replaces parts."""
    html = _render(request, template, **values, **await _frame(request))
    return with_cookies(request, HTMLResponse(html))


def broken(request: Request) -> Response:
    """The page for a bug of ours: it asks nothing of the parts that may be broken."""
    html = _render(request, "broken.html")
    headers = {"content-security-policy": content_security_policy(), "cache-control": "no-store"}
    return HTMLResponse(html, status_code=500, headers=headers)


async def _frame(request: Request) -> dict[str, Any]:
    """What every page has: who looks at it, and the token of its forms."""
    service = service_of(request)
    found = await visitor(request)
    return {
        "me": found.person if found else None,
        "zone": found.person.timezone if found else "UTC",
        "form_token": token_for(request),
        "public_url": service.settings.public_url,
        "single_user": service.settings.single_user,
        "policy": service.settings.signup,
        "path": request.url.path,
        "now": int(service.clock().timestamp()),
    }


def _render(request: Request, template: str, **values: Any) -> str:
    templates: Environment = request.app.state.templates
    return templates.get_template(template).render(**values)


def _when(stored: int | None, zone: str = "UTC") -> str:
    """An instant in the person's zone, as a person writes it."""
    if stored is None:
        return "never"
    local = datetime.fromtimestamp(stored, UTC).astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y, %H:%M}"


@pass_context
def _lately(context: Context, stored: int | None, zone: str) -> str:
    """An instant in running text: of the days around now it says which, not the date."""
    if stored is None:
        return "never"
    local = datetime.fromtimestamp(stored, UTC).astimezone(ZoneInfo(zone))
    today = datetime.fromtimestamp(context["now"], UTC).astimezone(ZoneInfo(zone)).date()
    name = _NEAR.get((local.date() - today) // timedelta(days=1))
    if name:
        return f"{name}, {local:%H:%M}"
    return f"{local.day} {local:%b %Y}"


def _moment(text: str, zone: str) -> str:
    """An instant that was told as text, in the person's zone; as it came where it is none."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if told.tzinfo is None else _when(int(told.timestamp()), zone)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _size(count: int) -> str:
    """A number of bytes, as a person reads it."""
    return f"{count} B" if count < _KILO else f"{count / _KILO:.1f} kB"


def _failing(code: str) -> str:
    """What a code of a failure towards Oura means, in words."""
    return _FAILURES.get(code, _capital(code.replace("_", " ")))

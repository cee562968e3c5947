"""The row "Updates from Oura" of the admin page: its status, on, off, and check."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.hosted.admin.admin_actions import AdminActions
from annulet.hosted.dashboard.forms import read_form
from annulet.hosted.dashboard.page_session import get_service, redirect, require_admin
from annulet.hosted.dashboard.rendering import render_fragment
from annulet.hosted.service import Service

__all__ = ["ROUTES", "read_row"]


async def read_row(service: Service) -> dict[str, object]:
    """Read what the row shows."""
    return {
        "updates": await service.read_webhook_status(),
        "callback": service.webhooks.settings.callback,
        "unidentified": await service.toolkit.oura_accounts.count_unidentified(),
    }


async def show_row(request: Request) -> Response:
    """Show the row alone, while it is changing."""
    await require_admin(request)
    return await render_fragment(
        request,
        "_updates.html",
        await read_row(get_service(request)),
    )


async def switch_on(request: Request) -> Response:
    """Ask for events."""
    return await _decide(request, "Updates are being switched on.", on=True)


async def switch_off(request: Request) -> Response:
    """Ask for no events any more."""
    return await _decide(request, "Updates are switched off.", on=False)


async def check(request: Request) -> Response:
    """Compare the subscriptions with Oura now."""
    await require_admin(request)
    desired = await get_service(request).webhooks.settings.read_desired()
    return await _decide(request, "annulet compares the subscriptions with Oura.", on=desired.on)


async def _decide(request: Request, notice: str, *, on: bool) -> Response:
    session, service = await require_admin(request), get_service(request)
    await read_form(request)
    await AdminActions(service, session.person.login).switch_updates(on=on)
    service.webhooks.reconciler.wake()
    return await redirect(request, "/admin#updates", notice)


ROUTES: Final = (
    Route("/admin/updates", show_row, methods=["GET"]),
    Route("/admin/updates/on", switch_on, methods=["POST"]),
    Route("/admin/updates/off", switch_off, methods=["POST"]),
    Route("/admin/updates/check", check, methods=["POST"]),
)

"""Updates from Oura in the admin page: how they stand, on, off, and looking again."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import UsageError
from annulet.hosted.admin.admin_actions import AdminActions
from annulet.hosted.dashboard.page_session import admin, form, go, service_of
from annulet.hosted.dashboard.rendering import fragment
from annulet.hosted.service import Service
from annulet.hosted.webhooks.subscription_status import check_possible

__all__ = ["ROUTES", "updates_values"]

_HERE: Final = "/admin#updates"


async def updates_values(service: Service) -> dict[str, Any]:
    """What the row shows."""
    try:
        check_possible(service.settings)
        obstacle = None
    except UsageError as error:
        obstacle = error
    return {
        "updates": await service.updates(),
        "callback": service.webhooks.settings.callback,
        "unrecognised": await service.toolkit.oura_accounts.unrecognised(),
        "obstacle": obstacle,
    }


async def row(request: Request) -> Response:
    """The row alone, while there is something to watch."""
    await admin(request)
    return await fragment(request, "_updates.html", **await updates_values(service_of(request)))


async def switch_on(request: Request) -> Response:
    """Let Oura tell."""
    me, service = await admin(request), service_of(request)
    await form(request)
    await AdminActions(service, me.person.login).updates_on()
    service.webhooks.reconciler.wake()
    return await go(request, _HERE, "Updates are being switched on.")


async def switch_off(request: Request) -> Response:
    """Let Oura tell no longer."""
    me, service = await admin(request), service_of(request)
    await form(request)
    await AdminActions(service, me.person.login).updates_off()
    service.webhooks.reconciler.wake()
    return await go(request, _HERE, "Updates are switched off.")


async def check(request: Request) -> Response:
    """Look at Oura how things stand."""
    await admin(request)
    await form(request)
    service = service_of(request)
    await service.webhooks.settings.look_again()
    service.webhooks.reconciler.wake()
    return await go(request, _HERE, "annulet is looking at Oura.")


ROUTES: Final = (
    Route("/admin/updates", row, methods=["GET"]),
    Route("/admin/updates/on", switch_on, methods=["POST"]),
    Route("/admin/updates/off", switch_off, methods=["POST"]),
    Route("/admin/updates/check", check, methods=["POST"]),
)

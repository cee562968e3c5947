"""The row "Updates from Oura" of the admin page: its status, on, off, and check."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from annulet.hosted.admin.admin_actions import AdminActions
from annulet.hosted.dashboard.person_routes import PersonRequest, admin_post, support_get
from annulet.hosted.service import Service
from annulet.hosted.webhooks.subscription_reconciler import SUBSCRIPTIONS_JOB


async def read_row(service: Service, unidentified: int) -> dict[str, object]:
    """Read what the row shows.

    Args:
        service: The service.
        unidentified: How many connections events cannot be matched to.
    """
    return {
        "updates": await service.webhooks.read_status(),
        "callback": service.webhooks.settings.callback,
        "unidentified": unidentified,
    }


async def show_row(page: PersonRequest) -> Response:
    """Show the row alone, while it is changing."""
    unidentified = await page.service.toolkit.oura_accounts.count_unidentified()
    return await page.render_fragment("_updates.html", await read_row(page.service, unidentified))


async def switch_on(page: PersonRequest) -> Response:
    """Ask for events."""
    return await _decide(page, "Updates are being switched on.", on=True)


async def switch_off(page: PersonRequest) -> Response:
    """Ask for no events any more."""
    return await _decide(page, "Updates are being switched off.", on=False)


async def check(page: PersonRequest) -> Response:
    """Compare the subscriptions with Oura now."""
    desired = await page.service.webhooks.settings.read_desired()
    return await _decide(page, "annulet compares the subscriptions with Oura.", on=desired.on)


async def _decide(page: PersonRequest, notice: str, *, on: bool) -> Response:
    await AdminActions(page.service, page.person.login).switch_updates(on=on)
    await page.service.jobs.request(SUBSCRIPTIONS_JOB)
    return await page.redirect("/admin#updates", notice)


ROUTES: Final = (
    support_get("/admin/updates", show_row),
    admin_post("/admin/updates/on", switch_on),
    admin_post("/admin/updates/off", switch_off),
    admin_post("/admin/updates/check", check),
)

"""Connecting a ring: our page with the nine permissions, the way to Oura, and back."""

from __future__ import annotations

import hmac
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from annulet.hosted.connections.connect_link import connect_tag
from annulet.hosted.connections.pending_authorizations import CALLBACK
from annulet.hosted.dashboard.page_session import form, go, service_of, signed_in
from annulet.hosted.dashboard.rendering import page
from annulet.hosted.dashboard.toolkit_pages import toolkit_values
from annulet.hosted.registrations.stages import Stage

__all__ = ["ROUTES"]


async def connect_page(request: Request) -> Response:
    """What will be shared; also where a link from inside a chat leads."""
    me, service = await signed_in(request), service_of(request)
    wanted = request.query_params.get("for", "")
    if wanted and not hmac.compare_digest(wanted.encode(), connect_tag(me.person.id).encode()):
        return await page(
            request,
            "message.html",
            status=403,
            title="This link belongs to another account",
            text=f"You are signed in as {me.person.login}. The assistant that gave you this link "
            "is allowed to ask about somebody else's ring.",
            hint="Sign out and sign in with the account that the assistant uses, or connect your "
            "own ring from your dashboard.",
        )
    standing = await service.toolkit.statuses.of(me.person.id)
    return await page(
        request,
        "connect.html",
        form_targets=await service.toolkit.authorizations.form_targets(),
        **toolkit_values(standing),
    )


async def connect(request: Request) -> Response:
    """Go to Oura's consent page."""
    me = await signed_in(request)
    await form(request)
    url = await service_of(request).toolkit.connections.connect(me.person.id, me.session.id)
    return RedirectResponse(url, status_code=303)


async def callback(request: Request) -> Response:
    """Back from Oura; the exchange comes first, so that the page tells the truth."""
    me, service = await signed_in(request), service_of(request)
    arrival = await service.toolkit.connections.arrived(
        me.person.id, me.session.id, request.url.query
    )
    if arrival is None:
        return await _stray(request, me.person.id)
    if arrival.again:
        return RedirectResponse(arrival.again, status_code=303)
    if arrival.failure is not None:
        return await page(
            request,
            "message.html",
            status=400,
            title="Not connected",
            text=arrival.failure.message,
            hint="Nothing was stored. You can try again from your dashboard.",
        )
    return await go(request, "/dashboard", "Successful connection")


async def _stray(request: Request, person_id: str) -> Response:
    """A callback that belongs to no journey of this browser: reloaded, forged or too late."""
    standing = await service_of(request).toolkit.statuses.of(person_id)
    if standing.stage in {Stage.CONNECTED, Stage.MISSING_PERMISSIONS}:
        return await go(request, "/dashboard", "Your ring is connected already.")
    return await page(
        request,
        "message.html",
        status=400,
        title="Not connected",
        text="This answer does not belong to a connection that was started in this browser, or it "
        "was used before.",
        hint="Start again from your dashboard. The way to Oura and back works once and for half "
        "an hour.",
    )


ROUTES: Final = (
    Route("/connect/oura", connect_page, methods=["GET"]),
    Route("/connect/oura", connect, methods=["POST"]),
    Route(CALLBACK, callback),
)

"""The pages of connecting a ring: the permissions, the way to Oura, and the callback."""

from __future__ import annotations

import hmac
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from annulet.hosted.connections.connect_link import person_tag
from annulet.hosted.connections.oura_authorization import CALLBACK_PATH
from annulet.hosted.dashboard.forms import read_form
from annulet.hosted.dashboard.page_session import get_service, redirect, require_person
from annulet.hosted.dashboard.rendering import render_message, render_page
from annulet.hosted.dashboard.toolkit_pages import toolkit_values

__all__ = ["ROUTES"]


async def show_connect(request: Request) -> Response:
    """Show what will be shared; a link from inside a chat leads here, too."""
    session, service = await require_person(request), get_service(request)
    person, tag = session.person, request.query_params.get("for", "")
    if tag and not hmac.compare_digest(tag.encode(), person_tag(person.id).encode()):
        return await render_message(
            request,
            status=403,
            title="This link belongs to another account",
            text=f"You are signed in as {person.login}. The assistant that gave you this link "
            "may ask about the ring of another person.",
            hint="Sign out and sign in with the account that the assistant uses, or connect your "
            "own ring from your dashboard.",
        )
    status = await service.toolkit.statuses.read(person.id)
    return await render_page(
        request,
        "connect.html",
        toolkit_values(status),
        form_targets=await service.toolkit.oura_servers.list_origins(),
    )


async def connect(request: Request) -> Response:
    """Redirect to Oura's consent page."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    url = await service.toolkit.connections.start_authorization(
        session.person.id, session.browser.id
    )
    return RedirectResponse(url, status_code=303)


async def callback(request: Request) -> Response:
    """Receive the browser back from Oura; the page waits for the exchange and says how it ended."""
    session, service = await require_person(request), get_service(request)
    result = await service.toolkit.connections.finish_authorization(
        session.person.id, session.browser.id, request.url.query
    )
    if result is None:
        return await _answer_unknown_callback(request, session.person.id)
    if result.next_consent_url:
        return RedirectResponse(result.next_consent_url, status_code=303)
    if result.failure is not None:
        return await render_message(
            request,
            status=400,
            title="Not connected",
            text=result.failure.message,
            hint="Nothing was stored. You can try again from your dashboard.",
        )
    return await redirect(request, "/dashboard", "Successful connection")


async def _answer_unknown_callback(request: Request, person_id: str) -> Response:
    """Answer a callback that was reloaded, forged, or came too late."""
    status = await get_service(request).toolkit.statuses.read(person_id)
    if status.is_connected:
        return await redirect(request, "/dashboard", "Your ring is connected already.")
    return await render_message(
        request,
        status=400,
        title="Not connected",
        text="This answer does not belong to a connection that was started in this browser, or it "
        "was used before.",
        hint="Start again from your dashboard. The way to Oura and back works once and for half "
        "an hour.",
    )


ROUTES: Final = (
    Route("/connect/oura", show_connect, methods=["GET"]),
    Route("/connect/oura", connect, methods=["POST"]),
    Route(CALLBACK_PATH, callback),
)

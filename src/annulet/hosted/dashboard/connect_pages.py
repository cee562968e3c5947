"""The pages of connecting a ring: the permissions, the way to Oura, and the callback."""

from __future__ import annotations

import hmac
from typing import Final

from starlette.responses import RedirectResponse, Response

from annulet.errors import AnnuletError
from annulet.hosted.connections.connect_link import person_tag
from annulet.hosted.connections.oura_authorization import CALLBACK_PATH
from annulet.hosted.dashboard.person_routes import PersonRequest, person_get, person_post
from annulet.hosted.dashboard.rendering import render_message
from annulet.hosted.dashboard.toolkit_pages import toolkit_values
from annulet.oauth.connect_errors import ConnectFailed

_NO_ANSWERS: Final = "Oura has let you in, but it refuses to answer. The reason stands below."


async def show_connect(page: PersonRequest) -> Response:
    """Show what will be shared; a link from inside a chat leads here, too."""
    person, tag = page.person, page.query("for")
    if tag and not hmac.compare_digest(tag.encode(), person_tag(person.id).encode()):
        return await render_message(
            page.http,
            status=403,
            title="This link belongs to another account",
            text=f"You are signed in as {person.login}. The assistant that gave you this link "
            "may ask about the ring of another person.",
            hint="Sign out and sign in with the account that the assistant uses, or connect your "
            "own ring from your dashboard.",
        )
    status = await page.service.toolkit.statuses.read(person.id)
    return await page.render(
        "connect.html",
        toolkit_values(status),
        form_targets=await page.service.toolkit.oura_servers.list_origins(),
    )


async def connect(page: PersonRequest) -> Response:
    """Redirect to Oura's consent page."""
    url = await page.service.toolkit.connections.start_authorization(
        page.person.id, page.browser.id
    )
    return RedirectResponse(url, status_code=303)


async def callback(page: PersonRequest) -> Response:
    """Receive the browser back from Oura; the page waits for the exchange and says how it ended."""
    result = await page.service.toolkit.connections.finish_authorization(
        page.person.id, page.browser.id, page.http.url.query
    )
    if result is None:
        return await _answer_unknown_callback(page, page.person.id)
    if result.next_consent_url:
        return RedirectResponse(result.next_consent_url, status_code=303)
    if result.failure is not None:
        return await _answer_failure(page, result.failure)
    status = await page.service.toolkit.statuses.read(page.person.id)
    if not status.is_connected:
        return await page.redirect("/dashboard", _NO_ANSWERS, is_good=False)
    return await page.redirect("/dashboard", "Successful connection")


async def _answer_failure(page: PersonRequest, failure: AnnuletError) -> Response:
    """Say why nothing was connected, and whose it is to mend."""
    is_about_application = isinstance(failure, ConnectFailed) and failure.is_about_application
    if not is_about_application or page.person.is_admin:
        text, hint = failure.message, "Nothing was stored. You can try again from your dashboard."
        if is_about_application:
            hint = (
                "Check ANNULET_CLIENT_ID, ANNULET_CLIENT_SECRET and the redirect address at Oura."
            )
    else:
        text = "This service is not set up correctly at Oura, so no ring can be connected now."
        hint = "You cannot mend this: tell the operator, who finds the reason in the log."
    return await render_message(page.http, status=400, title="Not connected", text=text, hint=hint)


async def _answer_unknown_callback(page: PersonRequest, person_id: str) -> Response:
    """Answer a callback that was reloaded, forged, or came too late."""
    status = await page.service.toolkit.statuses.read(person_id)
    if status.is_connected:
        return await page.redirect("/dashboard", "Your ring is connected already.")
    return await render_message(
        page.http,
        status=400,
        title="Not connected",
        text="This answer does not belong to a connection that was started in this browser, or it "
        "was used before.",
        hint="Start again from your dashboard. The way to Oura and back works once and for half "
        "an hour.",
    )


ROUTES: Final = (
    person_get("/connect/oura", show_connect),
    person_post("/connect/oura", connect),
    person_get(CALLBACK_PATH, callback),
)

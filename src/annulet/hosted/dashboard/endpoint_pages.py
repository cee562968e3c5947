"""The pages of one endpoint: set-up, tools, keys, and whether the first call has come."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from annulet.errors import UsageError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.authorization.api_keys import LIFETIME_DAYS
from annulet.hosted.authorization.scopes import SCOPES
from annulet.hosted.dashboard.person_routes import PersonRequest, person_get, person_post
from annulet.hosted.dashboard.problem_status import give_status
from annulet.hosted.dashboard.rendering import is_fragment_request
from annulet.hosted.endpoints.assistants import ASSISTANTS, build_steps, runs_in_cloud
from annulet.hosted.endpoints.store import Endpoint
from annulet.hosted.errors import FieldError
from annulet.settings import loopback
from annulet.toolkit.answers import TOOLS

_DEFAULT_DAYS: Final = 90
_KEY_SHOWN: Final = (
    "The form was sent twice, and made one key. It was shown once: revoke it if you did not see it."
)


async def show_new(page: PersonRequest) -> Response:
    """Show the form of a new endpoint."""
    chosen = page.query("kind")
    values = {"assistants": ASSISTANTS, "chosen": chosen}
    return await page.render("endpoint_new.html", values)


async def create(page: PersonRequest) -> Response:
    """Create an endpoint; a form that is sent twice, as by a double click, creates one."""
    if await page.is_sent_again("endpoint"):
        return await page.redirect("/dashboard", "Endpoint created.")
    endpoint = await page.service.endpoints.create(
        page.person.id,
        name=page.form.get("name"),
        kind=page.form.get("kind"),
        auth=page.form.get("auth"),
    )
    await _record(page, AuditAction.ENDPOINT_CREATED, endpoint)
    return await page.redirect(f"/endpoints/{endpoint.id}", "Endpoint created.")


async def show_waiting(page: PersonRequest) -> Response:
    """Show whether the first call has come; the page asks for it again and again."""
    await page.service.audit.flush()
    endpoint = await _get_endpoint(page)
    keys = await page.service.authorization.api_keys.list_for(endpoint.person_id, endpoint.id)
    values = {"endpoint": endpoint, "keys": keys, "is_fragment": True}
    return await page.render_fragment("_waiting.html", values)


async def set_tools(page: PersonRequest) -> Response:
    """Set the tools that the endpoint offers."""
    endpoint = await _get_endpoint(page)
    await page.service.endpoints.set_tools(
        endpoint.person_id, endpoint.id, on=page.form.get_all("tool"), known=TOOLS
    )
    await _record(page, AuditAction.ENDPOINT_CHANGED, endpoint)
    if is_fragment_request(page.http):
        return await page.render_fragment("_saved.html")
    return await page.redirect(f"/endpoints/{endpoint.id}", "Tools saved.")


async def rename(page: PersonRequest) -> Response:
    """Change the name of the endpoint."""
    endpoint = await _get_endpoint(page)
    await page.service.endpoints.rename(endpoint.person_id, endpoint.id, page.form.get("name"))
    await _record(page, AuditAction.ENDPOINT_CHANGED, endpoint)
    return await page.redirect(f"/endpoints/{endpoint.id}", "Name saved.")


async def delete(page: PersonRequest) -> Response:
    """Delete the endpoint with its keys and grants."""
    endpoint = await _get_endpoint(page)
    await page.service.endpoints.delete(endpoint.person_id, endpoint.id)
    await page.service.audit.record(
        AuditAction.ENDPOINT_DELETED,
        endpoint.person_id,
        endpoint_id=endpoint.id,
        client=endpoint.name,
    )
    return await page.redirect("/dashboard", f"“{endpoint.name}” is deleted.")


async def create_key(page: PersonRequest) -> Response:
    """Create an API key and show it, this once."""
    endpoint = await _get_endpoint(page)
    if endpoint.auth != "key":
        raise UsageError(
            "This endpoint uses OAuth, so it takes no API keys.",
            hint="Create another endpoint for API keys: assistants get confused by both at once.",
        )
    scopes = page.form.get_all("scope")
    if scopes and await page.is_sent_again("key"):
        return await page.redirect(f"/endpoints/{endpoint.id}", _KEY_SHOWN, is_good=False)
    try:
        key = await page.service.authorization.api_keys.create(
            endpoint.person_id,
            endpoint.id,
            name=page.form.get("name"),
            scopes=scopes,
            days=LIFETIME_DAYS.get(page.form.get("lifetime", str(_DEFAULT_DAYS)), _DEFAULT_DAYS),
        )
    except FieldError as problem:
        return give_status(await show(page, problem=problem), problem)
    await _record(page, AuditAction.KEY_CREATED, endpoint)
    return await show(page, new_key=key)


async def _get_endpoint(page: PersonRequest) -> Endpoint:
    """Read the endpoint of the address, if it is one of this person.

    Raises:
        SignInRequiredError: No person is signed in.
        NotFoundError: The person has no such endpoint.
    """
    endpoint_id = page.path("endpoint")
    return await page.service.endpoints.get(page.person.id, endpoint_id)


async def _record(page: PersonRequest, action: AuditAction, endpoint: Endpoint) -> None:
    await page.service.audit.record(action, endpoint.person_id, endpoint_id=endpoint.id)


async def show(
    page: PersonRequest, *, new_key: str = "", problem: FieldError | None = None
) -> Response:
    """Show everything about one endpoint, and a key that was made just now, or why none was."""
    await page.service.audit.flush()  # it notes the first call on the endpoint
    endpoint = await _get_endpoint(page)
    url = f"{page.service.settings.public_url}/mcp/{endpoint.id}"
    grants = await page.service.authorization.grants.list_for(endpoint.person_id)
    return await page.render(
        "endpoint.html",
        {
            "endpoint": endpoint,
            "url": url,
            "is_reachable": not (runs_in_cloud(endpoint.kind) and loopback(url)),
            "steps": build_steps(endpoint.kind, url, auth=endpoint.auth, key=new_key),
            "tools": TOOLS.values(),
            "keys": await page.service.authorization.api_keys.list_for(
                endpoint.person_id, endpoint.id
            ),
            "grants": [grant for grant in grants if grant.endpoint_id == endpoint.id],
            "scopes": SCOPES,
            "new_key": new_key,
            "problem": problem,
        },
    )


ROUTES: Final = (
    person_get("/endpoints/new", show_new),
    person_post("/endpoints", create),
    person_get("/endpoints/{endpoint}", show),
    person_get("/endpoints/{endpoint}/waiting", show_waiting),
    person_post("/endpoints/{endpoint}/tools", set_tools),
    person_post("/endpoints/{endpoint}/rename", rename),
    person_post("/endpoints/{endpoint}/delete", delete),
    person_post("/endpoints/{endpoint}/keys", create_key),
)

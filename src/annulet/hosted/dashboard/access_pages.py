"""The pages of access: API keys and the assistants with a grant, each revocable."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.authorization.api_keys import KeyRotatedError
from annulet.hosted.dashboard.person_routes import (
    Confirmation,
    PersonRequest,
    person_get,
    person_post,
)
from annulet.hosted.errors import NotFoundError

_REVOKING_KEY: Final = Confirmation(
    "Revoke this API key?",
    "What uses it gets no more answers from now on. This cannot be undone; you can create another "
    "key.",
    "Revoke the key",
    "/keys",
)
_REVOKING_GRANT: Final = Confirmation(
    "End the access of this assistant?",
    "It gets no more answers from now on. It can ask you again, and you decide then.",
    "End its access",
    "/keys",
)


async def rotate_key(page: PersonRequest) -> Response:
    """Create a key in place of an old one, and show it this once."""
    person_id = page.person.id
    try:
        key = await page.service.authorization.api_keys.rotate(person_id, page.path("key"))
    except KeyRotatedError as problem:
        return await page.redirect("/keys", f"{problem.message} {problem.hint}", is_good=False)
    await page.service.audit.record(AuditAction.KEY_ROTATED, person_id)
    return await show_access(page, new_key=key)


async def revoke_key(page: PersonRequest) -> Response:
    """Revoke a key."""
    person_id = page.person.id
    if not await page.service.authorization.api_keys.revoke(person_id, page.path("key")):
        raise NotFoundError("There is no such key.", hint="It may have been revoked already.")
    await page.service.audit.record(AuditAction.KEY_REVOKED, person_id)
    return await page.redirect("/keys", "The key is revoked.")


async def revoke_grant(page: PersonRequest) -> Response:
    """Revoke the grant of an assistant."""
    person_id = page.person.id
    if not await page.service.authorization.grants.revoke(person_id, page.path("grant")):
        raise NotFoundError("There is no such access.", hint="It may have been revoked already.")
    await page.service.audit.record(AuditAction.CLIENT_REVOKED, person_id)
    return await page.redirect("/keys", "Access is revoked.")


async def show_access(page: PersonRequest, *, new_key: str = "") -> Response:
    """Show the keys and grants of this person, and a key that was made just now."""
    person_id = page.person.id
    return await page.render(
        "access.html",
        {
            "keys": await page.service.authorization.api_keys.list_for(person_id),
            "grants": await page.service.authorization.grants.list_for(person_id),
            "endpoints": {e.id: e for e in await page.service.endpoints.list_for(person_id)},
            "new_key": new_key,
        },
    )


ROUTES: Final = (
    person_get("/keys", show_access),
    person_post("/keys/{key}/rotate", rotate_key),
    person_post("/keys/{key}/revoke", revoke_key, asks=_REVOKING_KEY),
    person_post("/grants/{grant}/revoke", revoke_grant, asks=_REVOKING_GRANT),
)

"""The dashboard: the MCP server panel and the toolkit row."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import SCOPES
from annulet.errors import AnnuletError
from annulet.hosted.connections.toolkit_status import Standing
from annulet.hosted.dashboard.page_session import form, go, service_of, signed_in
from annulet.hosted.dashboard.rendering import fragment, page
from annulet.hosted.endpoints.assistants import ASSISTANTS
from annulet.hosted.registrations.stages import Registration, Stage, actions
from annulet.toolkit.answers import answer

__all__ = ["NINE", "ROUTES", "toolkit_values"]

NINE: Final = tuple(scope for scope in SCOPES.values() if scope.group)
_EXTRAS: Final = tuple(scope for scope in SCOPES.values() if not scope.group)
_REVOKED: Final = {
    "revoked": "Disconnected. The tokens are removed here and the permission is revoked at Oura.",
    "already": "Disconnected. The tokens are removed here; Oura had ended the permission before.",
}
_YOUR_TURN: Final = "It is your turn: you are approved. You can connect your ring now."
_NOT_REVOKED: Final = (
    "Disconnected. The tokens are removed here. Oura did not confirm that the permission is "
    "revoked: you can revoke it in your Oura account, under connected applications."
)


def toolkit_values(standing: Standing) -> dict[str, Any]:
    """What the toolkit row shows."""
    return {
        "standing": standing,
        "stage": standing.stage.value,
        "connection": standing.status,
        "actions": [action.value for action in actions(standing.journey)],
        "permissions": NINE,
        "extras": _EXTRAS,
    }


async def dashboard(request: Request) -> Response:
    """Endpoints and toolkit of this person."""
    me, service = await signed_in(request), service_of(request)
    await service.audit.flush()
    standing = await service.toolkit.statuses.of(me.person.id)
    return await page(
        request,
        "dashboard.html",
        form_targets=await _oura_origins(request),
        endpoints=await service.endpoints.of(me.person.id),
        assistants=ASSISTANTS,
        **toolkit_values(standing),
    )


async def toolkit(request: Request) -> Response:
    """The toolkit row alone, while somebody waits for approval."""
    me, service = await signed_in(request), service_of(request)
    standing = await service.toolkit.statuses.of(me.person.id)
    row = await fragment(request, "_toolkit.html", **toolkit_values(standing))
    if _by_htmx(request) and standing.stage is not Stage.PENDING:
        # more of the page has changed than this row: it is loaded again, and says why
        if standing.stage is Stage.APPROVED:
            await service.accounts.sessions.set_notice(me.session.id, _YOUR_TURN)
        row.headers["hx-refresh"] = "true"
    return row


async def register_page(request: Request) -> Response:
    """The confirmation, for a browser without scripts."""
    await signed_in(request)
    return await page(request, "register.html")


async def register(request: Request) -> Response:
    """Register, once confirmed."""
    me = await signed_in(request)
    await form(request)
    state = await service_of(request).toolkit.connections.register(me.person.id)
    approved = state is Registration.APPROVED
    notice = (
        "Registered and approved. You can connect your ring now." if approved else "Registered."
    )
    return await go(request, "/dashboard", notice)


async def withdraw(request: Request) -> Response:
    """Leave the queue."""
    me = await signed_in(request)
    await form(request)
    await service_of(request).toolkit.connections.withdraw(me.person.id)
    return await go(request, "/dashboard", "Registration cancelled.")


async def disconnect(request: Request) -> Response:
    """Remove the tokens, revoke the permission."""
    me = await signed_in(request)
    await form(request)
    outcome = await service_of(request).toolkit.connections.disconnect(me.person.id)
    return await go(request, "/dashboard", _REVOKED.get(outcome, _NOT_REVOKED))


async def check(request: Request) -> Response:
    """Ask Oura whether reads work again."""
    me = await signed_in(request)
    await form(request)
    standing = await service_of(request).toolkit.connections.check(me.person.id)
    works = standing.stage.value in {"connected", "missing_permissions"}
    return await go(
        request, "/dashboard", "Oura answers again." if works else "Oura still refuses to answer."
    )


async def facts(request: Request) -> Response:
    """What only Oura knows: which account, last sync. Fetched when looked at, kept nowhere."""
    me, service = await signed_in(request), service_of(request)
    said: dict[str, Any] = {}
    account, problem = "", None
    try:
        stored = await service.toolkit.contexts.store(me.person.id).load()
        account = stored.grant.oura_account if stored else ""
        said = await answer("oura_permissions", {}, service.toolkit.contexts.of(me.person))
    except AnnuletError as error:
        problem = error
    told = await service.webhooks.settings.listens()
    connection = await service.toolkit.connection_statuses.of(me.person.id)
    if told and problem is None and not connection.recognised:
        await service.toolkit.connections.recognise(me.person.id)
    # without scripts the link leads to a page of its own
    show, template = (fragment, "_facts.html") if _by_htmx(request) else (page, "facts.html")
    return await show(
        request,
        template,
        said=said,
        account=account,
        problem=problem,
        told=told,
        connection=connection,
    )


def _by_htmx(request: Request) -> bool:
    return bool(request.headers.get("hx-request"))


async def _oura_origins(request: Request) -> tuple[str, ...]:
    try:
        return await service_of(request).toolkit.authorizations.form_targets()
    except AnnuletError:
        # Oura cannot be reached: the page is shown all the same, and connecting will say why
        return ()


ROUTES: Final = (
    Route("/dashboard", dashboard),
    Route("/toolkits/oura", toolkit),
    Route("/toolkits/oura/facts", facts),
    Route("/toolkits/oura/register", register_page, methods=["GET"]),
    Route("/toolkits/oura/register", register, methods=["POST"]),
    Route("/toolkits/oura/withdraw", withdraw, methods=["POST"]),
    Route("/toolkits/oura/disconnect", disconnect, methods=["POST"]),
    Route("/toolkits/oura/check", check, methods=["POST"]),
)

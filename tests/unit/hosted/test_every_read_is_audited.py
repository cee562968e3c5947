"""Every address and every method of MCP that opens a person's health data leaves an entry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, get_args

import mcp_types as types
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.dashboard.person_routes import person_get
from annulet.hosted.database import tables
from annulet.toolkit.answers import TOOLS
from tests.unit.hosted.test_hostile_requests import every_route

DAYS = "2026-05-18/2026-05-19"
LAST = ("delete", "disconnect", "sign-out", "withdraw", "sign-in", "sessions")
"""What ends the account, the connection or the session is tried at the end."""
ENDLESS = "subscriptions/listen"
"""Its answer has no end, and carries no data: only that something changed."""
READING_PAGES = ("/today", "/today/day.svg", "/toolkits/oura/facts")
PARAMS: dict[str, list[dict[str, Any]]] = {
    "tools/call": [{"name": name, "arguments": {}} for name in TOOLS],
    "resources/read": [
        {"uri": uri}
        for uri in ("oura://today", "oura://connection", f"oura://documents/sleep/{DAYS}")
    ],
    "prompts/get": [{"name": "morning_briefing"}],
    "completion/complete": [
        {
            "ref": {"type": "ref/prompt", "name": "tag_experiment"},
            "argument": {"name": "tag", "value": "a"},
        }
    ],
}


class Watch:
    """Counts how often health data was opened, and the entries of the audit log."""

    def __init__(self, hosted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hosted, self.opened = hosted, 0
        get = Contexts.get

        def counted(*args: Any) -> Any:
            self.opened += 1
            return get(*args)

        monkeypatch.setattr(Contexts, "get", counted)

    async def entries(self) -> int:
        await self.hosted.service.audit.flush()
        return len(await self.hosted.rows(tables.audit))

    async def sees(self, request: Callable[[], Awaitable[Any]]) -> tuple[bool, bool]:
        """Whether a request opened health data, and whether it left an entry."""
        opened, entries = self.opened, await self.entries()
        await request()
        return self.opened > opened, await self.entries() > entries


def every_method() -> list[str]:
    """The methods that a client can send, from the types of the protocol."""
    requests = [*get_args(types.ClientRequest), *get_args(getattr(types, "ClientNotification", ()))]
    methods = {
        method
        for request in requests
        if hasattr(request, "model_fields") and "method" in request.model_fields
        for method in get_args(request.model_fields["method"].annotation)
    }
    return sorted({*methods, *PARAMS} - {ENDLESS})


async def silent_routes(hosted: Any, browser: Any, watch: Watch, endpoint: str) -> dict[str, bool]:
    """Whether each route that opens health data leaves an entry."""
    await browser.get("/account")
    token = browser.form("/account/profile")["form_token"]
    seen = {}
    routes = sorted(every_route(hosted), key=lambda r: any(word in r[1] for word in LAST))
    for method, template in routes:
        if template.startswith("/mcp"):
            continue  # by method, below
        path = template.replace("{endpoint}", endpoint).replace("{name}", "day")
        path = path.replace("{person}", "x").replace("{key}", "x")
        data = {"form_token": token} if method == "POST" else None
        reads, logs = await watch.sees(
            lambda m=method, p=path, d=data: browser.http.request(m, p, data=d)
        )
        if reads:
            seen[f"{method} {path}"] = logs
    return seen


@pytest.fixture
async def anna(hosted) -> Any:
    """Someone with a ring, who is the admin."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    await browser.register()
    await browser.connect()
    return browser


async def test_every_route_that_opens_health_data_leaves_an_entry(hosted, anna, monkeypatch):
    """Also found: a route that would be added without one."""
    endpoint, _ = await anna.new_key()
    watch = Watch(hosted, monkeypatch)

    async def forgetful(page: Any) -> Any:
        await page.service.toolkit.open_context(page.person)
        return PlainTextResponse("data")

    added: Route = person_get("/forgetful", forgetful)
    hosted.app.router.routes.insert(0, added)
    seen = await silent_routes(hosted, anna, watch, endpoint)
    assert {f"GET {path}" for path in READING_PAGES} <= set(seen)
    assert [route for route, logs in seen.items() if not logs] == [
        "GET /forgetful",
        "HEAD /forgetful",
    ]


async def test_every_method_of_mcp_that_opens_health_data_leaves_an_entry(
    hosted, anna, monkeypatch
):
    """Every method of the protocol, every tool and every kind of resource."""
    endpoint, key = await anna.new_key()
    watch = Watch(hosted, monkeypatch)
    readers = set()
    for method in every_method():
        for params in PARAMS.get(method, [{}]):
            reads, logs = await watch.sees(
                lambda m=method, p=params: anna.rpc(key, f"/mcp/{endpoint}", m, p)
            )
            assert logs or not reads, (method, params)
            readers |= {method} if reads else set()
    assert {"tools/call", "resources/read"} <= readers
    assert len(every_method()) > 12

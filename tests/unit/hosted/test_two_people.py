"""Two people cannot reach each other's data over any route or tool."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.routing import Mount, Route

from annulet.hosted.database import tables
from annulet.hosted.webhooks.subscription_settings import DesiredState
from annulet.toolkit.answers import TOOLS

OWNED = (
    tables.people,
    tables.registrations,
    tables.connections,
    tables.endpoints,
    tables.api_keys,
    tables.oauth_grants,
    tables.oauth_tokens,
    tables.sessions,
    tables.passkeys,
    tables.identities,
)
FIELDS = {
    "confirmed": "yes",
    "name": "Taken over",
    "login": "anna@example.org",
    "tool": "oura_device",
    "scope": "oura:read",
    "lifetime": "never",
    "kind": "other",
    "timezone": "Asia/Tokyo",
    "password": "a password of somebody else",
    "current": "correct horse battery",
    "capacity": "500",
    "decision": "allow",
    "note": "x",
}


@pytest.fixture
async def anna(hosted) -> dict[str, Any]:
    """Anna, connected, with an endpoint, a key and an allowed assistant."""
    boss = hosted.browser()
    await boss.sign_up("boss@example.org")
    browser = hosted.browser()
    await browser.sign_up("anna@example.org", name="Anna Secretname")
    await browser.register()
    await browser.connect("traveller")
    endpoint, key = await browser.new_key()
    person = await hosted.service.accounts.people.find_by_login("anna@example.org")
    await grant_access(hosted, person.id, endpoint)
    made = {"credential_id": b"x", "public_key": b"y", "sign_count": 0, "name": "Key"}
    await hosted.service.sign_in_methods.passkey_store.add(person.id, **made)
    (passkey,) = await hosted.service.sign_in_methods.passkey_store.list_for(person.id)
    keys = await hosted.service.authorization.api_keys.list_for(person.id)
    grants = await hosted.service.authorization.grants.list_for(person.id)
    sessions = await hosted.service.accounts.sessions.list_for(person.id)
    return {
        "browser": browser,
        "bearer": key,
        "ids": {
            "person": person.id,
            "endpoint": endpoint,
            "key": keys[0].id,
            "grant": grants[0].id,
            "session": sessions[0].id,
            "passkey": passkey.id,
            "link": "0" * 32,
            "name": "night",
        },
    }


async def grant_access(hosted: Any, person_id: str, endpoint: str) -> None:
    from annulet.hosted.authorization.authorization_request import AuthorizationRequest
    from annulet.hosted.authorization.clients import OAuthClient

    client = OAuthClient("c1", "Annas assistant", ("http://localhost/cb",), "none", None, "")
    request = AuthorizationRequest(
        client=client,
        redirect_uri="http://localhost/cb",
        redirect_given=True,
        challenge="x" * 43,
        scopes=("oura:read",),
        state="",
        resource="http://127.0.0.1:8080/mcp",
        endpoint_id="",
    )
    await hosted.service.authorization.grants.create(person_id, request, endpoint)


async def join_ben(hosted: Any) -> Any:
    browser = hosted.browser()
    await browser.sign_up("ben@example.org")
    await browser.register()
    await browser.connect("plain")
    return browser


def pages(app: Any) -> list[tuple[str, str]]:
    """Every route of the service with its methods."""
    routes = set()
    for route in app.routes:
        assert isinstance(route, Route | Mount), route
        if isinstance(route, Route):
            methods = set(route.methods or ("GET", "POST")) - {"HEAD"}
            routes |= {(method, route.path) for method in methods}
    return sorted(routes)


async def owned_rows(hosted: Any, person_id: str) -> dict[str, Any]:
    """Every row of one person that a request could change."""
    owned = {}
    for table in OWNED:
        rows = await hosted.rows(table)
        if "person_id" in table.c:
            rows = [row for row in rows if row["person_id"] == person_id]
        elif "id" in table.c and table is tables.people:
            rows = [row for row in rows if row["id"] == person_id]
        owned[table.name] = rows
    return owned


async def test_every_route_with_the_ids_of_another_person(hosted, anna) -> None:
    """No page shows Anna to Ben, and no form of Ben's changes a row of Anna's."""
    ben = await join_ben(hosted)
    ids = anna["ids"]
    before = await owned_rows(hosted, ids["person"])
    tried = 0
    for method, path in pages(hosted.app):
        if path == "/sign-out":
            continue
        place = re.sub(r"{(\w+)}", lambda match: ids[match.group(1)], path)
        if method == "GET":
            answer = await ben.http.get(place)
        else:
            # a proof of who is there renews the session, and with it the token of every form
            await ben.get("/account")
            token = ben.form("/account/export")["form_token"]
            answer = await ben.post(place, {**FIELDS, "form_token": token})
        shown = "" if answer.url.port == 8790 else answer.text  # Oura's own page
        for secret in ("Anna Secretname", "traveller", "Annas assistant", anna["bearer"]):
            assert secret not in shown, (method, path, secret)
        if "{" in path and "{name}" not in path:
            assert answer.status_code in {401, 404, 405}, (method, path, answer.status_code)
        tried += 1
    assert tried > 60
    assert {("GET", "/admin/updates"), ("POST", "/admin/updates/on")} <= set(pages(hosted.app))
    assert {("GET", "/webhooks/oura"), ("POST", "/webhooks/oura")} <= set(pages(hosted.app))
    assert await hosted.service.webhooks.settings.read_desired() == DesiredState(), (
        "only an admin switches updates on"
    )
    after = await owned_rows(hosted, ids["person"])
    assert after == before


async def test_without_a_session_no_route_shows_anything(hosted, anna) -> None:
    """Without a session every page leads to the sign-in or shows nothing of a person."""
    stranger = hosted.browser()
    await stranger.get("/sign-in")
    token = stranger.form("/sign-in")["form_token"]
    before = await owned_rows(hosted, anna["ids"]["person"])
    for method, path in pages(hosted.app):
        place = re.sub(r"{(\w+)}", lambda match: anna["ids"][match.group(1)], path)
        if method == "GET":
            answer = await stranger.http.get(place)
        else:
            fields = {**FIELDS, "form_token": token, "login": "x@y.example", "password": "short"}
            answer = await stranger.post(place, fields)
        assert "Anna" not in answer.text, (method, path)
    assert await owned_rows(hosted, anna["ids"]["person"]) == before


async def test_every_tool_answers_its_own_person(hosted, anna) -> None:
    """Ben's key is refused at Anna's address; at his own it only reads Ben's data."""
    ben = await join_ben(hosted)
    endpoint, key = await ben.new_key()
    arguments = {
        "oura_compare": {"period": "last 7 days", "against": "last month"},
        "oura_effects": {"tag": "alcohol"},
        "oura_query": {"metrics": ["steps"], "list": True},
    }
    for tool in TOOLS:
        hosted.oura.requests.clear()
        given = arguments.get(tool, {})
        refused = await ben.ask(key, f"/mcp/{anna['ids']['endpoint']}", tool, **given)
        assert refused.status_code == 401, tool
        assert len(hosted.oura.requests) == 0, tool
        answer = await ben.ask(key, f"/mcp/{endpoint}", tool, **given)
        assert answer.is_success, tool
        assert {request.person for request in hosted.oura.requests} <= {"plain"}, tool
        assert "traveller" not in answer.text, tool


async def test_a_disabled_person_is_locked_out_everywhere(hosted, anna) -> None:
    """Browser, key and assistant stop at once; enabling brings them back."""
    boss = hosted.browser()
    await boss.get("/sign-in")
    await boss.submit("/sign-in", login="boss@example.org", password="correct horse battery")
    await boss.get("/admin")
    person = anna["ids"]["person"]
    path = f"/mcp/{anna['ids']['endpoint']}"
    assert (await boss.rpc(anna["bearer"], path, "tools/list")).is_success
    await boss.submit(f"/admin/people/{person}/disable")
    assert (await boss.rpc(anna["bearer"], path, "tools/list")).status_code == 401
    await anna["browser"].get("/dashboard")
    assert "Sign in" in anna["browser"].text
    await boss.submit(f"/admin/people/{person}/enable")
    assert (await boss.rpc(anna["bearer"], path, "tools/list")).is_success


async def test_the_last_admin_stays(hosted, anna) -> None:
    """The only admin cannot be disabled."""
    boss = hosted.browser()
    await boss.get("/sign-in")
    await boss.submit("/sign-in", login="boss@example.org", password="correct horse battery")
    await boss.get("/admin")
    me = await hosted.service.accounts.people.find_by_login("boss@example.org")
    refused = await boss.submit(f"/admin/people/{me.id}/disable")
    assert refused.status_code == 400
    assert "last admin" in boss.text


async def test_a_sealed_row_cannot_be_moved_to_another_person(hosted, anna) -> None:
    """Even with write access to the database, Anna's tokens are useless to Ben."""
    from sqlalchemy import select, update

    ben = await join_ben(hosted)
    endpoint, key = await ben.new_key()
    ben_id = (await hosted.service.accounts.people.find_by_login("ben@example.org")).id
    c = tables.connections.c
    async with hosted.service.database.write() as connection:
        stolen = (
            await connection.execute(
                select(c.sealed, c.generation).where(c.person_id == anna["ids"]["person"])
            )
        ).one()
        await connection.execute(
            update(tables.connections)
            .where(c.person_id == ben_id)
            .values(sealed=stolen.sealed, generation=stolen.generation)
        )
    answer = await ben.ask(key, f"/mcp/{endpoint}", "oura_device")
    assert '"code":"vault_locked"' in answer.text

"""The pages offer nothing that cannot work, and a form that is sent twice counts once."""

from __future__ import annotations

import asyncio
import re

from annulet.hosted.database import tables


async def test_without_an_application_the_pages_say_what_is_missing(make_hosted) -> None:
    """The admin sees the redirect address to copy; other people see that it is not ready yet."""
    async with make_hosted(client_id="", client_secret=None).running() as hosted:
        boss, anna = hosted.browser(), hosted.browser()
        await boss.sign_up("boss@example.org")
        await anna.sign_up("anna@example.org")
        for browser in (boss, anna):
            await browser.get("/dashboard")
            assert 'action="/toolkits/oura/register"' not in browser.page.text.split("<dialog")[0]
        assert "http://127.0.0.1:8080/connect/oura/callback" in boss.text
        assert "ANNULET_CLIENT_SECRET" in boss.text
        assert "not ready yet" in anna.text
        assert "ANNULET_CLIENT_SECRET" not in anna.text


async def test_with_an_application_there_is_no_card(hosted) -> None:
    """The row looks as ever."""
    boss = hosted.browser()
    await boss.sign_up("boss@example.org")
    await boss.get("/dashboard")
    assert "no application at Oura" not in boss.text
    assert 'action="/toolkits/oura/register"' in boss.page.text


async def test_an_assistant_in_the_cloud_is_not_given_a_loopback_address(hosted) -> None:
    """The page says what is missing; an assistant on this machine gets its steps."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.get("/endpoints/new")
    await anna.submit("/endpoints", kind="chatgpt")
    assert "cannot reach this machine" in anna.text
    assert "/mcp/" not in anna.page.text
    await anna.get("/endpoints/new")
    await anna.submit("/endpoints", kind="cursor")
    assert "http://127.0.0.1:8080/mcp/" in anna.text


async def test_a_public_address_is_given_to_every_assistant(make_hosted) -> None:
    """Behind a public name the steps are there."""
    async with make_hosted(public_url="https://ring.example.org").running() as hosted:
        steps = hosted.service.settings.public_url
        await hosted.service.accounts.sign_up.create_from_shell(
            login="boss@example.org", password="correct horse battery", role="admin"
        )
        boss = hosted.browser()
        await boss.get("/sign-in")
        await boss.submit("/sign-in", login="boss@example.org", password="correct horse battery")
        await boss.get("/endpoints/new")
        await boss.submit("/endpoints", kind="chatgpt")
        assert f"{steps}/mcp/" in boss.text


async def test_a_double_click_makes_one_endpoint(hosted) -> None:
    """The same form sent twice at once; a form that was loaded anew makes another one."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.get("/endpoints/new")
    fields = {**anna.form("/endpoints"), "kind": "cursor", "name": "Laptop"}
    await asyncio.gather(*(anna.http.post("/endpoints", data=fields) for _ in range(2)))
    assert len(await hosted.rows(tables.endpoints)) == 1
    await anna.get("/endpoints/new")
    await anna.submit("/endpoints", kind="cursor", name="Laptop")
    assert len(await hosted.rows(tables.endpoints)) == 2


async def test_what_ends_something_is_asked_first(hosted) -> None:
    """The question names what ends; nothing has ended before it is answered."""
    boss, anna = hosted.browser(), hosted.browser()
    await boss.sign_up("boss@example.org")
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    endpoint, key = await anna.new_key()
    person = (await hosted.service.accounts.people.find_by_login("anna@example.org")).id
    (row,) = await hosted.rows(tables.api_keys)
    for browser, page, action, subject in (
        (anna, "/dashboard", "/toolkits/oura/disconnect", "tokens are removed"),
        (anna, "/keys", f"/keys/{row['id']}/revoke", row["prefix"]),
        (boss, "/admin/keys", f"/admin/keys/{row['id']}/revoke", row["prefix"]),
        (boss, "/admin", f"/admin/people/{person}/disable", "anna@example.org"),
        (boss, "/admin", f"/admin/people/{person}/delete", "anna@example.org"),
    ):
        await browser.get(page)
        await browser.post(action, browser.form(action))
        assert browser.page.is_success
        assert subject in browser.text, action
        assert "Cancel" in browser.text
        answer = await anna.ask(key, f"/mcp/{endpoint}")
        assert '"isError":true' not in answer.text, action
    await boss.submit(f"/admin/people/{person}/delete")
    assert not (await anna.ask(key, f"/mcp/{endpoint}")).is_success


async def test_what_was_not_done_does_not_look_done(hosted) -> None:
    """A sentence about a failure has no tick in front of it."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect("lapsed")
    await anna.get("/dashboard")
    await anna.get("/toolkits/oura/facts")
    await anna.get("/dashboard")
    await anna.submit("/toolkits/oura/check")
    assert "Oura still refuses to answer." in anna.text
    assert 'class="notice"' not in anna.page.text
    hosted.oura.faults.add("status", 503, path="oauth-revoke")
    await anna.submit("/toolkits/oura/disconnect")
    assert "did not confirm" in anna.text
    assert 'class="notice"' not in anna.page.text


def field_problem(page: str, field: str) -> str:
    """The sentence that a field is described by; empty where it has none."""
    marked = re.search(rf'<(?:input|textarea|fieldset|select)[^>]*"{field}-problem[^>]*>', page)
    beside = re.search(rf'id="{field}-problem">(.*?)</p>', page)
    assert (marked is None) == (beside is None)
    assert marked is None or 'aria-invalid="true"' in marked.group(0)
    return re.sub("<[^>]+>", "", beside.group(1)) if beside else ""


async def test_a_problem_stands_beside_its_field(hosted) -> None:
    """What was typed wrongly is said at the field, once, and the rest of the form is kept."""
    boss = hosted.browser()
    await boss.get("/sign-up")
    await boss.submit("/sign-up", login="boss@example.org", password="short", timezone="UTC")
    assert "too short" in field_problem(boss.page.text, "password")
    assert boss.text.count("too short") == 1
    assert 'value="boss@example.org"' in boss.page.text
    await boss.submit("/sign-up", login="boss", password="correct horse battery", timezone="UTC")
    assert "not an e-mail" in field_problem(boss.page.text, "login")
    fields = {"login": "boss@example.org", "password": "correct horse battery"}
    await boss.submit("/sign-up", **fields, timezone="Mars/Base")
    assert "no such time zone" in field_problem(boss.page.text, "timezone")
    await boss.submit("/sign-up", **fields, timezone="UTC")
    for page, action, typed, field, words in (
        ("/account", "/account/password", {"current": "wrong", "password": "a b c d e f"}, "", ""),
        ("/account", "/account/delete", {"login": "x@example.org"}, "login", "does not match"),
        ("/account", "/account/profile", {"timezone": "Mars/Base"}, "timezone", "no such time"),
        ("/admin", "/admin/capacity", {"capacity": "many"}, "capacity", "whole number"),
        ("/admin/invitations", "/admin/invitations/import", {"addresses": "a@b.c\nx"}, "", ""),
    ):
        await boss.get(page)
        await boss.submit(action, **typed)
        assert boss.page.status_code == 400, action
        name = field or {"/account/password": "current"}.get(action, "addresses")
        assert words in field_problem(boss.page.text, name) != ""
    assert "a@b.c" in boss.page.text, "what was pasted is still there"
    endpoint, _ = await boss.new_key()
    await boss.get(f"/endpoints/{endpoint}")
    await boss.submit(f"/endpoints/{endpoint}/keys", name="Laptop", lifetime="90")
    assert "Tick at least one" in field_problem(boss.page.text, "scope")
    for path in ("/audit", "/admin/audit"):
        await boss.get(f"{path}?since=yesterday")
        assert boss.page.status_code == 400
        assert "not a day" in field_problem(boss.page.text, "since")


async def test_a_double_click_ends_in_one_answer(hosted) -> None:
    """One key, and the second press of a button says what the first one has done."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    endpoint, _ = await anna.new_key()
    await anna.get(f"/endpoints/{endpoint}")
    fields = anna.form(f"/endpoints/{endpoint}/keys") | {"scope": "oura:read", "lifetime": "90"}
    presses = (anna.http.post(f"/endpoints/{endpoint}/keys", data=fields) for _ in range(2))
    answers = await asyncio.gather(*presses)
    assert len(await hosted.rows(tables.api_keys)) == 2
    assert sum("annulet_" in answer.text for answer in answers) == 1
    key = (await hosted.rows(tables.api_keys))[1]["id"]
    await anna.get("/keys")
    asked = anna.form(f"/keys/{key}/revoke") | {"confirmed": "yes"}
    for _ in range(2):
        await anna.post(f"/keys/{key}/revoke", asked)
        assert "The key is revoked." in anna.text
    await anna.get("/dashboard")
    asked = anna.form("/toolkits/oura/disconnect") | {"confirmed": "yes"}
    presses = (anna.http.post("/toolkits/oura/disconnect", data=asked) for _ in range(2))
    await asyncio.gather(*presses)
    await anna.get("/dashboard")
    assert "Disconnected." in anna.text
    assert "no longer possible" not in anna.text

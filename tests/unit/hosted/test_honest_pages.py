"""The pages offer nothing that cannot work, and a form that is sent twice counts once."""

from __future__ import annotations

import asyncio

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

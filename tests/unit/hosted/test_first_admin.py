"""Who becomes the admin: the holder of the set-up link, or the first person on loopback."""

from __future__ import annotations

import asyncio
from typing import Any

from annulet.hosted.lifespan import preflight

PASSWORD = "correct horse battery"
RING = "https://ring.example.org"


async def sign_up(browser: Any, path: str, login: str) -> str:
    await browser.get(path)
    if browser.form("/sign-up") is None:
        return "no form"
    await browser.submit("/sign-up", login=login, password=PASSWORD)
    return "in" if "Hello" in browser.text else browser.text


async def new_link(hosted: Any) -> str:
    """What ``annulet serve`` prints, as a path."""
    link = await preflight(hosted.settings, hosted.clock)
    return link.removeprefix(RING)


async def test_only_the_set_up_link_makes_the_admin(make_hosted) -> None:
    """Sign-up is closed until the link is used; the link makes one admin; then others may come."""
    async with make_hosted(public_url=RING).running() as hosted:
        link = await new_link(hosted)
        stranger = hosted.browser()
        assert await sign_up(stranger, "/sign-up", "eve@example.org") == "no form"
        assert "has no admin yet" in stranger.text
        assert await sign_up(stranger, "/sign-up?invitation=guess", "eve@example.org") == "no form"
        await stranger.get("/sign-in")
        token = stranger.form("/sign-in")["form_token"]
        fields = {"form_token": token, "login": "eve@example.org", "password": PASSWORD}
        assert (await stranger.post("/sign-up", fields)).status_code == 400
        assert await hosted.service.accounts.people.count() == 0
        operator = hosted.browser()
        await operator.get(link)
        assert "will be the admin" in operator.text
        assert await sign_up(operator, link, "boss@example.org") == "in"
        assert (await operator.get("/admin")).status_code == 200
        assert await new_link(hosted) == ""
        assert await sign_up(stranger, link, "eve@example.org") == "in"
        assert (await stranger.get("/admin")).status_code == 404


async def test_a_link_opens_nothing_once_the_shell_has_made_an_admin(make_hosted) -> None:
    """A printed link may stand in a log that others read; it makes no second admin."""
    async with make_hosted(public_url=RING).running() as hosted:
        link = await new_link(hosted)
        guest = hosted.browser()
        await guest.get(link)
        assert "will be the admin" in guest.text
        await hosted.service.accounts.sign_up.create_from_shell(
            login="boss@example.org", password=PASSWORD, role="admin"
        )
        await guest.submit("/sign-up", login="eve@example.org", password=PASSWORD)
        assert (await guest.get("/admin")).status_code != 200
        later = hosted.browser()
        await later.get(link)
        assert "will be the admin" not in later.text
        people = await hosted.service.accounts.people.list_all()
        assert [p.login for p in people if p.role == "admin"] == ["boss@example.org"]


async def test_the_newest_link_counts_for_a_day(make_hosted) -> None:
    """Each start makes a new link, and yesterday's does not work."""
    async with make_hosted(public_url=RING, signup="closed").running() as hosted:
        old = await new_link(hosted)
        hosted.clock.advance(minutes=10)
        new = await new_link(hosted)
        assert await sign_up(hosted.browser(), old, "eve@example.org") == "no form"
        hosted.clock.advance(hours=25)
        assert await sign_up(hosted.browser(), new, "eve@example.org") == "no form"
        newest = await new_link(hosted)
        browsers = [hosted.browser(), hosted.browser()]
        for browser in browsers:
            await browser.get(newest)
        await asyncio.gather(
            *(
                browser.submit("/sign-up", login=f"p{n}@example.org", password=PASSWORD)
                for n, browser in enumerate(browsers)
            )
        )
        people = await hosted.service.accounts.people.list_all()
        assert [person.role for person in people] == ["admin"]


async def test_replicas_that_start_together_print_links_of_one_admin(make_hosted) -> None:
    """Each link works until one was used, also where two are used at once."""
    async with make_hosted(public_url=RING).running() as hosted:
        links = [await new_link(hosted) for _ in range(3)]
        browsers = [hosted.browser() for _ in links]
        for link, browser in zip(links, browsers, strict=True):
            await browser.get(link)
            assert "will be the admin" in browser.text
        await asyncio.gather(
            *(
                browser.submit("/sign-up", login=f"p{n}@example.org", password=PASSWORD)
                for n, browser in enumerate(browsers)
            )
        )
        people = await hosted.service.accounts.people.list_all()
        assert [person.role for person in people] == ["admin"]
        await sign_up(hosted.browser(), links[2], "eve@example.org")
        people = await hosted.service.accounts.people.list_all()
        assert sorted(person.role for person in people) == ["admin", "member"]


async def test_on_loopback_the_first_account_is_the_admin(hosted) -> None:
    """The page says so; of two first people at once one becomes the admin and both get in."""
    assert await preflight(hosted.settings, hosted.clock) == ""
    browsers = [hosted.browser(), hosted.browser()]
    for browser in browsers:
        await browser.get("/sign-up")
        assert "will be the admin" in browser.text
    await asyncio.gather(
        *(
            browser.submit("/sign-up", login=f"p{n}@example.org", password=PASSWORD)
            for n, browser in enumerate(browsers)
        )
    )
    assert all("Hello" in browser.text for browser in browsers)
    people = await hosted.service.accounts.people.list_all()
    assert sorted(person.role for person in people) == ["admin", "member"]
    third = hosted.browser()
    await third.get("/sign-up")
    assert "will be the admin" not in third.text


async def test_a_closed_service_on_loopback_prints_a_link(make_hosted) -> None:
    """Where the first person cannot simply sign up, the operator gets a link, too."""
    async with make_hosted(signup="invite").running() as hosted:
        link = (await preflight(hosted.settings, hosted.clock)).removeprefix(
            "http://127.0.0.1:8080"
        )
        browser = hosted.browser()
        assert await sign_up(browser, link, "boss@example.org") == "in"
        assert (await browser.get("/admin")).status_code == 200

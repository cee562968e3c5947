"""Guessing is limited, and no stranger can lock a person out of an account or of the service."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from argon2 import PasswordHasher

from annulet.hosted.accounts.hashing_queue import HashingPriority, HashingQueue
from annulet.hosted.errors import OverloadedError

PASSWORD = "correct horse battery"
HOME, AWAY, ATTACKER = "198.51.100.7", "203.0.113.9", "192.0.2.66"


async def sign_in(browser: Any, password: str = PASSWORD, login: str = "anna@example.org") -> int:
    await browser.get("/sign-in")
    return (await browser.submit("/sign-in", login=login, password=password)).status_code


async def guess(
    hosted: Any, times: int, login: str = "anna@example.org", **where: str
) -> list[int]:
    """Guess from one address at the same moment; the statuses."""
    browser = hosted.browser(where.get("address", ATTACKER))
    await browser.get("/sign-in")
    fields = {**browser.form("/sign-in"), "login": login}
    answers = [
        browser.http.post(
            "/sign-in",
            content=f"form_token={fields['form_token']}&login={login}&password=guess+number+{n}",
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        for n in range(times)
    ]
    return [answer.status_code for answer in await asyncio.gather(*answers)]


async def make_anna(hosted: Any) -> Any:
    """Anna, who has signed up at home and is signed out."""
    browser = hosted.browser(HOME)
    await browser.sign_up("anna@example.org")
    await browser.submit("/sign-out")
    return browser


def count_checked(statuses: list[int]) -> int:
    """How many guesses were compared with the password."""
    assert set(statuses) <= {400, 429, 503}
    return statuses.count(400)


async def test_parallel_guesses_do_not_pass_the_limit(hosted) -> None:
    """Of 120 guesses at one moment ten are checked; of 120 at twelve accounts thirty."""
    await make_anna(hosted)
    assert count_checked(await guess(hosted, 120)) <= 10
    rounds = [
        await guess(hosted, 10, login=f"person{n}@example.org", address="192.0.2.67")
        for n in range(12)
    ]
    assert sum(map(count_checked, rounds)) <= 30


async def test_a_network_of_ipv6_addresses_is_one_address(hosted) -> None:
    """A person has 2^64 addresses; guesses from many of them count together."""
    await make_anna(hosted)
    rounds = [await guess(hosted, 3, address=f"2001:db8:1:2::{n:x}") for n in range(1, 15)]
    assert sum(map(count_checked, rounds)) <= 10
    mapped = [await guess(hosted, 6, address=a) for a in ("192.0.2.70", "::ffff:192.0.2.70")]
    assert sum(map(count_checked, mapped)) <= 10


async def test_guessing_locks_no_one_out(hosted) -> None:
    """The person's password works at home, in a known browser anywhere, and beside the attacker."""
    anna = await make_anna(hosted)
    for n in range(12):
        await guess(hosted, 10, address=f"192.0.2.{n}")
    await guess(hosted, 30, address=HOME, login="eve@example.org")
    assert await sign_in(hosted.browser(HOME)) == 200
    # the same browser elsewhere, also where everyone has the attacker's address
    for address in (AWAY, ATTACKER):
        elsewhere = hosted.browser(address)
        await guess(hosted, 40, address=address)
        assert await sign_in(elsewhere) == 429
        elsewhere.http.cookies.set("annulet-known", anna.http.cookies["annulet-known"])
        assert await sign_in(elsewhere) == 200


async def test_a_known_browser_has_ten_attempts_too(hosted) -> None:
    """A stolen or forged token of a known browser does not lift the limit."""
    anna = await make_anna(hosted)
    token = anna.http.cookies["annulet-known"]
    statuses = [await sign_in(anna, f"wrong password {n}") for n in range(12)]
    assert statuses == [400] * 10 + [429] * 2
    for forged in (token[:-4] + "0000", "x.y", ".", "", token + "é"):
        browser = hosted.browser("192.0.2.71")
        browser.http.headers["cookie"] = f"annulet-known={forged}".encode().decode("latin-1")
        assert await sign_in(browser, "wrong password") in {400, 403}
    # another account's token proves nothing about Anna
    ben = hosted.browser(AWAY)
    await ben.sign_up("ben@example.org")
    await ben.submit("/sign-out")
    assert [await sign_in(ben, f"guess number {n}") for n in range(11)].count(400) == 10


async def test_a_success_clears_and_a_wait_ends(hosted) -> None:
    """Nine typing errors cost nothing after a right password, and a wait ends after 15 minutes."""
    anna = await make_anna(hosted)
    for _ in range(3):
        assert [await sign_in(anna, "wrong password") for _ in range(9)] == [400] * 9
        assert await sign_in(anna) == 200
        await anna.submit("/sign-out")
    assert count_checked(await guess(hosted, 30)) == 10
    hosted.clock.advance(minutes=16)
    assert await sign_in(hosted.browser(ATTACKER)) == 200


async def test_many_typing_errors_of_many_people_are_theirs(hosted) -> None:
    """Behind a proxy that is not trusted everyone has one address; known browsers still get in."""
    people = []
    for n in range(3):
        browser = hosted.browser()
        await browser.sign_up(f"person{n}@example.org")
        await browser.submit("/sign-out")
        people.append(browser)
    await guess(hosted, 33, login="nobody@example.org", address="127.0.0.1")
    for n, browser in enumerate(people):
        assert await sign_in(browser, login=f"person{n}@example.org") == 200


async def test_a_reset_link_gets_through_and_wrong_links_are_limited(hosted) -> None:
    """Thirty wrong links an hour and address; a right one works beside them."""
    admin = hosted.browser()
    await admin.sign_up("boss@example.org")
    await make_anna(hosted)
    anna = await hosted.service.accounts.people.find_by_login("anna@example.org")
    await admin.get("/admin")
    await admin.submit(f"/admin/people/{anna.id}/reset")
    path = re.search(r"(/reset\?link=[\w-]+)", admin.page.text).group(1)
    browser = hosted.browser(ATTACKER)
    await guess(hosted, 30)
    await browser.get(path)
    fields = browser.form("/reset")
    answers = [await browser.post("/reset", {**fields, "link": f"wrong{n}"}) for n in range(35)]
    assert [answer.status_code for answer in answers] == [400] * 30 + [429] * 5
    await browser.post("/reset", {**fields, "password": "a whole new password"})
    assert "Hello" in browser.text


async def test_sign_ups_and_registrations_are_limited_by_address(hosted) -> None:
    """Twenty accounts an hour and address; a hundred clients; others are not concerned."""
    statuses = []
    for n in range(22):
        browser = hosted.browser(ATTACKER)
        await browser.get("/sign-up")
        answer = await browser.submit("/sign-up", login=f"p{n}@example.org", password=PASSWORD)
        statuses.append(answer.status_code)
    assert statuses == [200] * 20 + [429] * 2
    assert int(answer.headers["retry-after"]) > 0
    await hosted.browser(HOME).sign_up("anna@example.org")
    document = {"redirect_uris": ["https://assistant.example/cb"]}
    client = hosted.browser(ATTACKER).http
    answers = [await client.post("/register", json=document) for _ in range(105)]
    assert [answer.status_code for answer in answers] == [201] * 100 + [429] * 5
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await hosted.browser(HOME).http.post("/register", json=document)).status_code == 201
    hosted.clock.advance(minutes=61)
    assert (await client.post("/register", json=document)).status_code == 201


async def test_the_hashing_queue_is_short_and_serves_sign_in_first() -> None:
    """Beyond its places a request is refused at once; the order is by priority, then by time."""
    queue, order = HashingQueue(1), []
    gate = asyncio.Event()

    async def hash_one(priority: HashingPriority, name: str) -> None:
        async with queue.slot(priority):
            order.append(name)
            await gate.wait()

    first = asyncio.create_task(hash_one(HashingPriority.NEW_PASSWORD, "first"))
    await asyncio.sleep(0)
    waiting = [
        asyncio.create_task(hash_one(HashingPriority.NEW_PASSWORD, f"sign-up {n}"))
        for n in range(8)
    ]
    waiting.append(asyncio.create_task(hash_one(HashingPriority.SIGN_IN, "sign-in")))
    waiting.append(asyncio.create_task(hash_one(HashingPriority.KNOWN_BROWSER, "known")))
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError):
        await hash_one(HashingPriority.NEW_PASSWORD, "too many")
    waiting.pop(3).cancel()
    gate.set()
    await asyncio.gather(first, *waiting)
    assert order[:4] == ["first", "known", "sign-in", "sign-up 0"]
    assert "sign-up 3" not in order
    assert len(order) == 10
    await hash_one(HashingPriority.NEW_PASSWORD, "the slot is free again")


async def test_an_honest_sign_in_passes_a_flood_of_sign_ups(make_hosted, monkeypatch) -> None:
    """Sixty sign-ups at once: few wait, the rest get 503 with Retry-After, the sign-in succeeds."""
    async with make_hosted().running() as hosted:
        anna = await make_anna(hosted)
        flood = [hosted.browser(f"192.0.2.{n}") for n in range(60)]
        for browser in flood:
            await browser.get("/sign-up")
        release = asyncio.Event()
        loop = asyncio.get_running_loop()

        class SlowHasher(PasswordHasher):
            def hash(self, *arguments: Any, **more: Any) -> str:
                asyncio.run_coroutine_threadsafe(release.wait(), loop).result(60)
                return super().hash(*arguments, **more)

        slow = SlowHasher(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr(hosted.service.accounts.sign_in._passwords, "_hasher", slow)
        sign_ups = [
            asyncio.create_task(
                browser.submit("/sign-up", login=f"p{n}@example.org", password=PASSWORD)
            )
            for n, browser in enumerate(flood)
        ]
        # two hash, eight wait, and nobody else is kept
        pending = set(sign_ups)
        while len(pending) > 10:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        honest = asyncio.create_task(sign_in(anna))
        await asyncio.sleep(0.1)
        release.set()
        assert await honest == 200
        answers = [await sign_up for sign_up in sign_ups]
        busy = [answer for answer in answers if answer.status_code == 503]
        assert len(busy) == 50
        assert all(int(answer.headers["retry-after"]) > 0 for answer in busy)
        assert all("busy" in answer.text for answer in busy)

"""Passkeys: sign in, add, remove, confirm; and what an attacker tries with them."""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from annulet.hosted.database import tables

sys.path.insert(0, str(Path(__file__).resolve().parent))
from authenticator import Authenticator

PUBLIC = "http://localhost:8080"
ANNA = "anna@example.org"


@pytest.fixture
async def hosted(make_hosted) -> AsyncIterator[Any]:
    """A service under a host name: passkeys belong to one."""
    async with make_hosted(public_url=PUBLIC).running() as running:
        yield running


async def read_options(browser, path: str) -> dict[str, Any]:
    """Ask for the options of a ceremony, as the script of the page does."""
    token = re.search(r'name="form_token" value="(\w+)"', browser.page.text).group(1)
    headers = {"x-form-token": token, "accept": "application/json"}
    return (await browser.http.post(path, headers=headers)).json()


async def add_passkey(browser, key: Authenticator) -> None:
    await browser.get("/account")
    options = await read_options(browser, "/passkeys/options")
    await browser.submit("/passkeys", answer=key.create(options))


async def sign_in(browser, key: Authenticator) -> int:
    await browser.get("/sign-in")
    options = await read_options(browser, "/sign-in/passkey/options")
    return (await browser.submit("/sign-in/passkey", answer=key.get(options))).status_code


@pytest.fixture
async def anna(hosted) -> Any:
    """A signed-in person, and their passkey."""
    browser, key = hosted.browser(), Authenticator(PUBLIC)
    await hosted.browser().sign_up("boss@example.org")
    await browser.sign_up(ANNA)
    await add_passkey(browser, key)
    assert "Passkey added" in browser.text, browser.text
    return browser, key


async def test_a_passkey_signs_in_alone(hosted, anna) -> None:
    """Without e-mail address and password; it can be named and removed, and then ends."""
    browser, key = anna
    fresh = hosted.browser()
    assert await sign_in(fresh, key) == 200
    assert "Hello" in fresh.text
    await browser.get("/account")
    await browser.submit(
        re.search(r"/passkeys/\w+/rename", browser.page.text).group(0), name="Blue key"
    )
    assert "Blue key" in browser.text
    await browser.submit(re.search(r"/passkeys/\w+/remove", browser.page.text).group(0))
    assert "Blue key" not in browser.text
    assert await sign_in(hosted.browser(), key) == 400


async def test_an_answer_counts_once(hosted, anna) -> None:
    """The same answer is refused in the same browser, in another one, and after five minutes."""
    _, key = anna
    browser, eve = hosted.browser(), hosted.browser()
    await browser.get("/sign-in")
    await eve.get("/sign-in")
    answer = key.get(await read_options(browser, "/sign-in/passkey/options"))
    assert (await eve.submit("/sign-in/passkey", answer=answer)).status_code == 400
    assert (await browser.submit("/sign-in/passkey", answer=answer)).status_code == 200
    await browser.submit("/sign-out")
    await browser.get("/sign-in")
    assert (await browser.submit("/sign-in/passkey", answer=answer)).status_code == 400
    late = key.get(await read_options(browser, "/sign-in/passkey/options"))
    hosted.clock.advance(minutes=6)
    assert (await browser.submit("/sign-in/passkey", answer=late)).status_code == 400


@pytest.mark.parametrize("trick", ["origin", "host", "unverified", "copy", "other key"])
async def test_what_is_not_a_proof_is_refused(hosted, anna, trick: str) -> None:
    """Another origin or host, no PIN, a counter that goes back, a signature of another key."""
    _, key = anna
    forged = copy.copy(key)
    if trick == "origin":
        forged.origin = "http://localhost.evil:8080"
    elif trick == "host":
        forged.host = "evil"
    elif trick == "unverified":
        forged.is_verified = False
    elif trick == "copy":
        assert await sign_in(hosted.browser(), key) == 200
        assert await sign_in(hosted.browser(), key) == 200
    else:
        forged = Authenticator(PUBLIC)
        forged.credential_id, forged.user_handle = key.credential_id, key.user_handle
    eve = hosted.browser()
    assert await sign_in(eve, forged) == 400
    assert "not accepted" in eve.text
    await eve.get("/dashboard")
    assert "Sign in" in eve.text


@pytest.mark.parametrize("answer", ["", "x", "[]", "{}", '{"response":{"clientDataJSON":"AA"}}'])
async def test_no_answer_breaks_the_page(hosted, answer: str) -> None:
    """What is no answer at all is refused like a wrong one."""
    browser = hosted.browser()
    await browser.get("/sign-in")
    assert (await browser.submit("/sign-in/passkey", answer=answer)).status_code == 400


async def test_a_passkey_belongs_to_one_account(hosted, anna) -> None:
    """A person cannot add the passkey of another, nor confirm with it."""
    _, key = anna
    eve = hosted.browser()
    await eve.sign_up("eve@example.org")
    await add_passkey(eve, key)
    assert "belongs to an account" in eve.text
    hosted.clock.advance(minutes=11)
    await eve.get("/confirm?next=/account")
    options = await read_options(eve, "/confirm/options")
    await eve.submit("/confirm", answer=key.get(options))
    assert "not accepted" in eve.text


async def test_a_browser_left_open_changes_no_way_in(hosted, anna) -> None:
    """After ten minutes passkeys and deletion need a proof; then the browser is where it was."""
    browser, key = anna
    hosted.clock.advance(minutes=11)
    await browser.get("/account")
    options = await read_options(browser, "/passkeys/options")
    assert options == {"location": "/confirm?next=%2Fdashboard"}
    form = browser.form("/account/delete")
    referer = {"referer": f"{PUBLIC}/account"}
    await browser.post("/account/delete", {**form, "login": ANNA}, headers=referer)
    assert "Confirm that it is you" in browser.text
    await browser.submit("/confirm", password="not the password")
    assert "not right" in browser.text
    options = await read_options(browser, "/confirm/options")
    await browser.submit("/confirm", answer=key.get(options))
    assert str(browser.page.url) == f"{PUBLIC}/account"
    await browser.submit("/account/delete", login=ANNA)
    assert "Your account is deleted" in browser.text
    assert await hosted.rows(tables.passkeys) == []


async def test_a_disabled_person_stays_outside(hosted, anna) -> None:
    """A right passkey of a disabled account is told so, and gets no session."""
    _, key = anna
    person = await hosted.service.accounts.people.find_by_login(ANNA)
    await hosted.service.accounts.people.change(person.id, disabled_at=1)
    eve = hosted.browser()
    assert await sign_in(eve, key) == 400
    assert "account is disabled" in eve.text


async def test_a_reset_ends_passkeys(hosted, anna) -> None:
    """An attacker's passkey goes with everything else, unless the person keeps them."""
    _, key = anna
    person = await hosted.service.accounts.people.find_by_login(ANNA)
    token = await hosted.service.accounts.links.create("reset", person_id=person.id)
    browser = hosted.browser()
    await browser.get(f"/reset?link={token}")
    await browser.submit("/reset", password="a whole new password")
    assert await sign_in(hosted.browser(), key) == 400


async def test_the_export_holds_no_key(hosted, anna) -> None:
    """The account's file names the passkey and leaves its identifiers out."""
    browser, _ = anna
    await browser.get("/account")
    exported = json.loads((await browser.submit("/account/export")).text)
    assert set(exported["passkeys"][0]) == {"id", "sign_count", "name", "created_at", "used_at"}


async def test_an_ip_address_has_no_passkeys(make_hosted) -> None:
    """Browsers refuse them there, so the pages do not offer them."""
    async with make_hosted().running() as hosted:
        browser = hosted.browser()
        await browser.get("/sign-in")
        assert "passkey" not in browser.text

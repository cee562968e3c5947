"""Accounts: sign-up, sign-in, throttling, sessions, export and deletion."""

from __future__ import annotations

import json
import re
from typing import Any

from annulet.hosted.database import tables
from annulet.hosted.database.tables import METADATA

PASSWORD = "correct horse battery"


async def sign_in(browser: Any, login: str, password: str = PASSWORD) -> int:
    await browser.get("/sign-in")
    return (await browser.submit("/sign-in", login=login, password=password)).status_code


async def test_the_first_account_is_the_admin_and_the_second_is_not(hosted) -> None:
    """On an empty database the first account administers the service."""
    first, second = hosted.browser(), hosted.browser()
    await first.sign_up("anna@example.org")
    await second.sign_up("ben@example.org")
    assert (await first.get("/admin")).status_code == 200
    assert (await second.get("/admin")).status_code == 404


async def test_signing_out_and_in_again(hosted) -> None:
    """Signing out ends the session for good; the password starts a new one."""
    browser = hosted.browser()
    await browser.sign_up("Anna@Example.org")
    cookies = dict(browser.http.cookies)
    await browser.submit("/sign-out")
    browser.http.cookies.update(cookies)
    await browser.get("/dashboard")
    assert "Sign in" in browser.text
    assert await sign_in(browser, " anna@example.org ") == 200
    assert "Hello" in browser.text


async def test_wrong_sign_ins_reveal_nothing_about_the_account(hosted) -> None:
    """An unknown address and a wrong password get the same message."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    await browser.submit("/sign-out")
    assert await sign_in(browser, "anna@example.org", "something else") == 400
    wrong = re.search(r"The e-mail address or the password.*?link\.", browser.text).group(0)
    assert await sign_in(browser, "nobody@example.org", "something else") == 400
    assert wrong in browser.text


async def test_weak_passwords_and_wrong_addresses_are_explained(hosted) -> None:
    """The form keeps the e-mail address, and the message says what to change."""
    browser = hosted.browser()
    await browser.get("/sign-up")
    answer = await browser.submit("/sign-up", login="anna@example.org", password="short")
    assert answer.status_code == 400
    assert "10 characters" in browser.text
    assert 'value="anna@example.org"' in answer.text
    answer = await browser.submit("/sign-up", login="anna", password=PASSWORD)
    assert "not an e-mail address" in browser.text


async def test_an_address_is_taken_once(hosted) -> None:
    """A second account with the same address is refused, also in capitals."""
    await hosted.browser().sign_up("anna@example.org")
    second = hosted.browser()
    await second.get("/sign-up")
    await second.submit("/sign-up", login="ANNA@example.org", password=PASSWORD)
    assert "already an account" in second.text


async def test_invitations_work_once(make_hosted) -> None:
    """With sign-up by invitation each link makes one account, and there is none without."""
    async with make_hosted(signup="invite").running() as hosted:
        service = hosted.service
        await service.accounts.sign_up.create_from_shell(
            login="boss@example.org", password=PASSWORD, role="admin"
        )
        admin = hosted.browser()
        await sign_in(admin, "boss@example.org")
        await admin.get("/admin")
        await admin.submit("/admin/invitations", note="Ben")
        link = re.search(r"http://127.0.0.1:8080(/sign-up\?invitation=[\w-]+)", admin.page.text)
        guest = hosted.browser()
        await guest.get("/sign-up")
        assert guest.form("/sign-up") is None
        await guest.get(link.group(1))
        await guest.submit("/sign-up", login="ben@example.org", password=PASSWORD)
        assert "Hello" in guest.text
        late = hosted.browser()
        await late.get(link.group(1))
        assert late.form("/sign-up") is None


async def test_closed_sign_up(make_hosted) -> None:
    """A form that is posted by hand makes no account."""
    async with make_hosted(signup="closed").running() as hosted:
        browser = hosted.browser()
        await browser.get("/sign-in")
        token = browser.form("/sign-in")["form_token"]
        fields = {"form_token": token, "login": "eve@example.org", "password": PASSWORD}
        await browser.post("/sign-up", fields)
        assert "without an invitation" in browser.text
        assert await hosted.service.accounts.people.count() == 0


async def test_a_reset_link_sets_a_password_once(hosted) -> None:
    """The link signs every browser out, works once, and for one day."""
    admin, person = hosted.browser(), hosted.browser()
    await admin.sign_up("anna@example.org")
    await person.sign_up("ben@example.org")
    await admin.get("/admin")
    ben = await hosted.service.accounts.people.find_by_login("ben@example.org")
    await admin.submit(f"/admin/people/{ben.id}/reset")
    path = re.search(r"http://127.0.0.1:8080(/reset\?link=[\w-]+)", admin.page.text).group(1)
    fresh = hosted.browser()
    await fresh.get(path)
    await fresh.submit("/reset", password="a whole new password")
    assert "Hello" in fresh.text
    await person.get("/dashboard")
    assert "Sign in" in person.text
    assert (await hosted.browser().get(path)).status_code == 404
    assert await sign_in(person, "ben@example.org", "a whole new password") == 200


async def test_browsers_are_listed_and_ended(hosted) -> None:
    """A person sees every signed-in browser, and signs one out without the others."""
    first, second = hosted.browser(), hosted.browser()
    second.http.headers["user-agent"] = "Mozilla/5.0 (iPhone) Safari/605"
    await first.sign_up("anna@example.org")
    await sign_in(second, "anna@example.org")
    await first.get("/account")
    assert "Safari on iPhone" in first.text
    action = re.search(r"/account/sessions/[0-9a-f]+/end", first.page.text).group(0)
    await first.submit(action)
    await second.get("/dashboard")
    assert "Sign in" in second.text
    await first.get("/dashboard")
    assert "Hello" in first.text


async def test_a_new_password_ends_other_browsers(hosted) -> None:
    """It needs the current password, and signs the other browser out."""
    first, second = hosted.browser(), hosted.browser()
    await first.sign_up("anna@example.org")
    await sign_in(second, "anna@example.org")
    await first.get("/account")
    await first.submit("/account/password", current="not it", password="another password")
    assert "current password is not right" in first.text
    await first.submit("/account/password", current=PASSWORD, password="another password")
    assert "Password changed" in first.text
    await second.get("/dashboard")
    assert "Sign in" in second.text


async def test_a_session_expires(hosted) -> None:
    """After a month without a visit the browser is signed out."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    hosted.clock.advance(days=31)
    await browser.get("/dashboard")
    assert "Sign in" in browser.text


async def test_the_export_holds_everything_but_secrets(hosted) -> None:
    """The file names endpoints and log, and no digest, hash or sealed value."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    await browser.register()
    await browser.connect()
    await browser.get("/account")
    await browser.submit("/account/export")
    exported = json.loads(browser.page.text)
    assert exported["account"][0]["login"] == "anna@example.org"
    assert exported["connections"][0]["granted"]
    assert not re.search(r"digest|argon2|sealed|password_hash", browser.page.text)


async def test_a_deleted_account_leaves_nothing(hosted) -> None:
    """Deletion needs the e-mail address, revokes the grant at Oura and deletes every row."""
    browser = hosted.browser()
    await browser.sign_up("admin@example.org")
    person = hosted.browser()
    await person.sign_up("anna@example.org")
    await person.register()
    await person.connect()
    anna = await hosted.service.accounts.people.find_by_login("anna@example.org")
    await person.get("/account")
    await person.submit("/account/delete", login="somebody@example.org")
    assert "was not deleted" in person.text
    await person.submit("/account/delete", login="anna@example.org")
    assert "Your account is deleted" in person.text
    for table in METADATA.sorted_tables:
        assert anna.id not in str(await hosted.rows(table)), table.name
    revoked = hosted.oura.requests.matching("oauth-revoke")
    assert revoked
    assert all(request.status == 200 for request in revoked)
    await person.get("/dashboard")
    assert "Sign in" in person.text


async def test_single_user_mode_needs_no_account(make_hosted) -> None:
    """On this machine one person uses the dashboard at once, and is approved."""
    async with make_hosted(single_user=True, capacity=0).running() as hosted:
        browser = hosted.browser()
        await browser.get("/dashboard")
        assert "Hello, Me" in browser.text
        await browser.register()
        await browser.connect()
        assert "Successful connection" in browser.text


async def test_single_user_mode_stores_no_visit_before_a_form(make_hosted) -> None:
    """A program without cookies makes no rows; a browser is stored when it sends a form."""
    async with make_hosted(single_user=True).running() as hosted:
        for _ in range(3):
            assert "Hello, Me" in (await hosted.browser().get("/dashboard")).text
            await hosted.browser().post("/toolkits/oura/register")
        assert await hosted.rows(tables.sessions) == []
        browser = hosted.browser()
        await browser.register()
        await browser.get("/account")
        await browser.submit("/account/profile", name="Anna", timezone="UTC")
        assert len(await hosted.rows(tables.sessions)) == 1


async def make_access(person: Any) -> tuple[str, str]:
    """An endpoint of a connected person and a key for it."""
    await person.register()
    await person.connect()
    return await person.new_key()


async def reset_links(hosted: Any, admin: Any, login: str, count: int) -> list[str]:
    """Reset links for one person, the oldest first."""
    person = await hosted.service.accounts.people.find_by_login(login)
    links = []
    for _ in range(count):
        await admin.get("/admin")
        await admin.submit(f"/admin/people/{person.id}/reset")
        links.append(re.search(r"(/reset\?link=[\w-]+)", admin.page.text).group(1))
    return links


async def test_a_reset_ends_other_links_sessions_and_access(hosted) -> None:
    """An older link is dead; keys end with the reset unless the person wants to keep them."""
    admin, person = hosted.browser(), hosted.browser()
    await admin.sign_up("boss@example.org")
    await person.sign_up("anna@example.org")
    endpoint, key = await make_access(person)
    old, new, newest = await reset_links(hosted, admin, "anna@example.org", 3)
    fresh = hosted.browser()
    await fresh.get(new)
    assert "Keep my API keys" in fresh.text
    await fresh.submit("/reset", password="a whole new password", keep_access="1")
    assert (await fresh.ask(key, f"/mcp/{endpoint}")).status_code == 200
    for dead in (old, new, newest):
        assert (await hosted.browser().get(dead)).status_code == 404
    (again,) = await reset_links(hosted, admin, "anna@example.org", 1)
    last = hosted.browser()
    await last.get(again)
    await last.submit("/reset", password="another new password")
    assert (await last.ask(key, f"/mcp/{endpoint}")).status_code == 401
    await fresh.get("/dashboard")
    assert "Sign in" in fresh.text


async def test_a_changed_password_ends_reset_links(hosted) -> None:
    """A link that lies in a mailbox does not outlive a new password."""
    admin, person = hosted.browser(), hosted.browser()
    await admin.sign_up("boss@example.org")
    await person.sign_up("anna@example.org")
    (link,) = await reset_links(hosted, admin, "anna@example.org", 1)
    await person.get("/account")
    await person.submit("/account/password", current=PASSWORD, password="another password")
    assert (await hosted.browser().get(link)).status_code == 404


async def test_addresses_that_look_alike_are_one_account_or_refused(hosted) -> None:
    """Foreign letters, final dots and other forms of a letter make no second account."""
    await hosted.browser().sign_up("admin@bücher.example")
    same = ("ADMIN@bücher.example", "admin@bücher.example.", "admin@xn--bcher-kva.example")
    for login in (*same, "admin@bu\N{COMBINING DIAERESIS}cher.example"):
        browser = hosted.browser()
        await browser.get("/sign-up")
        await browser.submit("/sign-up", login=login, password=PASSWORD)
        assert "already an account" in browser.text, login
        assert await sign_in(browser, login) == 200
    cyrillic, wide = "\N{CYRILLIC SMALL LETTER A}", "\N{FULLWIDTH LATIN SMALL LETTER A}"
    refused = (f"{cyrillic}dmin@x.org", f"{wide}dmin@x.org", "ad\N{ZERO WIDTH SPACE}min@x.org")
    for login in (*refused, "admin@", "@x.org", "a@b@x.org", "a@-", "a@x..org"):
        browser = hosted.browser()
        await browser.get("/sign-up")
        answer = await browser.submit("/sign-up", login=login, password=PASSWORD)
        assert answer.status_code == 400, login
        assert "e-mail address" in browser.text

"""What a copy of a session's cookie is worth, and what names may hold."""

from __future__ import annotations

from typing import Any

from annulet.hosted.database import tables

PASSWORD = "correct horse battery"


def steal(hosted: Any, browser: Any) -> Any:
    """A browser elsewhere with a copy of every cookie."""
    thief = hosted.browser("192.0.2.66")
    for name in ("annulet", "annulet-known"):
        thief.http.cookies.set(name, browser.http.cookies[name], domain="127.0.0.1", path="/")
    return thief


async def test_a_proof_and_a_new_password_end_copies_of_the_cookie(hosted) -> None:
    """The copy is signed out, and the person goes on."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    for page, action, fields in (
        ("/confirm", "/confirm", {"password": PASSWORD}),
        ("/account", "/account/password", {"current": PASSWORD, "password": "another good one"}),
    ):
        thief = steal(hosted, anna)
        assert "Account" in (await thief.get("/account")).text
        assert "Signed-in" in thief.text or "browsers" in thief.text, "the copy works before"
        await anna.get(page)
        assert (await anna.submit(action, **fields)).status_code == 200
        assert "Sign out" in (await anna.get("/account")).text
        assert str((await thief.get("/account")).url).partition("8080")[2].startswith("/sign-in")


async def test_a_copy_of_a_cookie_locks_no_one_out(hosted) -> None:
    """Its wrong passwords are counted for its own address, with 429 and Retry-After."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    thief = steal(hosted, anna)
    await thief.get("/confirm")
    form = thief.form("/confirm")
    for number in range(11):
        answer = await thief.post("/confirm", {**form, "password": "wrong"})
        assert answer.status_code == (400 if number < 10 else 429)
    assert int(answer.headers["retry-after"]) > 0
    wrong = {**form, "current": "wrong", "password": "another good one"}
    answer = await thief.post("/account/password", wrong)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    await anna.get("/confirm")
    assert (await anna.submit("/confirm", password=PASSWORD)).status_code == 200
    assert "go on" in anna.text


async def test_copies_at_many_addresses_do_not_go_on_guessing(hosted) -> None:
    """Thirty wrong passwords from addresses the person never had end it for such addresses."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    statuses = []
    for number in range(5):
        thief = hosted.browser(f"192.0.2.{number + 1}")
        for name in ("annulet", "annulet-known"):
            value = anna.http.cookies[name]
            thief.http.cookies.set(name, value, domain="127.0.0.1", path="/")
        await thief.get("/confirm")
        form = {**thief.form("/confirm"), "password": "wrong"}
        statuses += [(await thief.post("/confirm", form)).status_code for _ in range(8)]
    assert statuses == [400] * 30 + [429] * 10
    await anna.get("/confirm")
    assert (await anna.submit("/confirm", password=PASSWORD)).status_code == 200
    assert "go on" in anna.text


async def test_too_many_options_of_passkeys_are_told_with_a_time(make_hosted) -> None:
    """429 with Retry-After, and not an outage."""
    async with make_hosted(public_url="http://localhost:8080").running() as hosted:
        browser = hosted.browser("192.0.2.9")
        await browser.get("/sign-in")
        token = browser.form("/sign-in")["form_token"]
        for _ in range(61):
            answer = await browser.http.post(
                "/sign-in/passkey/options", headers={"x-form-token": token}
            )
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


async def test_names_have_no_hidden_characters(hosted) -> None:
    """Those of a person, an endpoint, an API key and a client, wherever they are typed."""
    odd = "A\x1b[31m\u202e\u200b\nB"
    anna = hosted.browser()
    await anna.sign_up("anna@example.org", name=odd)
    await anna.get("/account")
    await anna.submit("/account/profile", name=odd, timezone="UTC")
    await anna.get("/endpoints/new")
    await anna.submit("/endpoints", kind="other", name=odd, auth="key")
    endpoint = str(anna.page.url).rsplit("/", 1)[1]
    await anna.submit(f"/endpoints/{endpoint}/keys", name=odd, lifetime="90", scope="oura:read")
    document = {"redirect_uris": ["https://a.example/cb"], "client_name": odd}
    await anna.http.post("/register", json=document)
    for table in (tables.people, tables.endpoints, tables.api_keys, tables.oauth_clients):
        (row,) = await hosted.rows(table)
        name = row.get("name") or row.get("metadata") or str(row)
        assert "\x1b" not in name
        assert "\u202e" not in name
        assert name.isprintable(), table

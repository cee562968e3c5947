"""Register, connect, the stages of a connection, and disconnect, as a person sees them."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update

from annulet.contract.scopes import SCOPES
from annulet.hosted.database import tables
from annulet.vault.secret import Secret

OURA = "http://127.0.0.1:8790"


async def person(hosted, login="anna@example.org"):
    browser = hosted.browser()
    await browser.sign_up(login)
    return browser


async def test_a_question_under_way_outlives_a_change_of_the_person(hosted) -> None:
    """Another question brings the new time zone; the first one ends as it began."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    endpoint, key = await anna.new_key()
    hosted.oura.requests.clear()
    hosted.oura.faults.add("status", 503, path="usercollection", times=1)
    first = asyncio.create_task(anna.ask(key, f"/mcp/{endpoint}"))
    for _ in range(10_000):
        if hosted.oura.requests.matching("usercollection"):
            break
        await asyncio.sleep(0)
    await hosted.service.database.execute(update(tables.people).values(timezone="Asia/Tokyo"))
    second = await anna.ask(key, f"/mcp/{endpoint}")
    assert not first.done()
    for answer in (await first, second):
        assert '"isError":true' not in answer.text


async def test_places_run_out_and_the_queue_moves(make_hosted) -> None:
    """People are approved while there is capacity; others wait with a position."""
    async with make_hosted(capacity=1).running() as hosted:
        anna = await person(hosted)
        ben, cleo = [await person(hosted, f"{n}@example.org") for n in ("ben", "cleo")]
        await anna.register()
        assert "Registered and approved" in anna.text
        await ben.register()
        await cleo.register()
        assert "You are number 1 in the queue" in ben.text
        assert "You are number 2 in the queue" in cleo.text
        htmx = {"hx-request": "true"}
        waiting = await cleo.http.get("/toolkits/oura", headers=htmx)
        assert "hx-refresh" not in waiting.headers
        await anna.get("/admin")
        cleo_id = (await hosted.service.accounts.people.find_by_login("cleo@example.org")).id
        await anna.submit(f"/admin/people/{cleo_id}/approve")
        approved = await cleo.http.get("/toolkits/oura", headers=htmx)
        assert approved.headers["hx-refresh"] == "true"
        await cleo.get("/dashboard")
        assert "It is your turn" in cleo.text
        assert "You have a place" in cleo.text
        await ben.get("/dashboard")
        assert "You are number 1 in the queue" in ben.text
        await anna.submit("/admin/capacity", capacity="3")
        assert "1 waiting person is approved" in anna.text
        await ben.get("/dashboard")
        assert "You have a place" in ben.text


async def test_a_freed_place_goes_to_the_first_in_the_queue(make_hosted) -> None:
    """The place of a deleted account goes to the person who waits longest."""
    async with make_hosted(capacity=1).running() as hosted:
        await person(hosted, "boss@example.org")
        anna, ben = await person(hosted), await person(hosted, "ben@example.org")
        await anna.register()
        await ben.register()
        await anna.get("/account")
        await anna.submit("/account/delete", login="anna@example.org")
        await ben.get("/dashboard")
        assert "You have a place" in ben.text


async def test_leaving_the_queue(make_hosted) -> None:
    """A registration in the queue can be cancelled and made again."""
    async with make_hosted(capacity=0).running() as hosted:
        anna = await person(hosted)
        await anna.register()
        await anna.submit("/toolkits/oura/withdraw")
        assert "Not registered" in anna.text
        await anna.register()
        assert "You are number 1" in anna.text


async def test_connecting_needs_approval(make_hosted) -> None:
    """A form that is posted by hand starts no authorization."""
    async with make_hosted(capacity=0).running() as hosted:
        anna = await person(hosted)
        await anna.get("/account")
        token = anna.form("/account/export")["form_token"]
        await anna.post("/connect/oura", {"form_token": token})
        assert "no longer possible" in anna.text
        assert await hosted.rows(tables.flows) == []


async def test_the_dashboard_shows_the_connection(hosted) -> None:
    """It shows the account, the permissions and the next renewal."""
    anna = await person(hosted)
    await anna.register()
    await anna.connect("plain")
    assert "Successful connection" in anna.text
    assert "Connected" in anna.text
    assert "Next renewal by" in anna.text
    for scope in SCOPES.values():
        assert scope.title in anna.text
    await anna.get("/toolkits/oura/facts")
    assert "plain@example.org" in anna.text
    assert "20 May 2026" in anna.text
    await anna.get("/dashboard")
    assert "Successful connection" not in anna.text, "a notice is shown once"


async def test_the_nine_permissions_stand_before_consent(hosted) -> None:
    """Before Oura the page says what each permission unlocks, and no other is asked for."""
    anna = await person(hosted)
    await anna.register()
    for scope in (s for s in SCOPES.values() if s.group):
        assert scope.title in anna.text
        assert scope.unlocks in anna.text
    await anna.submit("/connect/oura")
    query = parse_qs(urlsplit(str(anna.page.url)).query)
    assert set(query["scope"][0].replace("extapi:", "").split()) == set(SCOPES)
    assert query["code_challenge_method"] == ["S256"]


async def test_a_denial_is_reported_and_nothing_is_stored(hosted) -> None:
    """The page says so, and the row offers Connect again."""
    anna = await person(hosted)
    await anna.register()
    await anna.submit("/connect/oura")
    await anna.consent(decision="deny")
    assert anna.page.status_code == 400
    assert "The permission was not given" in anna.text
    await anna.get("/dashboard")
    assert anna.form("/connect/oura") is not None
    assert not any(row["sealed"] for row in await hosted.rows(tables.connections))


async def test_missing_permissions_can_be_added(hosted) -> None:
    """The page names the permissions that were not granted, and a second consent adds them."""
    anna = await person(hosted)
    await anna.register()
    await anna.submit("/connect/oura")
    await anna.consent(scopes=["daily", "heartrate", "email", "personal"])
    assert "missing permissions – add" in anna.text
    assert "Stress (not granted)" in anna.text
    await anna.submit("/connect/oura")
    await anna.consent()
    assert "missing permissions" not in anna.text
    assert "Connected" in anna.text


async def test_leaving_the_profile_out_is_not_missing(hosted) -> None:
    """The two optional extras do not count as missing."""
    anna = await person(hosted)
    await anna.register()
    await anna.submit("/connect/oura")
    await anna.consent(scopes=[name for name, scope in SCOPES.items() if scope.group])
    assert "missing permissions" not in anna.text
    await anna.get("/toolkits/oura/facts")
    assert "not shared" in anna.text


async def test_the_last_sync_is_unknown_without_its_permission(hosted) -> None:
    """A missing permission makes a fact unknown and does not fail the page."""
    anna = await person(hosted)
    await anna.register()
    await anna.submit("/connect/oura")
    await anna.consent(scopes=["workout"])
    await anna.get("/toolkits/oura/facts")
    assert "Last sync unknown" in anna.text


async def test_revoked_at_oura_becomes_expired_reconnect(hosted) -> None:
    """After the next question the row shows the reason and offers Reconnect."""
    anna = await person(hosted)
    await anna.register()
    await anna.connect()
    endpoint, key = await anna.new_key()
    hosted.oura.revoke_grants("plain")
    answer = await anna.ask(key, f"/mcp/{endpoint}")
    assert '"code":"needs_reconnect"' in answer.text
    await anna.get("/dashboard")
    assert "Expired – reconnect" in anna.text
    assert "revoked" in anna.text
    await anna.submit("/connect/oura")
    await anna.consent()
    assert "Successful connection" in anna.text
    assert '"isError":true' not in (await anna.ask(key, f"/mcp/{endpoint}")).text


async def test_an_inactive_membership(hosted) -> None:
    """The row shows it at once after consent, and offers to check again."""
    anna = await person(hosted)
    await anna.register()
    await anna.connect("lapsed")
    assert "Membership inactive" in anna.text
    endpoint, key = await anna.new_key()
    await anna.ask(key, f"/mcp/{endpoint}", "oura_permissions")
    await anna.get("/dashboard")
    assert "Membership inactive" in anna.text, "an answer without a read proves nothing"
    await anna.submit("/toolkits/oura/check")
    assert "Oura still refuses" in anna.text
    hosted.oura.people["lapsed"].member = True
    await anna.submit("/toolkits/oura/check")
    assert "Oura answers again" in anna.text
    assert "Membership inactive" not in anna.text


async def test_disconnect_removes_tokens_here_and_the_grant_at_oura(hosted) -> None:
    """The row holds no tokens, the grant is revoked, and tools say how to connect again."""
    anna = await person(hosted)
    await anna.register()
    await anna.connect()
    endpoint, key = await anna.new_key()
    assert '"isError":true' not in (await anna.ask(key, f"/mcp/{endpoint}")).text
    await anna.get("/dashboard")
    await anna.submit("/toolkits/oura/disconnect")
    assert "revoked at Oura" in anna.text
    assert anna.form("/connect/oura") is not None, "the place stays"
    rows = await hosted.rows(tables.connections)
    assert [row["sealed"] for row in rows] == [None]
    assert hosted.oura.requests.matching("oauth-revoke")
    answer = await anna.ask(key, f"/mcp/{endpoint}")
    assert '"code":"not_connected"' in answer.text
    assert "/connect/oura?for=" in answer.text


async def test_disconnect_works_while_oura_is_down(hosted) -> None:
    """The tokens are removed, and the page says that Oura did not confirm the revocation."""
    anna = await person(hosted)
    await anna.register()
    await anna.connect()
    hosted.oura.faults.add("status:503")
    await anna.submit("/toolkits/oura/disconnect")
    assert "did not confirm" in anna.text
    assert [row["sealed"] for row in await hosted.rows(tables.connections)] == [None]


async def test_a_callback_belongs_to_the_browser_that_began(hosted) -> None:
    """Another browser cannot use a callback, and a callback works once."""
    anna, ben = await person(hosted), await person(hosted, "ben@example.org")
    await anna.register()
    await ben.register()
    await anna.submit("/connect/oura")
    consent = str(anna.page.url)
    fields = {"person": "plain", "decision": "allow", "scopes_shown": "1", "scope": list(SCOPES)}
    redirect = await anna.http.post(consent, data=fields)
    callback = redirect.headers["location"].removeprefix("http://127.0.0.1:8080")
    await ben.get(callback)
    assert ben.page.status_code == 400
    await anna.get(callback)
    assert "Successful connection" in anna.text
    await anna.get(callback)
    assert "connected already" in anna.text
    await anna.get("/connect/oura/callback?code=x&state=forged")
    assert "Successful connection" not in anna.text
    assert len(hosted.oura.requests.matching("oauth-token", grant_type="authorization_code")) == 1


@pytest.mark.parametrize("kind", ["legacy", "mixed"])
async def test_older_applications_connect(make_hosted, kind: str) -> None:
    """They need at most one more consent; the next time the right server is asked first."""
    client_id = f"annulet-{kind}"
    async with make_hosted(client_id=client_id).running() as hosted:
        anna = await person(hosted)
        await anna.register()
        await anna.submit("/connect/oura")
        consents = 0
        while str(anna.page.url).startswith(OURA):
            consents += 1
            await anna.consent()
        assert "Successful connection" in anna.text
        assert consents <= 2
        await anna.submit("/toolkits/oura/disconnect")
        await anna.submit("/connect/oura")
        await anna.consent()
        assert "Successful connection" in anna.text


async def test_a_wrong_client_secret_is_the_operator_s_to_mend(make_hosted, caplog) -> None:
    """One consent, a sentence for the person, another for the admin, and a line in the log."""
    async with make_hosted(client_secret=Secret("wrong")).running() as hosted:
        admin, ben = await person(hosted), await person(hosted, "ben@example.org")
        for browser in (admin, ben):
            await browser.register()
            await browser.submit("/connect/oura")
            await browser.consent()
            assert not str(browser.page.url).startswith(OURA)
            assert browser.page.status_code == 400
        assert "tell the operator" in ben.text
        assert "ANNULET_CLIENT_SECRET" not in ben.text
        assert "Check ANNULET_CLIENT_ID, ANNULET_CLIENT_SECRET" in admin.text
        exchanges = hosted.oura.requests.matching("oauth-token", grant_type="authorization_code")
        assert len(exchanges) == 2
    (first, second) = [r for r in caplog.records if r.getMessage().startswith("connect failed")]
    assert first.levelname == "ERROR"
    assert "secret" in second.getMessage()
    assert "wrong" not in second.getMessage()


async def test_a_link_from_the_chat_is_for_one_person(hosted) -> None:
    """The page says so when the link belongs to another person than the one signed in."""
    anna, ben = await person(hosted), await person(hosted, "ben@example.org")
    await anna.register()
    endpoint, key = await anna.new_key()
    answer = await anna.ask(key, f"/mcp/{endpoint}")
    link = answer.text.split("http://127.0.0.1:8080", 1)[1].split('"', 1)[0].split("\\", 1)[0]
    assert link.startswith("/connect/oura?for=")
    await anna.get(link)
    assert anna.form("/connect/oura") is not None
    await ben.get(link)
    assert ben.page.status_code == 403
    assert "belongs to another account" in ben.text
    await hosted.browser().get(link)


async def test_a_service_without_an_application(make_hosted) -> None:
    """The row has no button; what is sent by hand is answered with the missing settings."""
    async with make_hosted(client_id="", client_secret=None).running() as hosted:
        anna = await person(hosted)
        await anna.register()
        assert anna.form("/connect/oura") is None
        await anna.post("/connect/oura", anna.form("/sign-out"))
        assert anna.page.status_code == 400
        assert "ANNULET_CLIENT_ID" in anna.text

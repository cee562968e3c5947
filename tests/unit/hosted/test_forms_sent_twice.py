"""A form that is sent twice at once, as by a double click, makes one thing and says so."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from annulet.hosted.database import tables
from annulet.vault.secret import Secret

sys.path.insert(0, str(Path(__file__).resolve().parent))
from smtp_server import running_smtp_server
from test_authorization import exchange, query, register
from test_mail import all_jobs_done

PASSWORD = "correct horse battery"
DAY_S = 86_400


@pytest.fixture
async def anna(hosted) -> Any:
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    return browser


async def send_at_once(browser: Any, page: str, action: str, times: int = 3, **fields: Any) -> Any:
    """Open a page, and send one form of it several times at once; the answers."""
    await browser.get(page)
    form = {**browser.form(action), **fields}
    return await asyncio.gather(*(browser.http.post(action, data=form) for _ in range(times)))


async def test_a_consent_makes_one_endpoint_and_one_grant(hosted, anna) -> None:
    """Whichever answer the browser follows, the client gets in; one access is listed."""
    client = await register(anna)
    page = "/authorize?" + "&".join(f"{name}={value}" for name, value in query(client).items())
    answers = await send_at_once(anna, page, "/authorize", 4, decision="allow", endpoint="new")
    codes = [dict(parse_qsl(urlsplit(a.headers["location"]).query))["code"] for a in answers]
    assert len(set(codes)) == 4
    assert len(await hosted.rows(tables.endpoints)) == 1
    assert len(await hosted.rows(tables.oauth_grants)) == 1
    actions = [row["action"] for row in await hosted.rows(tables.audit)]
    assert actions.count("person:grant:create") == 1, actions
    assert actions.count("person:endpoint:create") == 1, actions
    issued = (await exchange(anna, client, codes[-1])).json()
    answer = await anna.rpc(issued["access_token"], "/mcp", "tools/list")
    assert answer.is_success
    await anna.get("/keys")
    assert anna.page.text.count("/grants/") == 1


async def test_a_consent_that_was_ended_can_be_given_again(hosted, anna) -> None:
    """Also from the page of before, which the browser's way back shows."""
    client = await register(anna)
    page = "/authorize?" + "&".join(f"{name}={value}" for name, value in query(client).items())
    await anna.get(page)
    form = {**anna.form("/authorize"), "decision": "allow", "endpoint": "new"}
    await anna.http.post("/authorize", data=form)
    (grant,) = await hosted.rows(tables.oauth_grants)
    await anna.get("/keys")
    await anna.submit(f"/grants/{grant['id']}/revoke")
    answer = await anna.http.post("/authorize", data=form)
    code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
    assert (await exchange(anna, client, code)).status_code == 200


INVITATION = ("/admin", "/admin/invitations", {"note": "Ben"}, "made one invitation")
MANY = ("/admin/invitations", "/admin/invitations/import", {"addresses": "b@example.org"})


@pytest.mark.parametrize("case", [INVITATION, (*MANY, "made each invitation once")])
async def test_invitations_are_made_once(hosted, anna, case) -> None:
    """One answer carries the links; the others say what to do without them."""
    page, action, fields, sentence = case
    answers = await send_at_once(anna, page, action, **fields)
    assert len(await hosted.rows(tables.links)) == 1
    assert sorted(answer.status_code for answer in answers) == [200, 303, 303]
    await anna.get("/admin/invitations")
    assert sentence in anna.text
    assert "withdraw" in anna.text
    changed = {name: f"{value}x" for name, value in fields.items()}
    await anna.get(page)
    form = anna.form(action)
    for typed in (fields, changed):
        assert (await anna.http.post(action, data={**form, **typed})).status_code == 200
    assert len(await hosted.rows(tables.links)) == 3, "another text is another invitation"


async def test_a_reset_link_is_made_once(hosted, anna) -> None:
    """The link of an admin opens an account, so no second one is left over."""
    ben = hosted.browser()
    await ben.sign_up("ben@example.org")
    person = (await hosted.service.accounts.people.find_by_login("ben@example.org")).id
    await anna.get("/confirm?next=/admin")
    await anna.submit("/confirm", password=PASSWORD)
    answers = await send_at_once(anna, "/admin", f"/admin/people/{person}/reset")
    assert sorted(answer.status_code for answer in answers) == [200, 303, 303]
    links = [row for row in await hosted.rows(tables.links) if row["kind"] == "reset"]
    assert len(links) == 1


async def test_mail_that_a_form_asks_for_is_sent_once(make_hosted) -> None:
    """The proof of an address, and the way to a new password."""
    async with (
        running_smtp_server() as mailbox,
        make_hosted(smtp_url=Secret(mailbox.url)).running() as hosted,
    ):
        anna = hosted.browser()
        await anna.sign_up("anna@example.org")  # the first account of all needs no mail
        await send_at_once(anna, "/account", "/account/verify")
        out = hosted.browser()
        answers = await send_at_once(out, "/forgot", "/forgot", login="anna@example.org")
        assert {answer.status_code for answer in answers} == {200}
        await all_jobs_done(hosted)
        subjects = []
        while not mailbox.is_empty:
            subjects.append((await mailbox.receive())["Subject"])
        assert sorted(subjects) == [
            "annulet: Confirm your e-mail address",
            "annulet: Set a new password",
        ]


@pytest.mark.parametrize(("lifetime", "days"), [("90", 90), ("never", None)])
async def test_a_key_has_one_successor_with_its_lifetime(hosted, anna, lifetime, days) -> None:
    """Rotated at once, and once more later: no other key, and no shorter life."""
    _, old = await anna.new_key(lifetime=lifetime)
    hosted.clock.advance(days=10)
    await anna.get("/keys")
    action = re.search(r"/keys/[0-9a-f]+/rotate", anna.page.text).group(0)
    now = int(hosted.clock().timestamp())
    answers = await send_at_once(anna, "/keys", action)
    shown = [key for a in answers for key in re.findall(r"annulet_[\w-]{43}", a.text)]
    assert len(shown) == 1
    await anna.get("/keys")
    assert "rotated already" in anna.text
    assert "revoke it and create another one" in anna.text
    hosted.clock.advance(hours=1)
    await anna.submit(action)
    assert "rotated already" in anna.text
    first, successor = sorted(
        await hosted.rows(tables.api_keys), key=lambda row: int(row["created_at"])
    )
    assert first["expires_at"] == now + DAY_S
    assert successor["expires_at"] == (None if days is None else now + days * DAY_S)
    assert (await anna.rpc(old, "/mcp", "tools/list")).is_success
    assert (await anna.rpc(shown[0], "/mcp", "tools/list")).is_success
    await anna.get("/keys")
    await anna.submit(f"/keys/{successor['id']}/rotate")
    newest = re.search(r"annulet_[\w-]{43}", anna.page.text).group(0)
    assert (await anna.rpc(newest, "/mcp", "tools/list")).is_success, "the successor has its own"
    assert len(await hosted.rows(tables.api_keys)) == 3

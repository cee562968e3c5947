"""The lists of the admin pages at size, bulk actions, and what support may see and do."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert
from starlette.routing import Route

from annulet.hosted.database import tables
from annulet.vault.secret import Secret

sys.path.insert(0, str(Path(__file__).resolve().parent))
from smtp_server import plain_text, running_smtp_server

PEOPLE = 120


async def fill(hosted: Any) -> None:
    """Add people of every stage, some of whom wait."""
    people, registrations = [], []
    for number in range(PEOPLE):
        person_id = f"{number:032d}"
        people.append(
            {
                "id": person_id,
                "login": f"person{number:03d}@example.org",
                "name": "P",
                "role": "member",
                "timezone": "UTC",
                "created_at": 1,
                "disabled_at": 1 if number == 7 else None,
            }
        )
        if number % 2:
            state = "pending" if number > 10 else "approved"
            registrations.append(
                {
                    "person_id": person_id,
                    "place": number + 1,
                    "state": state,
                    "registered_at": 1,
                }
            )
    async with hosted.service.database.write() as connection:
        await connection.execute(insert(tables.people), people)
        await connection.execute(insert(tables.registrations), registrations)


@pytest.fixture
async def boss(hosted) -> Any:
    """An admin of a service with many people."""
    browser = hosted.browser()
    await browser.sign_up("boss@example.org")
    await fill(hosted)
    return browser


async def list_all(browser: Any, address: str, pattern: str, link: str) -> list[str]:
    """Follow the link to the next page until there is none."""
    listed: list[str] = []
    while address:
        await browser.get(address)
        listed += re.findall(pattern, browser.page.text)
        following = re.search(rf'href="([^"]+)">{link}', browser.page.text)
        address = following.group(1).replace("&amp;", "&") if following else ""
    return listed


async def test_every_person_is_on_one_page(boss) -> None:
    """25 a page, by their addresses, each once."""
    listed = await list_all(boss, "/admin", r"<strong>(person\d+)@", "Next 25")
    assert listed == [f"person{number:03d}" for number in range(PEOPLE)]


async def test_people_are_searched_and_filtered(boss) -> None:
    """By a part of the address, by stage, by role; marks of LIKE are plain text."""
    for query, expected in (
        ("q=person01", [f"person01{digit}" for digit in range(10)]),
        ("q=PERSON119", ["person119"]),
        ("q=person11&state=pending", [f"person11{digit}" for digit in (1, 3, 5, 7, 9)]),
        ("state=approved", [f"person{n:03d}" for n in (1, 3, 5, 7, 9)]),
        ("state=disabled", ["person007"]),
        ("q=%25", []),
        ("q=_erson119", []),
        ("state=expired", []),
        ("state=admin&q=person", []),
    ):
        listed = await list_all(boss, f"/admin?{query}", r"<strong>(person\d+)@", "Next 25")
        assert listed == expected, query


async def test_the_queue_is_approved_in_one_go(hosted, boss) -> None:
    """Those ticked are approved once, and the positions of the second page go on."""
    await boss.get("/admin/queue")
    ids = re.findall(r'name="person" value="(\d+)"', boss.page.text)
    assert len(ids) == 50
    assert "1. person011@example.org" in boss.text
    positions = await list_all(boss, "/admin/queue", r"<strong>(\d+)\. person", "Next 50")
    assert positions == [str(number) for number in range(1, 56)]
    await boss.get("/admin/queue")
    await boss.submit("/admin/queue/approve", person=ids)
    assert "50 people are approved." in boss.text
    form = boss.form("/admin/queue/approve")
    await boss.post("/admin/queue/approve", {**form, "person": ids})
    assert "0 people are approved." in boss.text
    entries = [row for row in await hosted.rows(tables.audit) if "approve" in row["action"]]
    assert len(entries) == 50
    assert {row["actor"] for row in entries} == {"boss@example.org"}


async def test_no_cell_of_the_invitations_is_calculated(boss) -> None:
    """An address may begin like a formula of a spreadsheet."""
    await boss.get("/admin/invitations")
    answer = await boss.submit("/admin/invitations/import", addresses="=1+1@y.org\n+1@y.org\n")
    cells = [line.partition(",")[0] for line in answer.text.split()[1:]]
    assert cells == ["'=1+1@y.org", "'+1@y.org"]


async def test_invitations_are_imported_as_a_file_of_links(hosted, boss) -> None:
    """Without mail the admin gets the links; a wrong line invites no one."""
    await boss.get("/admin/invitations")
    await boss.submit("/admin/invitations/import", addresses="a@example.org\nnot an address")
    assert "Line 2" in boss.text
    await boss.get("/admin/invitations")
    pasted = "address,name\nAnna@Example.org,Anna\r\n\nben@example.org\nanna@example.org\n"
    answer = await boss.submit("/admin/invitations/import", addresses=pasted)
    lines = answer.text.split()
    assert lines[0] == "address,link"
    assert [line.partition(",")[0] for line in lines[1:]] == ["anna@example.org", "ben@example.org"]
    guest = hosted.browser()
    await guest.get(lines[1].partition(",")[2].partition("8080")[2])
    await guest.submit("/sign-up", login="anna@example.org", password="correct horse battery")
    assert "Hello" in guest.text
    await boss.get("/admin/invitations")
    assert "ben@example.org" in boss.text
    assert "anna@example.org" not in boss.text


async def test_invitations_are_mailed(make_hosted) -> None:
    """With mail each address gets a link, which no page shows."""
    async with running_smtp_server() as mailbox:
        settings = {"smtp_url": Secret(mailbox.url), "signup": "invite"}
        async with make_hosted(**settings).running() as hosted:
            accounts = hosted.service.accounts
            await accounts.sign_up.create_from_shell(
                login="boss@example.org", password="correct horse battery", role="admin"
            )
            boss = hosted.browser()
            await boss.get("/sign-in")
            await boss.submit(
                "/sign-in", login="boss@example.org", password="correct horse battery"
            )
            await mailbox.receive()
            await boss.get("/admin/invitations")
            await boss.submit("/admin/invitations/import", addresses="ben@example.org")
            assert "1 person will get an invitation." in boss.text
            message = await mailbox.receive()
            assert message["To"] == "ben@example.org"
            path = re.search(r"(/sign-up\S+)", plain_text(message)).group(1)
            guest = hosted.browser()
            await guest.get(path)
            assert guest.form("/sign-up") is not None


async def test_the_log_is_filtered_and_exported(hosted, boss) -> None:
    """By source, account and day; the files hold what the pages show, and calculate nothing."""
    evil = hosted.browser()
    await evil.sign_up("=evil@example.org")
    hosted.clock.advance(days=2)
    await evil.submit("/sign-out")
    await boss.get("/admin/audit?login=%3Devil@example.org&since=2026-05-21")
    assert "Signed out" in boss.text
    assert "Account created" not in boss.text
    await boss.get("/admin/audit?source=admin")
    assert "No entry fits" in boss.text
    assert (await boss.get("/admin/audit?since=yesterday")).status_code == 400
    exported = (await boss.get("/admin/audit/export?format=csv")).text
    assert "'=evil@example.org" in exported
    lines = (await boss.get("/admin/audit/export?format=json&source=person")).text.splitlines()
    entries = [json.loads(line) for line in lines]
    assert {"id", "at", "action", "status", "login", "actor"} == set(entries[0])
    assert "person:session:revoke" in {entry["action"] for entry in entries}
    own = [
        json.loads(line)
        for line in (await boss.get("/audit/export?format=json")).text.split("\n")
        if line
    ]
    assert {entry["login"] for entry in own} == {"boss@example.org"}
    assert "tool" in own[0]


async def test_retention_is_a_setting(make_hosted) -> None:
    """Entries end after as many days as the operator says."""
    async with make_hosted(audit_days=30).running() as hosted:
        browser = hosted.browser()
        await browser.sign_up("anna@example.org")
        await browser.get("/audit")
        assert "Kept for 30 days" in browser.text
        hosted.clock.advance(days=31)
        (job,) = (job for job in hosted.service.list_jobs() if job.name == "audit")
        await job.run()
        assert await hosted.rows(tables.audit) == []


async def test_support_sees_states_and_changes_nothing(hosted, boss) -> None:
    """Every admin page opens for support without a form, and every admin form is closed to them."""
    helper, member = hosted.browser(), hosted.browser()
    await helper.sign_up("helper@example.org")
    await member.sign_up("member@example.org")
    person = await hosted.service.accounts.people.find_by_login("helper@example.org")
    await boss.get("/admin?q=helper")
    await boss.submit(f"/admin/people/{person.id}/role", role="support")
    await helper.get("/account")
    token = helper.form("/account/export")["form_token"]
    before = await hosted.rows(tables.people)
    tried = 0
    for route in hosted.app.routes:
        if not isinstance(route, Route) or not route.path.startswith("/admin"):
            continue
        path, tried = re.sub(r"{\w+}", person.id, route.path), tried + 1
        if "GET" in route.methods:
            assert (await helper.get(path)).status_code == 200, path
            assert 'method="post" action="/admin' not in helper.page.text, path
            assert (await member.get(path)).status_code == 404, path
        else:
            fields = {"form_token": token, "role": "admin", "person": person.id, "note": "x"}
            assert (await helper.post(path, fields)).status_code == 404, path
    assert tried > 15
    assert await hosted.rows(tables.people) == before
    assert (await helper.get("/audit")).status_code == 200


async def test_the_last_admin_stays_one(hosted, boss) -> None:
    """A role that does not exist, or one that leaves no admin, is refused."""
    people = hosted.service.accounts.people
    me = await people.find_by_login("boss@example.org")
    await boss.get("/admin?q=boss")
    for role in ("member", "support", "owner"):
        refused = await boss.submit(f"/admin/people/{me.id}/role", role=role)
        assert refused.status_code == 400
        await boss.get("/admin?q=boss")
    assert (await people.get(me.id)).is_admin


async def test_a_page_takes_six_statements(hosted, boss) -> None:
    """However many people there are; a page stays below 100 kB."""
    await hosted.service.background.stop()  # jobs and the audit log have statements of their own
    statements: list[str] = []
    engine = hosted.service.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    for path in ("/admin", "/admin/queue", "/admin/invitations", "/admin/keys", "/admin/audit"):
        statements.clear()
        answer = await boss.get(path)
        assert answer.status_code == 200, path
        assert len(statements) <= 6, (path, statements)
        assert len(answer.content) < 100_000, path

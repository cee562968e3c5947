"""Administration, from the page and from the shell."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest

from annulet.cli import run
from annulet.hosted.database import tables


async def test_the_admin_sees_people_but_not_what_they_ask(hosted) -> None:
    """The page shows accounts, keys and events; it shows no tool, client or endpoint."""
    boss, anna = hosted.browser(), hosted.browser()
    await boss.sign_up("boss@example.org")
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    endpoint, key = await anna.new_key(name="Annas key")
    await anna.ask(key, f"/mcp/{endpoint}", "oura_device")
    await boss.get("/admin")
    assert "anna@example.org" in boss.text
    for path in ("/admin", "/admin/keys", "/admin/audit", "/admin/audit/export"):
        await boss.get(path)
        for private in ("oura_device", "Annas key", endpoint, key):
            assert private not in boss.page.text
    await boss.get("/admin/audit")
    assert "Question asked" in boss.text


async def test_the_admin_revokes_a_key(hosted) -> None:
    """The key stops working at once."""
    boss, anna = hosted.browser(), hosted.browser()
    await boss.sign_up("boss@example.org")
    await anna.sign_up("anna@example.org")
    endpoint, key = await anna.new_key()
    assert (await anna.rpc(key, f"/mcp/{endpoint}", "tools/list")).is_success
    await boss.get("/admin/keys")
    await boss.submit(re.search(r"/admin/keys/[0-9a-f]+/revoke", boss.page.text).group(0))
    assert (await anna.rpc(key, f"/mcp/{endpoint}", "tools/list")).status_code == 401


async def test_the_admin_deletes_an_account(hosted) -> None:
    """The grant is revoked at Oura and every row of the person is deleted."""
    boss, anna = hosted.browser(), hosted.browser()
    await boss.sign_up("boss@example.org")
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    person = await hosted.service.accounts.people.find_by_login("anna@example.org")
    await boss.get("/admin")
    await boss.submit(f"/admin/people/{person.id}/delete")
    assert "anna@example.org" not in boss.text
    assert hosted.oura.requests.matching("oauth-revoke")
    assert await hosted.rows(tables.connections) == []


async def test_a_withdrawn_invitation_is_audited_and_an_unknown_one_is_not(hosted) -> None:
    """Unknown, withdrawn or used, or no invitation at all: the page says that nothing was done."""
    boss = hosted.browser()
    await boss.sign_up("boss@example.org")
    links = hosted.service.accounts.links
    token = await links.create("invite", note="used")
    await links.spend("invite", token)
    await links.create("reset", note="a reset link")
    await links.create("invite", note="open")
    ids = {row["note"]: row["id"] for row in await hosted.rows(tables.links)}
    await boss.get("/account")
    form = {**boss.form("/account/profile"), "confirmed": "1"}

    async def count_entries() -> int:
        actions = [row["action"] for row in await hosted.rows(tables.audit)]
        return actions.count("admin:invitation:withdraw")

    for link_id in ("0" * 32, ids["used"], ids["a reset link"]):
        answer = await boss.post(f"/admin/invitations/{link_id}/withdraw", form)
        assert answer.status_code == 404
        assert "There is no such invitation." in boss.text
    assert await count_entries() == 0
    for status, entries in ((200, 1), (404, 1)):
        answer = await boss.post(f"/admin/invitations/{ids['open']}/withdraw", form)
        assert answer.status_code == status
        assert await count_entries() == entries
    await boss.get("/admin/audit")
    assert "boss@example.org" in boss.text
    assert "Invitation withdrawn" in boss.text
    assert {row["note"] for row in await hosted.rows(tables.links)} == {"used", "a reset link"}


async def test_invitations_can_be_withdrawn(hosted) -> None:
    """A withdrawn link no longer works."""
    boss = hosted.browser()
    await boss.sign_up("boss@example.org")
    await boss.get("/admin")
    await boss.submit("/admin/invitations", note="For Ben")
    token = re.search(r"invitation=([\w-]+)", boss.page.text).group(1)
    assert await hosted.service.accounts.links.find("invite", token)
    await boss.get("/admin/invitations")
    await boss.submit(re.search(r"/admin/invitations/\w+/withdraw", boss.page.text).group(0))
    assert await hosted.service.accounts.links.find("invite", token) is None


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """Runs ``annulet admin …`` on a home of its own."""
    for name in ("ANNULET_KEY", "ANNULET_KEY_FILE", "ANNULET_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANNULET_HOME", str(tmp_path / "home"))

    def run_admin(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["admin", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run_admin


def test_the_shell_makes_accounts_and_links(shell, monkeypatch) -> None:
    """It makes an admin by link and a member by password, and lists both."""
    code, out, _ = shell("create", "boss@example.org")
    assert code == 0
    assert out.startswith("http://127.0.0.1:8080/reset?link=")
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))
    assert shell("create", "anna@example.org", "--member", "--password-stdin")[0] == 0
    listed = shell("show")[1]
    assert "boss@example.org: admin" in listed
    assert "anna@example.org: member, not registered" in listed
    assert "/sign-up?invitation=" in shell("invite", "--note", "Ben")[1]
    assert "/reset?link=" in shell("reset-link", "anna@example.org")[1]


def test_the_shell_administers(shell, tmp_path: Path) -> None:
    """Capacity, locking, keys, copies, formats and deletion have the usual exit codes."""
    assert shell("create", "boss@example.org")[0] == 0
    assert shell("create", "anna@example.org", "--member")[0] == 0
    assert shell("capacity", "3")[0] == 0
    assert "0 of 3" in shell("show")[1]
    assert shell("disable", "anna@example.org")[0] == 0
    assert "disabled" in shell("show")[1]
    assert shell("enable", "anna@example.org")[0] == 0
    assert shell("disable", "boss@example.org")[0] == 2
    assert shell("approve", "anna@example.org")[0] == 2
    assert shell("approve", "nobody@example.org")[0] == 2
    assert shell("keys")[1] == ""
    assert shell("revoke-key", "annulet_xxxxxx")[0] == 2
    assert "Sealed" in shell("rotate-key")[2]
    copy = tmp_path / "copy.db"
    assert shell("backup", str(copy))[0] == 0
    assert shell("delete", "anna@example.org")[0] == 2
    assert shell("delete", "anna@example.org", "--yes")[0] == 0
    assert "anna" not in shell("show")[1]
    assert shell("restore", str(copy))[0] == 0
    assert "anna@example.org" in shell("show")[1]
    assert f"format {tables.FORMAT}" in shell("migrate")[2]


def test_the_shell_shows_and_switches_updates(shell, monkeypatch) -> None:
    """Updates are off by default, and need an application at Oura."""
    for name in ("ANNULET_CLIENT_ID", "ANNULET_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    assert shell("webhooks", "status")[:2] == (
        0,
        "Off. annulet reads from Oura only when a question is asked.\n",
    )
    code, out, err = shell("webhooks", "on")
    assert (code, out) == (2, "")
    assert "ANNULET_CLIENT_ID" in err
    status = json.loads(shell("webhooks", "status", "--json")[1])
    assert (status["state"], status["on"]) == ("off", False)

"""What an operator can do when the sealing key is lost, or has leaked with the database."""

from __future__ import annotations

import pytest

from annulet.errors import UsageError, VaultError
from annulet.hosted.admin.admin_actions import AdminActions
from annulet.hosted.admin.key_rotation import forget_unreadable
from annulet.hosted.database import tables
from annulet.hosted.lifespan import preflight, prepare
from annulet.hosted.service import Service


async def connected(hosted, login: str):
    """A person whose ring is connected, with an endpoint and its key."""
    person = hosted.browser()
    await person.sign_up(login)
    await person.register()
    await person.connect()
    return person, *await person.new_key()


async def ask(person, endpoint: str, key: str) -> str:
    """The text of the answer to a question."""
    call = {"name": "oura_device", "arguments": {}}
    return (await person.rpc(key, f"/mcp/{endpoint}", "tools/call", call)).text


async def test_a_lost_key_is_reported_and_can_be_given_up(make_hosted) -> None:
    """The service does not start; afterwards it does, and people connect again."""
    stage = make_hosted()
    async with stage.running() as hosted:
        anna, endpoint, key = await connected(hosted, "anna@example.org")
        assert "summary" in await ask(anna, endpoint, key)
        settings, clock = hosted.settings, hosted.clock
    (settings.home / "hosted.key").unlink()
    with pytest.raises(VaultError, match="key is missing"):
        await preflight(settings, clock)
    service = Service(settings, clock=clock)
    try:
        assert await forget_unreadable(service, only_count=True) == 3, "a connection and two keys"
        assert not (settings.home / "hosted.key").exists(), "nothing has changed yet"
        assert await forget_unreadable(service) == 3
        await prepare(service)
        assert await forget_unreadable(service) == 0
    finally:
        await service.close()
    async with stage.running() as hosted:
        anna = hosted.browser()
        await anna.get("/sign-in")
        await anna.submit("/sign-in", login="anna@example.org", password="correct horse battery")
        assert "summary" not in await ask(anna, endpoint, key)
        assert "Connect" in anna.text
        await anna.connect()
        assert "summary" in await ask(anna, endpoint, key)


async def test_what_opens_is_never_forgotten(hosted) -> None:
    """With the right key there is nothing to forget."""
    anna, endpoint, key = await connected(hosted, "anna@example.org")
    assert await forget_unreadable(hosted.service) == 0
    assert "summary" in await ask(anna, endpoint, key)


async def test_a_wrong_key_is_reported_before_the_start(make_hosted) -> None:
    """The operator reads a sentence, and no person meets an error."""
    stage = make_hosted()
    async with stage.running() as hosted:
        await connected(hosted, "anna@example.org")
        settings, clock = hosted.settings, hosted.clock
    (settings.home / "hosted.key").write_text("00" * 32)
    with pytest.raises(VaultError, match="sealed with another key"):
        await preflight(settings, clock)


async def test_everyone_is_disconnected_and_oura_is_told(hosted) -> None:
    """After a theft no token that was stored works any more; accounts stay."""
    people = [await connected(hosted, f"p{n}@example.org") for n in range(2)]
    actions = AdminActions(hosted.service, "shell")
    assert await actions.disconnect_everyone() == 2
    told = hosted.oura.requests.matching("revoke")
    assert {request.outcome for request in told} == {"revoked"}
    assert len(told) == 4, "the refresh and the access token of each"
    assert [row["sealed"] for row in await hosted.rows(tables.connections)] == [None, None]
    for person, endpoint, key in people:
        assert "summary" not in await ask(person, endpoint, key)
        await person.get("/dashboard")
        assert "Connect" in person.text
    assert await actions.disconnect_everyone() == 0
    with pytest.raises(UsageError):
        await actions.disconnect((await actions.find_person("nobody@example.org")).id)

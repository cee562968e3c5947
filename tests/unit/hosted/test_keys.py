"""API keys and the endpoints that take them."""

from __future__ import annotations

import re

from annulet.hosted.database import tables


async def test_a_key_is_shown_once_and_stored_as_a_digest(hosted) -> None:
    """Neither a later page nor the database contains the key."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    endpoint, key = await anna.new_key()
    await anna.get(f"/endpoints/{endpoint}")
    assert key not in anna.page.text
    assert key[:14] in anna.page.text
    assert key not in str(await hosted.rows(tables.api_keys))
    assert (await anna.rpc(key, f"/mcp/{endpoint}", "tools/list")).is_success
    assert (await anna.rpc(key, "/mcp", "tools/list")).is_success


async def test_an_endpoint_with_keys_does_not_advertise_oauth(hosted) -> None:
    """There is no metadata and no challenge that leads to a sign-in, as clients would loop."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    endpoint, _ = await anna.new_key()
    for bearer in ("", "annulet_wrong"):
        refused = await anna.rpc(bearer, f"/mcp/{endpoint}", "tools/list")
        assert refused.status_code == 401
        assert "resource_metadata" not in refused.headers["www-authenticate"]
    path = f"/.well-known/oauth-protected-resource/mcp/{endpoint}"
    assert (await anna.http.get(path)).status_code == 404
    await anna.get("/endpoints/new")
    await anna.submit("/endpoints", kind="claude_code", auth="")
    oauth_endpoint = str(anna.page.url).rsplit("/", 1)[1]
    metadata = await anna.http.get(f"/.well-known/oauth-protected-resource/mcp/{oauth_endpoint}")
    assert metadata.json()["resource"].endswith(f"/mcp/{oauth_endpoint}")


async def test_a_key_works_at_its_own_endpoint_only(hosted) -> None:
    """A key of one endpoint is refused at another of the same person."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    first, first_key = await anna.new_key()
    second, second_key = await anna.new_key()
    assert (await anna.rpc(first_key, f"/mcp/{second}", "tools/list")).status_code == 401
    assert (await anna.rpc(second_key, f"/mcp/{second}", "tools/list")).is_success
    assert first != second


async def test_keys_expire_and_end(hosted) -> None:
    """An expired key and a revoked key are refused."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    endpoint, short = await anna.new_key(lifetime="30")
    _, endless = await anna.new_key(lifetime="never")
    hosted.clock.advance(days=31)
    assert (await anna.rpc(short, f"/mcp/{endpoint}", "tools/list")).status_code == 401
    assert (await anna.rpc(endless, "/mcp", "tools/list")).is_success
    await anna.get("/sign-in")
    await anna.submit("/sign-in", login="anna@example.org", password="correct horse battery")
    await anna.get("/keys")
    await anna.submit(re.search(r"/keys/[0-9a-f]+/revoke", anna.page.text).group(0))
    assert (await anna.rpc(endless, "/mcp", "tools/list")).status_code == 401


async def test_after_rotation_both_keys_work_for_a_day(hosted) -> None:
    """The old key works for one day beside the new one, and then no more."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    _, old = await anna.new_key()
    await anna.get("/keys")
    await anna.submit(re.search(r"/keys/[0-9a-f]+/rotate", anna.page.text).group(0))
    new = re.search(r"annulet_[\w-]{43}", anna.page.text).group(0)
    assert new != old
    for key in (old, new):
        assert (await anna.rpc(key, "/mcp", "tools/list")).is_success
    hosted.clock.advance(days=1, seconds=1)
    assert (await anna.rpc(old, "/mcp", "tools/list")).status_code == 401
    assert (await anna.rpc(new, "/mcp", "tools/list")).is_success


async def test_a_key_for_the_status_alone(hosted) -> None:
    """The narrow scope lists two tools and answers no other."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    endpoint, key = await anna.new_key(scope="oura:status")
    listed = await anna.rpc(key, f"/mcp/{endpoint}", "tools/list")
    assert "oura_permissions" in listed.text
    assert "oura_trends" not in listed.text
    refused = await anna.ask(key, f"/mcp/{endpoint}", "oura_trends")
    assert '"code":"bad_input"' in refused.text


async def test_tools_can_be_switched_off(hosted) -> None:
    """A tool that is off is neither listed nor answered; the others still are."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    endpoint, key = await anna.new_key()
    await anna.submit(f"/endpoints/{endpoint}/tools", tool=["oura_device", "oura_trends"])
    listed = await anna.rpc(key, f"/mcp/{endpoint}", "tools/list")
    assert "oura_trends" in listed.text
    assert "oura_sleep_sessions" not in listed.text
    refused = await anna.ask(key, f"/mcp/{endpoint}", "oura_sleep_sessions")
    assert "switched off" in refused.text


async def test_the_page_shows_the_first_call(hosted) -> None:
    """The page of the endpoint shows it, and the log holds tool, size and outcome."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    endpoint, key = await anna.new_key()
    await anna.get(f"/endpoints/{endpoint}/waiting")
    assert "Waiting for the first call" in anna.text
    await anna.ask(key, f"/mcp/{endpoint}", "oura_device")
    await anna.get(f"/endpoints/{endpoint}/waiting")
    assert "First call received ✓" in anna.text
    await anna.get("/audit")
    assert "assistant:tool:call" in anna.text
    assert "oura_device" in anna.text
    (row,) = [r for r in await hosted.rows(tables.audit) if r["tool"]]
    assert row["status"] == "ok"
    assert row["bytes"] > 100
    assert "gen4" not in str(row)


async def test_oauth_endpoints_take_no_keys(hosted) -> None:
    """A form that is posted by hand is refused with a reason."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.get("/endpoints/new")
    await anna.submit("/endpoints", kind="claude", auth="oauth")
    endpoint = str(anna.page.url).rsplit("/", 1)[1]
    fields = {**anna.form(f"/endpoints/{endpoint}/rename"), "scope": "oura:read"}
    refused = await anna.post(f"/endpoints/{endpoint}/keys", fields)
    assert refused.status_code == 400
    assert "takes no API keys" in anna.text

"""The MCP endpoint of the service: every read leaves one entry, however it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from annulet.errors import DatabaseUnavailable
from annulet.hosted.database import tables

DAYS = "2026-05-18/2026-05-19"
ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
READS = {
    "tools/call": [("name", "oura_daily_summary", "oura_daily_summary")],
    "resources/read": [
        ("uri", f"oura://documents/heartrate/{DAYS}", "oura://documents/heartrate"),
        ("uri", f"oura://sleep/{DAYS}", "oura://sleep"),
        ("uri", "oura://today", "oura://today"),
        ("uri", "oura://connection", "oura://connection"),
    ],
    "prompts/get": [("name", "morning_briefing", "morning_briefing")],
}
ACTIONS = {
    "tools/call": "assistant:tool:call",
    "resources/read": "assistant:resource:read",
    "prompts/get": "assistant:prompt:get",
    "completion/complete": "assistant:completion:complete",
}


def spellings(text: str) -> list[str]:
    """The same text as JSON may write it."""
    plain = json.dumps(text)
    return [plain, plain.replace("/", r"\/"), f'"\\u{ord(text[0]):04x}{text[1:]}"']


def bodies(method: str, key: str, name: str) -> Iterator[str]:
    """One request in every spelling of its method and its target, also with other blanks."""
    for spelled in spellings(method):
        for target in spellings(name):
            params = f"{{{json.dumps(key)}:{target}}}"
            body = f'{{"jsonrpc":"2.0","id":1,"method":{spelled},"params":{params}}}'
            yield body
            yield body.replace('":', '" :\n')


async def send(browser: Any, bearer: str, path: str, body: str, **headers: str) -> Any:
    """One body, exactly as it stands, with a bearer."""
    headers = {**ACCEPT, "authorization": f"Bearer {bearer}", "cookie": "", **headers}
    return await browser.http.post(path, content=body, headers=headers)


async def read_entries(hosted: Any) -> list[dict[str, Any]]:
    """The entries that assistants have left in the audit log."""
    await hosted.service.audit.flush()
    rows = await hosted.rows(tables.audit)
    return [row for row in rows if row["action"] in ACTIONS.values()]


@pytest.fixture
async def anna(hosted) -> Any:
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    await browser.register()
    await browser.connect()
    return browser


async def test_every_read_is_one_entry_in_every_spelling(hosted, anna) -> None:
    """Escaped slashes, escaped letters and other blanks are the same request to the log."""
    endpoint, key = await anna.new_key()
    expected = []
    for method, targets in READS.items():
        for field, name, entry in targets:
            for body in bodies(method, field, name):
                answer = await send(anna, key, f"/mcp/{endpoint}", body)
                assert '"error"' not in answer.text, body
                expected.append((ACTIONS[method], entry, "ok", endpoint))
    entries = await read_entries(hosted)
    assert [(e["action"], e["tool"], e["status"], e["endpoint_id"]) for e in entries] == expected
    assert all(entry["bytes"] > 100 for entry in entries)
    assert not any("2026-05" in str(entry.values()) for entry in entries), "never what was asked"


async def test_what_fails_is_an_entry_too(hosted, anna) -> None:
    """Unknown names and wrong arguments leave their code, and none of what the client wrote."""
    endpoint, key = await anna.new_key()
    path = f"/mcp/{endpoint}"
    await anna.ask(key, path, "canary_tool")
    await anna.ask(key, path, "oura_trends", canary="canary")
    await anna.rpc(key, path, "resources/read", {"uri": "oura://canary"})
    await anna.rpc(key, path, "resources/read", {"uri": f"oura://documents/canary/{DAYS}"})
    await anna.rpc(key, path, "prompts/get", {"name": "canary"})
    argument = {"ref": {"type": "ref/prompt", "name": "canary"}}
    argument |= {"argument": {"name": "week", "value": "canary"}}
    await anna.rpc(key, path, "completion/complete", argument)
    entries = await read_entries(hosted)
    assert [(entry["action"], entry["tool"], entry["status"]) for entry in entries] == [
        ("assistant:tool:call", "unknown", "bad_input"),
        ("assistant:tool:call", "oura_trends", "bad_input"),
        ("assistant:resource:read", "unknown", "bad_input"),
        ("assistant:resource:read", "oura://documents", "bad_input"),
        ("assistant:prompt:get", "unknown", "bad_input"),
        ("assistant:completion:complete", "unknown", "ok"),
    ]
    assert "canary" not in str(entries)


async def test_what_reads_nothing_leaves_no_entry(hosted, anna) -> None:
    """Lists, batches and bodies that are no request reach no data."""
    endpoint, key = await anna.new_key()
    path = f"/mcp/{endpoint}"
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "oura_device"}}
    assert (await anna.rpc(key, path, "tools/list")).is_success
    assert (await anna.rpc(key, path, "resources/templates/list")).is_success
    for body in (json.dumps([request, request]), '"tools/call"', "{", "[" * 10_000, ""):
        assert (await send(anna, key, path, body)).status_code == 400, body[:40]
    assert (await anna.ask("annulet_wrong", path, "oura_device")).status_code == 401
    assert await read_entries(hosted) == []


async def test_a_resource_is_a_first_call(hosted, anna) -> None:
    """Reading a resource counts as use of the endpoint, as a question does."""
    endpoint, key = await anna.new_key()
    await anna.rpc(key, f"/mcp/{endpoint}", "prompts/get", {"name": "morning_briefing"})
    await hosted.service.audit.flush()
    assert (await hosted.service.endpoints.find(endpoint)).first_call_at is None
    await anna.rpc(key, f"/mcp/{endpoint}", "resources/read", {"uri": "oura://today"})
    await hosted.service.audit.flush()
    used = await hosted.service.endpoints.find(endpoint)
    assert used.first_call_at == used.used_at is not None


async def test_a_resource_finds_out_about_the_connection(hosted, anna) -> None:
    """A grant that Oura has ended shows on the dashboard, whichever way it was noticed."""
    endpoint, key = await anna.new_key()
    hosted.oura.revoke_grants("plain")
    await anna.rpc(key, f"/mcp/{endpoint}", "resources/read", {"uri": "oura://today"})
    (entry,) = await read_entries(hosted)
    assert (entry["status"], entry["bytes"]) == ("needs_reconnect", 0)
    await anna.get("/dashboard")
    assert "Reconnect" in anna.text


async def test_an_answer_waits_for_no_database(hosted, anna, monkeypatch) -> None:
    """Where nothing can tell any more whether access has ended, the answer is a 503, not sent."""
    endpoint, key = await anna.new_key()
    monkeypatch.setattr("annulet.hosted.checked_response._CHECKED_FOR_S", -1)
    find, looked_up = hosted.service.authorization.bearers.find, []

    async def find_once(bearer: str) -> Any:
        looked_up.append(bearer)
        if len(looked_up) > 1:
            raise DatabaseUnavailable
        return await find(bearer)

    monkeypatch.setattr(hosted.service.authorization.bearers, "find", find_once)
    answer = await anna.ask(key, f"/mcp/{endpoint}", "oura_daily_summary")
    assert (answer.status_code, answer.json()["error"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"]

"""Hostile requests: every public route answers with 2xx, 3xx or 4xx, whatever is sent to it."""

from __future__ import annotations

import asyncio
import base64
import random
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from annulet.hosted.authorization.client_documents import parse_client_document
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.authorization.issued_tokens import _narrow_scopes
from annulet.hosted.authorization.scopes import parse_scopes
from annulet.hosted.web.security_headers import content_security_policy
from annulet.settings import ObservabilitySettings

SOURCE = Path(__file__).parents[3] / "src/annulet/hosted"
HANDLERS = sorted(SOURCE.rglob("*.py"))
PASSWORD = "correct horse battery"
TEXTS = (
    *("", "x" * 5000, "\x00", "é", "\u202eabc", "\ud7ff", "²", "-1", "1e999", "..", "/../etc"),
    *("' OR 1=1 --", "{{7*7}}", "<script>", "%00", "%ff", "a;sandbox", "*", "javascript:alert(1)"),
    *("https://\u0435vil.example/cb", "https://a;sandbox/cb", "https://*.example/cb", "[::1", "٣"),
    *("9" * 5000, "null", "[]", "true", "\r\nset-cookie: a=b", "annulet_at_x", "annulet_x"),
)
HEADERS = (
    {"authorization": b"Basic \xe9"},
    {"authorization": b"Basic !!!"},
    {"authorization": b"Basic " + base64.b64encode(b"\xff\xfe:\xff")},
    {"authorization": b"Basic " + base64.b64encode(b"\0:\0")},
    {"authorization": b"Basic " + base64.b64encode(b"%00:%00")},
    {"authorization": b"Bearer \xff\xfe"},
    {"cookie": rb'annulet="\000"; annulet-visit="\000"; annulet-known="\000.\000"'},
    {"content-type": b"multipart/form-data; boundary=x; charset=utf-7"},
    {"authorization": b"Bearer " + b"x" * 5000},
    {"content-length": b"\xb2"},
    {"cookie": b"annulet=\xff; annulet-visit=\xe9; annulet-known=\xe9.\xe9"},
    {"x-form-token": b"\xe9"},
    {"accept": b"\xff", "hx-request": b"1"},
    {"origin": b"null"},
    {"origin": b"http://127.0.0.1:8080", "sec-fetch-site": b"same-origin"},
    {"content-type": b"multipart/form-data"},
    {"content-type": b"multipart/form-data; boundary=\xff"},
    {"content-type": b"application/x-www-form-urlencoded; charset=nonsense"},
    {"content-type": b"application/json; charset=utf-7"},
    {"x-oura-timestamp": "²".encode(), "x-oura-signature": b"\xe9"},
    {"mcp-protocol-version": b"\xff", "last-event-id": b"\xff"},
    {"user-agent": b"\xff" * 300, "host": b"127.0.0.1:8080"},
    {"host": b"[::1"},
)
DEEP = b"[" * 50_000
BODIES = (
    *(b"", b"{", DEEP, b'{"redirect_uris":' + DEEP, b"\xff\xfe", b"null", b"[]", b'"x"', b"1e999"),
    *(b"a=%ff&b=%00&a=2", b"&&&===", b"=" * 3000, b'{"jsonrpc":"2.0","method":"tools/call"}'),
    b"--x\r\ncontent-disposition: form-data; name=a\r\n\r\n",
    b"--x\r\ncontent-disposition: form-data; name=login\r\n\r\n+AAA-\r\n--x--\r\n",
    b'{"redirect_uris":["https://a.example/cb"],"client_name":"\\u0000"}',
    b'{"redirect_uris":["https://a.example/cb\\\\\\u0000"],"client_name":"\0"}',
    '{"redirect_uris":["https://a.example/cb"],"client_name":"\\u0000"}'.encode("utf-16"),
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\\u0000","arguments":{}}}',
    b'{"jsonrpc":"2.0","id":"\\u0000","method":"resources/read","params":{"uri":"\\u0000"}}',
    b'{"redirect_uris":["https://\xd0\xb5vil.example/cb"]}',
    b'{"redirect_uris":[{}],"client_name":[1]}',
    b'{"redirect_uris":["https://a.example/cb"],"client_name":{"a":1},"client_uri":[]}',
    b'{"redirect_uris":["https://a.example/cb"],"token_endpoint_auth_method":[]}',
    b'{"redirect_uris":["https://a.example/\\ud800"],"grant_types":{}}',
)


def names_of_fields() -> list[str]:
    """Every name of a field or a parameter that a handler reads, from the source."""
    read = re.compile(r'(?:query|get|get_all|getlist)\("(\w+)"')
    names = {name for file in HANDLERS for name in read.findall(file.read_text("utf-8"))}
    assert {"since", "login", "client_id", "note"} <= names
    return sorted(names)


def every_route(hosted: Any) -> list[tuple[str, str]]:
    """Every method and path of the service, path parameters as they are written."""
    routes = []
    for route in hosted.app.routes:
        if isinstance(route, Route):
            methods = route.methods or {"GET", "POST", "DELETE"}
            routes += [(method, route.path) for method in sorted(methods)]
    assert len(routes) > 60
    return routes


async def send(browser: Any, method: str, path: str, **more: Any) -> str:
    """Send one request; what to report, if the service failed."""
    answer = await browser.http.request(method, path, **more)
    return f"{method} {path} {str(more)[:300]}" if answer.status_code >= 500 else ""


def fill(path: str, draw: random.Random) -> str:
    for name in re.findall(r"{(\w+)}", path):
        path = path.replace(f"{{{name}}}", draw.choice(["x", "0" * 32, "%00", "%ff", "..%2f", "²"]))
    return path


async def attack(hosted: Any, browser: Any, token: str, seed: int) -> list[str]:
    """Send hostile requests to every route, some with the form token; the failures."""
    draw, failures, names = random.Random(seed), [], names_of_fields()
    for method, template in every_route(hosted):
        path = fill(template, draw)
        if path in {"/sign-out", "/account/delete"}:
            continue
        for _ in range(4):
            fields = {name: draw.choice(TEXTS) for name in draw.sample(names, 9)}
            if draw.random() < 0.5:
                fields["form_token"] = token
            failures.append(await send(browser, method, path, params=fields))
            if method == "POST":
                failures.append(await send(browser, method, path, data=fields))
                body, headers = draw.choice(BODIES), draw.choice(HEADERS)
                headers = {"content-type": b"application/json", **headers}
                failures.append(await send(browser, method, path, content=body, headers=headers))
            failures.append(await send(browser, method, path, headers=draw.choice(HEADERS)))
    return [failure for failure in failures if failure]


async def test_no_request_of_a_signed_out_client_makes_the_service_fail(hosted) -> None:
    """Signed out: odd texts in every field, header and body of every route give no 5xx."""
    browser = hosted.browser("192.0.2.1")
    await browser.get("/sign-in")
    token = browser.form("/sign-in")["form_token"]
    assert await attack(hosted, browser, token, 1) == []


async def test_no_request_of_a_member_or_admin_makes_the_service_fail(make_hosted) -> None:
    """Signed in as the admin, the same; and a bearer sends what is no request of MCP."""
    async with make_hosted(client_id="", client_secret=None).running() as hosted:
        browser = hosted.browser()
        await browser.sign_up("boss@example.org")
        endpoint, key = await browser.new_key()
        await browser.get("/account")
        token = browser.form("/account/profile")["form_token"]
        assert await attack(hosted, browser, token, 2) == []
        for body in BODIES:
            for path in (f"/mcp/{endpoint}", "/mcp", f"/mcp/{endpoint}/"):
                headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
                headers["accept"] = "application/json, text/event-stream"
                assert not await send(browser, "POST", path, content=body, headers=headers)


async def check_every_route(hosted: Any) -> None:
    """Attack every route signed out, then as the admin with a bearer."""
    stranger = hosted.browser("192.0.2.1")
    await stranger.get("/sign-in")
    token = stranger.form("/sign-in")["form_token"]
    assert await attack(hosted, stranger, token, 3) == []
    browser = hosted.browser()
    await browser.sign_up("boss@example.org")
    endpoint, key = await browser.new_key()
    await browser.get("/account")
    token = browser.form("/account/profile")["form_token"]
    assert await attack(hosted, browser, token, 4) == []
    bearer = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    bearer["accept"] = "application/json, text/event-stream"
    for body in BODIES:
        failure = await send(browser, "POST", f"/mcp/{endpoint}", content=body, headers=bearer)
        assert not failure


async def test_a_text_with_a_null_character_is_refused_wherever_it_stands(hosted) -> None:
    """In the path, the query, a form, JSON and MCP, whole or in pieces, signed in or not."""
    browser = hosted.browser()
    await browser.sign_up("boss@example.org")
    endpoint, key = await browser.new_key()
    bearer = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    bearer["accept"] = "application/json, text/event-stream"
    form = {"content-type": "application/x-www-form-urlencoded"}

    async def pieces(body: bytes) -> Any:
        for position in range(len(body)):
            yield body[position : position + 1]

    for path in ("/mcp/%00", "/endpoints/%00", "/admin?q=%00", "/authorize?client_id=a%00b"):
        answer = await browser.http.get(path)
        assert (answer.status_code, "U+0000" in answer.text) == (400, True), path
    call = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"oura_%s"}}'
    for path, headers, body in (
        ("/token", form, b"client_id=a%00"),
        ("/sign-in", form, b"login=a\0"),
        ("/register", {}, b'{"redirect_uris":["https://a.example/"],"client_name":"\\u0000"}'),
        (f"/mcp/{endpoint}", bearer, call % rb"\u0000"),
        (f"/mcp/{endpoint}", bearer, call % rb"\\\u0000"),
    ):
        for content in (body, pieces(body)):
            answer = await browser.http.post(path, content=content, headers=headers)
            assert (answer.status_code, "U+0000" in answer.text) == (400, True), (path, body)
    # a backslash that is itself escaped makes no character
    harmless = call % rb"\\u0000"
    for content in (harmless, pieces(harmless)):
        answer = await browser.http.post(f"/mcp/{endpoint}", content=content, headers=bearer)
        assert "U+0000" not in answer.text
        assert answer.status_code == 200


async def test_an_export_that_cannot_be_made_is_refused_before_it_begins(hosted) -> None:
    """A day that is none is a page with a status, not an answer that breaks off."""
    browser = hosted.browser()
    await browser.sign_up("boss@example.org")
    for root in ("/audit", "/admin/audit"):
        for day in ("zz", "2026-13-45", "²", "%EF%BC%92"):
            for name in ("since", "until"):
                for form in ("csv", "json"):
                    path = f"{root}/export?{name}={day}&format={form}"
                    answer = await browser.http.get(path)
                    assert answer.status_code == 400, path
                    assert "This is not a day." in answer.text
        whole = await browser.http.get(f"{root}/export?until=9999-12-31")
        assert whole.text.startswith("id,at,action")


async def test_bodies_beyond_the_limit_are_413_however_they_come(hosted) -> None:
    """Announced or in pieces, for a form, for JSON, for MCP and for an event."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    endpoint, key = await browser.new_key()

    async def pieces() -> Any:
        for _ in range(1100):
            yield b"x" * 1000

    form = {"content-type": "application/x-www-form-urlencoded"}
    bearer = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    bearer["accept"] = "application/json, text/event-stream"
    for path, headers in (
        *(("/token", form), ("/register", {}), ("/sign-in", form), ("/webhooks/oura", {})),
        *(("/revoke", form), ("/reset", form), (f"/mcp/{endpoint}", bearer)),
    ):
        answer = await browser.http.post(path, content=pieces(), headers=headers)
        assert answer.status_code == 413, path
        whole = await browser.http.post(path, content=b"x" * 1_100_000, headers=headers)
        assert whole.status_code == 413, path


async def test_a_final_slash_is_answered_itself(hosted) -> None:
    """No redirect could carry the bearer to plain http behind a TLS proxy."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    endpoint, key = await browser.new_key()
    for path in ("/mcp/", f"/mcp/{endpoint}/"):
        assert (await browser.rpc(key, path, "tools/list")).status_code == 200
        assert (await browser.rpc("", path, "tools/list")).status_code == 401


SYSTEM_REDIRECTS = """
search:query=x googlechrome://a.example jar:https://a.example!/x feed:x/y vbs:x/y mhtml:x/y hcp://x
wyciwyg://x ldap://a.example telnet://a.example ssh://a.example rdp://a.example smb://a.example/x
android-app://a.b webcal://a content://a/b ms-settings.x:/cb x-apple.systempreferences:/cb
com.apple.tv:/cb com.android.settings:/cb com.microsoft.edge:/cb com..app:/cb .com.app:/cb
com.app.:/cb steam://run/1 itms-apps://x facetime:x/y com.example.app: sftp://a.example
smsto:1 market://x chrome-extension://x/cb firefox://x shortcuts://run mk:@x
"""


async def test_redirect_hosts_cannot_change_the_security_policy(hosted) -> None:
    """Foreign letters, wildcards and metacharacters are refused at registration and in the CSP."""
    http = hosted.browser().http
    refused = [
        *("https://\u0435vil.example/cb", "https://a;sandbox/cb", "https://*/cb"),
        *("https://*.a.example/cb", "https://a b.example/", "https://a'b.example/", "https:///cb"),
        *("ms-cxh-full://x", "chrome://settings", "ms-settings:x", "edge://x", "x-apple.y://x"),
        *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "blob:x"),
        *("about:blank", "http://a.example/cb", "JAVASCRIPT://x", "https://a_b.example/", "foo:"),
        *SYSTEM_REDIRECTS.split(),
        *("https://a.example/cb#", "https://user@a.example/cb", "//a.example/cb", "cb"),
    ]
    for uri in refused:
        answer = await http.post("/register", json={"redirect_uris": [uri]})
        assert answer.status_code == 400, uri
    for uri in (
        *("https://xn--bcher-kva.example/cb", "http://[::1]:7/cb", "http://localhost/cb"),
        *("cursor://anysphere.cursor-mcp/oauth/callback", "com.example.app:/cb", "zed://cb"),
        *("windsurf://cb/x", "vscode://vscode.mcp/cb", "vscode-insiders://cb", "claude://cb"),
        *("raycast://oauth?package_name=x", "com.googleusercontent.apps.1-a:/oauth2redirect"),
        *("new-assistant://cb", "my.agent:/cb", "slack://x"),
        *("kiro://cb", "jetbrains://idea/cb", "com.raycast:/oauth", "warp://mcp/oauth2callback"),
    ):
        answer = await http.post("/register", json={"redirect_uris": [uri]})
        assert answer.status_code == 201, uri
    for target in ("https://a;sandbox", "*", "https://*", "'unsafe-inline'", "https://a b", ""):
        try:
            content_security_policy(target)
        except ValueError:
            continue
        raise AssertionError(target)


@pytest.mark.parametrize("half", [rb"\ud800", rb"\udc00\ud800", b"\xed\xa0\x80"])
async def test_json_with_half_a_surrogate_pair_is_refused(hosted, half) -> None:
    """Wherever JSON comes from outside: a registration, a client's document, a passkey."""
    body = b'{"redirect_uris": ["https://a.example/cb"], "client_id": "x", "unused": "HALF"}'
    body = body.replace(b"HALF", half)
    http = hosted.browser().http
    assert (await http.post("/register", content=body)).status_code == 400
    with pytest.raises(OAuthError) as refused:
        parse_client_document("x", body)
    assert refused.value.description == "The client's document is not JSON."
    browser = hosted.browser()
    await browser.get("/sign-in")
    client_data = base64.urlsafe_b64encode(b'{"challenge": "' + half + b'"}').decode()
    for answer in (
        r'{"rawId": "AAAA", "response": {"clientDataJSON": "\ud800"}}',
        f'{{"rawId": "AAAA", "response": {{"clientDataJSON": "{client_data}"}}}}',
    ):
        form = {**browser.form("/sign-in"), "answer": answer}
        refusal = await browser.http.post("/sign-in/passkey", data=form)
        assert refusal.status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        *("/admin?q={}", "/admin?after={}", "/admin?state={}", "/admin/queue?after={}"),
        *("/admin/invitations?after={}", "/admin/keys?after={}", "/admin/audit?login={}"),
        *("/admin/audit/export?login={}", "/audit?since={}", "/audit/export?source={}"),
    ],
)
async def test_a_search_that_is_too_long_is_refused(make_hosted, address) -> None:
    """With a sentence, and no database is asked; nothing looks like an outage."""
    metrics = ObservabilitySettings(metrics_port=0)
    async with make_hosted(observability=metrics).running() as hosted:
        anna = hosted.browser()
        await anna.sign_up("anna@example.org")
        for length in (255, 60_000):
            answer = await anna.get(address.format("x" * length))
            assert answer.status_code == 400
            assert "The search is too long." in anna.text
            assert "at most 254 characters" in anna.text
        assert (await anna.get(address.format("x" * 254))).status_code < 500


@pytest.mark.parametrize("scope", ["admin", "*", "oura:admin offline_access", "OURA:READ"])
def test_scopes_that_do_not_exist_give_nothing(scope: str) -> None:
    """Where a request names scopes and none is offered, reading is not offered in their place."""
    for parse in (parse_scopes, lambda text: _narrow_scopes("oura:read", text)):
        with pytest.raises(OAuthError, match="invalid_scope"):
            parse(scope)
    assert parse_scopes("oura:status admin") == ("oura:status",)


async def test_a_registration_is_small_and_unused_ones_go(hosted) -> None:
    """At most 4 KB each; unused ones go after a day, and the oldest beyond 5,000 at once."""
    http = hosted.browser().http
    long = [f"https://a.example/{n}/{'x' * 400}" for n in range(12)]
    assert (await http.post("/register", json={"redirect_uris": long})).status_code == 400
    document = {"redirect_uris": ["https://a.example/cb"]}
    first = (await http.post("/register", json=document)).json()["client_id"]
    clients = hosted.service.authorization.clients
    await clients.delete_unused()
    assert (await clients.find(first)).id == first
    hosted.clock.advance(hours=25)
    second = (await http.post("/register", json=document)).json()["client_id"]
    await clients.delete_unused()
    rows = {row["id"] for row in await hosted.rows(tables_of_clients())}
    assert rows == {second}


def tables_of_clients() -> Any:
    from annulet.hosted.database import tables

    return tables.oauth_clients


async def test_two_admins_who_disable_each_other_leave_one(hosted) -> None:
    """Also when they delete each other, and the last admin cannot delete the own account."""
    service = hosted.service
    for action in ("disable", "delete"):
        for name in ("one", "two"):
            if await service.accounts.people.find_by_login(f"{name}@example.org") is None:
                await service.accounts.sign_up.create_from_shell(
                    login=f"{name}@example.org", password=PASSWORD, role="admin"
                )
        browsers = {}
        for name in ("one", "two"):
            person = await service.accounts.people.find_by_login(f"{name}@example.org")
            await service.accounts.people.change(person.id, disabled_at=None)
            browsers[name] = hosted.browser()
            await browsers[name].get("/sign-in")
            await browsers[name].submit("/sign-in", login=f"{name}@example.org", password=PASSWORD)
            await browsers[name].get("/admin")
        ids = {
            name: (await service.accounts.people.find_by_login(f"{name}@example.org")).id
            for name in browsers
        }
        await asyncio.gather(
            browsers["one"].submit(f"/admin/people/{ids['two']}/{action}"),
            browsers["two"].submit(f"/admin/people/{ids['one']}/{action}"),
        )
        enabled = [p for p in await service.accounts.people.list_all() if not p.disabled_at]
        assert [person.role for person in enabled] == ["admin"]
    last = hosted.browser()
    await last.get("/sign-in")
    await last.submit("/sign-in", login=enabled[0].login, password=PASSWORD)
    await last.get("/account")
    await last.submit("/account/delete", login=enabled[0].login)
    assert "last admin" in last.text

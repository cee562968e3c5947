"""The authorization server, as OAuth clients use it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from annulet.hosted.authorization.errors import OAuthError

PUBLIC = "http://127.0.0.1:8080"
VERIFIER = "a-verifier-that-is-long-enough-to-be-taken-as-one"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
ERAS = ("", "2026-07-28")
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
BEYOND_STATUS = [
    ("tools/call", {"name": "oura_sleep_sessions"}),
    ("resources/read", {"uri": "oura://today"}),
    ("resources/read", {"uri": "oura://sleep/2026-05-18/2026-05-19"}),
    ("resources/read", {"uri": "oura://documents/heartrate/2026-05-18/2026-05-19"}),
]
CALLBACK = "http://localhost:5000/callback"


async def register(browser: Any, path: str = "/register", **metadata: Any) -> dict[str, Any]:
    body = {
        "client_name": "Assistant",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "none",
        **metadata,
    }
    return (await browser.http.post(path, json=body)).json()


def query(client: dict[str, Any], **changed: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": CALLBACK,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "s1",
        "resource": f"{PUBLIC}/mcp",
        **changed,
    }


async def allow(browser: Any, parameters: dict[str, str], **choice: str) -> dict[str, str]:
    """Ask for authorization and allow it; the parameters of the redirect."""
    await browser.get("/authorize?" + urlencode(parameters))
    form = browser.form("/authorize")
    assert form is not None, browser.text
    answer = await browser.post("/authorize", {**form, "decision": "allow", **choice})
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def exchange(browser: Any, client: dict[str, Any], code: str, **changed: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": client["client_id"],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        "resource": f"{PUBLIC}/mcp",
        **changed,
    }
    return await browser.http.post("/token", data=form)


@pytest.fixture
async def anna(hosted) -> Any:
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    return browser


async def test_metadata_stands_at_both_places(hosted, anna) -> None:
    """The resource metadata stands at the root and under its path, and names this server."""
    for path in ("", "/mcp"):
        metadata = (await anna.http.get(f"/.well-known/oauth-protected-resource{path}")).json()
        assert metadata["resource"] == f"{PUBLIC}/mcp"
        assert metadata["authorization_servers"] == [PUBLIC]
    server = (await anna.http.get("/.well-known/oauth-authorization-server")).json()
    assert server["issuer"] == PUBLIC
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["authorization_response_iss_parameter_supported"] is True
    assert set(server["token_endpoint_auth_methods_supported"]) == {
        "none",
        "client_secret_basic",
        "client_secret_post",
    }


async def test_a_request_without_a_bearer_is_led_to_the_metadata(hosted, anna) -> None:
    """GET and POST get 401 with the absolute address of the metadata and the scope."""
    for method in ("GET", "POST"):
        answer = await anna.http.request(method, "/mcp", headers={"cookie": ""})
        assert answer.status_code == 401
        header = answer.headers["www-authenticate"]
        assert f'resource_metadata="{PUBLIC}/.well-known/oauth-protected-resource/mcp"' in header
        assert 'scope="oura:read"' in header


async def test_the_whole_flow_under_both_prefixes(hosted, anna) -> None:
    """Register, authorize, exchange, ask: at the root and under /oauth/."""
    client = await register(anna, "/oauth/register")
    answer = await allow(anna, query(client))
    assert answer["state"] == "s1"
    assert answer["iss"] == PUBLIC
    tokens = (await exchange(anna, client, answer["code"])).json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["scope"] == "oura:read"
    listed = await anna.rpc(tokens["access_token"], "/mcp", "tools/list")
    assert "oura_daily_summary" in listed.text
    await anna.get("/oauth/authorize?" + urlencode(query(client)))
    assert "Allow Assistant?" in anna.text


async def test_a_replayed_code_ends_its_grant(hosted, anna) -> None:
    """A code works once; its second use ends the access that the first one gave, everywhere."""
    client = await register(anna)
    code = (await allow(anna, query(client)))["code"]
    tokens = (await exchange(anna, client, code)).json()
    replica = type(hosted)(hosted.home)
    async with replica.running():
        elsewhere = replica.browser()
        assert (await elsewhere.rpc(tokens["access_token"], "/mcp", "tools/list")).is_success
        replayed = await exchange(anna, client, code)
        assert replayed.json()["error"] == "invalid_grant"
        refused = await elsewhere.rpc(tokens["access_token"], "/mcp", "tools/list")
        assert refused.status_code == 401
    assert (await anna.rpc(tokens["access_token"], "/mcp", "tools/list")).status_code == 401
    await anna.get("/audit")
    assert "a used token came back" in anna.text


async def test_a_code_is_good_for_one_request_only(hosted, anna) -> None:
    """Another verifier, redirect, resource or client gets nothing."""
    client = await register(anna)
    for changed, error in (
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:5000/other"}, "invalid_grant"),
        ({"resource": f"{PUBLIC}/mcp/other"}, "invalid_target"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "nobody"}, "invalid_client"),
    ):
        code = (await allow(anna, query(client)))["code"]
        assert (await exchange(anna, client, code, **changed)).json()["error"] == error, changed


async def test_a_code_is_useless_to_another_client(hosted, anna) -> None:
    """Consent for one client gives another client nothing, even with the code."""
    first, second = await register(anna), await register(anna)
    code = (await allow(anna, query(first)))["code"]
    assert (await exchange(anna, second, code)).json()["error"] == "invalid_grant"
    assert (await exchange(anna, first, code)).status_code == 200


async def test_a_code_expires(hosted, anna) -> None:
    """A code works for two minutes."""
    client = await register(anna)
    code = (await allow(anna, query(client)))["code"]
    hosted.clock.advance(minutes=3)
    assert (await exchange(anna, client, code)).json()["error"] == "invalid_grant"


WRONG_REQUESTS = (
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"code_challenge": ""}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"resource": "https://elsewhere.example/mcp"}, "invalid_target"),
    ({"resource": f"{PUBLIC}/mcp/ffff"}, "invalid_target"),
)


async def test_wrong_requests_go_back_to_a_client_the_person_allowed(hosted, anna) -> None:
    """The client learns what was wrong, with state and issuer; no consent is asked for."""
    client = await register(anna)
    await allow(anna, query(client))
    for changed, error in WRONG_REQUESTS:
        answer = await anna.get("/authorize?" + urlencode(query(client, **changed)))
        parameters = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        assert parameters["error"] == error, changed
        assert parameters["state"] == "s1"
        assert parameters["iss"] == PUBLIC


async def test_wrong_requests_redirect_no_one_to_an_unknown_client(hosted, anna) -> None:
    """Anyone can register a client; its address is not visited without consent (RFC 9700)."""
    client = await register(anna, redirect_uris=["https://evil.example/cb"])
    for browser in (hosted.browser(), anna):
        for changed, error in WRONG_REQUESTS:
            wrong = query(client, redirect_uri="https://evil.example/cb", **changed)
            answer = await browser.get("/authorize?" + urlencode(wrong))
            assert answer.status_code == 400, changed
            assert "location" not in answer.headers
            assert error in browser.text


async def test_a_refresh_token_has_one_successor(hosted, anna) -> None:
    """Repeated at once it yields the same pair; a second terminal may come back for an hour."""
    client = await register(anna)
    first = (await exchange(anna, client, (await allow(anna, query(client)))["code"])).json()

    async def refresh(token: str) -> Any:
        form = {"grant_type": "refresh_token", "client_id": client["client_id"]}
        return await anna.http.post("/token", data={**form, "refresh_token": token})

    answers = await asyncio.gather(*(refresh(first["refresh_token"]) for _ in range(20)))
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert len({answer.json()["access_token"] for answer in answers}) == 1
    hosted.clock.advance(minutes=7)
    second = (await refresh(first["refresh_token"])).json()
    assert second["refresh_token"] == answers[0].json()["refresh_token"]
    assert second["expires_in"] == 3600 - 7 * 60
    assert (await anna.rpc(second["access_token"], "/mcp", "tools/list")).status_code == 200
    # the successor is used: what is older than the direct predecessor is stolen or lost
    third = (await refresh(second["refresh_token"])).json()
    assert (await anna.rpc(third["access_token"], "/mcp", "tools/list")).status_code == 200
    replayed = await refresh(first["refresh_token"])
    assert replayed.json()["error"] == "invalid_grant"
    for access in (second["access_token"], third["access_token"]):
        assert (await anna.rpc(access, "/mcp", "tools/list")).status_code == 401
    await anna.get("/audit")
    assert "a used token came back" in anna.text


async def test_a_predecessor_ends_with_its_access_token(hosted, anna) -> None:
    """After an hour a used refresh token ends the grant, although its successor is unused."""
    client = await register(anna)
    first = (await exchange(anna, client, (await allow(anna, query(client)))["code"])).json()
    form = {"grant_type": "refresh_token", "client_id": client["client_id"]}
    form["refresh_token"] = first["refresh_token"]
    successor = (await anna.http.post("/token", data=form)).json()
    hosted.clock.advance(minutes=61)
    assert (await anna.http.post("/token", data=form)).json()["error"] == "invalid_grant"
    form["refresh_token"] = successor["refresh_token"]
    assert (await anna.http.post("/token", data=form)).json()["error"] == "invalid_grant"


async def test_documents_are_fetched_for_signed_in_people_only(hosted, anna) -> None:
    """A visitor and the token endpoint cause no fetch, and a failure is remembered a minute."""
    fetched: list[str] = []

    async def fetch(url: str) -> bytes:
        fetched.append(url)
        raise OAuthError("invalid_client", "It cannot be had.")

    hosted.service.authorization.clients._fetch_document = fetch
    wrong = query({"client_id": "https://slow.example/client.json"})
    await hosted.browser().get("/authorize?" + urlencode(wrong))
    answer = await exchange(anna, {"client_id": wrong["client_id"]}, "x")
    assert answer.json()["error"] == "invalid_grant"
    assert fetched == []
    for expected in (1, 1, 2):
        assert (await anna.get("/authorize?" + urlencode(wrong))).status_code == 400
        assert len(fetched) == expected
        hosted.clock.advance(seconds=31)


async def test_an_unregistered_redirect_is_shown_to_the_person_only(hosted, anna) -> None:
    """The browser is not redirected to an address that was not registered."""
    client = await register(anna, redirect_uris=[CALLBACK, "http://localhost:5000/second"])
    for redirect in ("http://evil.example/callback", "http://localhost:5000/elsewhere", ""):
        answer = await anna.get("/authorize?" + urlencode(query(client, redirect_uri=redirect)))
        assert "location" not in answer.headers
        assert answer.status_code == 400
        assert "cannot be let in" in anna.text


async def test_loopback_redirects_may_use_any_port(hosted, anna) -> None:
    """The port is chosen when the program starts; everything else is exact."""
    client = await register(anna)
    redirect = CALLBACK.replace("5000", "61234")
    code = (await allow(anna, query(client, redirect_uri=redirect)))["code"]
    assert (await exchange(anna, client, code, redirect_uri=redirect)).status_code == 200


async def test_denying_is_reported_to_the_client(hosted, anna) -> None:
    """The client gets access_denied, and there is no grant."""
    client = await register(anna)
    await anna.get("/authorize?" + urlencode(query(client)))
    form = anna.form("/authorize")
    answer = await anna.post("/authorize", {**form, "decision": "deny"})
    assert "error=access_denied" in answer.headers["location"]
    (person,) = await hosted.service.accounts.people.list_all()
    assert await hosted.service.authorization.grants.list_for(person.id) == []


async def test_consent_needs_a_signed_in_person(hosted, anna) -> None:
    """A visitor signs in first and comes back to the consent page."""
    client = await register(anna)
    visitor = hosted.browser()
    await visitor.get("/authorize?" + urlencode(query(client)))
    assert "Sign in" in visitor.text
    await visitor.submit("/sign-in", login="anna@example.org", password="correct horse battery")
    assert "Allow Assistant?" in visitor.text


async def test_a_consent_form_of_another_page_is_refused(hosted, anna) -> None:
    """A form without the token of this browser allows nothing."""
    client = await register(anna)
    await anna.get("/authorize?" + urlencode(query(client)))
    form = {**anna.form("/authorize"), "form_token": "0" * 64, "decision": "allow"}
    answer = await anna.post("/authorize", form)
    assert answer.status_code == 403
    assert "location" not in answer.headers


async def test_consent_names_client_and_destination(hosted, anna) -> None:
    """The page shows who asks and where the answer goes; markup in names stays text."""
    evil = await register(
        anna,
        client_name="<b>Claude\u202e</b>",
        redirect_uris=["https://assistant.example/cb"],
    )
    parameters = query(evil, redirect_uri="https://assistant.example/cb")
    await anna.get("/authorize?" + urlencode(parameters))
    assert "&lt;b&gt;Claude" in anna.page.text
    assert "\u202e" not in anna.page.text
    assert "assistant.example" in anna.text
    policy = anna.page.headers["content-security-policy"]
    assert "form-action 'self' https://assistant.example" in policy
    local = await register(anna)
    await anna.get("/authorize?" + urlencode(query(local)))
    assert "this computer (localhost:5000)" in anna.text
    assert "what that program calls itself" in anna.text


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_clients_with_a_secret_need_it(hosted, anna, method) -> None:
    """With the secret the code is exchanged, without it the client is refused."""
    client = await register(anna, token_endpoint_auth_method=method)
    code = (await allow(anna, query(client)))["code"]
    refused = await exchange(anna, client, code)
    assert refused.status_code == 401
    assert refused.json()["error"] == "invalid_client"
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    if method == "client_secret_basic":
        auth = (client["client_id"], client["client_secret"])
        answer = await anna.http.post("/token", data=form, auth=auth)
    else:
        names = {name: client[name] for name in ("client_id", "client_secret")}
        answer = await anna.http.post("/token", data={**form, **names})
    assert answer.status_code == 200


async def test_wrong_metadata_is_not_registered(hosted, anna) -> None:
    """Redirects beyond https and loopback, and flows that are not offered, are refused."""
    for metadata in (
        {"redirect_uris": ["http://example.org/cb"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://user:word@example.org/cb"]},
        {"redirect_uris": ["https://example.org/cb#fragment"]},
        {"redirect_uris": []},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"grant_types": ["implicit"]},
    ):
        assert (await register(anna, **metadata))["error"].startswith("invalid_"), metadata


async def test_registrations_survive_a_restart(make_hosted) -> None:
    """After a restart a client is still registered, and its tokens still work."""
    hosted = make_hosted()
    async with hosted.running():
        browser = hosted.browser()
        await browser.sign_up("anna@example.org")
        client = await register(browser)
        code = (await allow(browser, query(client)))["code"]
        tokens = (await exchange(browser, client, code)).json()
    async with hosted.running():
        browser = hosted.browser()
        assert (await browser.rpc(tokens["access_token"], "/mcp", "tools/list")).is_success
        form = {
            "grant_type": "refresh_token",
            "refresh_token": tokens["refresh_token"],
            "client_id": client["client_id"],
        }
        assert (await browser.http.post("/token", data=form)).is_success


async def test_a_client_revokes_its_own_grant(hosted, anna) -> None:
    """An unknown token gets the same answer, and another client cannot revoke the grant."""
    client, second_client = await register(anna), await register(anna)
    code = (await allow(anna, query(client)))["code"]
    tokens = (await exchange(anna, client, code)).json()

    async def revoke(by: dict[str, Any], token: str) -> int:
        form = {"token": token, "client_id": by["client_id"]}
        return (await anna.http.post("/revoke", data=form)).status_code

    assert await revoke(client, "unknown") == 200
    assert await revoke(second_client, tokens["refresh_token"]) == 200
    assert (await anna.rpc(tokens["access_token"], "/mcp", "tools/list")).is_success
    assert await revoke(client, tokens["refresh_token"]) == 200
    assert (await anna.rpc(tokens["access_token"], "/mcp", "tools/list")).status_code == 401


async def test_a_client_described_by_its_own_document(hosted, anna) -> None:
    """The client id is an address, the document there names the client, and it has no secret."""
    address = "https://assistant.example/oauth/client.json"
    document = {
        "client_id": address,
        "client_name": "Document assistant",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none",
    }
    hosted.documents[address] = json.dumps(document).encode()
    client = {"client_id": address}
    redirect = "http://127.0.0.1:43210/callback"
    answer = await allow(anna, query(client, redirect_uri=redirect))
    tokens = await exchange(anna, client, answer["code"], redirect_uri=redirect)
    assert tokens.status_code == 200
    await anna.get("/keys")
    assert "Document assistant" in anna.text


async def test_wrong_documents_are_refused(hosted, anna) -> None:
    """A document about another client, with a wrong redirect or with a secret is refused."""
    address = "https://assistant.example/oauth/client.json"
    for wrong in (
        {"client_id": "https://assistant.example/other.json"},
        {"redirect_uris": ["http://example.org/cb"]},
        {"client_secret": "s"},
        {"token_endpoint_auth_method": "client_secret_post"},
    ):
        document = {"client_id": address, "redirect_uris": [CALLBACK], "client_name": "X", **wrong}
        hosted.documents[address] = json.dumps(document).encode()
        answer = await anna.get("/authorize?" + urlencode(query({"client_id": address})))
        assert answer.status_code >= 400, wrong
        assert "cannot be let in" in anna.text


async def test_a_narrow_scope_allows_few_tools(hosted, anna) -> None:
    """A token for the status lists two tools; what is beyond it gets 403 with the scope."""
    client = await register(anna)
    code = (await allow(anna, query(client, scope="oura:status")))["code"]
    tokens = (await exchange(anna, client, code)).json()
    assert tokens["scope"] == "oura:status"
    listed = await anna.rpc(tokens["access_token"], "/mcp", "tools/list")
    assert "oura_device" in listed.text
    assert "oura_sleep_sessions" not in listed.text
    bearer = {"authorization": f"Bearer {tokens['access_token']}", "cookie": ""}
    answer = await anna.ask(tokens["access_token"], "/mcp", "oura_device")
    assert answer.status_code == 200
    for method, target in BEYOND_STATUS:
        for spelled in (f'"{method}"', f'"{method}"'.replace("/", r"\/")):
            for era in ERAS:
                params = json.dumps({**target, "_meta": META})
                body = f'{{"jsonrpc":"2.0","id":1,"method":{spelled},"params":{params}}}'
                headers = {**ACCEPT, **bearer}
                if era:
                    headers |= {"mcp-protocol-version": era, "mcp-method": method}
                    headers |= {"mcp-name": next(iter(target.values()))}
                refused = await anna.http.post("/mcp", content=body, headers=headers)
                assert refused.status_code == 403, (body, era)
                header = refused.headers["www-authenticate"]
                assert 'error="insufficient_scope"' in header
                assert 'scope="oura:read"' in header
                assert refused.json()["error"] == "insufficient_scope"


async def test_browser_based_assistants_may_read_metadata(hosted, anna) -> None:
    """Pages of other origins reach the routes of OAuth clients, and nothing else."""
    origin = {"origin": "https://inspector.example"}
    metadata = await anna.http.get("/.well-known/oauth-authorization-server", headers=origin)
    assert metadata.headers["access-control-allow-origin"] == "*"
    preflight = {**origin, "access-control-request-method": "POST"}
    assert (await anna.http.options("/token", headers=preflight)).status_code == 200
    page = await anna.http.get("/dashboard", headers=origin)
    assert "access-control-allow-origin" not in page.headers

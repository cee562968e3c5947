"""Our authorization server, from the side of programs."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

PUBLIC = "http://127.0.0.1:8080"
VERIFIER = "a-verifier-that-is-long-enough-to-be-taken-as-one"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
CALLBACK = "http://localhost:5000/callback"


async def register(browser: Any, path: str = "/register", **said: Any) -> dict[str, Any]:
    body = {
        "client_name": "Assistant",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "none",
        **said,
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


async def allow(browser: Any, asked: dict[str, str], **choice: str) -> dict[str, str]:
    """Ask, say yes, and give what the redirect carries."""
    await browser.get("/authorize?" + urlencode(asked))
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
    """The resource is described at the root and with its path, and names this server."""
    for path in ("", "/mcp"):
        found = (await anna.http.get(f"/.well-known/oauth-protected-resource{path}")).json()
        assert found["resource"] == f"{PUBLIC}/mcp"
        assert found["authorization_servers"] == [PUBLIC]
    server = (await anna.http.get("/.well-known/oauth-authorization-server")).json()
    assert server["issuer"] == PUBLIC
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["authorization_response_iss_parameter_supported"] is True
    assert set(server["token_endpoint_auth_methods_supported"]) == {
        "none",
        "client_secret_basic",
        "client_secret_post",
    }


async def test_a_bare_question_is_led_to_the_metadata(hosted, anna) -> None:
    """401 with the absolute address of the metadata and the scope, for GET and POST."""
    for method in ("GET", "POST"):
        answer = await anna.http.request(method, "/mcp", headers={"cookie": ""})
        assert answer.status_code == 401
        header = answer.headers["www-authenticate"]
        assert f'resource_metadata="{PUBLIC}/.well-known/oauth-protected-resource/mcp"' in header
        assert 'scope="oura:read"' in header


async def test_the_whole_way_under_both_prefixes(hosted, anna) -> None:
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


async def test_a_code_works_once_and_its_return_ends_everything(hosted, anna) -> None:
    """A code that comes back ends the access it had given."""
    client = await register(anna)
    code = (await allow(anna, query(client)))["code"]
    tokens = (await exchange(anna, client, code)).json()
    again = await exchange(anna, client, code)
    assert again.json()["error"] == "invalid_grant"
    assert (await anna.rpc(tokens["access_token"], "/mcp", "tools/list")).status_code == 401


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:5000/other"}, "invalid_grant"),
        ({"resource": f"{PUBLIC}/mcp/other"}, "invalid_target"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "nobody"}, "invalid_client"),
    ],
)
async def test_a_code_is_good_for_one_request_only(hosted, anna, changed, error) -> None:
    """Another verifier, redirect, resource or client gets nothing."""
    client = await register(anna)
    code = (await allow(anna, query(client)))["code"]
    assert (await exchange(anna, client, code, **changed)).json()["error"] == error


async def test_a_code_is_useless_to_another_client(hosted, anna) -> None:
    """Consent for one client gives another nothing, even with the code in hand."""
    first, second = await register(anna), await register(anna)
    code = (await allow(anna, query(first)))["code"]
    assert (await exchange(anna, second, code)).json()["error"] == "invalid_grant"
    assert (await exchange(anna, first, code)).status_code == 200


async def test_a_code_expires(hosted, anna) -> None:
    """Two minutes are enough for a program."""
    client = await register(anna)
    code = (await allow(anna, query(client)))["code"]
    hosted.clock.advance(minutes=3)
    assert (await exchange(anna, client, code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example/mcp"}, "invalid_target"),
        ({"resource": f"{PUBLIC}/mcp/ffff"}, "invalid_target"),
    ],
)
async def test_wrong_requests_go_back_to_the_client(hosted, anna, changed, error) -> None:
    """The client learns what was wrong, with state and issuer; no consent is asked."""
    client = await register(anna)
    answer = await anna.get("/authorize?" + urlencode(query(client, **changed)))
    told = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert told["error"] == error
    assert told["state"] == "s1"
    assert told["iss"] == PUBLIC


@pytest.mark.parametrize(
    "redirect", ["http://evil.example/callback", "http://localhost:5000/elsewhere", ""]
)
async def test_a_foreign_redirect_is_told_to_the_person_only(hosted, anna, redirect) -> None:
    """Nobody is sent to an address that was not registered."""
    client = await register(anna, redirect_uris=[CALLBACK, "http://localhost:5000/second"])
    answer = await anna.get("/authorize?" + urlencode(query(client, redirect_uri=redirect)))
    assert "location" not in answer.headers
    assert answer.status_code == 400
    assert "cannot be let in" in anna.text


async def test_loopback_redirects_may_use_any_port(hosted, anna) -> None:
    """The port is chosen when the program starts; everything else is exact."""
    client = await register(anna)
    other = CALLBACK.replace("5000", "61234")
    code = (await allow(anna, query(client, redirect_uri=other)))["code"]
    assert (await exchange(anna, client, code, redirect_uri=other)).status_code == 200


async def test_saying_no_is_told_to_the_client(hosted, anna) -> None:
    """access_denied, and no grant appears under Access."""
    client = await register(anna)
    await anna.get("/authorize?" + urlencode(query(client)))
    form = anna.form("/authorize")
    answer = await anna.post("/authorize", {**form, "decision": "deny"})
    assert "error=access_denied" in answer.headers["location"]
    assert (
        await hosted.service.authorization.grants.list_for(
            (await hosted.service.accounts.people.list_all())[0].id
        )
        == []
    )


async def test_consent_is_asked_of_somebody_signed_in(hosted, anna) -> None:
    """A visitor signs in first and comes back to the question."""
    client = await register(anna)
    visitor = hosted.browser()
    await visitor.get("/authorize?" + urlencode(query(client)))
    assert "Sign in" in visitor.text
    await visitor.submit("/sign-in", login="anna@example.org", password="correct horse battery")
    assert "Allow Assistant?" in visitor.text


async def test_a_consent_without_our_token_is_refused(hosted, anna) -> None:
    """A form that another page made cannot allow anything."""
    client = await register(anna)
    await anna.get("/authorize?" + urlencode(query(client)))
    form = {**anna.form("/authorize"), "form_token": "0" * 64, "decision": "allow"}
    answer = await anna.post("/authorize", form)
    assert answer.status_code == 403
    assert "location" not in answer.headers


async def test_consent_names_client_and_destination(hosted, anna) -> None:
    """The person reads who asks and where the answer goes; markup in names stays text."""
    evil = await register(
        anna,
        client_name="<b>Claude\u202e</b>",
        redirect_uris=["https://assistant.example/cb"],
    )
    asked = query(evil, redirect_uri="https://assistant.example/cb")
    await anna.get("/authorize?" + urlencode(asked))
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
async def test_clients_with_a_secret_must_show_it(hosted, anna, method) -> None:
    """With the secret the code is exchanged, without it nothing happens."""
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


@pytest.mark.parametrize(
    "said",
    [
        {"redirect_uris": ["http://example.org/cb"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://user:word@example.org/cb"]},
        {"redirect_uris": ["https://example.org/cb#fragment"]},
        {"redirect_uris": []},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"grant_types": ["implicit"]},
    ],
)
async def test_what_cannot_be_registered(hosted, anna, said) -> None:
    """Redirects beyond https and loopback, and flows that are not offered, are refused."""
    assert (await register(anna, **said))["error"].startswith("invalid_")


async def test_registrations_survive_a_restart(make_hosted) -> None:
    """A client that registered yesterday is still known today."""
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


async def test_a_client_gives_its_access_back(hosted, anna) -> None:
    """Revocation ends the grant; an unknown token gets the same answer; others cannot."""
    client, other = await register(anna), await register(anna)
    code = (await allow(anna, query(client)))["code"]
    tokens = (await exchange(anna, client, code)).json()

    async def revoke(by: dict[str, Any], token: str) -> int:
        form = {"token": token, "client_id": by["client_id"]}
        return (await anna.http.post("/revoke", data=form)).status_code

    assert await revoke(client, "unknown") == 200
    assert await revoke(other, tokens["refresh_token"]) == 200
    assert (await anna.rpc(tokens["access_token"], "/mcp", "tools/list")).is_success
    assert await revoke(client, tokens["refresh_token"]) == 200
    assert (await anna.rpc(tokens["access_token"], "/mcp", "tools/list")).status_code == 401


async def test_a_client_described_by_its_own_document(hosted, anna) -> None:
    """The address is the id; its document names it; it has no secret."""
    address = "https://assistant.example/oauth/client.json"
    said = {
        "client_id": address,
        "client_name": "Document assistant",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none",
    }
    hosted.documents[address] = json.dumps(said).encode()
    client = {"client_id": address}
    redirect = "http://127.0.0.1:43210/callback"
    answer = await allow(anna, query(client, redirect_uri=redirect))
    tokens = await exchange(anna, client, answer["code"], redirect_uri=redirect)
    assert tokens.status_code == 200
    await anna.get("/keys")
    assert "Document assistant" in anna.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "https://assistant.example/other.json"},
        {"redirect_uris": ["http://example.org/cb"]},
        {"client_secret": "s"},
        {"token_endpoint_auth_method": "client_secret_post"},
    ],
)
async def test_documents_that_lie_are_refused(hosted, anna, wrong) -> None:
    """A document about somebody else, or with a secret, lets nobody in."""
    address = "https://assistant.example/oauth/client.json"
    said = {"client_id": address, "redirect_uris": [CALLBACK], "client_name": "X", **wrong}
    hosted.documents[address] = json.dumps(said).encode()
    answer = await anna.get("/authorize?" + urlencode(query({"client_id": address})))
    assert answer.status_code >= 400
    assert "cannot be let in" in anna.text


async def test_a_narrow_scope_opens_few_tools(hosted, anna) -> None:
    """A token for the status alone lists two tools; more is a step-up that names the scope."""
    client = await register(anna)
    code = (await allow(anna, query(client, scope="oura:status")))["code"]
    tokens = (await exchange(anna, client, code)).json()
    assert tokens["scope"] == "oura:status"
    listed = await anna.rpc(tokens["access_token"], "/mcp", "tools/list")
    assert "oura_device" in listed.text
    assert "oura_sleep_sessions" not in listed.text
    refused = await anna.ask(tokens["access_token"], "/mcp", "oura_sleep_sessions")
    assert refused.status_code == 403
    header = refused.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in header
    assert 'scope="oura:read"' in header


async def test_browser_based_assistants_may_read_metadata(hosted, anna) -> None:
    """Pages of other origins reach the addresses for programs, and nothing else."""
    origin = {"origin": "https://inspector.example"}
    found = await anna.http.get("/.well-known/oauth-authorization-server", headers=origin)
    assert found.headers["access-control-allow-origin"] == "*"
    page = await anna.http.get("/dashboard", headers=origin)
    assert "access-control-allow-origin" not in page.headers

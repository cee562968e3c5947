"""What has broken other people's servers, tried on a running service from outside."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("sign_in")))
from program import CALLBACK, Program, result
from stage import Stage

RESOURCE = "/.well-known/oauth-protected-resource"
SERVER = "/.well-known/oauth-authorization-server"
PAGE = {"origin": "https://inspector.example"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A running service with two connected people."""
    with Stage(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def program(stage):
    """A registered client."""
    registered = Program(stage.service.url)
    yield registered
    registered.close()


def challenge(answer):
    """The words of a challenge."""
    return dict(re.findall(r'(\w+)="([^"]*)"', answer.headers.get("www-authenticate", "")))


def test_a_client_without_a_token_gets_the_metadata_of_the_very_address(stage, program):
    """Both forms of the metadata name the address that was asked, letter for letter."""
    endpoint = stage.endpoint(stage.anna, "oauth")
    for path in ("/mcp", f"/mcp/{endpoint}"):
        words = challenge(program.http.get(path))
        assert words["resource_metadata"] == f"{stage.service.url}{RESOURCE}{path}"
        assert words["scope"] == "oura:read"
        metadata = program.http.get(words["resource_metadata"]).json()
        assert metadata["resource"] == f"{stage.service.url}{path}"
        assert metadata["authorization_servers"] == [stage.service.url]
    assert program.http.get(RESOURCE).json() == program.http.get(f"{RESOURCE}/mcp").json()


def test_root_and_oauth_addresses_are_one_server(stage, program):
    """A client may begin at one set of addresses and end at the other."""
    metadata = program.http.get(SERVER).json()
    assert metadata["issuer"] == stage.service.url
    program.client_id = program.register("/oauth")
    tokens = program.tokens(stage.anna, stage.url, prefix="/oauth")
    assert result(program.ask("/mcp", tokens["access_token"]))["structuredContent"]["ring"]
    renewed = program.refresh(tokens).json()
    gone = program.http.post(
        "/oauth/revoke", data={"token": renewed["refresh_token"], "client_id": program.client_id}
    )
    assert gone.status_code == 200
    assert program.ask("/mcp", renewed["access_token"]).status_code == 401


def test_registered_clients_and_their_tokens_outlive_a_restart(tmp_path):
    """After a restart nothing is asked again; an unknown client is told to register."""
    with Stage(tmp_path / "service") as stage:
        program = Program(stage.service.url)
        tokens = program.tokens(stage.anna, stage.url)
        stage.service.stop()
        stage.service.start()
        assert program.ask("/mcp", tokens["access_token"]).status_code == 200
        renewed = program.refresh(tokens)
        assert renewed.status_code == 200
        answer, _ = program.authorize(stage.anna, stage.url)
        assert answer["code"]
        unknown = program.refresh(renewed.json(), client_id="somebody-else")
        assert unknown.status_code == 401
        assert unknown.json()["error"] == "invalid_client"
        program.close()


def test_an_unknown_client_is_not_sent_anywhere(stage, program):
    """There is no redirect to an address that is not registered."""
    program.client_id = "nobody"
    answer, _ = program.authorize(stage.anna, stage.url)
    assert answer == {}


def test_an_endpoint_with_keys_speaks_of_keys_only(stage, program):
    """No metadata, no challenge that would begin an OAuth flow, no consent for it."""
    address, key = stage.key(stage.anna)
    path = address.removeprefix(stage.service.url)
    for bearer in ("wrong", ""):
        refused = program.ask(path, bearer)
        assert refused.status_code == 401
        assert "resource_metadata" not in challenge(refused)
    assert program.http.get(f"{RESOURCE}{path}").status_code == 404
    answer, _ = program.authorize(stage.anna, address)
    assert answer["error"] == "invalid_target"
    assert program.ask(path, key).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
def test_other_methods_are_answered_too(stage, program, method):
    """Without a token there is the challenge; with one, the answer that only POST is served."""
    unauthenticated = program.http.request(method, "/mcp")
    assert unauthenticated.status_code == 401
    assert challenge(unauthenticated)["resource_metadata"]
    address, key = stage.key(stage.anna)
    known = program.http.request(method, address, headers={"authorization": f"Bearer {key}"})
    assert known.status_code == 405
    assert "POST" in known.headers["allow"]


def test_pages_of_other_origins_may_read_the_metadata_only(program):
    """A browser-based assistant can discover and register; no page may use a person's cookies."""
    for path in (RESOURCE, f"{RESOURCE}/mcp", SERVER):
        assert program.http.get(path, headers=PAGE).headers["access-control-allow-origin"] == "*"
    wanted = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    allowed = program.http.options("/token", headers=PAGE | wanted)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in allowed.headers
    page = program.http.options("/authorize", headers=PAGE | wanted)
    assert "access-control-allow-origin" not in page.headers


@pytest.mark.parametrize("origin", ["http://localhost:6274", "http://127.0.0.1:1", "http://[::1]"])
def test_browser_clients_of_this_machine_may_ask(stage, program, origin):
    """A preflight carries no token, so it is answered before anything is asked."""
    address, key = stage.key(stage.anna)
    for path in ("/mcp", "/mcp/", address):
        preflight = program.http.options(
            path,
            headers={
                "origin": origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": "authorization,mcp-protocol-version,mcp-method",
            },
        )
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == origin
    challenged = program.http.post("/mcp", json={}, headers={"origin": origin})
    assert challenged.status_code == 401
    assert "www-authenticate" in challenged.headers["access-control-expose-headers"]
    program.http.headers["origin"] = origin
    answered = program.ask(address, key)
    del program.http.headers["origin"]
    assert answered.status_code == 200
    assert answered.headers["access-control-allow-origin"] == origin


def test_pages_of_other_machines_may_not_ask(stage, program):
    """Neither a preflight nor a request of a foreign page gets a header that lets it read."""
    address, key = stage.key(stage.anna)
    for origin in ("https://evil.example", "http://localhost.evil.example", "null"):
        wanted = {"origin": origin, "access-control-request-method": "POST"}
        preflight = program.http.options("/mcp", headers=wanted)
        assert "access-control-allow-origin" not in preflight.headers
        program.http.headers["origin"] = origin
        answered = program.ask(address, key)
        del program.http.headers["origin"]
        assert answered.status_code == 403
        assert "access-control-allow-origin" not in answered.headers


SCOPES = ["offline_access", "oura:read offline_access", "openid profile", "oura:read admin", ""]


@pytest.mark.parametrize("scope", SCOPES)
def test_offline_access_and_unknown_scopes_are_no_hindrance(stage, program, scope):
    """Asked for at sign-in and at each refresh, they change nothing: the client stays signed in."""
    assert "offline_access" in program.http.get(SERVER).json()["scopes_supported"]
    answer, verifier = program.authorize(stage.anna, stage.url, scope=scope)
    form = {"code": answer["code"], "code_verifier": verifier, "redirect_uri": CALLBACK}
    tokens = program.token(grant_type="authorization_code", **form).json()
    renewed = program.refresh(tokens, scope=scope).json()
    assert tokens["scope"] == renewed["scope"] == "oura:read"
    assert program.ask("/mcp", renewed["access_token"]).status_code == 200


def test_a_refresh_does_not_widen_a_scope(stage, program):
    """A known scope that was not granted stays refused."""
    answer, verifier = program.authorize(stage.anna, stage.url, scope="oura:status")
    form = {"code": answer["code"], "code_verifier": verifier, "redirect_uri": CALLBACK}
    tokens = program.token(grant_type="authorization_code", **form).json()
    assert program.refresh(tokens, scope="oura:read").json()["error"] == "invalid_scope"


@pytest.mark.parametrize("form", ["{origin}", "{origin}/", "{origin}/mcp/", "{upper}/mcp", ""])
def test_a_resource_is_the_same_at_every_step(stage, program, form):
    """What is taken at the consent is taken at the exchange and at the refresh."""
    origin = stage.service.url
    resource = form.format(origin=origin, upper=origin.replace("http", "HTTP"))
    tokens = program.tokens(stage.anna, resource)
    renewed = program.refresh(tokens, resource=resource).json()
    assert program.ask("/mcp", renewed["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("http://127.0.0.1/", "http://127.0.0.1:43117"),
        ("http://127.0.0.1", "http://127.0.0.1:43117/"),
        ("https://app.example", "https://app.example/"),
    ],
)
def test_an_empty_path_is_the_root(stage, program, registered, asked):
    """Libraries write a host with and without the slash, and mean the same."""
    metadata = {"redirect_uris": [registered], "token_endpoint_auth_method": "none"}
    program.client_id = program.http.post("/register", json=metadata).json()["client_id"]
    answer, verifier = program.authorize(stage.anna, stage.url, redirect_uri=asked)
    form = {"code": answer["code"], "code_verifier": verifier, "redirect_uri": f"{asked}/"}
    form["redirect_uri"] = asked.rstrip("/") if asked.endswith("/") else f"{asked}/"
    tokens = program.token(grant_type="authorization_code", **form).json()
    assert program.ask("/mcp", tokens["access_token"]).status_code == 200


@pytest.mark.parametrize("nothing", [None, []])
def test_a_field_that_is_null_is_absent(program, nothing):
    """Some libraries write every field they know."""
    fields = ("client_name", "client_uri", "scope", "grant_types", "response_types", "contacts")
    metadata = dict.fromkeys(fields, nothing) | {"redirect_uris": [CALLBACK]}
    registered = program.http.post(
        "/register", json=metadata | {"token_endpoint_auth_method": None, "jwks": nothing}
    )
    assert registered.status_code == 201
    assert registered.json()["token_endpoint_auth_method"] == "client_secret_basic"


@pytest.mark.parametrize("revision", ["2031-01-01", "2026-07-28", "draft", "2025-06-18"])
def test_any_revision_in_the_header_of_initialize_is_negotiated(stage, program, revision):
    """The header of a client that does not know yet what will be agreed on."""
    address, key = stage.key(stage.anna)
    info = {"name": "test", "version": "1"}
    params = {"protocolVersion": revision, "capabilities": {}, "clientInfo": info}
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    headers = {
        "accept": "application/json, text/event-stream",
        "authorization": f"Bearer {key}",
        "mcp-protocol-version": revision,
    }
    answered = program.http.post(address, json=body, headers=headers)
    assert answered.status_code == 200
    agreed = revision if revision == "2025-06-18" else "2025-11-25"
    assert result(answered)["protocolVersion"] == agreed


def test_foreign_resources_are_refused_at_every_step(stage, program):
    """At the consent, at the exchange and at the refresh; half an address, too."""
    for foreign in ("https://[", f"{stage.url}?a=b", f"{stage.url}/a/b", "mcp"):
        answer, _ = program.authorize(stage.anna, foreign)
        assert answer["error"] == "invalid_target"
    foreign = "https://elsewhere.example/mcp"
    answer, _ = program.authorize(stage.anna, foreign)
    assert answer["error"] == "invalid_target"
    assert answer["iss"] == stage.service.url
    answer, verifier = program.authorize(stage.anna, stage.url)
    form = {"grant_type": "authorization_code", "code": answer["code"], "code_verifier": verifier}
    refused = program.token(
        **form, redirect_uri="http://127.0.0.1:43117/callback", resource=foreign
    )
    assert refused.json()["error"] == "invalid_target"
    tokens = program.tokens(stage.anna, stage.url)
    assert program.refresh(tokens, resource=foreign).json()["error"] == "invalid_target"
    assert program.refresh(tokens, resource=stage.url).status_code == 200


def test_two_refreshes_at_once_both_succeed(stage, program):
    """Neither ends the grant, and both pairs work."""
    tokens = program.tokens(stage.anna, stage.url)
    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(lambda _: program.refresh(tokens), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    for answer in answers:
        assert program.ask("/mcp", answer.json()["access_token"]).status_code == 200


def test_a_token_opens_the_address_it_was_given_for(stage, program):
    """Not the common address, not another endpoint, not another person's."""
    endpoint, another = (stage.endpoint(stage.anna, "oauth") for _ in range(2))
    bens = stage.endpoint(stage.ben, "oauth")
    token = program.tokens(stage.anna, f"{stage.url}/{endpoint}")["access_token"]
    assert program.ask(f"/mcp/{endpoint}", token).status_code == 200
    for path in ("/mcp", f"/mcp/{another}", f"/mcp/{bens}"):
        refused = program.ask(path, token)
        assert refused.status_code == 401
        assert challenge(refused)["error"] == "invalid_token"


def test_what_a_person_takes_back_ends_at_once(stage, program):
    """The next call is refused, and so is a refresh."""
    tokens = program.tokens(stage.anna, stage.url)
    assert program.ask("/mcp", tokens["access_token"]).status_code == 200
    page = stage.anna.get("/keys")
    for action in re.findall(r'action="(/grants/[^"]+/revoke)"', page):
        stage.anna.get("/keys")
        stage.anna.submit(action)
    assert program.ask("/mcp", tokens["access_token"]).status_code == 401
    assert program.refresh(tokens).json()["error"] == "invalid_grant"


def test_a_disabled_account_is_shut_out_and_may_come_back(stage, program):
    """Tokens and keys stop with the next call; the grant does not renew itself meanwhile."""
    carl = stage.person("carl@example.net")
    address, key = stage.key(carl)
    tokens = program.tokens(carl, stage.url)
    assert program.ask("/mcp", tokens["access_token"]).status_code == 200
    page = stage.anna.get("/admin")
    row = page[page.index("carl@example.net") :]
    action = re.search(r'action="(/admin/people/[^"]+/disable)"', row).group(1)
    stage.anna.submit(action)
    assert program.ask("/mcp", tokens["access_token"]).status_code == 401
    assert program.ask(address, key).status_code == 401
    assert program.refresh(tokens).status_code == 400
    stage.anna.get("/admin")
    stage.anna.submit(action.replace("disable", "enable"))
    assert program.refresh(tokens).status_code == 200

"""Both identity providers: discovery, consent, exchange, refresh, revocation."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from annulet.simulator import SimulatedOura

REDIRECT = "http://localhost:8765/callback"
EXT = "/oauth/v2/ext"
ISSUER = "http://oura.test/oauth/v2/ext/oauth-anonymous"
SECRET = "simulated-secret"
IDS = {"new": "annulet-simulator", "legacy": "annulet-legacy", "mixed": "annulet-mixed"}
CURRENT, LEGACY = f"{EXT}/oauth-token", "/oauth/token"


def _query(answer: httpx2.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def _consent(http, kind: str = "new", form: dict | None = None, **more: str):
    query = {
        "client_id": IDS[kind],
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "extapi:daily extapi:heartrate",
        "state": "s-1",
        **more,
    }
    query = {name: value for name, value in query.items() if value}
    data = {"person": "plain", "decision": "allow", **(form or {})}
    return _query(await http.post(f"{EXT}/oauth-authorize", params=query, data=data))


async def _token(http, path: str, kind: str = "new", **form: str) -> httpx2.Response:
    return await http.post(path, data={"client_id": IDS[kind], "client_secret": SECRET, **form})


async def _exchange(http, code: str, path: str = CURRENT, kind: str = "new", **form: str):
    more = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **form}
    return await _token(http, path, kind, **more)


async def _refresh(http, token: str, path: str = CURRENT, kind: str = "new"):
    return await _token(http, path, kind, grant_type="refresh_token", refresh_token=token)


async def test_discovery_is_told_on_the_base_it_is_reached_by(http) -> None:
    """Absolute addresses on this base, PKCE, both kinds of client authentication."""
    found = (await http.get(f"{EXT}/oauth-anonymous/.well-known/openid-configuration")).json()
    assert found["issuer"] == ISSUER
    assert found["token_endpoint"] == f"http://oura.test{CURRENT}"
    assert found["code_challenge_methods_supported"] == ["S256", "plain"]


async def test_the_whole_way(http, cloud: SimulatedOura) -> None:
    """Consent, exchange, a question, refresh, revocation."""
    back = await _consent(http)
    assert back["state"] == "s-1"
    assert back["iss"] == ISSUER
    assert back["scope"] == "extapi:daily extapi:heartrate"
    tokens = (await _exchange(http, back["code"])).json()
    assert tokens["expires_in"] == 86_400
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await http.get("/v2/usercollection/daily_sleep", headers=headers)).status_code == 200
    refused = await http.get("/v2/usercollection/workout", headers=headers)
    assert refused.json()["detail"] == "Token is not authorized access workout scope."
    fresh = (await _refresh(http, tokens["refresh_token"])).json()
    assert fresh["refresh_token"] != tokens["refresh_token"]
    form = {"token": fresh["refresh_token"], "client_id": IDS["new"], "client_secret": SECRET}
    assert (await http.post(f"{EXT}/oauth-revoke", data=form)).status_code == 200
    headers = {"authorization": f"Bearer {fresh['access_token']}"}
    assert (await http.get("/v2/usercollection/daily_sleep", headers=headers)).status_code == 401
    assert [e.outcome for e in cloud.requests if e.outcome] == ["issued", "refreshed", "revoked"]


async def test_the_page_shows_permissions_that_can_be_unticked(http) -> None:
    """The page names them; what is unticked is not granted; nothing ticked is nothing granted."""
    query = {"client_id": IDS["new"], "redirect_uri": REDIRECT, "response_type": "code"}
    page = (await http.get(f"{EXT}/oauth-authorize", params=query)).text
    assert 'value="spo2" checked' in page
    assert "<select" in page
    some = await _consent(http, form={"scopes_shown": "1", "scope": "daily"})
    assert some["scope"] == "extapi:daily"
    none = await _consent(http, form={"scopes_shown": "1"})
    assert none.get("scope", "") == ""


async def test_a_person_with_few_permissions(http) -> None:
    """Whatever is asked for, this person grants only some."""
    back = await _consent(http, form={"person": "fewscopes"}, scope="")
    assert back["scope"] == "extapi:daily extapi:workout"


async def test_denial(http) -> None:
    """A denial comes back as an error, with state and issuer."""
    back = await _consent(http, form={"decision": "deny"})
    assert back["error"] == "access_denied"
    assert back["state"] == "s-1"
    assert back["iss"] == ISSUER


async def test_the_front_door_forwards_and_rewrites_scopes(http, cloud: SimulatedOura) -> None:
    """Bare names get their prefix on the way; some may get lost; prefixed ones are not known."""
    cloud.options.dropped_bare_scopes = frozenset({"stress"})
    query = {"client_id": IDS["legacy"], "scope": "daily stress", "response_type": "code"}
    forwarded = await http.get("/oauth/authorize", params=query)
    assert _query(forwarded)["scope"] == "extapi:daily"
    twice = await http.get("/oauth/authorize", params={**query, "scope": "extapi:daily"})
    assert _query(twice)["scope"] == "extapi:extapi:daily"


async def test_unknown_scopes_are_dropped_in_silence(http) -> None:
    """Bare or unknown names at the current server grant nothing; none known is an error."""
    back = await _consent(http, scope="extapi:daily extapi:sleep heartrate")
    assert back["scope"] == "extapi:daily"
    nothing = await _consent(http, scope="daily")
    assert nothing["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"client_id": "nobody"}, "Invalid Client ID"),
        ({"redirect_uri": "http://localhost:8765/callback/"}, "Redirect URI Not Found"),
        ({"redirect_uri": "http://127.0.0.1:9/callback"}, "Redirect URI Not Found"),
        ({"redirect_uri": None}, "No Valid Redirect URIs"),
    ],
)
async def test_what_must_not_be_sent_back(http, change: dict, title: str) -> None:
    """An unknown client or redirect URI gives a page, never a redirect."""
    query = {"client_id": IDS["new"], "redirect_uri": REDIRECT, "response_type": "code", **change}
    query = {name: value for name, value in query.items() if value}
    answer = await http.get(f"{EXT}/oauth-authorize", params=query)
    assert answer.status_code == 400
    assert title in answer.text


async def test_pkce(http) -> None:
    """A wrong verifier costs the code; the right one is accepted, also plain."""
    verifier = "v" * 50
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    code = (await _consent(http, **asked))["code"]
    assert (await _exchange(http, code, code_verifier="x")).json()["error"] == "invalid_grant"
    assert (await _exchange(http, code, code_verifier=verifier)).status_code == 400
    code = (await _consent(http, **asked))["code"]
    assert (await _exchange(http, code, code_verifier=verifier)).status_code == 200
    code = (await _consent(http, code_challenge="abc"))["code"]
    assert (await _exchange(http, code, code_verifier="abc")).status_code == 200


async def test_a_code_works_once_and_for_ten_minutes(http, cloud: SimulatedOura) -> None:
    """A second use revokes what the first one gave; an old code is refused."""
    code = (await _consent(http))["code"]
    tokens = (await _exchange(http, code)).json()
    assert (await _exchange(http, code)).json()["error"] == "invalid_grant"
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await http.get("/v2/usercollection/daily_sleep", headers=headers)).status_code == 401
    code = (await _consent(http))["code"]
    cloud.clock.advance(timedelta(minutes=10))
    assert (await _exchange(http, code)).json()["error_description"] == "Expired Token"


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [("new", LEGACY, CURRENT), ("legacy", CURRENT, LEGACY), ("mixed", CURRENT, LEGACY)],
)
async def test_the_wrong_server_burns_the_code(http, kind: str, wrong: str, right: str) -> None:
    """Each kind of application lives at one server; a refused exchange costs the code."""
    back = await _consent(http, kind)
    assert ("iss" in back) == (kind != "legacy")
    assert (await _exchange(http, back["code"], wrong, kind)).status_code == 401
    assert (await _exchange(http, back["code"], right, kind)).status_code == 400
    back = await _consent(http, kind)
    tokens = (await _exchange(http, back["code"], right, kind)).json()
    refused = await _refresh(http, tokens["refresh_token"], wrong, kind)
    assert refused.status_code == (400 if kind == "new" else 401)
    assert (await _refresh(http, tokens["refresh_token"], right, kind)).status_code == 200


@pytest.mark.parametrize("change", ["redirect_uri", "client_secret"])
async def test_any_refusal_burns_the_code(http, change: str) -> None:
    """A wrong secret or redirect URI at the exchange costs the code, too."""
    code = (await _consent(http))["code"]
    assert (await _exchange(http, code, **{change: "wrong"})).status_code in {400, 401}
    assert (await _exchange(http, code)).json()["error"] == "invalid_grant"


async def test_a_refresh_token_used_twice_revokes_the_family(http, cloud: SimulatedOura) -> None:
    """Strict by default; the switch only refuses the second use."""
    issued = cloud.issue("plain")
    fresh = (await _refresh(http, issued.refresh.value)).json()
    assert (await _refresh(http, issued.refresh.value)).json()["error"] == "invalid_grant"
    assert (await _refresh(http, fresh["refresh_token"])).json()["error"] == "invalid_grant"
    assert len(cloud.requests.reuses) == 1
    assert len(cloud.requests.refreshes) == 3
    cloud.options.strict_refresh = False
    issued = cloud.issue("plain")
    fresh = (await _refresh(http, issued.refresh.value)).json()
    assert (await _refresh(http, issued.refresh.value)).status_code == 400
    assert (await _refresh(http, fresh["refresh_token"])).status_code == 200


async def test_the_old_access_token_after_a_refresh(http, cloud: SimulatedOura) -> None:
    """It survives, or not, by a switch."""
    for survives, status in ((True, 200), (False, 401)):
        cloud.options.old_access_survives = survives
        issued = cloud.issue("plain")
        await _refresh(http, issued.refresh.value)
        headers = {"authorization": f"Bearer {issued.access.value}"}
        answer = await http.get("/v2/usercollection/personal_info", headers=headers)
        assert answer.status_code == status


async def test_what_may_be_missing(http, cloud: SimulatedOura) -> None:
    """Switches leave out scope, state and expiry."""
    cloud.options.omit_scope = True
    cloud.options.echo_state = False
    cloud.options.omit_expires_in = True
    back = await _consent(http)
    assert set(back) == {"code", "iss"}
    tokens = (await _exchange(http, back["code"])).json()
    assert not {"scope", "expires_in"} & set(tokens)


async def test_basic_authentication(http) -> None:
    """Client id and secret may come by HTTP Basic."""
    code = (await _consent(http))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    answer = await http.post(CURRENT, data=form, auth=(IDS["new"], SECRET))
    assert answer.status_code == 200
    wrong = await http.post(CURRENT, data=form, auth=(IDS["new"], "wrong"))
    assert wrong.json()["error"] == "invalid_client"


async def test_other_grant_types(http) -> None:
    """Anything but code and refresh is refused."""
    answer = await _token(http, CURRENT, grant_type="password")
    assert answer.json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("shape", ["query", "form", "bearer"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_old_revocation_in_every_shape(
    http, cloud: SimulatedOura, shape: str, method: str
) -> None:
    """Token in query or form, or the refresh token as a bearer; 401 when already revoked."""
    if (shape, method) == ("form", "GET"):
        pytest.skip("a GET has no form")
    issued = cloud.issue("plain", client_id=IDS["legacy"])
    more: dict = {"params": {"access_token": issued.access.value}}
    if shape == "form":
        more = {"data": {"token": issued.refresh.value}}
    elif shape == "bearer":
        more = {"headers": {"authorization": f"Bearer {issued.refresh.value}"}}
    assert (await http.request(method, "/oauth/revoke", **more)).status_code == 200
    assert issued.access.grant.revoked
    again = await http.request(method, "/oauth/revoke", **more)
    assert again.status_code == (401 if shape == "bearer" else 200)


async def test_revocation_at_the_wrong_server(http, cloud: SimulatedOura) -> None:
    """The other server revokes nothing."""
    new = cloud.issue("plain")
    await http.post("/oauth/revoke", params={"access_token": new.access.value})
    assert not new.access.grant.revoked
    old = cloud.issue("plain", client_id=IDS["legacy"])
    form = {"token": old.access.value, "client_id": IDS["legacy"], "client_secret": SECRET}
    assert (await http.post(f"{EXT}/oauth-revoke", data=form)).status_code == 401
    assert not old.access.grant.revoked


async def test_introspection(http, cloud: SimulatedOura) -> None:
    """Tells whether a token works, and for what."""
    token = cloud.issue_token("plain", ["daily"], expires_in=30)
    form = {"token": token, "client_id": IDS["new"], "client_secret": SECRET}
    found = (await http.post(f"{EXT}/oauth-introspect", data=form)).json()
    assert found["active"]
    assert found["scope"] == "extapi:daily"
    cloud.expire_tokens("plain")
    assert (await http.post(f"{EXT}/oauth-introspect", data=form)).json() == {"active": False}


async def test_approval_without_a_page(http, cloud: SimulatedOura) -> None:
    """A switch gives every consent in somebody's name."""
    cloud.options.auto_approve = "newcomer"
    query = {"client_id": IDS["new"], "redirect_uri": REDIRECT, "response_type": "code"}
    back = _query(await http.get(f"{EXT}/oauth-authorize", params=query))
    tokens = (await _exchange(http, back["code"])).json()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    info = (await http.get("/v2/usercollection/personal_info", headers=headers)).json()
    assert info["id"] == cloud.people["newcomer"].id


async def test_a_registered_application(http, cloud: SimulatedOura) -> None:
    """One redirect URI need not be named."""
    cloud.register_application("legacy", "mine", "hush", ["http://localhost:9/cb"])
    query = {"client_id": "mine", "response_type": "code", "scope": "extapi:daily"}
    answer = await http.post(f"{EXT}/oauth-authorize", params=query, data={"person": "plain"})
    code = _query(answer)["code"]
    form = {"grant_type": "authorization_code", "code": code}
    form |= {"client_id": "mine", "client_secret": "hush"}
    tokens = (await http.post("/oauth/token", data=form)).json()
    assert tokens["scope"] == "daily"

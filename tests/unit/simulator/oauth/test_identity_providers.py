"""Both identity providers: discovery, consent, exchange, refresh, revocation."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2

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


async def test_discovery(http) -> None:
    """The discovery document has absolute URLs on the base it was requested by, and PKCE."""
    document = (await http.get(f"{EXT}/oauth-anonymous/.well-known/openid-configuration")).json()
    assert document["issuer"] == ISSUER
    assert document["token_endpoint"] == f"http://oura.test{CURRENT}"
    assert document["code_challenge_methods_supported"] == ["S256", "plain"]


async def test_authorization_code_flow(http, cloud: SimulatedOura) -> None:
    """Consent, exchange, one request, refresh and revocation work one after another."""
    callback = await _consent(http)
    assert callback["state"] == "s-1"
    assert callback["iss"] == ISSUER
    assert callback["scope"] == "extapi:daily extapi:heartrate"
    tokens = (await _exchange(http, callback["code"])).json()
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
    assert [request.outcome for request in cloud.requests if request.outcome] == [
        "issued",
        "refreshed",
        "revoked",
    ]


async def test_scopes_can_be_unticked(http) -> None:
    """The consent page shows the scopes, and an unticked one is not granted."""
    query = {"client_id": IDS["new"], "redirect_uri": REDIRECT, "response_type": "code"}
    page = (await http.get(f"{EXT}/oauth-authorize", params=query)).text
    assert 'value="spo2" checked' in page
    assert "<select" in page
    some = await _consent(http, form={"scopes_shown": "1", "scope": "daily"})
    assert some["scope"] == "extapi:daily"
    none = await _consent(http, form={"scopes_shown": "1"})
    assert none.get("scope", "") == ""


async def test_a_person_who_grants_few_scopes(http) -> None:
    """This person grants two scopes, whatever is requested."""
    callback = await _consent(http, form={"person": "fewscopes"}, scope="")
    assert callback["scope"] == "extapi:daily extapi:workout"


async def test_denial(http) -> None:
    """A denial is sent to the redirect URI as an error, with state and issuer."""
    callback = await _consent(http, form={"decision": "deny"})
    assert callback["error"] == "access_denied"
    assert callback["state"] == "s-1"
    assert callback["iss"] == ISSUER


async def test_the_legacy_endpoint_forwards_and_prefixes_scopes(http, cloud: SimulatedOura) -> None:
    """Bare scopes get the prefix, an option loses some, and prefixed ones get a second prefix."""
    cloud.options.dropped_bare_scopes = frozenset({"stress"})
    query = {"client_id": IDS["legacy"], "scope": "daily stress", "response_type": "code"}
    forwarded = await http.get("/oauth/authorize", params=query)
    assert _query(forwarded)["scope"] == "extapi:daily"
    twice = await http.get("/oauth/authorize", params={**query, "scope": "extapi:daily"})
    assert _query(twice)["scope"] == "extapi:extapi:daily"


async def test_unknown_scopes_are_dropped(http) -> None:
    """Bare and unknown scopes at the current provider are dropped; no known scope is an error."""
    callback = await _consent(http, scope="extapi:daily extapi:sleep heartrate")
    assert callback["scope"] == "extapi:daily"
    nothing = await _consent(http, scope="daily")
    assert nothing["error"] == "invalid_scope"


async def test_errors_shown_on_a_page(http) -> None:
    """The error of an unknown client or redirect URI is a page, never a redirect."""
    for change, title in (
        ({"client_id": "unknown"}, "Invalid Client ID"),
        ({"redirect_uri": "http://localhost:8765/callback/"}, "Redirect URI Not Found"),
        ({"redirect_uri": "http://127.0.0.1:9/callback"}, "Redirect URI Not Found"),
        ({"redirect_uri": None}, "No Valid Redirect URIs"),
    ):
        query = {"client_id": IDS["new"], "redirect_uri": REDIRECT, "response_type": "code"}
        query = {name: value for name, value in {**query, **change}.items() if value}
        answer = await http.get(f"{EXT}/oauth-authorize", params=query)
        assert answer.status_code == 400
        assert title in answer.text


async def test_pkce(http) -> None:
    """A wrong verifier uses the code up; the right one is accepted, also a plain one."""
    verifier = "v" * 50
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    code = (await _consent(http, **pkce))["code"]
    assert (await _exchange(http, code, code_verifier="x")).json()["error"] == "invalid_grant"
    assert (await _exchange(http, code, code_verifier=verifier)).status_code == 400
    code = (await _consent(http, **pkce))["code"]
    assert (await _exchange(http, code, code_verifier=verifier)).status_code == 200
    code = (await _consent(http, code_challenge="abc"))["code"]
    assert (await _exchange(http, code, code_verifier="abc")).status_code == 200


async def test_a_code_works_once_and_for_ten_minutes(http, cloud: SimulatedOura) -> None:
    """A second use of a code revokes the tokens of the first; an expired code is refused."""
    code = (await _consent(http))["code"]
    tokens = (await _exchange(http, code)).json()
    assert (await _exchange(http, code)).json()["error"] == "invalid_grant"
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await http.get("/v2/usercollection/daily_sleep", headers=headers)).status_code == 401
    code = (await _consent(http))["code"]
    cloud.clock.advance(timedelta(minutes=10))
    assert (await _exchange(http, code)).json()["error_description"] == "Expired Token"


async def test_the_wrong_provider_uses_the_code_up(http) -> None:
    """An application is registered at one provider; an exchange at the other uses the code up."""
    for kind, wrong, right in (
        ("new", LEGACY, CURRENT),
        ("legacy", CURRENT, LEGACY),
        ("mixed", CURRENT, LEGACY),
    ):
        callback = await _consent(http, kind)
        assert ("iss" in callback) == (kind != "legacy")
        assert (await _exchange(http, callback["code"], wrong, kind)).status_code == 401
        assert (await _exchange(http, callback["code"], right, kind)).status_code == 400
        callback = await _consent(http, kind)
        tokens = (await _exchange(http, callback["code"], right, kind)).json()
        refused = await _refresh(http, tokens["refresh_token"], wrong, kind)
        assert refused.status_code == (400 if kind == "new" else 401)
        assert (await _refresh(http, tokens["refresh_token"], right, kind)).status_code == 200


async def test_a_refused_exchange_uses_the_code_up(http) -> None:
    """A wrong secret or redirect URI at the exchange uses the code up, too."""
    for change, status in (("redirect_uri", 400), ("client_secret", 401)):
        code = (await _consent(http))["code"]
        assert (await _exchange(http, code, **{change: "wrong"})).status_code == status
        assert (await _exchange(http, code)).json()["error"] == "invalid_grant"


async def test_a_refresh_token_used_twice_revokes_the_grant(http, cloud: SimulatedOura) -> None:
    """The second use revokes the whole grant; with an option it is only refused."""
    pair = cloud.issue("plain")
    fresh = (await _refresh(http, pair.refresh.value)).json()
    assert (await _refresh(http, pair.refresh.value)).json()["error"] == "invalid_grant"
    assert (await _refresh(http, fresh["refresh_token"])).json()["error"] == "invalid_grant"
    assert cloud.requests.count(outcome="reused") == 1
    assert cloud.requests.count(grant_type="refresh_token") == 3
    cloud.options.strict_refresh = False
    pair = cloud.issue("plain")
    fresh = (await _refresh(http, pair.refresh.value)).json()
    assert (await _refresh(http, pair.refresh.value)).status_code == 400
    assert (await _refresh(http, fresh["refresh_token"])).status_code == 200


async def test_the_old_access_token_after_a_refresh(http, cloud: SimulatedOura) -> None:
    """An option decides whether the old access token stays valid."""
    for survives, status in ((True, 200), (False, 401)):
        cloud.options.old_access_survives = survives
        pair = cloud.issue("plain")
        await _refresh(http, pair.refresh.value)
        headers = {"authorization": f"Bearer {pair.access.value}"}
        answer = await http.get("/v2/usercollection/personal_info", headers=headers)
        assert answer.status_code == status


async def test_options_leave_out_parameters(http, cloud: SimulatedOura) -> None:
    """Options leave out scope, state and expiry."""
    cloud.options.omit_scope = True
    cloud.options.echo_state = False
    cloud.options.omit_expires_in = True
    callback = await _consent(http)
    assert set(callback) == {"code", "iss"}
    tokens = (await _exchange(http, callback["code"])).json()
    assert not {"scope", "expires_in"} & set(tokens)


async def test_basic_authentication(http) -> None:
    """Client id and secret are accepted as HTTP Basic, too."""
    code = (await _consent(http))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    answer = await http.post(CURRENT, data=form, auth=(IDS["new"], SECRET))
    assert answer.status_code == 200
    wrong = await http.post(CURRENT, data=form, auth=(IDS["new"], "wrong"))
    assert wrong.json()["error"] == "invalid_client"


async def test_other_grant_types(http) -> None:
    """A grant type other than code and refresh token is refused."""
    answer = await _token(http, CURRENT, grant_type="password")
    assert answer.json()["error"] == "unsupported_grant_type"


async def test_legacy_revocation_in_every_form(http, cloud: SimulatedOura) -> None:
    """The token is in the query, in a form or a bearer; a bearer already revoked is 401."""
    for method, place in (
        ("GET", "params"),
        ("POST", "params"),
        ("POST", "data"),
        ("GET", "headers"),
        ("POST", "headers"),
    ):
        pair = cloud.issue("plain", client_id=IDS["legacy"])
        values = {
            "params": {"access_token": pair.access.value},
            "data": {"token": pair.refresh.value},
            "headers": {"authorization": f"Bearer {pair.refresh.value}"},
        }
        request = {place: values[place]}
        assert (await http.request(method, "/oauth/revoke", **request)).status_code == 200
        assert pair.access.grant.revoked
        second = await http.request(method, "/oauth/revoke", **request)
        assert second.status_code == (401 if place == "headers" else 200)


async def test_revocation_at_the_wrong_provider(http, cloud: SimulatedOura) -> None:
    """The other provider revokes nothing."""
    new = cloud.issue("plain")
    await http.post("/oauth/revoke", params={"access_token": new.access.value})
    assert not new.access.grant.revoked
    old = cloud.issue("plain", client_id=IDS["legacy"])
    form = {"token": old.access.value, "client_id": IDS["legacy"], "client_secret": SECRET}
    assert (await http.post(f"{EXT}/oauth-revoke", data=form)).status_code == 401
    assert not old.access.grant.revoked


async def test_introspection(http, cloud: SimulatedOura) -> None:
    """Introspection returns whether a token is valid, and its scopes."""
    token = cloud.issue_token("plain", ["daily"], expires_in=30)
    form = {"token": token, "client_id": IDS["new"], "client_secret": SECRET}
    answer = (await http.post(f"{EXT}/oauth-introspect", data=form)).json()
    assert answer["active"]
    assert answer["scope"] == "extapi:daily"
    cloud.expire_tokens("plain")
    assert (await http.post(f"{EXT}/oauth-introspect", data=form)).json() == {"active": False}


async def test_approval_without_a_page(http, cloud: SimulatedOura) -> None:
    """An option gives every consent in the name of one person."""
    cloud.options.auto_approve = "newcomer"
    query = {"client_id": IDS["new"], "redirect_uri": REDIRECT, "response_type": "code"}
    callback = _query(await http.get(f"{EXT}/oauth-authorize", params=query))
    tokens = (await _exchange(http, callback["code"])).json()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    info = (await http.get("/v2/usercollection/personal_info", headers=headers)).json()
    assert info["id"] == cloud.people["newcomer"].id


async def test_a_registered_application(http, cloud: SimulatedOura) -> None:
    """An application with one redirect URI need not name it."""
    cloud.register_application("legacy", "mine", "hush", ["http://localhost:9/cb"])
    query = {"client_id": "mine", "response_type": "code", "scope": "extapi:daily"}
    answer = await http.post(f"{EXT}/oauth-authorize", params=query, data={"person": "plain"})
    code = _query(answer)["code"]
    form = {"grant_type": "authorization_code", "code": code}
    form |= {"client_id": "mine", "client_secret": "hush"}
    tokens = (await http.post("/oauth/token", data=form)).json()
    assert tokens["scope"] == "daily"

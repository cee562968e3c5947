"""From callback to grant, against the simulated cloud: every kind of application, every answer."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from annulet.errors import OuraUnavailable, UsageError
from annulet.oauth.application import Application
from annulet.oauth.connect_errors import ConnectFailed
from annulet.oauth.consent_flow import CallbackIgnored, ConsentFlow, ConsentRepeated, FlowEnded
from annulet.oauth.consent_request import check_scopes
from annulet.oauth.discovery import ServerAddresses, discover_provider
from annulet.oauth.provider import ServerHistory
from annulet.simulator import SimulatedOura
from annulet.vault.secret import Secret

BASE = "http://127.0.0.1:9999"
BACK = "http://localhost:8765/callback"


class Oura:
    """The simulated cloud and a person with a browser."""

    def __init__(self) -> None:
        self.cloud = SimulatedOura(["newcomer"])
        transport = httpx2.ASGITransport(app=self.cloud.app)
        self.http = httpx2.AsyncClient(transport=transport, base_url=BASE)
        self.history = ServerHistory()
        self.stored: list[ServerHistory] = []

    async def consent(self, kind: str = "new", **addresses: str) -> ConsentFlow:
        """A fresh attempt of an application of this kind."""
        provider = await discover_provider(
            ServerAddresses(api_url=BASE, **addresses), http=self.http
        )
        client_id = {"new": "annulet-simulator"}.get(kind, f"annulet-{kind}")
        return ConsentFlow(
            provider,
            Application(client_id, Secret("simulated-secret")),
            names=("daily", "heartrate"),
            redirect_uri=BACK,
            history=self.history,
            store_history=self.store_history,
            clock=lambda: 1000.0,
            http=self.http,
        )

    def store_history(self, history: ServerHistory) -> None:
        self.history = history
        self.stored.append(history)

    async def decide(self, url: str, decision: str = "allow", **form: Any) -> str:
        """What the person's browser is sent back with."""
        page = await self.http.get(url, follow_redirects=True)
        assert page.status_code == 200, page.text
        answer = await self.http.post(page.url, data={"decision": decision, **form})
        assert answer.headers["location"].startswith(BACK)
        return urlsplit(answer.headers["location"]).query

    def spent(self) -> list[tuple[str, int | None]]:
        """Every code of Oura that was offered, where, and with which outcome."""
        return [
            (request.path, request.status)
            for request in self.cloud.requests
            if request.path.endswith("token") and request.outcome != "unknown_code"
        ]


@pytest.fixture
async def oura() -> AsyncIterator[Oura]:
    here = Oura()
    yield here
    await here.http.aclose()


CURRENT, LEGACY = "/oauth/v2/ext/oauth-token", "/oauth/token"


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("new", [(CURRENT, 200)], [(CURRENT, 200)]),
        ("legacy", [(LEGACY, 200)], [(LEGACY, 200)]),
        ("mixed", [(CURRENT, 401), (LEGACY, 200)], [(LEGACY, 200)]),
    ],
)
async def test_every_kind_of_application_connects(
    oura: Oura, kind: str, first: list[Any], second: list[Any]
) -> None:
    """At most one code is spent on a wrong guess, ever; the right server is remembered."""
    for expected in (first, second):
        before = len(oura.spent())
        consent = await oura.consent(kind)
        outcome = await consent.handle_callback(await oura.decide(consent.url))
        if isinstance(outcome, ConsentRepeated):
            outcome = await consent.handle_callback(await oura.decide(outcome.url))
        assert isinstance(outcome, FlowEnded)
        assert outcome.grant is not None
        assert outcome.grant.token_url == BASE + expected[-1][0]
        assert outcome.grant.scopes == ("daily", "heartrate")
        assert outcome.grant.expires_at == 1000.0 + 86_400
        assert outcome.grant.consent_id, "another consent is told from a renewal"
        assert oura.spent()[before:] == expected
    assert not any(request.outcome == "reused" for request in oura.cloud.requests)


async def test_a_new_application_behind_the_old_addresses_connects(oura: Oura) -> None:
    """The settings name the old server, the application lives at the new one: one code is lost."""
    old = {"authorize_url": f"{BASE}/oauth/authorize", "token_url": f"{BASE}/oauth/token"}
    for codes in ([LEGACY, CURRENT], [CURRENT]):
        before = len(oura.spent())
        consent = await oura.consent("new", **old)
        outcome = await consent.handle_callback(await oura.decide(consent.url))
        if isinstance(outcome, ConsentRepeated):
            outcome = await consent.handle_callback(await oura.decide(outcome.url))
        assert isinstance(outcome, FlowEnded)
        assert outcome.grant is not None
        assert [path for path, _ in oura.spent()[before:]] == codes


async def test_a_wrong_guess_is_remembered_at_once(oura: Oura) -> None:
    """Even if the person stops there, the next attempt does not repeat it."""
    consent = await oura.consent("mixed")
    assert isinstance(
        await consent.handle_callback(await oura.decide(consent.url)), ConsentRepeated
    )
    assert oura.history == ServerHistory(refused="current")
    consent = await oura.consent("mixed")
    outcome = await consent.handle_callback(await oura.decide(consent.url))
    assert isinstance(outcome, FlowEnded)
    assert oura.spent() == [(CURRENT, 401), (LEGACY, 200)]


@pytest.mark.parametrize("kind", ["new", "legacy", "mixed"])
async def test_a_wrong_secret_ends_without_a_second_consent(oura: Oura, kind: str) -> None:
    """No server knows the application: it was not the server, and nothing is remembered of it."""
    oura.cloud.register_application(kind, client_secret="another")
    consent = await oura.consent(kind)
    outcome = await consent.handle_callback(await oura.decide(consent.url))
    assert isinstance(outcome, FlowEnded)
    assert isinstance(outcome.failure, ConnectFailed)
    assert outcome.failure.reason == "exchange_failed"
    assert outcome.failure.is_about_application
    assert "client secret" in outcome.failure.message
    assert oura.history == ServerHistory()


async def test_the_first_consent_page_does_not_answer_for_the_second(oura: Oura) -> None:
    """After a restart the old state belongs to no request."""
    consent = await oura.consent("mixed")
    old = await oura.decide(consent.url)
    assert isinstance(await consent.handle_callback(old), ConsentRepeated)
    assert isinstance(await consent.handle_callback(old), CallbackIgnored)
    assert len(oura.spent()) == 1


async def test_unticked_permissions_are_granted_less_than_asked(oura: Oura) -> None:
    """Granted against requested is known from then on."""
    consent = await oura.consent()
    query = await oura.decide(consent.url, scope="daily", scopes_shown="1")
    outcome = await consent.handle_callback(query)
    assert isinstance(outcome, FlowEnded)
    assert outcome.grant is not None
    assert outcome.grant.scopes == ("daily",)
    assert outcome.grant.requested == ("daily", "heartrate")


async def test_permissions_and_life_may_be_left_out(oura: Oura) -> None:
    """Unknown permissions stay unknown; an unknown life is short."""
    oura.cloud.options.omit_scope = oura.cloud.options.omit_expires_in = True
    consent = await oura.consent()
    outcome = await consent.handle_callback(await oura.decide(consent.url))
    assert isinstance(outcome, FlowEnded)
    assert outcome.grant is not None
    assert outcome.grant.scopes is None
    assert outcome.grant.lifetime_s == 3600.0


async def test_a_denial_ends_the_flow_kindly(oura: Oura) -> None:
    """Nothing is spent; the word for programs is there."""
    consent = await oura.consent()
    outcome = await consent.handle_callback(await oura.decide(consent.url, "deny"))
    assert isinstance(outcome, FlowEnded)
    assert outcome.failure is not None
    assert outcome.failure.exit_code == 3
    assert outcome.failure.as_dict()["error"]["reason"] == "denied"
    assert oura.spent() == []


async def test_callbacks_that_are_not_ours_do_not_end_the_flow(oura: Oura) -> None:
    """Wrong, missing and doubled states, other errors, nothing at all: the wait goes on."""
    consent = await oura.consent()
    good = await oura.decide(consent.url)
    fields = parse_qs(good)
    forged = urlencode({**fields, "state": "x" * 43}, doseq=True)
    for query in (
        "",
        forged,
        urlencode({"code": "x"}),
        urlencode({"error": "access_denied"}),
        urlencode({"error": "access_denied", "state": "guess"}),
        f"{good}&state={fields['state'][0]}",
        f"{good}&code=other",
        f"{good}&iss=https://evil.example",
        "%ff%fe=%ff",
        "a=" * 9000,
        urlencode({"state": fields["state"][0]}),
    ):
        assert isinstance(await consent.handle_callback(query), CallbackIgnored), query
    assert oura.spent() == []
    assert isinstance(await consent.handle_callback(good), FlowEnded)


async def test_a_callback_of_another_service_is_not_used(oura: Oura) -> None:
    """The right state with a foreign issuer: mixed up, so nothing is sent anywhere."""
    consent = await oura.consent()
    fields = {key: value[0] for key, value in parse_qs(await oura.decide(consent.url)).items()}
    outcome = await consent.handle_callback(urlencode({**fields, "iss": "https://evil.example"}))
    assert isinstance(outcome, FlowEnded)
    assert outcome.grant is None
    assert oura.spent() == []


async def test_the_first_valid_callback_wins(oura: Oura) -> None:
    """A reload of the page, or the address pasted as well, sees the same end."""
    consent = await oura.consent()
    query = await oura.decide(consent.url)
    first = await consent.handle_callback(query)
    assert await consent.handle_callback(query) is first
    assert len(oura.spent()) == 1


async def test_an_outage_at_the_exchange_is_not_called_a_refusal(oura: Oura) -> None:
    """Exit code 5, and no second server is tried with a fresh code."""
    oura.cloud.faults.add("status:503@oauth-token")
    consent = await oura.consent()
    outcome = await consent.handle_callback(await oura.decide(consent.url))
    assert isinstance(outcome, FlowEnded)
    assert isinstance(outcome.failure, OuraUnavailable)
    assert len(oura.spent()) == 1


async def test_state_that_is_not_echoed_is_diagnosed(oura: Oura) -> None:
    """The case that was reported once gets a sentence of its own."""
    oura.cloud.options.echo_state = False
    consent = await oura.consent()
    assert isinstance(
        await consent.handle_callback(await oura.decide(consent.url)), CallbackIgnored
    )
    assert consent.came_without_state


async def test_every_attempt_has_its_own_state_and_challenge(oura: Oura) -> None:
    """Random, long, and S256 always."""
    seen = [parse_qs(urlsplit((await oura.consent()).url).query) for _ in range(2)]
    assert seen[0]["state"] != seen[1]["state"]
    assert seen[0]["code_challenge"] != seen[1]["code_challenge"]
    assert len(seen[0]["state"][0]) >= 43
    assert seen[0]["code_challenge_method"] == ["S256"]
    assert seen[0]["scope"] == ["extapi:daily extapi:heartrate"]


def test_permissions_that_do_not_exist_are_refused_before_oura_drops_them() -> None:
    """`sleep` is in one guide and not at Oura; the old spellings are understood."""
    assert check_scopes(["daily,heartrate", "extapi:tag"]) == ("daily", "heartrate", "tag")
    assert check_scopes(["spo2Daily"]) == ("spo2",)
    assert len(check_scopes()) == 11
    with pytest.raises(UsageError, match="sleep"):
        check_scopes(["daily", "sleep"])

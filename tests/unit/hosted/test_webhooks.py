"""Events of Oura: only signed ones count, each once, and they change nothing but freshness."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from annulet.errors import DatabaseUnavailable
from annulet.hosted.database import tables
from annulet.hosted.webhooks.events import parse_event

PATH = "/webhooks/oura"


class Oura:
    """Sends events as Oura does: signed, with times that follow the clock of the test."""

    def __init__(self, hosted: Any) -> None:
        self.hosted = hosted
        self.http = hosted.browser().http
        self.secret = hosted.oura.application.client_secret

    def event(self, person: str = "plain", **fields: Any) -> dict[str, Any]:
        return {
            "event_type": "update",
            "data_type": "daily_sleep",
            "object_id": "o-1",
            "event_time": self.hosted.clock().isoformat(),
            "user_id": self.hosted.oura.people[person].id,
            **fields,
        }

    async def send(self, event: Any, *, age: float = 0, body: bytes = b"", **headers: str) -> Any:
        """Send an event; its body has unusual spaces, so that only the raw bytes fit."""
        raw = body or json.dumps(event, separators=(" ,  ", ":  ")).encode()
        stamp = headers.pop("stamp", str(int(self.hosted.clock().timestamp() - age)))
        mac = hmac.new(self.secret.encode(), stamp.encode() + raw, hashlib.sha256).hexdigest()
        named = {"x-oura-timestamp": stamp, "x-oura-signature": mac.upper(), **headers}
        encoded = {name: value.encode("latin-1") for name, value in named.items()}
        return await self.http.post(PATH, content=raw, headers=encoded)

    async def challenge(self, token: str, challenge: str = "c-1") -> Any:
        parameters = {"verification_token": token, "challenge": challenge}
        return await self.http.get(PATH, params=parameters)


class Asker:
    """A connected person with a key."""

    def __init__(self, hosted: Any, name: str) -> None:
        self.hosted, self.name = hosted, name

    async def join(self) -> Asker:
        self.browser = self.hosted.browser()
        await self.browser.sign_up(f"{self.name}@example.org")
        await self.browser.register()
        await self.browser.connect(self.name)
        self.endpoint, self.key = await self.browser.new_key()
        return self

    async def requests(self) -> int:
        """How many requests to Oura one question needs."""
        self.hosted.oura.requests.clear()
        answer = await self.browser.ask(self.key, f"/mcp/{self.endpoint}", "oura_daily_summary")
        assert '"isError":true' not in answer.text
        return self.hosted.oura.requests.count("usercollection")

    async def row(self) -> dict[str, Any]:
        people = self.hosted.service.accounts.people
        person = await people.find_by_login(f"{self.name}@example.org")
        rows = await self.hosted.rows(tables.connections)
        return next(row for row in rows if row["person_id"] == person.id)

    async def facts(self) -> str:
        await self.browser.get("/toolkits/oura/facts")
        return self.browser.text


@pytest.fixture
async def oura(hosted) -> Oura:
    """Oura, while the service accepts events."""
    await hosted.service.webhooks.settings.decide(on=True)
    return Oura(hosted)


@pytest.fixture
async def anna(hosted, oura) -> Asker:
    """A person whose ring has new data."""
    return await Asker(hosted, "plain").join()


async def test_an_event_makes_the_next_question_ask_oura(hosted, oura, anna) -> None:
    """Every kind of event clears the cache; nothing is read before the next question."""
    for fields in ({}, {"event_type": "delete"}, {"data_type": "ring_configuration"}):
        hosted.clock.advance(seconds=1)
        await anna.requests()
        assert await anna.requests() == 0
        hosted.oura.requests.clear()
        assert (await oura.send(oura.event(**fields))).status_code == 200
        assert len(hosted.oura.requests) == 0
        assert (await anna.row())["data_at"] == int(hosted.clock().timestamp())
        assert await anna.requests() > 0


async def test_the_dashboard_shows_the_time_of_the_last_event(hosted, oura, anna) -> None:
    """The time stands beside the last sync, while updates are on."""
    assert "Last data from Oura no event yet" in await anna.facts()
    hosted.clock.advance(minutes=7)
    await oura.send(oura.event())
    assert "Last data from Oura 20 May 2026, 09:07" in await anna.facts()
    await hosted.service.webhooks.settings.decide(on=False)
    assert "Last data from Oura" not in await anna.facts()


async def test_the_same_event_counts_once(make_hosted) -> None:
    """A repeated event changes nothing, also after a restart of the service."""
    hosted = make_hosted()
    async with hosted.running():
        await hosted.service.webhooks.settings.decide(on=True)
        oura, anna = Oura(hosted), await Asker(hosted, "plain").join()
        event = oura.event()
        await oura.send(event)
        await anna.requests()
        assert (await oura.send(event)).status_code == 200
        assert await anna.requests() == 0
    async with hosted.running():
        oura, anna.browser = Oura(hosted), hosted.browser()
        await anna.requests()
        hosted.clock.advance(minutes=1)
        assert (await oura.send(event)).status_code == 200
        assert await anna.requests() == 0
        assert (await oura.send({**event, "event_time": "later"})).status_code == 200
        assert await anna.requests() > 0
        assert len(await hosted.rows(tables.oura_events)) == 2


async def test_events_of_other_people_change_nothing(hosted, oura, anna) -> None:
    """Known and unknown people get the same answer, and an unknown one leaves no trace."""
    ben = await Asker(hosted, "traveller").join()
    await anna.requests()
    await ben.requests()
    before = await anna.row()
    known = await oura.send(oura.event("traveller"))
    for event in (oura.event(user_id="nobody-here"), oura.event("shift")):
        answer = await oura.send(event)
        assert (answer.status_code, answer.content) == (known.status_code, known.content)
    assert await anna.row() == before
    assert await anna.requests() == 0
    assert await ben.requests() > 0
    assert len(await hosted.rows(tables.oura_events)) == 1


async def test_every_service_has_its_own_digests(hosted, tmp_path) -> None:
    """A digest of Oura's id needs the key of this very service."""
    async with type(hosted)(tmp_path / "other").running() as second:
        there = await second.service.toolkit.oura_accounts.digest("somebody")
    assert await hosted.service.toolkit.oura_accounts.digest("somebody") != there


async def test_the_database_names_neither_person_nor_document(hosted, oura, anna) -> None:
    """Neither Oura's ids nor their plain digests stand on disk."""
    person, document = hosted.oura.people["plain"].id, "0b5f8f3e-document"
    await oura.send(oura.event(object_id=document))
    await hosted.service.audit.flush()
    files = [path.read_bytes() for path in hosted.home.rglob("*") if path.is_file()]
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in (person, document)]
    for needle in (person, document, *digests):
        assert not any(needle.encode() in content for content in files)
    assert person not in repr(parse_event(json.dumps(oura.event()).encode()))


@pytest.mark.parametrize("field", ["user_id", "object_id", "data_type", "event_time", "unused"])
async def test_an_event_with_half_a_surrogate_pair_is_refused(hosted, oura, field) -> None:
    """It is signed and no Unicode, so nothing could store or hash it."""
    assert (await oura.send({**oura.event(), field: "a\ud800"})).status_code == 400
    raw = json.dumps({**oura.event(), field: "a?"}).encode().replace(b"a?", b"a\xed\xa0\x80")
    assert (await oura.send(None, body=raw)).status_code == 400
    whole = {**oura.event(), "unused": "\U0001f600"}
    assert (await oura.send(whole)).status_code == 200


async def test_forged_events_are_refused(hosted, oura, anna) -> None:
    """Another secret, body or time, no signature, or small letters: 401 and no trace."""
    await anna.requests()
    event = oura.event()
    other_body = json.dumps({**event, "object_id": "o-2"}).encode()
    secret = oura.secret
    oura.secret = "forged"
    answers = [await oura.send(event)]
    oura.secret = secret
    stamp = str(int(hosted.clock().timestamp()))
    mac = hmac.new(secret.encode(), stamp.encode() + other_body, hashlib.sha256).hexdigest()
    forged = {"body": other_body, "stamp": stamp}
    answers += [
        await oura.send(event, stamp=stamp, **{"x-oura-signature": mac.upper()}),
        await oura.send(None, **forged, **{"x-oura-signature": mac}),
        await oura.send(None, **forged, **{"x-oura-signature": ""}),
        await oura.send(None, **forged, **{"x-oura-signature": "ÿ" * 64}),
        await oura.http.post(PATH, content=other_body),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert (await anna.row())["data_at"] is None
    assert await hosted.rows(tables.oura_events) == []
    assert await anna.requests() == 0


async def test_old_and_future_events_are_refused(oura, anna) -> None:
    """Oura repeats an event for an hour; one that is much older or in the future is refused."""
    for age in (-600, 3 * 3600):
        assert (await oura.send(oura.event(), age=age)).status_code == 401
        assert (await anna.row())["data_at"] is None
    for age in (-240, 3600):
        assert (await oura.send(oura.event(), age=age)).status_code == 200
    for stamp in ("", "soon", "-5", "1e9", "9" * 40, "²"):
        assert (await oura.send(oura.event(), stamp=stamp)).status_code == 401


async def test_bodies_without_an_event_are_refused(hosted, oura) -> None:
    """A signed body that holds no event gets 400, and a huge one is not read."""
    for body in (b"[]", b"{", b'{"user_id": 5, "data_type": "sleep"}', b"[" * 9000):
        assert (await oura.send(None, body=body)).status_code == 400
    assert (await oura.send(None, body=b" " * 20_000)).status_code == 413
    assert await hosted.rows(tables.oura_events) == []


async def test_the_challenge_is_answered_for_our_token_alone(hosted, oura) -> None:
    """Only a request with the derived token is answered; the token is stored nowhere."""
    token = await hosted.service.webhooks.settings.verification_token()
    answer = await oura.challenge(token, "what Oura made up")
    assert answer.json() == {"challenge": "what Oura made up"}
    for wrong in ("", token[:-1], token.upper(), "ÿ" * 64):
        assert (await oura.challenge(wrong)).status_code == 401
    assert (await oura.challenge(token, "")).status_code == 401
    assert (await oura.challenge(token, "x" * 1000)).status_code == 401
    stored = json.dumps([row["value"] for row in await hosted.rows(tables.options)])
    assert token not in stored


async def test_nothing_is_accepted_while_updates_are_off(hosted, anna) -> None:
    """No challenge is answered, and a signed event gets 410, which ends its subscription."""
    await hosted.service.webhooks.settings.decide(on=False)
    oura = Oura(hosted)
    token = await hosted.service.webhooks.settings.verification_token()
    assert (await oura.challenge(token)).status_code == 404
    assert (await oura.send(oura.event())).status_code == 410
    assert (await oura.send(oura.event(), age=9 * 3600)).status_code == 401
    assert (await anna.row())["data_at"] is None
    for method in ("PUT", "DELETE"):
        assert (await oura.http.request(method, PATH)).status_code == 405


async def test_events_need_no_browser(oura) -> None:
    """Another host is refused; the origin of a page does not matter, as Oura sends no cookie."""
    assert (await oura.send(oura.event(), host="evil.example")).status_code == 421
    assert (await oura.send(oura.event(), origin="https://evil.example")).status_code == 200


async def test_an_older_connection_is_identified_by_the_dashboard(hosted, oura, anna) -> None:
    """The account behind a connection is asked for when its person opens the dashboard."""
    oura_accounts = hosted.service.toolkit.oura_accounts
    async with hosted.service.database.write() as connection:
        await connection.execute(tables.connections.update().values(account_digest=None))
    assert await oura_accounts.count_unidentified() == 1
    await oura.send(oura.event())
    assert (await anna.row())["data_at"] is None
    await anna.facts()
    assert await oura_accounts.count_unidentified() == 0
    await oura.send(oura.event())
    assert (await anna.row())["data_at"] is not None


async def test_after_disconnecting_no_event_finds_the_person(oura, anna) -> None:
    """The digest of the account and the time of the last event are removed."""
    await oura.send(oura.event())
    await anna.browser.get("/dashboard")
    await anna.browser.submit("/toolkits/oura/disconnect")
    row = await anna.row()
    assert (row["account_digest"], row["data_at"]) == (None, None)
    assert (await oura.send(oura.event(object_id="o-9"))).status_code == 200
    assert (await anna.row())["data_at"] is None


async def test_the_export_holds_the_time_and_no_digest(oura, anna) -> None:
    """The person sees when the last event came, and not how the service identifies them."""
    await oura.send(oura.event())
    await anna.browser.get("/account")
    exported = (await anna.browser.submit("/account/export")).json()
    (connection,) = exported["connections"]
    assert connection["data_at"] == "2026-05-20T09:00:00+00:00"
    assert "account_digest" not in connection


@pytest.mark.parametrize("way", ["disconnected", "expired"])
async def test_another_ring_is_another_account(hosted, oura, anna, way: str) -> None:
    """After reconnecting with another account, events of the first one change nothing."""
    await oura.send(oura.event())
    hosted.clock.advance(minutes=1)
    if way == "disconnected":
        await anna.browser.get("/dashboard")
        await anna.browser.submit("/toolkits/oura/disconnect")
    else:
        hosted.oura.revoke_grants("plain")
        await anna.browser.ask(anna.key, f"/mcp/{anna.endpoint}")
    await anna.browser.connect("traveller")
    assert (await anna.row())["data_at"] is None
    await oura.send(oura.event("plain"))
    assert (await anna.row())["data_at"] is None
    await oura.send(oura.event("traveller"))
    assert (await anna.row())["data_at"] is not None


async def test_an_event_that_cannot_be_stored_is_not_accepted(
    hosted, oura, anna, monkeypatch
) -> None:
    """During an outage of the database Oura gets 503, so it sends the event again."""
    event = oura.event()

    def fail() -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as outage:
        outage.setattr(hosted.service.database, "write", fail)
        answer = await oura.send(event)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert (await anna.row())["data_at"] is None
    assert (await oura.send(event)).status_code == 200
    assert (await anna.row())["data_at"] is not None


async def test_digests_of_events_are_deleted_after_two_days(hosted, oura, anna) -> None:
    """They are kept longer than an event may be old."""
    await oura.send(oura.event())
    hosted.clock.advance(hours=47)
    await hosted.service.webhooks.inbox.delete_old()
    assert len(await hosted.rows(tables.oura_events)) == 1
    hosted.clock.advance(hours=2)
    await hosted.service.webhooks.inbox.delete_old()
    assert await hosted.rows(tables.oura_events) == []

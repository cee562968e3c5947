"""What Oura tells by itself: only Oura is believed, once, and it changes nothing but freshness."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from annulet.hosted.database import tables
from annulet.hosted.webhooks import events
from annulet.hosted.webhooks.inbox import Inbox
from annulet.hosted.webhooks.receiver import verification_token
from annulet.hosted.webhooks.subscription_settings import Report

PATH = "/webhooks/oura"


class Oura:
    """Tells the service, as Oura does: signed, with times that move with the clock."""

    def __init__(self, hosted: Any) -> None:
        self.hosted = hosted
        self.http = hosted.browser().http
        self.secret = hosted.oura.application.client_secret

    def event(self, person: str = "plain", **said: Any) -> dict[str, Any]:
        return {
            "event_type": "update",
            "data_type": "daily_sleep",
            "object_id": "o-1",
            "event_time": self.hosted.clock().isoformat(),
            "user_id": self.hosted.oura.people[person].id,
            **said,
        }

    async def tell(self, said: Any, *, age: float = 0, body: bytes = b"", **headers: str) -> Any:
        """Send an event; its body with odd spaces, so that only the raw bytes fit."""
        raw = body or json.dumps(said, separators=(" ,  ", ":  ")).encode()
        stamp = headers.pop("stamp", str(int(self.hosted.clock().timestamp() - age)))
        signed = hmac.new(self.secret.encode(), stamp.encode() + raw, hashlib.sha256).hexdigest()
        named = {"x-oura-timestamp": stamp, "x-oura-signature": signed.upper(), **headers}
        sent = {name: value.encode("latin-1") for name, value in named.items()}
        answer = await self.http.post(PATH, content=raw, headers=sent)
        await self.hosted.service.webhooks.inbox.flush()
        return answer

    async def challenge(self, token: str, challenge: str = "c-1") -> Any:
        asked = {"verification_token": token, "challenge": challenge}
        return await self.http.get(PATH, params=asked)


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
        """How often Oura is asked for one question."""
        self.hosted.oura.requests.clear()
        answer = await self.browser.ask(self.key, f"/mcp/{self.endpoint}", "oura_daily_summary")
        assert '"isError":true' not in answer.text
        return self.hosted.oura.requests.count("usercollection")

    async def row(self) -> dict[str, Any]:
        person = await self.hosted.service.accounts.people.find_by_login(f"{self.name}@example.org")
        rows = await self.hosted.rows(tables.connections)
        return next(row for row in rows if row["person_id"] == person.id)

    async def facts(self) -> str:
        await self.browser.get("/toolkits/oura/facts")
        return self.browser.text


async def listening(hosted: Any) -> Oura:
    """Oura, when the service has switched updates on and has all its subscriptions."""
    await hosted.service.webhooks.settings.turn(on=True)
    now = int(hosted.clock().timestamp())
    await hosted.service.webhooks.settings.keep(Report(done_at=now, active=48))
    return Oura(hosted)


@pytest.fixture
async def oura(hosted) -> Oura:
    """Oura, when the service listens."""
    return await listening(hosted)


@pytest.fixture
async def anna(hosted, oura) -> Asker:
    """Somebody whose ring has news."""
    return await Asker(hosted, "plain").join()


async def test_an_event_makes_the_next_question_ask(hosted, oura, anna) -> None:
    """The answer of a minute ago is not given again; nothing is fetched before somebody asks."""
    assert await anna.requests() > 0
    assert await anna.requests() == 0
    hosted.oura.requests.clear()
    assert (await oura.tell(oura.event())).status_code == 200
    assert len(hosted.oura.requests) == 0
    assert (await anna.row())["data_at"] == int(hosted.clock().timestamp())
    assert await anna.requests() > 0
    assert await anna.requests() == 0


@pytest.mark.parametrize("said", [{"event_type": "delete"}, {"data_type": "ring_configuration"}])
async def test_every_kind_of_event_is_news(oura, anna, said) -> None:
    """Something is gone, or there is another ring."""
    await anna.requests()
    await oura.tell(oura.event(**said))
    assert await anna.requests() > 0


async def test_the_dashboard_tells_when(hosted, oura, anna) -> None:
    """The time of the last news stands beside the last sync, while updates are on."""
    assert "Last data from Oura nothing told yet" in await anna.facts()
    hosted.clock.advance(minutes=7)
    await oura.tell(oura.event())
    assert "Last data from Oura 20 May 2026, 09:07" in await anna.facts()
    await hosted.service.webhooks.settings.turn(on=False)
    assert "Last data from Oura" not in await anna.facts()


async def test_the_same_event_counts_once(make_hosted) -> None:
    """Told again, also after a restart of the service, it changes nothing."""
    hosted = make_hosted()
    async with hosted.running():
        oura, anna = await listening(hosted), await Asker(hosted, "plain").join()
        event = oura.event()
        await oura.tell(event)
        await anna.requests()
        assert (await oura.tell(event)).status_code == 200
        assert await anna.requests() == 0
    async with hosted.running():
        oura, anna.browser = Oura(hosted), hosted.browser()
        await anna.requests()
        hosted.clock.advance(minutes=1)
        assert (await oura.tell(event)).status_code == 200
        assert await anna.requests() == 0
        assert (await oura.tell({**event, "event_time": "later"})).status_code == 200
        assert await anna.requests() > 0
        assert len(await hosted.rows(tables.oura_events)) == 2


async def test_events_of_others_do_nothing_to_me(hosted, oura, anna) -> None:
    """Somebody else's news, and those of somebody nobody knows: the same answer, nothing kept."""
    ben = await Asker(hosted, "traveller").join()
    await anna.requests()
    await ben.requests()
    before = await anna.row()
    known = await oura.tell(oura.event("traveller"))
    unknown = await oura.tell(oura.event(user_id="nobody-here"))
    stranger = await oura.tell(oura.event("shift"))
    for answer in (unknown, stranger):
        assert (answer.status_code, answer.content) == (known.status_code, known.content)
    assert await anna.row() == before
    assert await anna.requests() == 0
    assert await ben.requests() > 0
    assert len(await hosted.rows(tables.oura_events)) == 1


async def test_events_that_come_together_are_kept_apart(hosted, oura, anna) -> None:
    """Mine came before and counts no more; somebody else's beside it is no news of mine."""
    ben = await Asker(hosted, "traveller").join()
    mine = oura.event()
    await oura.tell(mine)
    await anna.requests()
    await ben.requests()
    for said in (mine, oura.event("traveller")):
        assert hosted.service.webhooks.inbox.put(events.read(json.dumps(said).encode()))
    await hosted.service.webhooks.inbox.flush()
    assert await anna.requests() == 0
    assert await ben.requests() > 0


async def test_every_service_has_digests_of_its_own(hosted, tmp_path) -> None:
    """Whoever knows Oura's id still needs the key of this very service."""
    async with type(hosted)(tmp_path / "other").running() as other:
        there = await other.service.toolkit.oura_accounts.digest("somebody")
    assert await hosted.service.toolkit.oura_accounts.digest("somebody") != there


async def test_nothing_tells_whose_or_which(hosted, oura, anna) -> None:
    """Neither Oura's id of the person nor that of the document stands in the database."""
    person, document = hosted.oura.people["plain"].id, "0b5f8f3e-document"
    await oura.tell(oura.event(object_id=document))
    await hosted.service.audit.flush()
    files = [path.read_bytes() for path in hosted.home.rglob("*") if path.is_file()]
    plain = hashlib.sha256(person.encode()).hexdigest()
    for needle in (person, document, plain, hashlib.sha256(document.encode()).hexdigest()):
        assert not any(needle.encode() in content for content in files)
    assert person not in repr(events.read(json.dumps(oura.event()).encode()))


async def test_forged_events_are_refused(hosted, oura, anna) -> None:
    """Another secret, another body, another time, no signature, small letters: 401, no trace."""
    await anna.requests()
    event = oura.event()
    other = json.dumps({**event, "object_id": "o-2"}).encode()
    genuine = oura.secret
    oura.secret = "forged"
    answers = [await oura.tell(event)]
    oura.secret = genuine
    stamp = str(int(hosted.clock().timestamp()))
    signed = hmac.new(genuine.encode(), stamp.encode() + other, hashlib.sha256).hexdigest()
    told = {"body": other, "stamp": stamp}
    answers += [
        await oura.tell(event, stamp=stamp, **{"x-oura-signature": signed.upper()}),
        await oura.tell(None, **told, **{"x-oura-signature": signed}),
        await oura.tell(None, **told, **{"x-oura-signature": ""}),
        await oura.tell(None, **told, **{"x-oura-signature": "ÿ" * 64}),
        await oura.http.post(PATH, content=other),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert (await anna.row())["data_at"] is None
    assert await hosted.rows(tables.oura_events) == []
    assert await anna.requests() == 0


@pytest.mark.parametrize(
    ("age", "status"), [(-240, 200), (-600, 401), (3600, 200), (3 * 3600, 401)]
)
async def test_old_and_future_events_are_refused(oura, anna, age: float, status: int) -> None:
    """Oura repeats for an hour; what is older was kept by somebody, what is to come is wrong."""
    assert (await oura.tell(oura.event(), age=age)).status_code == status
    assert ((await anna.row())["data_at"] is None) is (status == 401)


@pytest.mark.parametrize("stamp", ["", "soon", "-5", "1e9", "9" * 40, "²"])
async def test_times_that_are_none(oura, stamp: str) -> None:
    """A signature over nonsense is still nonsense."""
    assert (await oura.tell(oura.event(), stamp=stamp)).status_code == 401


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"user_id": 5, "data_type": "sleep"}', b"[" * 9000]
)
async def test_what_is_no_event(hosted, oura, body: bytes) -> None:
    """Signed, and yet nothing annulet could act on."""
    assert (await oura.tell(None, body=body)).status_code == 400
    assert await hosted.rows(tables.oura_events) == []


async def test_a_huge_body_is_not_read(oura) -> None:
    """An event has a few hundred bytes."""
    assert (await oura.tell(None, body=b" " * 20_000)).status_code == 413


async def test_the_challenge_is_answered_for_our_token_alone(hosted, oura) -> None:
    """Only who knows the derived token gets the echo; it stands nowhere in the database."""
    service = hosted.service
    token = await verification_token(
        service.stored_keys, service.settings, service.webhooks.settings.callback
    )
    answer = await oura.challenge(token, "what Oura made up")
    assert answer.json() == {"challenge": "what Oura made up"}
    for wrong in ("", token[:-1], token.upper(), "ÿ" * 64):
        assert (await oura.challenge(wrong)).status_code == 401
    assert (await oura.challenge(token, "")).status_code == 401
    assert (await oura.challenge(token, "x" * 1000)).status_code == 401
    kept = json.dumps([row["value"] for row in await hosted.rows(tables.options)])
    assert token not in kept


async def test_off_means_off(hosted, anna) -> None:
    """Off by default: no challenge is answered, and an event of Oura ends its subscription."""
    await hosted.service.webhooks.settings.turn(on=False)
    oura, service = Oura(hosted), hosted.service
    token = await verification_token(
        service.stored_keys, service.settings, service.webhooks.settings.callback
    )
    assert (await oura.challenge(token)).status_code == 404
    assert (await oura.tell(oura.event())).status_code == 410
    assert (await oura.tell(oura.event(), age=9 * 3600)).status_code == 401
    assert (await anna.row())["data_at"] is None
    for method in ("PUT", "DELETE", "HEAD"):
        assert (await oura.http.request(method, PATH)).status_code == 405


async def test_the_usual_guards_hold(oura) -> None:
    """Another host is refused; Oura sends no cookie, so a page of another site may not matter."""
    elsewhere = await oura.tell(oura.event(), host="evil.example")
    assert elsewhere.status_code == 421
    assert (await oura.tell(oura.event(), origin="https://evil.example")).status_code == 200


async def test_a_connection_made_before_is_recognised_on_the_dashboard(hosted, oura, anna) -> None:
    """Nobody asks Oura behind a person's back whose ring it is: looking at the dashboard does."""
    await hosted.service.toolkit.connections.drop((await anna.row())["person_id"])
    assert await hosted.service.toolkit.oura_accounts.unrecognised() == 0
    await anna.browser.connect("plain")
    async with hosted.service.database.write() as connection:
        await connection.execute(tables.connections.update().values(account_digest=None))
    assert await hosted.service.toolkit.oura_accounts.unrecognised() == 1
    await oura.tell(oura.event())
    assert (await anna.row())["data_at"] is None
    await anna.facts()
    assert await hosted.service.toolkit.oura_accounts.unrecognised() == 0
    await oura.tell(oura.event())
    assert (await anna.row())["data_at"] is not None


async def test_who_disconnects_is_forgotten(oura, anna) -> None:
    """Nothing stays by which an event could find the person, and the time goes, too."""
    await oura.tell(oura.event())
    await anna.browser.get("/dashboard")
    await anna.browser.submit("/toolkits/oura/disconnect")
    row = await anna.row()
    assert (row["account_digest"], row["data_at"]) == (None, None)
    assert (await oura.tell(oura.event(object_id="o-9"))).status_code == 200
    assert (await anna.row())["data_at"] is None


async def test_the_export_tells_the_time_and_no_digest(oura, anna) -> None:
    """The person may know when; by what the service recognises them is its own affair."""
    await oura.tell(oura.event())
    await anna.browser.get("/account")
    exported = (await anna.browser.submit("/account/export")).json()
    (connection,) = exported["connections"]
    assert connection["data_at"] == "2026-05-20T09:00:00+00:00"
    assert "account_digest" not in connection


@pytest.mark.parametrize("way", ["disconnected", "expired"])
async def test_another_ring_is_another_account(hosted, oura, anna, way: str) -> None:
    """After reconnecting with another account, events of the first one do nothing."""
    await oura.tell(oura.event())
    hosted.clock.advance(minutes=1)
    if way == "disconnected":
        await anna.browser.get("/dashboard")
        await anna.browser.submit("/toolkits/oura/disconnect")
    else:
        hosted.oura.revoke_grants("plain")
        await anna.browser.ask(anna.key, f"/mcp/{anna.endpoint}")
    await anna.browser.connect("traveller")
    assert (await anna.row())["data_at"] is None
    await oura.tell(oura.event("plain"))
    assert (await anna.row())["data_at"] is None
    await oura.tell(oura.event("traveller"))
    assert (await anna.row())["data_at"] is not None


async def test_events_wait_for_the_database(hosted, oura, anna, monkeypatch) -> None:
    """Accepted is accepted: what cannot be noted now is noted later; too many are refused."""
    event = events.read(json.dumps(oura.event()).encode())
    service = hosted.service
    inbox = Inbox(
        database=service.database,
        clock=service.clock,
        keys=service.stored_keys,
        accounts=service.toolkit.oura_accounts,
        contexts=service.toolkit.contexts,
        most=1,
    )
    assert inbox.put(event)
    assert not inbox.put(event)

    def down() -> None:
        raise OperationalError("", {}, Exception())

    with monkeypatch.context() as outage:
        outage.setattr(service.database, "write", down)
        with pytest.raises(OperationalError):
            await inbox.flush()
    task = asyncio.create_task(inbox.run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await anna.row())["data_at"] is not None
    assert inbox.put(event)


async def test_digests_are_kept_for_two_days(hosted, oura, anna) -> None:
    """Longer than an event may be old, and no longer."""
    await oura.tell(oura.event())
    hosted.clock.advance(hours=47)
    await hosted.service.webhooks.inbox.forget_old()
    assert await hosted.rows(tables.oura_events)
    hosted.clock.advance(hours=2)
    await hosted.service.webhooks.inbox.forget_old()
    assert await hosted.rows(tables.oura_events) == []

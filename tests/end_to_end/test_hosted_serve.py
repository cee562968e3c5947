"""``annulet serve`` as a process: everything a person does, and what is on disk afterwards."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from annulet.contract.collections import COLLECTIONS
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import TOOLS

sys.path.insert(0, str(Path(__file__).with_name("hosted")))
from service import PASSWORD, Person, Service

ARGUMENTS = {
    "oura_sleep_sessions": {"series": True},
    "oura_intraday": {"resolution_min": 15},
    "oura_compare": {"period": "last 7 days", "against": "last month"},
    "oura_effects": {"tag": "alcohol"},
    "oura_query": {"metrics": ["steps"]},
    "oura_device": {"profile": True},
    "oura_events": {"start": "last 30 days", "zones": True},
}
MIN_LENGTH = 8


def ask(url: str, endpoint: str, key: str, tool: str) -> dict[str, Any]:
    call = {"name": tool, "arguments": ARGUMENTS.get(tool, {})}
    answer = httpx2.post(
        f"{url}/mcp/{endpoint}",
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
        headers={
            "authorization": f"Bearer {key}",
            "accept": "application/json, text/event-stream",
        },
        timeout=60,
        trust_env=False,
    )
    line = next(part for part in answer.text.splitlines() if part.startswith(("data:", "{")))
    return dict(json.loads(line.removeprefix("data:"))["result"])


@pytest.fixture
def oura() -> Iterator[tuple[SimulatedOura, str]]:
    cloud = SimulatedOura(["plain"])
    with cloud.serve() as running:
        yield cloud, running.url


@pytest.fixture
def service(tmp_path: Path, oura) -> Iterator[Service]:
    running = Service(tmp_path, oura[1], oura[0])
    running.start()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.stop()


@pytest.fixture
def person(service: Service) -> Iterator[Person]:
    visitor = Person(service.url)
    yield visitor
    visitor.close()


def canaries(oura: SimulatedOura, url: str) -> set[bytes]:
    """The values that only Oura knows about this person: ids, texts, instants, long numbers."""
    token = oura.issue_token("plain")
    today = oura.clock().date()
    values: set[bytes] = set()
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(headers=headers, trust_env=False, timeout=60) as http:
        for collection in COLLECTIONS.values():
            ends = {"start_date": "2000-01-01", "end_date": str(today)}
            start = f"{today}T00:00:00+00:00"
            wide = {"start_datetime": start, "end_datetime": f"{today}T23:59:00+00:00"}
            span = {**wide} if "start_datetime" in collection.query.parameters else {**ends}
            if "start_date" in span:
                span["start_date"] = str(today - timedelta(days=30))
            documents = http.get(f"{url}{collection.path}", params=span).json()
            _collect(documents, values)
    return values


def _collect(value: Any, values: set[bytes]) -> None:
    if isinstance(value, dict):
        for part in value.values():
            _collect(part, values)
    elif isinstance(value, list):
        for part in value:
            _collect(part, values)
    elif isinstance(value, str) and len(value) >= MIN_LENGTH and _is_particular(value):
        values.add(value.encode())
    elif isinstance(value, float) and len(str(value)) >= MIN_LENGTH:
        values.add(str(value).encode())


def _is_particular(text: str) -> bool:
    """Leave out words and bare days, which stand in code and in dates as well."""
    return not (text.isalpha() or "_" in text or re.fullmatch(r"\d{4}-\d\d-\d\d", text))


def send_event(person: Person, oura: SimulatedOura, url: str) -> None:
    """Switch updates on and let Oura send an event about a document that exists."""
    person.get("/admin")
    person.submit("/admin/updates/on")
    _until(lambda: "Oura sends events" in person.get("/admin/updates"))
    headers = {"authorization": f"Bearer {oura.issue_token('plain')}"}
    with httpx2.Client(base_url=url, headers=headers, trust_env=False) as http:
        day = {"start_date": "2000-01-01", "end_date": str(oura.clock().date())}
        nights = http.get("/v2/usercollection/daily_sleep", params=day).json()["data"]
        event = {"person": "plain", "data_type": "daily_sleep", "object_id": nights[0]["id"]}
        (delivery,) = http.post("/_control/webhooks/deliver", json=event).json()
    assert delivery["status"] == 200
    facts = person.get("/toolkits/oura/facts")
    assert "Last data from Oura" in facts
    assert "no event yet" not in facts


def _until(condition: Callable[[], bool]) -> None:
    """Wait for what the service does beside its answers; the limit ends a service that hangs."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_nothing_about_health_and_no_token_reaches_the_disk(
    service: Service, person: Person, oura
) -> None:
    """After every tool, every page, an event and an export, no file holds a value of Oura's."""
    person.get("/sign-up")
    person.submit("/sign-up", login="anna@example.net", password=PASSWORD, timezone="UTC")
    assert "Successful connection" in person.connect("plain")
    person.get("/endpoints/new")
    person.submit("/endpoints", kind="other", auth="key", name="Shell")
    endpoint = str(person.page.url).rsplit("/", 1)[1]
    person.submit(f"/endpoints/{endpoint}/keys", lifetime="90", scope="oura:read")
    key = re.search(r"annulet_[\w-]{43}", person.page.text).group(0)
    answered = {tool: ask(service.url, endpoint, key, tool) for tool in TOOLS}
    assert not [tool for tool, result in answered.items() if result.get("isError")]
    assert "<svg" in person.get("/today/night.svg")
    for path in ("/today", "/toolkits/oura/facts", "/dashboard", "/audit", "/admin"):
        person.get(path)
    person.get("/account")
    person.submit("/account/export")
    exported = person.page.content
    token = _grant(service).access_token.reveal()
    refresh = _grant(service).refresh_token.reveal()
    send_event(person, *oura)
    planted = canaries(*oura)
    assert len(planted) > 200
    running = service.everything_on_disk()
    assert service.stop() in {0, -signal.SIGTERM}
    for files in (running, service.everything_on_disk(), {"export": exported}):
        for name, content in files.items():
            assert token.encode() not in content, name
            assert refresh.encode() not in content, name
            assert key.encode() not in content, name
            assert PASSWORD.encode() not in content, name
            leaked = sorted(value for value in planted if value in content)
            assert leaked == [], f"{name} holds {leaked[:5]}"
    log = (service.folder / "log").read_text()
    assert '"path": "/mcp/…"' in log
    assert '"path": "/webhooks/oura"' in log
    assert "verification_token" not in log
    assert endpoint not in log
    assert "anna@example.net" not in log


def test_everything_works_after_a_restart(service: Service, person: Person) -> None:
    """After a restart the session, the key and the connection still work."""
    person.get("/sign-up")
    person.submit("/sign-up", login="anna@example.net", password=PASSWORD, timezone="UTC")
    person.connect("plain")
    person.get("/endpoints/new")
    person.submit("/endpoints", kind="other", auth="key", name="Shell")
    endpoint = str(person.page.url).rsplit("/", 1)[1]
    person.submit(f"/endpoints/{endpoint}/keys", lifetime="90", scope="oura:read")
    key = re.search(r"annulet_[\w-]{43}", person.page.text).group(0)
    service.stop()
    service.start()
    assert "Connected" in person.get("/dashboard")
    assert "summary" in ask(service.url, endpoint, key, "oura_device")["structuredContent"]


def test_a_stop_waits_for_the_answers_under_way(service: Service, person: Person, oura) -> None:
    """After SIGTERM a question that was asked before gets its whole answer."""
    person.get("/sign-up")
    person.submit("/sign-up", login="anna@example.net", password=PASSWORD, timezone="UTC")
    person.connect("plain")
    person.get("/endpoints/new")
    person.submit("/endpoints", kind="other", auth="key", name="Shell")
    endpoint = str(person.page.url).rsplit("/", 1)[1]
    person.submit(f"/endpoints/{endpoint}/keys", lifetime="90", scope="oura:read")
    key = re.search(r"annulet_[\w-]{43}", person.page.text).group(0)
    oura[0].faults.add("delay", 2, path="usercollection")
    before = oura[0].requests.count("usercollection")
    with ThreadPoolExecutor(1) as pool:
        question = pool.submit(ask, service.url, endpoint, key, "oura_daily_summary")
        while oura[0].requests.count("usercollection") == before and not question.done():
            time.sleep(0.05)
        service.stop()
        assert "summary" in question.result()["structuredContent"]


def _grant(service: Service) -> Any:
    """Unseal the person's grant with the key of the service."""
    import asyncio

    from annulet.hosted.connections.grant_store import HostedGrantStore
    from annulet.hosted.connections.sealing_keys import SealingKeys, key_source
    from annulet.hosted.database.engine import ServiceDatabase, database_url
    from annulet.wiring import utc_now

    home = service.folder / "home"

    async def load() -> Any:
        from sqlalchemy import select

        from annulet.hosted.database import tables

        database = ServiceDatabase(database_url("", home))
        try:
            person_id = await database.fetch_value(select(tables.people.c.id))
            sealing_keys = SealingKeys(key_source(home, None, None))
            stored = await HostedGrantStore(database, sealing_keys, utc_now, person_id).load()
        finally:
            await database.close()
        assert stored is not None
        return stored.grant

    return asyncio.run(load())

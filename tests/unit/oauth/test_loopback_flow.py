"""Connecting from one machine: the browser, the terminal, and every way it can end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from annulet.oauth.application import Application
from annulet.oauth.connect_errors import ConnectFailed
from annulet.oauth.discovery import ServerAddresses, discover_provider
from annulet.oauth.grant import Grant
from annulet.oauth.loopback_flow import connect_on_loopback
from annulet.oauth.provider import ServerHistory
from annulet.simulator import SimulatedOura
from annulet.vault.secret import Secret

BASE = "http://127.0.0.1:9999"


class Person:
    """A person with a browser, a terminal and, in the cloud, a ring."""

    def __init__(self) -> None:
        self.cloud = SimulatedOura(["newcomer"])
        transport = httpx2.ASGITransport(app=self.cloud.app)
        self.oura = httpx2.AsyncClient(transport=transport, base_url=BASE)
        self.browser = httpx2.AsyncClient(trust_env=False)
        self.clipboard: asyncio.Queue[str] = asyncio.Queue()
        self.remarks: list[str] = []
        self.pages: list[str] = []
        self.act: Callable[[str], Awaitable[None]] = self.allow
        self.kind = "new"
        self._acting: set[asyncio.Task[None]] = set()

    async def connect(
        self,
        *,
        limit: float = 20.0,
        store_history: Callable[[ServerHistory], None] = lambda _: None,
    ) -> Grant:
        """Run the flow on any free port."""
        try:
            return await connect_on_loopback(
                await discover_provider(ServerAddresses(api_url=BASE), http=self.oura),
                Application("ours", Secret("simulated-secret")),
                names=("daily",),
                history=ServerHistory(),
                store_history=store_history,
                terminal=self,
                clock=lambda: 1000.0,
                ports=(0,),
                timeout_s=limit,
                http=self.oura,
            )
        finally:
            await asyncio.gather(*self._acting)

    def show_consent_page(self, url: str, *, port: int, is_repeated: bool) -> None:
        del is_repeated
        self.cloud.register_application(
            self.kind, "ours", "simulated-secret", [f"http://localhost:{port}/callback"]
        )
        task = asyncio.ensure_future(self.act(url))
        self._acting.add(task)

    def show_time_left(self, seconds: float) -> None:
        assert seconds > 0

    def show_note(self, text: str) -> None:
        self.remarks.append(text)

    async def read_pasted(self) -> str:
        return await self.clipboard.get()

    async def sent_back(self, url: str, decision: str = "allow") -> str:
        """Decide on Oura's page; where its answer leads."""
        page = await self.oura.get(url, follow_redirects=True)
        answer = await self.oura.post(page.url, data={"decision": decision})
        return str(answer.headers["location"])

    async def allow(self, url: str) -> None:
        """Give the permission, and look at the last page."""
        await self.open(await self.sent_back(url))

    async def deny(self, url: str) -> None:
        """Refuse it, and look at the last page."""
        await self.open(await self.sent_back(url, "deny"))

    async def open(self, url: str) -> int:
        """Open an address of the receiver in the browser; the simulated cloud has no port."""
        page = await self.browser.get(url.replace("localhost", "127.0.0.1"))
        if page.headers.get("location", "").startswith("/"):
            page = await self.browser.get(page.url.join(page.headers["location"]))
        self.pages.append(page.text)
        return page.status_code


@pytest.fixture
async def person() -> AsyncIterator[Person]:
    here = Person()
    yield here
    await here.oura.aclose()
    await here.browser.aclose()


async def test_the_browser_brings_the_grant(person: Person) -> None:
    """The page says what happened, and the terminal has nothing to remark."""
    grant = await person.connect()
    assert grant.scopes == ("daily",)
    assert "Your Oura account is connected" in person.pages[-1]
    assert person.remarks == []


async def test_an_application_of_the_other_server_asks_once_more(person: Person) -> None:
    """The person is told why the page comes again, and ends connected."""
    person.kind = "mixed"
    grant = await person.connect()
    assert grant.token_url.endswith("/oauth/token")
    assert "once more" in person.remarks[0]
    assert "Your Oura account is connected" in person.pages[-1]


async def test_a_pasted_address_brings_the_grant(person: Person) -> None:
    """Without a browser on this machine; what is not the address is said to be none."""

    async def paste(url: str) -> None:
        for text in ("hello", "http://localhost/callback?code=x&state=y"):
            await person.clipboard.put(text)
        await person.clipboard.put(f"  {await person.sent_back(url)}\n")

    person.act = paste
    assert (await person.connect()).scopes == ("daily",)
    assert len(person.remarks) == 2
    assert all("Paste the whole address" in remark for remark in person.remarks)


async def test_a_refusal_ends_the_flow(person: Person) -> None:
    """Page and error say the same."""
    person.act = person.deny
    with pytest.raises(ConnectFailed) as ended:
        await person.connect()
    assert ended.value.reason == "denied"
    assert ended.value.message in person.pages[-1]


async def test_a_forged_callback_does_not_end_it(person: Person) -> None:
    """A forged callback gets a page of its own; the true one still counts."""
    statuses: list[int] = []

    async def forged_first(url: str) -> None:
        back = await person.sent_back(url)
        forged = urlsplit(back)._replace(query="code=stolen&state=guessed").geturl()
        statuses.append(await person.open(forged))
        await person.open(back)

    person.act = forged_first
    assert (await person.connect()).scopes == ("daily",)
    assert statuses == [400]
    assert "not part of the connection" in person.pages[0]


@pytest.mark.parametrize(("came", "word"), [(False, "in time"), (True, "without the state")])
async def test_the_wait_ends_with_its_reason(
    person: Person, monkeypatch: pytest.MonkeyPatch, came: bool, word: str
) -> None:
    """No callback came, or Oura sent one without the state, which the message says."""
    loop = asyncio.get_running_loop()
    late = 0.0
    usual = loop.time
    monkeypatch.setattr(loop, "time", lambda: usual() + late)

    async def act(url: str) -> None:
        nonlocal late
        if not came:
            return
        await person.open(f"{(await person.sent_back(url)).split('?')[0]}?code=abc")
        late = 600.0

    person.act = act
    with pytest.raises(ConnectFailed, match=word) as ended:
        await person.connect(limit=300.0 if came else 0.1)
    assert ended.value.reason == "timeout"
    assert ended.value.hint


async def test_a_bug_reaches_the_terminal_not_the_browser(person: Person) -> None:
    """The page keeps its words to itself; the waiting side gets the crash."""

    def crash(_: ServerHistory) -> Any:
        raise RuntimeError("planted words")

    with pytest.raises(RuntimeError, match="planted words"):
        await person.connect(store_history=crash)
    assert "a bug of its own" in person.pages[-1]
    assert "planted" not in person.pages[-1]

"""A hosted service in this process, with a simulated Oura behind it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from annulet.contract.scopes import SCOPES
from annulet.hosted.accounts.passwords import Passwords
from annulet.hosted.app import create_app
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.observability.observers import build_observers
from annulet.hosted.service import Service
from annulet.settings import Settings
from annulet.simulator import SimulatedOura
from annulet.vault.secret import Secret

PUBLIC = "http://127.0.0.1:8080"
OURA = "http://127.0.0.1:8790"
PASSWORD = "correct horse battery"


class FrozenClock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class Browser:
    """A browser without scripts: keeps cookies, follows links, fills in the forms it sees."""

    def __init__(self, app: Any, oura: Any, address: str, url: str = PUBLIC) -> None:
        service = httpx2.ASGITransport(app, client=(address, 40_000), raise_app_exceptions=False)
        mounts = {url: service, OURA: httpx2.ASGITransport(oura)}
        self.http = httpx2.AsyncClient(mounts=mounts, base_url=url, timeout=30)
        self.url = url
        self.page: httpx2.Response | None = None

    @property
    def text(self) -> str:
        assert self.page is not None
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.page.text)))

    async def get(self, path: str) -> httpx2.Response:
        return await self._follow(await self.http.get(path))

    async def post(self, path: str, fields: Any = None, **more: Any) -> httpx2.Response:
        body = urlencode(fields or {}, doseq=True)
        headers = {"content-type": "application/x-www-form-urlencoded", **more.pop("headers", {})}
        return await self._follow(await self.http.post(path, content=body, headers=headers, **more))

    async def submit(self, action: str, **fields: Any) -> httpx2.Response:
        """Fill in the first form of the page with this action and send it."""
        hidden = self.form(action)
        assert hidden is not None, f"no form {action} on the page: {self.text[:400]}"
        await self.post(action, {**hidden, **fields})
        question = self.form(action) or {}
        if "confirmed" in question:  # what ends something is asked first
            await self.post(action, question)
        return self.page

    def form(self, action: str) -> dict[str, Any] | None:
        assert self.page is not None
        pattern = rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>'
        for body in re.findall(pattern, self.page.text, re.DOTALL):
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body)
            return {name: unescape(value) for name, value in hidden}
        return None

    async def _follow(self, response: httpx2.Response) -> httpx2.Response:
        while response.is_redirect:
            target = urljoin(str(response.url), response.headers["location"])
            if not target.startswith((self.url, OURA)):
                break
            response = await self.http.get(target)
        self.page = response
        return response

    async def sign_up(self, login: str, **fields: str) -> None:
        await self.get("/sign-up")
        await self.submit("/sign-up", login=login, password=PASSWORD, timezone="UTC", **fields)
        assert "Hello" in self.text, self.text

    async def register(self) -> None:
        await self.get("/toolkits/oura/register")
        await self.submit("/toolkits/oura/register")

    async def connect(self, person: str = "plain") -> None:
        """Press Connect and consent at Oura as this person."""
        await self.get("/dashboard")
        await self.submit("/connect/oura")
        await self.consent(person)

    async def consent(
        self, person: str = "plain", scopes: Iterable[str] = tuple(SCOPES), decision: str = "allow"
    ) -> None:
        """Answer Oura's consent page."""
        assert self.page is not None
        assert str(self.page.url).startswith(OURA), self.text
        fields = {
            "person": person,
            "decision": decision,
            "scopes_shown": "1",
            "scope": list(scopes),
        }
        await self.post(str(self.page.url), fields)

    async def new_key(self, **fields: Any) -> tuple[str, str]:
        """Make an endpoint with one API key; the endpoint's id and the key."""
        await self.get("/endpoints/new")
        await self.submit("/endpoints", kind="other", name="Shell", auth="key")
        endpoint = str(self.page.url).rsplit("/", 1)[1]
        chosen = {"name": "Key", "lifetime": "90", "scope": "oura:read", **fields}
        await self.submit(f"/endpoints/{endpoint}/keys", **chosen)
        return endpoint, re.search(r"annulet_[\w-]{43}", self.page.text).group(0)

    async def ask(
        self, bearer: str, path: str, tool: str = "oura_device", **arguments: Any
    ) -> httpx2.Response:
        """Call a tool as an assistant does."""
        return await self.rpc(bearer, path, "tools/call", {"name": tool, "arguments": arguments})

    async def rpc(self, bearer: str, path: str, method: str, params: Any = None) -> httpx2.Response:
        """One JSON-RPC request with a bearer and without cookies."""
        headers = {"accept": "application/json, text/event-stream", "cookie": ""}
        if bearer:
            headers["authorization"] = f"Bearer {bearer}"
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
        return await self.http.post(path, json=body, headers=headers)


class Hosted:
    """A running service and its simulated Oura."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.clock = FrozenClock()
        self.home = home
        self.oura = SimulatedOura(now=self.clock)
        usual = {
            "home": home,
            "oura_api_url": OURA,
            "client_id": self.oura.application.client_id,
            "client_secret": Secret(self.oura.application.client_secret),
        }
        self.settings = Settings(**{**usual, **settings})
        self.documents: dict[str, bytes] = {}
        build_service = partial(
            Service,
            self.settings,
            clock=self.clock,
            passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
            fetch_document=self._fetch_document,
            new_http=lambda: httpx2.AsyncClient(transport=httpx2.ASGITransport(self.oura.app)),
            observers=build_observers(self.settings.observability),
        )
        self.app = create_app(self.settings, build_service)
        self._browsers: list[Browser] = []

    @property
    def service(self) -> Any:
        return self.app.state.service

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        """Every row of a table."""
        async with self.service.database.read() as connection:
            return [dict(r) for r in (await connection.execute(select(table))).mappings()]

    def browser(self, address: str = "127.0.0.1") -> Browser:
        """A browser at a network address."""
        browser = Browser(self.app, self.oura.app, address, self.settings.public_url)
        self._browsers.append(browser)
        return browser

    async def _fetch_document(self, address: str) -> bytes:
        if address not in self.documents:
            raise OAuthError("invalid_client", "The client's document cannot be found.")
        return self.documents[address]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Hosted]:
        async with self.app.router.lifespan_context(self.app):
            # its first look at subscriptions is over before a test changes what is wanted
            await self.service.webhooks.reconciler.reconcile_if_due()
            try:
                yield self
            finally:
                for browser in self._browsers:
                    await browser.http.aclose()
                self._browsers.clear()


@pytest.fixture
async def hosted(tmp_path: Path) -> AsyncIterator[Hosted]:
    """A fresh service with open sign-up."""
    async with Hosted(tmp_path).running() as running:
        yield running


@pytest.fixture
def make_hosted(tmp_path: Path):
    """Makes services with other settings."""

    def make(**settings: Any) -> Hosted:
        return Hosted(tmp_path, **settings)

    return make

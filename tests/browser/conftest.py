"""A running service with a simulated Oura behind it, and a browser in front."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest
import uvicorn
from argon2 import PasswordHasher
from filelock import FileLock

from annulet.hosted.accounts.passwords import Passwords
from annulet.hosted.app import create_app
from annulet.hosted.service import Service
from annulet.settings import Settings
from annulet.simulator import SimulatedOura
from annulet.vault.secret import Secret

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "artifacts" / "browser"
AXE = "axe-core@4.11.0"


class Site:
    """The service on a free port, in a thread of its own."""

    def __init__(
        self,
        home: Path,
        oura: SimulatedOura,
        oura_url: str,
        host_name: str = "127.0.0.1",
        **settings: Any,
    ) -> None:
        self.oura = oura
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://{host_name}:{self._socket.getsockname()[1]}"
        callback = f"{self.url}/connect/oura/callback"
        application = oura.register_application(redirect_uris=[callback])
        usual = {
            "home": home,
            "oura_api_url": oura_url,
            "client_id": application.client_id,
            "client_secret": Secret(application.client_secret),
            "public_url": self.url,
        }
        chosen = Settings(**{**usual, **settings})
        build_service = partial(
            Service,
            chosen,
            clock=lambda: datetime.now(UTC),  # noqa: TID251 - the browser lives in real time
            passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        )
        app = create_app(chosen, build_service)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.02)
        assert self._thread.is_alive(), "the service did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive(), "the service did not stop"
        self._socket.close()


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Any]:
    """Starts services with other settings; all of them end with the test."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    oura = SimulatedOura()
    running: list[Site] = []
    with oura.serve() as cloud:

        def make(**settings: Any) -> Site:
            site = Site(tmp_path / str(len(running)), oura, cloud.url, **settings).__enter__()
            running.append(site)
            return site

        yield make
        for site in running:
            site.__exit__()


@pytest.fixture
def site(make_site) -> Site:
    """A service with open sign-up and ten places."""
    return make_site()


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    """The browser of the system."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        await browser.close()


@pytest.fixture
def person(chromium, site):
    """Opens a window in which problems of the page are collected and asserted at the end."""

    @asynccontextmanager
    async def open_page(at: Site | None = None, **look: Any) -> AsyncIterator[Any]:
        context = await chromium.new_context(
            base_url=(at or site).url,
            timezone_id="UTC",  # where the simulated people live: today is one day for both
            **look,
        )
        page = await context.new_page()
        problems: list[str] = []
        own = (at or site).url
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text)
                if message.type == "error"
                and page.url.startswith(own)
                and "404" not in message.text
                else None
            ),
        )
        yield page
        await context.close()
        assert problems == []

    return open_page


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, fetched from npm once; without npm the test is skipped."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, so axe-core cannot be had")
    folder = ROOT / ".node" / "axe"
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):  # another worker may be fetching it
        if not source.exists():
            command = [npm, "install", "--prefix", str(folder), "--no-save", "--silent", AXE]
            got = subprocess.run(command, check=False, capture_output=True, timeout=120)
            if got.returncode or not source.exists():
                pytest.skip("axe-core cannot be fetched from npm")
    return source.read_text(encoding="utf-8")

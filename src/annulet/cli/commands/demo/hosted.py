"""The demo of the hosted service: sign up, register, connect, ask over HTTP, disconnect."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator
from typing import Final

import httpx2

from annulet.cli.commands.demo.browser import Browser
from annulet.cli.commands.demo.environment import PERSON, DemoEnvironment, say
from annulet.errors import AnnuletError
from annulet.toolkit.tool import Answer, Arguments

_LOGIN: Final = "demo@example.org"
_KEY: Final = re.compile(r"annulet_[A-Za-z0-9_-]{20,}")
_QUESTIONS: Final[tuple[tuple[str, str, Arguments], ...]] = (
    ("How did I sleep last night?", "oura_daily_summary", {"sections": ["sleep", "readiness"]}),
    ("Anything unusual in the last 30 days?", "oura_anomalies", {}),
)


class Demo:
    """The running service, as the demo knows it.

    Attributes:
        address: Where it is.
        login: The demo account.
        password: Its password, made for this run.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.login = _LOGIN
        self.password = secrets.token_urlsafe(12)


@contextlib.asynccontextmanager
async def serving(environment: DemoEnvironment, port: int) -> AsyncIterator[Demo]:
    """Run `annulet serve` until the end of the block."""
    demo = Demo(f"http://127.0.0.1:{port}")
    environment.register(f"{demo.address}/connect/oura/callback")
    log = (environment.home.parent / "serve.log").open("wb")
    with log:
        process = await asyncio.create_subprocess_exec(
            *environment.command("serve", "--port", str(port)),
            env=environment.variables(ANNULET_HOME=str(environment.home.parent / "service")),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            await _ready(demo.address, process)
            yield demo
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def show_hosted_service(environment: DemoEnvironment, demo: Demo) -> None:
    """Use the service as a browser and an assistant would, from sign-up to disconnect."""
    say(f"\n$ annulet serve   ({demo.address})", style="bold")
    async with Browser(demo.address) as browser:
        await _sign_up(browser, demo, environment)
        await _connect(browser)
        url, key = await _endpoint(browser)
        await _ask(url, key)
        await browser.open("/dashboard")
        await browser.send("/toolkits/oura/disconnect")
        await browser.send("/toolkits/oura/disconnect")  # the page has asked whether it is meant
        browser.expect_form("/connect/oura")
        say("The person presses Disconnect: the tokens are gone and revoked at Oura.")
        await _ask_once(url, key)
        await browser.open("/dashboard")
        await _connect(browser, again=True)


async def _sign_up(browser: Browser, demo: Demo, environment: DemoEnvironment) -> None:
    await browser.open("/sign-up")
    await browser.send(
        "/sign-up", login=demo.login, password=demo.password, timezone=environment.zone
    )
    say(f"A person signs up as {demo.login}; the first account is the admin.")
    await browser.open("/toolkits/oura/register")
    await browser.send("/toolkits/oura/register")
    say("Register → approved at once, while there is capacity.")


async def _connect(browser: Browser, *, again: bool = False) -> None:
    await browser.open("/dashboard")
    await browser.send("/connect/oura")
    count = await browser.allow(PERSON)
    browser.expect_form("/toolkits/oura/disconnect")
    if again:
        say("Connected again, so that the dashboard has something to show.")
    else:
        say(f"Connect → Oura's consent page with {count} permissions → “Successful connection”.")


async def _endpoint(browser: Browser) -> tuple[str, str]:
    """An endpoint for a script, with an API key."""
    await browser.open("/endpoints/new")
    await browser.send("/endpoints", kind="other", name="Demo assistant", auth="key")
    endpoint = browser.url.rstrip("/").rsplit("/", 1)[1]
    await browser.send(f"/endpoints/{endpoint}/keys", name="Demo assistant", lifetime="30")
    key = _KEY.search(browser.page)
    if key is None:
        raise AnnuletError("No API key was shown.")
    say("An MCP endpoint for one assistant, with its own address and an API key shown once.")
    base = re.match(r"https?://[^/]+", browser.url)
    return f"{base[0] if base else ''}/mcp/{endpoint}", key[0]


async def _ask(url: str, key: str) -> None:
    for question, tool, arguments in _QUESTIONS:
        answer = await _call(url, key, tool, arguments)
        say(f"\n? {question}", style="bold cyan")
        say(f"  {answer.get('summary') or answer}\n")


async def _ask_once(url: str, key: str) -> None:
    answer = await _call(url, key, "oura_device", {})
    error = answer.get("error", {})
    say(f"  The assistant now gets: {error.get('code')}: {error.get('hint')}", style="dim")


async def _call(url: str, key: str, tool: str, arguments: Arguments) -> Answer:
    from mcp.client import Client
    from mcp.client.streamable_http import streamable_http_client

    headers = {"authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        result = await client.call_tool(tool, dict(arguments))
        return dict(result.structured_content or {})


async def _ready(address: str, process: asyncio.subprocess.Process) -> None:
    async with httpx2.AsyncClient(timeout=2, trust_env=False) as http:
        for _ in range(200):
            if process.returncode is not None:
                break
            with contextlib.suppress(httpx2.HTTPError):
                if (await http.get(f"{address}/readyz")).is_success:
                    return
            await asyncio.sleep(0.1)
    raise AnnuletError(
        "annulet serve did not start.", hint="Is the port free? Try: annulet demo --port 0"
    )

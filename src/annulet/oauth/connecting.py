"""Connecting from this machine: receiver, consent page, pasted address, and an end in any case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from annulet.errors import AnnuletError
from annulet.oauth.application import Application
from annulet.oauth.consent import Again, Consent, Ended, Step
from annulet.oauth.failures import ConnectFailed
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Clock
from annulet.oauth.loopback_server import DONE_PATH, PORTS, Receiver, bind
from annulet.oauth.pages import Reply, page, redirect
from annulet.oauth.provider import Memory, Provider
from annulet.oauth.token_request import LIMIT_S

if TYPE_CHECKING:
    import httpx2

__all__ = ["TIMEOUT_SECONDS", "Terminal", "connect"]

TIMEOUT_SECONDS: Final = 300.0
_CLOSE: Final = "You can close this page and go back to the terminal."


class Terminal(Protocol):
    """The side of the flow that a person sees outside the browser."""

    def consent_page(self, url: str, *, port: int, again: bool) -> None:
        """Show, and perhaps open, the page where the person consents."""
        ...

    def waiting(self, seconds: float) -> None:
        """Called every second with the seconds left."""
        ...

    def remark(self, text: str) -> None:
        """Something worth knowing that does not end the flow."""
        ...

    async def pasted(self) -> str:
        """The next address the person pasted; waits forever where nobody pastes."""
        ...


async def connect(
    provider: Provider,
    application: Application,
    *,
    names: tuple[str, ...],
    memory: Memory,
    remember: Callable[[Memory], None],
    terminal: Terminal,
    clock: Clock,
    ports: Sequence[int] = PORTS,
    timeout: float = TIMEOUT_SECONDS,  # noqa: ASYNC109 - the person is shown what is left of it
    http: httpx2.AsyncClient | None = None,
) -> Grant:
    """Lead the person to a grant; nothing is stored here.

    Raises:
        ConnectFailed: Denied, timed out, or Oura refused.
        PortBusy: No registered port is free.
        OuraUnavailable: Oura did not answer.
    """
    receiver = bind(ports)
    try:
        consent = Consent(
            provider,
            application,
            names=names,
            redirect_uri=receiver.redirect_uri,
            memory=memory,
            remember=remember,
            clock=clock,
            http=http,
        )
        flow = _Flow(consent, receiver, terminal)
        await receiver.start(flow.callback)
        terminal.consent_page(consent.url, port=receiver.port, again=False)
        return await flow.ended(timeout)
    finally:
        await receiver.aclose()


class _Flow:
    """Joins the two ways a callback can come in: the browser's request and the pasted address."""

    def __init__(self, consent: Consent, receiver: Receiver, terminal: Terminal) -> None:
        self._consent = consent
        self._receiver = receiver
        self._terminal = terminal
        self._over: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._in_browser = False

    async def callback(self, query: str) -> Reply:
        """Answer the browser, after the exchange."""
        try:
            step = await self._take(query)
        except Exception as crash:  # noqa: BLE001 - the waiting side raises it; here is a browser
            if not self._over.done():
                self._over.set_exception(crash)
            return page(500, "Not connected", "annulet met a bug of its own. See the terminal.")
        if isinstance(step, Again):
            return redirect(step.url)
        if not isinstance(step, Ended):
            return page(
                400,
                "This page is not part of the connection",
                step.why,
                "annulet keeps waiting for the right one. If you came here from Oura, start "
                "again from the address shown in the terminal.",
            )
        self._in_browser = True
        return redirect(DONE_PATH)

    async def ended(self, limit: float) -> Grant:
        """Wait for the end, telling how long is left; then give the browser its last page."""
        pasting = asyncio.create_task(self._read_pasted())
        try:
            over = await self._countdown(limit)
        finally:
            pasting.cancel()
            await asyncio.gather(pasting, return_exceptions=True)
        if self._in_browser:
            await self._receiver.linger()
        if over.grant is None:
            raise over.failure or AnnuletError("The connection ended without a reason.")
        return over.grant

    async def _countdown(self, limit: float) -> Ended:
        loop = asyncio.get_running_loop()
        until = loop.time() + limit
        while (left := until - loop.time()) > 0:
            self._terminal.waiting(left)
            if await self._within(min(1.0, left)):
                return self._over.result()
        if self._consent.busy and await self._within(LIMIT_S + 5.0):
            return self._over.result()  # the permission came in time; only Oura's answer did not
        return Ended(None, _timed_out(stateless=self._consent.came_without_state))

    async def _within(self, seconds: float) -> bool:
        done, _ = await asyncio.wait({self._over}, timeout=seconds)
        return bool(done)

    async def _take(self, query: str) -> Step:
        step = await self._consent.arrived(query)
        if isinstance(step, Again):
            self._terminal.remark(
                "This application belongs to Oura's other sign-in service, so Oura asks for the "
                "permission once more."
            )
            self._terminal.consent_page(step.url, port=self._receiver.port, again=True)
        elif isinstance(step, Ended) and not self._over.done():
            self._receiver.conclude(_last_page(step))
            self._over.set_result(step)
        return step

    async def _read_pasted(self) -> None:
        while True:
            text = (await self._terminal.pasted()).strip()
            query = urlsplit(text).query if "?" in text else ""
            step = await self._take(query)
            if not isinstance(step, Again | Ended):
                self._terminal.remark(
                    "That is not the address of this connection. Paste the whole address that "
                    "the browser shows after you have given the permission."
                )


def _last_page(step: Ended) -> Reply:
    if step.grant is not None:
        return page(200, "Connected", "Your Oura account is connected to annulet.", _CLOSE)
    failure = step.failure
    if isinstance(failure, ConnectFailed) and failure.reason == "denied":
        return page(200, "Not connected", failure.message, failure.hint, _CLOSE)
    message = failure.message if failure else "Something went wrong."
    return page(200, "Not connected", message, failure.hint if failure else "", _CLOSE)


def _timed_out(*, stateless: bool) -> ConnectFailed:
    if stateless:
        return ConnectFailed(
            "Oura came back without the state it was given, so its answer could not be used.",
            hint="Check that the redirect URI registered at Oura is exactly the one annulet "
            "shows, then run: annulet connect",
            reason="timeout",
        )
    return ConnectFailed(
        "No permission was given in time, so nothing was connected.",
        hint="Run annulet connect again, and finish in the browser before the time is over.",
        reason="timeout",
    )

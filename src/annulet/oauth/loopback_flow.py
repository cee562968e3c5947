"""The consent flow on this machine, with browser, loopback server and terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from annulet.errors import AnnuletError
from annulet.oauth.application import Application
from annulet.oauth.connect_errors import ConnectFailed
from annulet.oauth.consent_flow import CallbackOutcome, ConsentFlow, ConsentRepeated, FlowEnded
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Clock
from annulet.oauth.loopback_server import DONE_PATH, PORTS, LoopbackServer, bind_loopback_server
from annulet.oauth.pages import page, redirect
from annulet.oauth.provider import IdentityProvider, ServerHistory
from annulet.oauth.token_request import LIMIT_S

if TYPE_CHECKING:
    import httpx2
    from starlette.responses import Response

TIMEOUT_S: Final = 300.0
_EXCHANGE_S: Final = LIMIT_S + 5.0
_CLOSE: Final = "You can close this page and go back to the terminal."


class Terminal(Protocol):
    """The messages and the input of the consent flow outside the browser."""

    def show_consent_page(self, url: str, *, port: int, is_repeated: bool) -> None:
        """Show the address of the consent page, and open it if that is wanted."""
        ...

    def show_time_left(self, seconds: float) -> None:
        """Show the seconds that are left; called every second."""
        ...

    def show_note(self, text: str) -> None:
        """Show a remark that does not end the flow."""
        ...

    async def read_pasted(self) -> str:
        """Return the next pasted address; waits without end where there is none."""
        ...


async def connect_on_loopback(
    provider: IdentityProvider,
    application: Application,
    *,
    names: tuple[str, ...],
    history: ServerHistory,
    store_history: Callable[[ServerHistory], None],
    terminal: Terminal,
    clock: Clock,
    ports: Sequence[int] = PORTS,
    timeout_s: float = TIMEOUT_S,
    http: httpx2.AsyncClient | None = None,
) -> Grant:
    """Run the consent flow to a grant; the caller stores it.

    Raises:
        ConnectFailed: Denied, timed out, or Oura refused.
        PortBusy: No registered port is free.
        OuraUnavailable: Oura did not answer.
    """
    server = bind_loopback_server(ports)
    try:
        flow = ConsentFlow(
            provider,
            application,
            names=names,
            redirect_uri=server.redirect_uri,
            history=history,
            store_history=store_history,
            clock=clock,
            http=http,
        )
        attempt = _Attempt(flow, server, terminal)
        await server.start(attempt.respond)
        terminal.show_consent_page(flow.url, port=server.port, is_repeated=False)
        return await attempt.wait(timeout_s)
    finally:
        await server.aclose()


class _Attempt:
    """Joins the two ways a callback can arrive: the browser's request and the pasted address."""

    def __init__(self, flow: ConsentFlow, server: LoopbackServer, terminal: Terminal) -> None:
        self._flow = flow
        self._server = server
        self._terminal = terminal
        self._end: asyncio.Future[FlowEnded] = asyncio.get_running_loop().create_future()
        self._ended_in_browser = False

    async def respond(self, query: str) -> Response:
        """Handle a callback and return the browser's page."""
        try:
            outcome = await self._handle(query)
        except Exception as crash:  # noqa: BLE001 - wait() raises it; here is a browser
            if not self._end.done():
                self._end.set_exception(crash)
            return page(500, "Not connected", "annulet met a bug of its own. See the terminal.")
        if isinstance(outcome, ConsentRepeated):
            return redirect(outcome.url)
        if isinstance(outcome, FlowEnded):
            self._ended_in_browser = True
            return redirect(DONE_PATH)
        return page(
            400,
            "This page is not part of the connection",
            outcome.reason,
            "annulet keeps waiting for the right one. If you came here from Oura, start "
            "again from the address shown in the terminal.",
        )

    async def wait(self, limit_s: float) -> Grant:
        """Wait for the end and show the time left; then send the browser its last page."""
        pasting = asyncio.create_task(self._handle_pasted())
        try:
            end = await self._count_down(limit_s)
        finally:
            pasting.cancel()
            await asyncio.gather(pasting, return_exceptions=True)
        if self._ended_in_browser:
            await self._server.wait_for_last_page()
        if end.grant is None:
            raise end.failure or AnnuletError("The connection ended without a reason.")
        return end.grant

    async def _count_down(self, limit_s: float) -> FlowEnded:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limit_s
        while (left_s := deadline - loop.time()) > 0:
            self._terminal.show_time_left(left_s)
            if await self._ends_within(min(1.0, left_s)):
                return self._end.result()
        if self._flow.is_busy and await self._ends_within(_EXCHANGE_S):
            return self._end.result()  # the permission came in time; only Oura's response did not
        return FlowEnded(None, _timeout_error(came_without_state=self._flow.came_without_state))

    async def _ends_within(self, seconds: float) -> bool:
        done, _ = await asyncio.wait({self._end}, timeout=seconds)
        return bool(done)

    async def _handle(self, query: str) -> CallbackOutcome:
        outcome = await self._flow.handle_callback(query)
        if isinstance(outcome, ConsentRepeated):
            self._terminal.show_note(
                "This application belongs to Oura's other sign-in service, so Oura asks for the "
                "permission once more."
            )
            self._terminal.show_consent_page(outcome.url, port=self._server.port, is_repeated=True)
        elif isinstance(outcome, FlowEnded) and not self._end.done():
            self._server.set_last_page(_last_page(outcome))
            self._end.set_result(outcome)
        return outcome

    async def _handle_pasted(self) -> None:
        while True:
            text = (await self._terminal.read_pasted()).strip()
            query = urlsplit(text).query if "?" in text else ""
            outcome = await self._handle(query)
            if not isinstance(outcome, ConsentRepeated | FlowEnded):
                self._terminal.show_note(
                    "That is not the address of this connection. Paste the whole address that "
                    "the browser shows after you have given the permission."
                )


def _last_page(end: FlowEnded) -> Response:
    if end.grant is not None:
        return page(200, "Connected", "Your Oura account is connected to annulet.", _CLOSE)
    failure = end.failure
    if isinstance(failure, ConnectFailed) and failure.reason == "denied":
        return page(200, "Not connected", failure.message, failure.hint, _CLOSE)
    message = failure.message if failure else "Something went wrong."
    return page(200, "Not connected", message, failure.hint if failure else "", _CLOSE)


def _timeout_error(*, came_without_state: bool) -> ConnectFailed:
    if came_without_state:
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

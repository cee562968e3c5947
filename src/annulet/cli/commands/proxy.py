"""``annulet proxy``: an address on this machine that adds the credential to reads of Oura's API."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from annulet.cli.output import streams
from annulet.cli.ports import Port

if TYPE_CHECKING:
    import socket as sockets

    from annulet.client import TokenProvider
    from annulet.settings import Settings
    from annulet.vault.credential import InjectionTemplate
    from annulet.vault.secret import Secret
    from annulet.vault.store import Vault

ENVIRONMENT: Final = "environment"
"""The account of a bare access token."""
DEFAULT_PORT: Final = 8733
_REMEMBERED_SECONDS: Final = 30.0


async def proxy(
    *,
    port: Annotated[
        Port, Parameter(help="The port on 127.0.0.1; 0 for any free one.", show_default=True)
    ] = DEFAULT_PORT,
    socket: Annotated[
        Path | None, Parameter(help="Also listen on this unix socket, for you alone.")
    ] = None,
    account: Annotated[str, Parameter(help="Which connection, if not the default.")] = "",
    json: Annotated[bool, Parameter(help="Print it as JSON.")] = False,
) -> None:
    """Serve the credential proxy until Ctrl-C.

    Programs use the printed address in the place of https://api.ouraring.com, with a capability
    from annulet grant as their bearer. They read what the capability covers and nothing else, and
    never see the credential.
    """
    from annulet.proxy.serving import bind_loopback, bind_unix
    from annulet.settings import Settings

    settings = Settings.from_environ()
    async with _person(settings, account) as person:
        listeners = [bind_loopback(port)]
        try:
            if socket:
                listeners.append(bind_unix(socket))
            base = f"http://127.0.0.1:{listeners[0].getsockname()[1]}"
            await _serve(
                settings,
                person,
                listeners,
                ready=lambda: _announce(base, person.account, socket, as_json=json),
            )
        finally:
            for listener in listeners:
                listener.close()
            if len(listeners) > 1 and socket:
                socket.unlink(missing_ok=True)


async def _serve(
    settings: Settings,
    person: _Person,
    listeners: list[sockets.socket],
    *,
    ready: Callable[[], None],
) -> None:
    from annulet.oura_http.token_bucket import TokenBucket
    from annulet.proxy.app import Proxy
    from annulet.proxy.data_files import open_capability_store, open_journal
    from annulet.proxy.serving import allowed_hosts, serve
    from annulet.proxy.upstream import Upstream
    from annulet.wiring import utc_now

    upstream = Upstream(
        settings.oura_api_url, person.tokens, secrets=person.secrets, template=person.template
    )
    try:
        store = open_capability_store(settings.home)
        with closing(open_journal(settings.home)) as journal, store.keep_open():
            application = Proxy(
                account=person.account,
                upstream=upstream,
                store=store,
                journal=journal,
                bucket=TokenBucket(time.monotonic),
                now=utc_now,
                allowed_hosts=frozenset().union(*map(allowed_hosts, listeners)),
                may_use=person.may_use,
            )
            await serve(application, listeners, ready=ready)
    finally:
        await upstream.close()


@dataclass(frozen=True, slots=True)
class _Person:
    """Whose credential the proxy adds, and what may be done with it."""

    account: str
    tokens: TokenProvider
    secrets: Callable[[], Awaitable[Iterable[Secret]]]
    template: InjectionTemplate | None
    may_use: Callable[[str], bool]


@asynccontextmanager
async def _person(settings: Settings, account: str) -> AsyncIterator[_Person]:
    from annulet.oauth.vault_grants import GRANT_CREDENTIAL
    from annulet.oura_http.token_provider import StaticToken
    from annulet.wiring import open_session, open_vault, stated_token

    access_token = stated_token(settings, account)
    if access_token is not None:
        token = StaticToken(access_token.reveal())
        yield _Person(ENVIRONMENT, token, _no_secrets, None, lambda _: True)
        return
    vault = open_vault(settings)
    chosen = vault.account_or_default(account or settings.account)
    session = open_session(settings, vault, chosen)
    try:
        row = await session.state()
        if row.needs_reconnect:
            raise session.reconnect_error(row.needs_reconnect)
        entry = vault.get(chosen, GRANT_CREDENTIAL)
        templates = entry.policy.templates if entry else ()

        async def secrets() -> Iterable[Secret]:
            grant = (await session.state()).grant
            return [
                *([grant.refresh_token] if grant.refresh_token else []),
                *_of_application(vault),
            ]

        yield _Person(
            chosen,
            session,
            secrets,
            templates[0] if templates else None,
            _AllowedTools(vault, chosen, GRANT_CREDENTIAL),
        )
    finally:
        await session.aclose()


def _of_application(vault: Vault) -> list[Secret]:
    """The secrets of every application in the vault: none of them may come back."""
    from annulet.oauth.application import APPLICATION_CREDENTIAL
    from annulet.vault.secret import Secret

    values = [
        each.fields.get("client_secret")
        for each in vault.credentials()
        if each.name == APPLICATION_CREDENTIAL
    ]
    return [Secret(str(value)) for value in values if value]


async def _no_secrets() -> tuple[Secret, ...]:
    return ()


class _AllowedTools:
    """Asks the vault which tools may use the credential, and remembers a yes for a moment."""

    def __init__(self, vault: Vault, account: str, name: str) -> None:
        self._vault = vault
        self._account = account
        self._name = name
        self._seen: dict[str, float] = {}

    def __call__(self, tool: str) -> bool:
        now = time.monotonic()
        if now - self._seen.get(tool, float("-inf")) < _REMEMBERED_SECONDS:
            return True
        entry = self._vault.get(self._account, self._name)
        allowed = entry is not None and entry.policy.allows(tool)
        if allowed:
            self._seen[tool] = now
        return allowed


def _announce(base: str, account: str, socket: Path | None, *, as_json: bool) -> None:
    if as_json:
        more = {"socket": str(socket)} if socket else {}
        streams.answer_json({"base_url": base, "account": account, **more})
        return
    streams.write(base)
    streams.note(
        f"Serving the account “{account}”, read-only, to programs of this machine.\n"
        "Mint a capability in another terminal:  annulet grant --tool bash\n"
        f'Then:  curl -H "Authorization: Bearer CAPABILITY" {base}/v2/usercollection/daily_sleep\n'
        "It keeps the credential out of transcripts and programs. It is no wall against a program "
        "that runs as you and means harm.\n"
        "Ctrl-C ends it."
    )

"""``annulet mcp``: the MCP server on stdio, over loopback HTTP, or put into an assistant."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from annulet.cli.commands.mcp_stdio import serve
from annulet.cli.output import streams
from annulet.cli.ports import Port
from annulet.errors import UsageError
from annulet.settings import Settings, folders_of_programs
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    from annulet.mcp_server.assistants.config_file import ServerCommand
    from annulet.mcp_server.install.plan import Plan
    from annulet.toolkit.context import Context

_PORT: Final = 8722
_KEY_FILE: Final = "mcp-http-key"
app = App(name="mcp", help="The MCP server: on stdio by itself, over HTTP, or installed.")


@app.default
def mcp(
    *,
    http: bool = False,
    port: Annotated[Port, Parameter(show_default=True)] = _PORT,
    account: str = "",
) -> int:
    """Serve assistants: on standard input and output, or with --http at a loopback address.

    Args:
        http: Serve over HTTP on 127.0.0.1 instead of standard input and output.
        port: The port for --http; 0 takes any free one.
        account: Which connection to answer from.
    """
    return _serve_http(port, account) if http else serve(account)


@app.command
def install(
    *,
    client: str,
    show: Annotated[bool, Parameter(name="--print")] = False,
    uninstall: bool = False,
    account: str = "",
) -> int:
    """Put annulet into an assistant's configuration, or take it out.

    Args:
        client: claude-desktop, claude-code, cursor, vscode, codex, gemini or opencode.
        show: Show what would be written, and write nothing.
        uninstall: Take the entry out again.
        account: Which connection the assistant gets.
    """
    from annulet.mcp_server.assistants.config_file import Machine
    from annulet.mcp_server.install.installable import find_installable
    from annulet.mcp_server.install.plan import plan_install, plan_uninstall

    assistant = find_installable(client)
    machine = Machine(Path.home(), sys.platform, folders_of_programs())
    if uninstall:
        plan = plan_uninstall(assistant, machine)
    else:
        plan = plan_install(assistant, machine, _server_command(Settings.from_environ(), account))
    return _show(plan, uninstall=uninstall) if show else _apply_plan(plan, uninstall=uninstall)


def _show(plan: Plan, *, uninstall: bool) -> int:
    streams.note(f"{plan.assistant.title}: {plan.file}")
    if uninstall:
        streams.note("The entry would be taken out." if plan.changes else "There is no entry.")
    else:
        streams.write(plan.snippet.rstrip())
    return 0


def _apply_plan(plan: Plan, *, uninstall: bool) -> int:
    if not plan.changes:
        there = "There is no annulet entry in" if uninstall else "annulet is already in"
        streams.note(f"{there} {plan.file}.")
        return 0
    backup = plan.carry_out()
    streams.note(f"{'Removed from' if uninstall else 'Written to'} {plan.file}.")
    if backup is not None:
        streams.note(f"The former file is kept as {backup}.")
    streams.note(plan.assistant.config_file.afterwards)
    return 0


def _server_command(settings: Settings, account: str) -> ServerCommand:
    from annulet.mcp_server.assistants.config_file import ServerCommand

    chosen = ("--account", account) if account else ()
    command = _program()
    return ServerCommand(command[0], (*command[1:], "mcp", *chosen), _plain_settings(settings))


def _program() -> list[str]:
    """How to start annulet again, by absolute path."""
    beside = Path(sys.executable).with_name("annulet.exe" if os.name == "nt" else "annulet")
    if beside.exists():
        return [str(beside)]
    program = shutil.which("annulet")
    return [program] if program else [sys.executable, "-m", "annulet"]


def _plain_settings(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The settings that differ from the defaults and are no secrets."""
    usual = Settings.from_environ({})
    names = {
        "ANNULET_HOME": "home",
        "ANNULET_ACCOUNT": "account",
        "ANNULET_TIMEZONE": "timezone",
        "ANNULET_MCP_CONTENT": "mcp_content",
        "ANNULET_KEY_FILE": "key_file",
        "ANNULET_OURA_API_URL": "oura_api_url",
        "ANNULET_OURA_AUTHORIZE_URL": "oura_authorize_url",
        "ANNULET_OURA_TOKEN_URL": "oura_token_url",
        "ANNULET_OURA_REVOKE_URL": "oura_revoke_url",
        "ANNULET_OURA_ISSUER_URL": "oura_issuer_url",
    }
    return tuple(
        (name, _absolute(getattr(settings, field)))
        for name, field in names.items()
        if getattr(settings, field) != getattr(usual, field)
    )


def _absolute(value: str | Path) -> str:
    """The assistant starts the server in a folder of its own choice."""
    return str(value.absolute()) if isinstance(value, Path) else value


def _serve_http(port: int, account: str) -> int:
    import uvicorn

    from annulet.mcp_server.protocol.logs import log_to
    from annulet.mcp_server.protocol.loopback import PATH, build_loopback_app
    from annulet.proxy.serving import bind_loopback

    settings = Settings.from_environ()
    key = _http_key(settings.home)

    def open_person() -> AbstractAsyncContextManager[Context]:
        from annulet.wiring import open_context

        return open_context(settings, account=account)

    log_to(sys.stderr)
    with bind_loopback(port) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
        streams.write(f"URL            {address}\nAuthorization  Bearer {key.reveal()}")
        streams.note("Give both to your assistant. Ctrl-C ends the server.")
        config = uvicorn.Config(
            build_loopback_app(open_person, key, form=settings.mcp_content),
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _http_key(home: Path) -> Secret:
    """Read the key of the HTTP server, or make it: a new one would shut out known assistants."""
    from annulet.vault.files import create_private_file, make_private_folder

    file, key = home / _KEY_FILE, f"annulet_local_{secrets.token_urlsafe(32)}"
    make_private_folder(home)
    try:
        if create_private_file(file, key.encode()):
            return Secret(key)
        stored_key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"The key of the HTTP server, {file}, cannot be read or written.",
            hint="Check the permissions of the data folder, or name another one with ANNULET_HOME.",
        ) from None
    if not stored_key:
        raise UsageError(f"{file} is empty.", hint="Delete it; a new key is made.")
    return Secret(stored_key)

"""How each assistant is set up: commands, links and steps, filled in for one endpoint."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from annulet.mcp_server.assistants import ASSISTANTS as ALL_ASSISTANTS
from annulet.mcp_server.assistants import Assistant
from annulet.mcp_server.assistants.address_setup import CommandSetup, EntrySetup, FormSetup

_KEY_PLACE: Final = "YOUR_API_KEY"

ASSISTANTS: Final[dict[str, Assistant]] = {
    assistant.kind: assistant for assistant in ALL_ASSISTANTS if assistant.takes_address
}
"""The assistants that can use an endpoint, by kind."""


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step of a set-up.

    Attributes:
        text: What to do.
        copy: What to paste, if anything.
        link: What to open, if anything.
        link_text: The words of that link.
    """

    text: str
    copy: str = ""
    link: str = ""
    link_text: str = ""


_SIGN_IN: Final = SetupStep(
    "The assistant opens this service in your browser: sign in and allow it."
)
_PASTE_KEY: Final = SetupStep(f"Put your API key in the place of {_KEY_PLACE}.")


def find_kind(client_name: str) -> str:
    """Find the kind of assistant by the name with which a client introduces itself.

    >>> find_kind("Claude Code (laptop)"), find_kind("My script")
    ('claude_code', 'other')
    """
    # “claude” is part of “claude code”, so the longer name comes first
    by_length = sorted(ASSISTANTS.values(), key=lambda a: len(a.client_name), reverse=True)
    name = client_name.casefold()
    kinds = (a.kind for a in by_length if a.client_name and a.client_name in name)
    return next(kinds, "other")


def runs_in_cloud(kind: str) -> bool:
    """Tell whether an assistant calls from its vendor's servers, which reach no loopback address.

    >>> runs_in_cloud("chatgpt"), runs_in_cloud("other")
    (True, False)
    """
    return kind in ASSISTANTS and isinstance(ASSISTANTS[kind].address, FormSetup)


def build_steps(kind: str, url: str, *, auth: str, key: str = "") -> tuple[SetupStep, ...]:
    """Build the set-up of one assistant for one endpoint.

    Args:
        kind: A key of `ASSISTANTS`.
        url: The address of the endpoint.
        auth: ``oauth`` or ``key``.
        key: An API key that was made just now, to put into what is copied.
    """
    steps = _build(kind, url, takes_key=auth == "key")
    if not key:
        return steps
    filled = (replace(step, copy=step.copy.replace(_KEY_PLACE, key)) for step in steps)
    return tuple(step for step in filled if step.text != _PASTE_KEY.text)


def _build(kind: str, url: str, *, takes_key: bool) -> tuple[SetupStep, ...]:
    setup = ASSISTANTS[kind].address if kind in ASSISTANTS else None
    match setup:
        case FormSetup():
            paste = SetupStep(setup.paste_text, copy=url)
            return SetupStep(setup.open_text), paste, _SIGN_IN
        case CommandSetup():
            return _build_command(setup, url, takes_key=takes_key)
        case EntrySetup():
            return _build_entry_steps(setup, url, takes_key=takes_key)
        case None:
            return _build_general(url, takes_key=takes_key)


def _build_command(setup: CommandSetup, url: str, *, takes_key: bool) -> tuple[SetupStep, ...]:
    command = setup.command.replace("URL", url)
    if takes_key:
        command += setup.key_option.replace("KEY", _KEY_PLACE)
        return SetupStep("Run this in a terminal:", copy=command), _PASTE_KEY
    sign_in = SetupStep(setup.sign_in.text, copy=setup.sign_in.command)
    return SetupStep("Run this in a terminal:", copy=command), sign_in, _SIGN_IN


def _build_entry_steps(setup: EntrySetup, url: str, *, takes_key: bool) -> tuple[SetupStep, ...]:
    entry = _build_entry(setup.transport, url, takes_key=takes_key)
    link = _build_link(setup, entry)
    put = f"{'Or put' if link else 'Put'} this into {setup.file}:"
    paste = SetupStep(put, copy=_pretty({setup.section: {"annulet": entry}}))
    sign_in = setup.sign_in
    if takes_key:
        return *link, paste, _PASTE_KEY
    extra = (SetupStep(sign_in.text, copy=sign_in.command),) if sign_in else ()
    return *link, paste, *extra, _SIGN_IN


def _build_link(setup: EntrySetup, entry: dict[str, object]) -> tuple[SetupStep, ...]:
    """Build the step with a link that adds the entry; none where the assistant has no such link."""
    if setup.link == "cursor":
        config = base64.b64encode(json.dumps(entry).encode()).decode()
        query = urlencode({"name": "annulet", "config": config})
        link, title = f"cursor://anysphere.cursor-deeplink/mcp/install?{query}", "Cursor"
    elif setup.link == "vscode":
        query = quote(json.dumps({"name": "annulet", **entry}))
        link, title = f"vscode:mcp/install?{query}", "VS Code"
    else:
        return ()
    text = f"Open this link on the computer where {title} is installed:"
    return (SetupStep(text, link=link, link_text=f"Add to {title}"),)


def _build_general(url: str, *, takes_key: bool) -> tuple[SetupStep, ...]:
    address = SetupStep("The address, for MCP over streamable HTTP:", copy=url)
    if not takes_key:
        return address, SetupStep("Choose OAuth as the way to sign in."), _SIGN_IN
    body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
    curl = (
        f"curl -s {url} \\\n"
        f'  -H "Authorization: Bearer {_KEY_PLACE}" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        '  -H "Accept: application/json, text/event-stream" \\\n'
        f"  -d '{body}'"
    )
    return (
        address,
        SetupStep(
            "Send your API key with every request:", copy=f"Authorization: Bearer {_KEY_PLACE}"
        ),
        SetupStep("From a shell, this lists the tools:", copy=curl),
    )


def _build_entry(transport: str, url: str, *, takes_key: bool) -> dict[str, object]:
    entry: dict[str, object] = {"type": transport} if transport else {}
    entry["url"] = url
    if takes_key:
        entry["headers"] = {"Authorization": f"Bearer {_KEY_PLACE}"}
    return entry


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

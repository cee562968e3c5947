"""How each assistant is set up: commands, links and steps, filled in for one endpoint."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

__all__ = ["ASSISTANTS", "Assistant", "SetupStep", "build_steps"]

_KEY_PLACE: Final = "YOUR_API_KEY"


@dataclass(frozen=True, slots=True)
class Assistant:
    """A kind of assistant.

    Attributes:
        kind: Our name for it.
        title: Its name.
        auth: How it usually authenticates: ``oauth`` or ``key``.
    """

    kind: str
    title: str
    auth: str = "oauth"


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


ASSISTANTS: Final[dict[str, Assistant]] = {
    assistant.kind: assistant
    for assistant in (
        Assistant("claude", "Claude (web, desktop, mobile)"),
        Assistant("claude_code", "Claude Code"),
        Assistant("chatgpt", "ChatGPT"),
        Assistant("cursor", "Cursor"),
        Assistant("vscode", "VS Code"),
        Assistant("codex", "Codex"),
        Assistant("gemini", "Gemini CLI"),
        Assistant("opencode", "opencode"),
        Assistant("le_chat", "Le Chat"),
        Assistant("other", "Another assistant or script", "key"),
    )
}


def build_steps(kind: str, url: str, *, auth: str, key: str = "") -> tuple[SetupStep, ...]:
    """The set-up of one assistant for one endpoint.

    Args:
        kind: A key of `ASSISTANTS`.
        url: The address of the endpoint.
        auth: ``oauth`` or ``key``.
        key: An API key that was made just now, to put into what is copied.
    """
    steps = _steps(kind, url, takes_key=auth == "key")
    if not key:
        return steps
    filled = (replace(step, copy=step.copy.replace(_KEY_PLACE, key)) for step in steps)
    return tuple(step for step in filled if step.text != _PASTE_KEY.text)


def _steps(kind: str, url: str, *, takes_key: bool) -> tuple[SetupStep, ...]:
    if kind in _WEB:
        return _web(kind, url)
    if kind in _COMMANDS:
        return _command(kind, url, key=takes_key)
    if kind == "cursor":
        return _cursor(url, key=takes_key)
    if kind == "vscode":
        return _vscode(url, key=takes_key)
    if kind in _FILES:
        return _file(kind, url, key=takes_key)
    return _other(url, key=takes_key)


_SIGN_IN: Final = SetupStep(
    "The assistant opens this service in your browser: sign in and allow it."
)
_PASTE_KEY: Final = SetupStep(f"Put your API key in the place of {_KEY_PLACE}.")

_WEB: Final = {
    "claude": (
        "In Claude, open Settings, then Connectors, then “Add custom connector”.",
        "Name it annulet and paste this address:",
    ),
    "chatgpt": (
        "In ChatGPT, open Settings, then Connectors, and create one (developer mode).",
        "Name it annulet, choose OAuth, and paste this address:",
    ),
    "le_chat": (
        "In Le Chat, open Connectors, then “Add connector”, then “Custom MCP connector”.",
        "Name it annulet and paste this address:",
    ),
}


def _web(kind: str, url: str) -> tuple[SetupStep, ...]:
    where, paste = _WEB[kind]
    return SetupStep(where), SetupStep(paste, copy=url), _SIGN_IN


def _command(kind: str, url: str, *, key: bool) -> tuple[SetupStep, ...]:
    words, after = _COMMANDS[kind]
    command = words.replace("URL", url)
    if key:
        command += _KEY_OPTIONS[kind].replace("KEY", _KEY_PLACE)
        return SetupStep("Run this in a terminal:", copy=command), _PASTE_KEY
    return (
        SetupStep("Run this in a terminal:", copy=command),
        SetupStep(after[0], copy=after[1]),
        _SIGN_IN,
    )


_COMMANDS: Final = {
    "claude_code": (
        "claude mcp add --transport http annulet URL",
        ("Then sign in:", "claude mcp login annulet"),
    ),
    "codex": (
        "codex mcp add annulet --url URL",
        ("If it does not open your browser by itself, sign in:", "codex mcp login annulet"),
    ),
    "gemini": (
        "gemini mcp add --transport http annulet URL",
        ("Then sign in, inside Gemini CLI:", "/mcp auth annulet"),
    ),
}
_KEY_OPTIONS: Final = {
    "claude_code": ' --header "Authorization: Bearer KEY"',
    "codex": " --bearer-token-env-var ANNULET_ENDPOINT_KEY",
    "gemini": ' --header "Authorization: Bearer KEY"',
}


def _cursor(url: str, *, key: bool) -> tuple[SetupStep, ...]:
    entry = _entry(url, key=key)
    config = base64.b64encode(json.dumps(entry).encode()).decode()
    query = urlencode({"name": "annulet", "config": config})
    return (
        SetupStep(
            "Open this link on the computer where Cursor is installed:",
            link=f"cursor://anysphere.cursor-deeplink/mcp/install?{query}",
            link_text="Add to Cursor",
        ),
        SetupStep(
            "Or put this into .cursor/mcp.json:", copy=_pretty({"mcpServers": {"annulet": entry}})
        ),
        _PASTE_KEY if key else _SIGN_IN,
    )


def _vscode(url: str, *, key: bool) -> tuple[SetupStep, ...]:
    entry = {"type": "http", **_entry(url, key=key)}
    return (
        SetupStep(
            "Open this link on the computer where VS Code is installed:",
            link="vscode:mcp/install?" + quote(json.dumps({"name": "annulet", **entry})),
            link_text="Add to VS Code",
        ),
        SetupStep(
            "Or put this into .vscode/mcp.json:", copy=_pretty({"servers": {"annulet": entry}})
        ),
        _PASTE_KEY if key else _SIGN_IN,
    )


_FILES: Final = {
    "opencode": ("Put this into opencode.json:", "Then sign in:", "opencode mcp auth annulet")
}


def _file(kind: str, url: str, *, key: bool) -> tuple[SetupStep, ...]:
    put, then, command = _FILES[kind]
    entry = {"type": "remote", **_entry(url, key=key)}
    step = SetupStep(put, copy=_pretty({"mcp": {"annulet": entry}}))
    return (step, _PASTE_KEY) if key else (step, SetupStep(then, copy=command), _SIGN_IN)


def _other(url: str, *, key: bool) -> tuple[SetupStep, ...]:
    address = SetupStep("The address, for MCP over streamable HTTP:", copy=url)
    if not key:
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


def _entry(url: str, *, key: bool) -> dict[str, object]:
    entry: dict[str, object] = {"url": url}
    if key:
        entry["headers"] = {"Authorization": f"Bearer {_KEY_PLACE}"}
    return entry


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

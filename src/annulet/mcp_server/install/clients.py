"""The assistants we know: where each keeps its configuration, and how an entry looks there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from annulet.errors import UsageError
from annulet.mcp_server.install.entry import Entry

__all__ = ["CLIENTS", "Client", "Machine", "client_named"]


@dataclass(frozen=True, slots=True)
class Machine:
    """Where we are, as far as it decides where assistants keep their files.

    Attributes:
        home: The person's home folder.
        platform: As in ``sys.platform``.
        environ: The environment; a few assistants let it move their files.
    """

    home: Path
    platform: str
    environ: Mapping[str, str]

    def application_data(self) -> Path:
        """Where desktop applications keep their files."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if self.platform == "win32":
            return self._named("APPDATA", self.home / "AppData" / "Roaming")
        return self.config()

    def config(self) -> Path:
        """Where command-line tools keep their files."""
        return self._named("XDG_CONFIG_HOME", self.home / ".config")

    def folder(self, variable: str, name: str) -> Path:
        """A tool's own folder in the home folder, unless the environment moved it."""
        return self._named(variable, self.home / name)

    def _named(self, variable: str, otherwise: Path) -> Path:
        value = self.environ.get(variable, "")
        return Path(value) if value else otherwise


@dataclass(frozen=True, slots=True)
class Client:
    """One assistant.

    Attributes:
        name: What follows ``--client``.
        title: Its name for people.
        file: Finds its configuration file.
        syntax: ``json`` (with comments) or ``toml``.
        section: The key under which it lists servers.
        shape: What an entry looks like.
        afterwards: What the person does for it to take effect.
        aliases: Other names people use.
    """

    name: str
    title: str
    file: Callable[[Machine], Path]
    syntax: Literal["json", "toml"]
    section: str
    shape: Callable[[Entry], dict[str, Any]]
    afterwards: str
    aliases: tuple[str, ...] = ()


def _plain(entry: Entry) -> dict[str, Any]:
    shaped: dict[str, Any] = {"command": entry.command, "args": list(entry.args)}
    return shaped | ({"env": dict(entry.env)} if entry.env else {})


def _typed(entry: Entry) -> dict[str, Any]:
    return {"type": "stdio"} | _plain(entry)


def _opencode(entry: Entry) -> dict[str, Any]:
    shaped: dict[str, Any] = {"type": "local", "command": [entry.command, *entry.args]}
    shaped |= {"environment": dict(entry.env)} if entry.env else {}
    return shaped | {"enabled": True}


def _opencode_file(machine: Machine) -> Path:
    folder = machine.config() / "opencode"
    commented = folder / "opencode.jsonc"
    return commented if commented.exists() else folder / "opencode.json"


def _claude_code_file(machine: Machine) -> Path:
    moved = machine.environ.get("CLAUDE_CONFIG_DIR", "")
    return (Path(moved) if moved else machine.home) / ".claude.json"


CLIENTS: Final[tuple[Client, ...]] = (
    Client(
        "claude-desktop",
        "Claude Desktop",
        lambda machine: machine.application_data() / "Claude" / "claude_desktop_config.json",
        "json",
        "mcpServers",
        _plain,
        "Quit Claude Desktop and open it again.",
        ("claude",),
    ),
    Client(
        "claude-code",
        "Claude Code",
        _claude_code_file,
        "json",
        "mcpServers",
        _typed,
        "Start a new session; /mcp shows the server.",
    ),
    Client(
        "codex",
        "Codex",
        lambda machine: machine.folder("CODEX_HOME", ".codex") / "config.toml",
        "toml",
        "mcp_servers",
        _plain,
        "Start a new session; /mcp shows the server.",
        ("codex-cli",),
    ),
    Client(
        "cursor",
        "Cursor",
        lambda machine: machine.home / ".cursor" / "mcp.json",
        "json",
        "mcpServers",
        _plain,
        "Look at Settings, MCP; switch the server on if Cursor asks.",
    ),
    Client(
        "vscode",
        "VS Code",
        lambda machine: machine.application_data() / "Code" / "User" / "mcp.json",
        "json",
        "servers",
        _typed,
        "Run “MCP: List Servers” and start annulet.",
        ("vs-code", "code"),
    ),
    Client(
        "gemini",
        "Gemini CLI",
        lambda machine: machine.home / ".gemini" / "settings.json",
        "json",
        "mcpServers",
        _plain,
        "Start a new session; /mcp shows the server.",
        ("gemini-cli",),
    ),
    Client(
        "opencode",
        "opencode",
        _opencode_file,
        "json",
        "mcp",
        _opencode,
        "Start a new session.",
    ),
)


def client_named(name: str) -> Client:
    """The assistant of that name.

    Raises:
        UsageError: We do not know it; the hint lists those we know.
    """
    wanted = name.strip().casefold().replace(" ", "-").replace("_", "-")
    for client in CLIENTS:
        if wanted in {client.name, *client.aliases}:
            return client
    known = ", ".join(client.name for client in CLIENTS)
    raise UsageError(f"annulet does not know the client “{name[:40]}”.", hint=f"Known: {known}.")

"""The table of assistants: names, files, addresses and skills of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from annulet.mcp_server.assistants.address_setup import (
    AddressSetup,
    CommandSetup,
    EntrySetup,
    FormSetup,
    SignIn,
)
from annulet.mcp_server.assistants.config_file import ConfigFile, Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """One assistant; what is missing it cannot do.

    Attributes:
        name: Our name for it.
        title: Its name for people.
        aliases: Other names people use for it.
        client_name: The part of the name by which it introduces itself to an OAuth server, in
            lower case.
        config_file: Its configuration on this machine, which can start a server.
        takes_address: Whether it can be given the address of a server.
        address: How it is given one; ``None`` where we know no particular way.
        auth: How it usually authenticates at an address.
        skill_folder: The folder in the person's home where it looks for skills.
    """

    name: str
    title: str
    aliases: tuple[str, ...] = ()
    client_name: str = ""
    config_file: ConfigFile | None = None
    takes_address: bool = True
    address: AddressSetup | None = None
    auth: Literal["oauth", "key"] = "oauth"
    skill_folder: str = ""

    @property
    def kind(self) -> str:
        """Its name in the database and in the addresses of the service."""
        return self.name.replace("-", "_")


_NEW_SESSION: Final = "Start a new session; /mcp shows the server."
SHARED_SKILLS: Final = ".agents/skills"
"""The folder that most assistants read."""


def _claude_code_file(machine: Machine) -> Path:
    return machine.folder("CLAUDE_CONFIG_DIR", "") / ".claude.json"


def _opencode_file(machine: Machine) -> Path:
    folder = machine.config() / "opencode"
    commented = folder / "opencode.jsonc"
    return commented if commented.exists() else folder / "opencode.json"


ASSISTANTS: Final[tuple[Assistant, ...]] = (
    Assistant(
        name="claude",
        title="Claude (web, desktop, mobile)",
        client_name="claude",
        address=FormSetup(
            "In Claude, open Settings, then Connectors, then “Add custom connector”.",
            "Name it annulet and paste this address:",
        ),
    ),
    Assistant(
        name="claude-desktop",
        title="Claude Desktop",
        aliases=("claude",),
        config_file=ConfigFile(
            lambda machine: machine.application_data() / "Claude" / "claude_desktop_config.json",
            "mcpServers",
            "plain",
            "Quit Claude Desktop and open it again.",
        ),
        takes_address=False,
    ),
    Assistant(
        name="claude-code",
        title="Claude Code",
        client_name="claude code",
        config_file=ConfigFile(_claude_code_file, "mcpServers", "typed", _NEW_SESSION),
        address=CommandSetup(
            "claude mcp add --transport http annulet URL",
            ' --header "Authorization: Bearer KEY"',
            SignIn("Then sign in:", "claude mcp login annulet"),
        ),
        skill_folder=".claude/skills",
    ),
    Assistant(
        name="chatgpt",
        title="ChatGPT",
        client_name="chatgpt",
        address=FormSetup(
            "In ChatGPT, open Settings, then Connectors, and create one (developer mode).",
            "Name it annulet, choose OAuth, and paste this address:",
        ),
    ),
    Assistant(
        name="cursor",
        title="Cursor",
        client_name="cursor",
        config_file=ConfigFile(
            lambda machine: machine.home / ".cursor" / "mcp.json",
            "mcpServers",
            "plain",
            "Look at Settings, MCP; switch the server on if Cursor asks.",
        ),
        address=EntrySetup(".cursor/mcp.json", "mcpServers", link="cursor"),
        skill_folder=SHARED_SKILLS,
    ),
    Assistant(
        name="vscode",
        title="VS Code",
        aliases=("vs-code", "code"),
        client_name="visual studio code",
        config_file=ConfigFile(
            lambda machine: machine.application_data() / "Code" / "User" / "mcp.json",
            "servers",
            "typed",
            "Run “MCP: List Servers” and start annulet.",
        ),
        address=EntrySetup(".vscode/mcp.json", "servers", transport="http", link="vscode"),
        skill_folder=SHARED_SKILLS,
    ),
    Assistant(
        name="codex",
        title="Codex",
        aliases=("codex-cli",),
        client_name="codex",
        config_file=ConfigFile(
            lambda machine: machine.folder("CODEX_HOME", ".codex") / "config.toml",
            "mcp_servers",
            "plain",
            _NEW_SESSION,
            syntax="toml",
        ),
        address=CommandSetup(
            "codex mcp add annulet --url URL",
            " --bearer-token-env-var ANNULET_ENDPOINT_KEY",
            SignIn(
                "If it does not open your browser by itself, sign in:", "codex mcp login annulet"
            ),
        ),
        skill_folder=SHARED_SKILLS,
    ),
    Assistant(
        name="gemini",
        title="Gemini CLI",
        aliases=("gemini-cli",),
        client_name="gemini",
        config_file=ConfigFile(
            lambda machine: machine.home / ".gemini" / "settings.json",
            "mcpServers",
            "plain",
            _NEW_SESSION,
        ),
        address=CommandSetup(
            "gemini mcp add --transport http annulet URL",
            ' --header "Authorization: Bearer KEY"',
            SignIn("Then sign in, inside Gemini CLI:", "/mcp auth annulet"),
        ),
        skill_folder=SHARED_SKILLS,
    ),
    Assistant(
        name="opencode",
        title="opencode",
        client_name="opencode",
        config_file=ConfigFile(_opencode_file, "mcp", "listed", "Start a new session."),
        address=EntrySetup(
            "opencode.json",
            "mcp",
            transport="remote",
            sign_in=SignIn("Then sign in:", "opencode mcp auth annulet"),
        ),
        skill_folder=SHARED_SKILLS,
    ),
    Assistant(
        name="le-chat",
        title="Le Chat",
        client_name="le chat",
        address=FormSetup(
            "In Le Chat, open Connectors, then “Add connector”, then “Custom MCP connector”.",
            "Name it annulet and paste this address:",
        ),
    ),
    Assistant(name="other", title="Another assistant or script", auth="key"),
)

"""What would change in an assistant's configuration, checked before anything is written."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from annulet.errors import UsageError
from annulet.mcp_server.assistants.config_file import ConfigFile, Machine, ServerCommand
from annulet.mcp_server.install import json_entry, toml_entry
from annulet.mcp_server.install.config_errors import ConfigFormError, MalformedConfigError
from annulet.mcp_server.install.files import read_text, write_atomically
from annulet.mcp_server.install.installable import InstallableAssistant
from annulet.mcp_server.install.jsonc import parse

NAME: Final = "annulet"


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that has been worked out and checked, but not made.

    Attributes:
        assistant: Whose configuration it is.
        file: Where it is.
        before: The text there now; ``None`` where there is no file.
        after: The text as it will be.
        snippet: The entry alone, as a person would paste it.
    """

    assistant: InstallableAssistant
    file: Path
    before: str | None
    after: str
    snippet: str

    @property
    def changes(self) -> bool:
        """Whether anything would be different."""
        return self.after != (self.before or "")

    def carry_out(self) -> Path | None:
        """Make the change.

        Returns:
            The backup of the former file, where there was one.

        Raises:
            UsageError: The file cannot be written, or has changed since it was read.
        """
        return write_atomically(self.file, self.before, self.after)


def plan_install(
    assistant: InstallableAssistant, machine: Machine, server: ServerCommand, *, name: str = NAME
) -> Plan:
    """Work out how to add the entry.

    Raises:
        UsageError: The file is malformed or cannot be read; nothing has been changed.
    """
    config = assistant.config_file
    entry = config.build_entry(server)
    add = toml_entry.add_entry if config.syntax == "toml" else json_entry.add_entry
    snippet = add("", config.section, name, entry)
    return _plan(
        assistant, machine, name, lambda text: add(text, config.section, name, entry), snippet
    )


def plan_uninstall(assistant: InstallableAssistant, machine: Machine, *, name: str = NAME) -> Plan:
    """Work out how to remove the entry.

    Raises:
        UsageError: The file is malformed or cannot be read; nothing has been changed.
    """
    config = assistant.config_file
    remove = toml_entry.remove_entry if config.syntax == "toml" else json_entry.remove_entry
    return _plan(assistant, machine, name, lambda text: remove(text, config.section, name))


def _plan(
    assistant: InstallableAssistant,
    machine: Machine,
    name: str,
    edit: Callable[[str], str],
    snippet: str = "",
) -> Plan:
    file = assistant.config_file.locate(machine)
    before = read_text(file)
    try:
        after = edit(before or "")
    except MalformedConfigError as problem:
        raise UsageError(
            f"{file} cannot be read {problem.place}; nothing was changed.",
            hint=f"Repair the file, or move it away and let {assistant.title} write a new one.",
        ) from None
    except ConfigFormError:
        raise UsageError(
            f"{assistant.title} keeps its servers in {file} in a form annulet will not change.",
            hint=f"Edit “{assistant.config_file.section}” by hand; --print shows the entry.",
        ) from None
    if not _differ_in_entry_only(assistant.config_file, before or "", after, name):
        raise UsageError(
            f"annulet found no safe way to change {file}; nothing was changed.",
            hint="Edit it by hand; --print shows the entry.",
        )
    return Plan(assistant, file, before, after, snippet)


def _differ_in_entry_only(config: ConfigFile, before: str, after: str, name: str) -> bool:
    """Check, before anything is written, that everything but our entry is the same."""
    try:
        return _read_others(config, before, name) == _read_others(config, after, name)
    except (MalformedConfigError, tomllib.TOMLDecodeError):
        return False


def _read_others(config: ConfigFile, text: str, name: str) -> dict[str, Any]:
    """Read everything in the file but our entry."""
    if config.syntax == "toml":
        content = tomllib.loads(text)
    else:
        content = dict(parse(text).value) if text.strip() else {}
    servers = dict(content.pop(config.section, None) or {})
    servers.pop(name, None)
    return content | ({config.section: servers} if servers else {})

"""What would change in an assistant's configuration, checked before anything is written."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from annulet.errors import UsageError
from annulet.mcp_server.install import json_edit, toml_edit
from annulet.mcp_server.install.clients import Client, Machine
from annulet.mcp_server.install.entry import Entry
from annulet.mcp_server.install.files import read_text, write_atomically
from annulet.mcp_server.install.jsonc import Malformed, parse

__all__ = ["NAME", "Plan", "plan_install", "plan_uninstall"]

NAME: Final = "annulet"


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that has been worked out and checked, but not made.

    Attributes:
        client: Whose configuration it is.
        file: Where it is.
        before: The text there now; ``None`` where there is no file.
        after: The text as it will be.
        snippet: The entry alone, as a person would paste it.
    """

    client: Client
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


def plan_install(client: Client, machine: Machine, entry: Entry, *, name: str = NAME) -> Plan:
    """Work out how to put the entry in.

    Raises:
        UsageError: The file is malformed or cannot be read; nothing has been changed.
    """
    file = client.file(machine)
    value = client.shape(entry)
    edit = toml_edit.with_entry if client.syntax == "toml" else json_edit.with_entry
    before = read_text(file)
    after = _edited(client, file, lambda: edit(before or "", client.section, name, value))
    _check(client, file, (before or "", after), name)
    return Plan(client, file, before, after, _snippet(client, name, value))


def plan_uninstall(client: Client, machine: Machine, *, name: str = NAME) -> Plan:
    """Work out how to take the entry out.

    Raises:
        UsageError: The file is malformed or cannot be read; nothing has been changed.
    """
    file = client.file(machine)
    edit = toml_edit.taken_out if client.syntax == "toml" else json_edit.taken_out
    before = read_text(file)
    after = _edited(client, file, lambda: edit(before or "", client.section, name))
    _check(client, file, (before or "", after), name)
    return Plan(client, file, before, after, "")


def _edited(client: Client, file: Path, edit: Callable[[], str]) -> str:
    try:
        return edit()
    except Malformed as problem:
        where = f"at line {problem.line}"
    except tomllib.TOMLDecodeError:
        where = "as TOML"
    except (json_edit.NotAnObject, toml_edit.OtherwiseWritten):
        raise UsageError(
            f"{client.title} keeps its servers in {file} in a form annulet will not change.",
            hint=f"Edit “{client.section}” by hand; --print shows the entry.",
        ) from None
    raise UsageError(
        f"{file} cannot be read {where}; nothing was changed.",
        hint=f"Repair the file, or move it away and let {client.title} write a new one.",
    )


def _check(client: Client, file: Path, texts: tuple[str, str], name: str) -> None:
    """Nothing but our entry may differ: the last look before anything is written."""
    try:
        before, after = (_others(client, text, name) for text in texts)
    except (Malformed, tomllib.TOMLDecodeError):
        before, after = {}, None
    if before != after:
        raise UsageError(
            f"annulet found no safe way to change {file}; nothing was changed.",
            hint="Edit it by hand; --print shows the entry.",
        )


def _others(client: Client, text: str, name: str) -> dict[str, Any]:
    """Everything in the file but our entry."""
    if client.syntax == "toml":
        content = tomllib.loads(text)
    else:
        content = dict(parse(text).value) if text.strip() else {}
    servers = dict(content.get(client.section) or {})
    servers.pop(name, None)
    content.pop(client.section, None)
    return content | ({client.section: servers} if servers else {})


def _snippet(client: Client, name: str, value: dict[str, Any]) -> str:
    if client.syntax == "toml":
        return toml_edit.with_entry("", client.section, name, value)
    return json.dumps({client.section: {name: value}}, indent=2, ensure_ascii=False) + "\n"

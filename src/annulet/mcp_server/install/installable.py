"""The assistants that keep a configuration file on this machine."""

from __future__ import annotations

from typing import NamedTuple

from annulet.errors import UsageError
from annulet.mcp_server.assistants import ASSISTANTS
from annulet.mcp_server.assistants.config_file import ConfigFile


class InstallableAssistant(NamedTuple):
    """An assistant and its configuration file.

    Attributes:
        name: Our name for it; what follows ``--client``.
        title: Its name for people.
        config_file: Where and how it keeps its servers.
    """

    name: str
    title: str
    config_file: ConfigFile


def list_installable() -> tuple[InstallableAssistant, ...]:
    """List the assistants into whose configuration annulet can be put."""
    return tuple(
        InstallableAssistant(assistant.name, assistant.title, assistant.config_file)
        for assistant in ASSISTANTS
        if assistant.config_file is not None
    )


def find_installable(name: str) -> InstallableAssistant:
    """Find the assistant of that name, or of one of its other names.

    Raises:
        UsageError: It is unknown; the hint lists those that are known.
    """
    wanted = name.strip().casefold().replace(" ", "-").replace("_", "-")
    names = {alias: a.name for a in ASSISTANTS for alias in (a.name, *a.aliases) if a.config_file}
    for assistant in list_installable():
        if assistant.name == names.get(wanted):
            return assistant
    known = ", ".join(assistant.name for assistant in list_installable())
    raise UsageError(f"annulet does not know the client “{name[:40]}”.", hint=f"Known: {known}.")

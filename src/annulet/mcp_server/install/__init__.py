"""Putting annulet into an assistant's configuration, without touching anything else in it."""

from annulet.mcp_server.assistants.config_file import Machine, ServerCommand
from annulet.mcp_server.install.installable import (
    InstallableAssistant,
    find_installable,
    list_installable,
)
from annulet.mcp_server.install.plan import Plan, plan_install, plan_uninstall

__all__ = [
    "InstallableAssistant",
    "Machine",
    "Plan",
    "ServerCommand",
    "find_installable",
    "list_installable",
    "plan_install",
    "plan_uninstall",
]

"""Putting annulet into an assistant's configuration, without touching anything else in it."""

from annulet.mcp_server.install.clients import CLIENTS, Client, Machine, client_named
from annulet.mcp_server.install.entry import Entry
from annulet.mcp_server.install.plan import Plan, plan_install, plan_uninstall

__all__ = [
    "CLIENTS",
    "Client",
    "Entry",
    "Machine",
    "Plan",
    "client_named",
    "plan_install",
    "plan_uninstall",
]

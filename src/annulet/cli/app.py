"""The commands and where they live; each file is imported only when its command is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cyclopts import App, Group, Parameter

from annulet import __version__

_ANSWERS: Final = Group("Answers", sort_key=1)
_CONNECTION: Final = Group("Connection", sort_key=2)
_ASSISTANTS: Final = Group("Assistants and services", sort_key=3)

COMMANDS: Final[dict[str, tuple[str, Group, str]]] = {
    "permissions": ("ask:permissions", _ANSWERS, "What may be read, and what is missing."),
    "device": ("ask:device", _ANSWERS, "The ring: model, firmware, battery."),
    "daily": ("ask:daily", _ANSWERS, "Sleep, readiness, activity and the rest, day by day."),
    "sleep": ("ask:sleep", _ANSWERS, "Each sleep with stages, heart rate and HRV."),
    "intraday": ("ask:intraday", _ANSWERS, "Heart rate or activity inside the day."),
    "trends": ("ask:trends", _ANSWERS, "Where metrics are heading, against your own noise."),
    "anomalies": ("ask:anomalies", _ANSWERS, "Days that are unusual for you."),
    "compare": ("ask:compare", _ANSWERS, "One period against another."),
    "events": ("ask:events", _ANSWERS, "Workouts, sessions, tags, rest mode."),
    "effects": ("ask:effects", _ANSWERS, "What changes after a tag or habit."),
    "query": ("ask:query", _ANSWERS, "Count, average, group: any arithmetic on your records."),
    "export": ("export:export", _ANSWERS, "One collection, or every daily metric, as a file."),
    "setup": ("setup:setup", _CONNECTION, "The guided way from nothing to a connection."),
    "connect": ("connect:connect", _CONNECTION, "Connect your ring through Oura's consent page."),
    "disconnect": ("disconnect:disconnect", _CONNECTION, "Revoke the grant and remove the tokens."),
    "status": ("status:status", _CONNECTION, "The health of the connection."),
    "doctor": ("doctor:doctor", _CONNECTION, "Test every step and say what to do."),
    "vault": ("vault:app", _CONNECTION, "What the vault holds: list, show, rotate, forget."),
    "mcp": ("mcp:app", _ASSISTANTS, "The MCP server on stdio, over HTTP, or installed."),
    "proxy": ("proxy:proxy", _ASSISTANTS, "The credential proxy on this machine."),
    "grant": ("grant:app", _ASSISTANTS, "Capability tokens for tools that use the proxy."),
    "skill": ("skill:app", _ASSISTANTS, "The agent skills, put where agents look."),
    "serve": ("serve:serve", _ASSISTANTS, "The hosted service."),
    "worker": ("worker:worker", _ASSISTANTS, "The jobs of the hosted service, apart."),
    "admin": ("admin:app", _ASSISTANTS, "Users, approvals, capacity and keys of the service."),
    "simulate": ("simulate:simulate", _ASSISTANTS, "A simulated Oura cloud."),
    "demo": ("demo:demo", _ASSISTANTS, "Connect, ask and disconnect in a simulated cloud."),
}


def build(typed: Sequence[str] = ()) -> App:
    """The command line as one application.

    Args:
        typed: What was typed; a command in it is described by itself, not by its line in the list.
    """
    app = App(
        name="annulet",
        help="The open bridge between an Oura Ring and AI assistants.\n\n"
        "Not affiliated with or endorsed by Oura. Not medical advice.",
        version=__version__,
        help_format="plaintext",
        # Ctrl-C is told in one place, whether it comes while a command loads or runs.
        suppress_keyboard_interrupt=False,
        # Only what says otherwise shows its default, or has a --no- of its own.
        default_parameter=Parameter(show_default=False, negative_bool=(), negative_iterable=()),
    )
    chosen = next(iter(typed), "")
    for name, (place, group, summary) in COMMANDS.items():
        words = None if name == chosen else summary
        app.command(f"annulet.cli.commands.{place}", name=name, group=group, help=words)
    return app

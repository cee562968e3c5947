"""The stages of one person with the toolkit "Oura Ring", and the actions each stage allows.

::

    not registered ── register ──► pending ── approved ──► approved ── connect ──► connected
          ▲                           │                       ▲                        │
          └──────── withdraw ─────────┘                       └────── disconnect ──────┘

    A connection is in one of four stages: connected, missing permissions (less was granted than
    was asked for), membership inactive (Oura refuses reads), expired (the grant is lost).

Nothing here reads a clock, a database or a request.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Registration(StrEnum):
    """Whether a person may connect at all."""

    NONE = "none"
    PENDING = "pending"
    APPROVED = "approved"


class ConnectionHealth(StrEnum):
    """How a connection fares; ``NONE`` where there is no connection."""

    NONE = "none"
    WORKING = "working"
    EXPIRED = "expired"
    MEMBERSHIP_INACTIVE = "membership_inactive"


class Stage(StrEnum):
    """What the person sees in the toolkit row."""

    NOT_REGISTERED = "not_registered"
    PENDING = "pending"
    APPROVED = "approved"
    CONNECTED = "connected"
    MISSING_PERMISSIONS = "missing_permissions"
    MEMBERSHIP_INACTIVE = "membership_inactive"
    EXPIRED = "expired"


class Action(StrEnum):
    """What the person can do in the toolkit row."""

    REGISTER = "register"
    WITHDRAW = "withdraw"
    CONNECT = "connect"
    CHECK = "check"
    DISCONNECT = "disconnect"


class ActionNotAllowedError(Exception):
    """The stage does not allow the action: the page is out of date or the request is forged."""


_NO_BUTTON: Final = ""
_ALLOWED: Final[dict[Stage, dict[Action, str]]] = {
    Stage.NOT_REGISTERED: {Action.REGISTER: "Register"},
    Stage.PENDING: {Action.WITHDRAW: "Cancel registration"},
    Stage.APPROVED: {Action.CONNECT: "Connect"},
    Stage.CONNECTED: {
        Action.CONNECT: _NO_BUTTON,
        Action.CHECK: _NO_BUTTON,
        Action.DISCONNECT: "Disconnect",
    },
    Stage.MISSING_PERMISSIONS: {
        Action.CONNECT: "Add permissions",
        Action.CHECK: _NO_BUTTON,
        Action.DISCONNECT: "Disconnect",
    },
    Stage.MEMBERSHIP_INACTIVE: {
        Action.CONNECT: _NO_BUTTON,
        Action.CHECK: "Check again",
        Action.DISCONNECT: "Disconnect",
    },
    Stage.EXPIRED: {
        Action.CONNECT: "Reconnect",
        Action.CHECK: _NO_BUTTON,
        Action.DISCONNECT: "Disconnect",
    },
}
"""The actions of each stage with the words on their buttons, the likeliest first.

An action without a button is one that a link in a chat or a page in another window may still do.
"""


def find_stage(
    registration: Registration, health: ConnectionHealth, *, lacks_permissions: bool = False
) -> Stage:
    """Return the stage that follows from a registration and a connection."""
    if health is ConnectionHealth.WORKING:
        return Stage.MISSING_PERMISSIONS if lacks_permissions else Stage.CONNECTED
    if health is ConnectionHealth.EXPIRED:
        return Stage.EXPIRED
    if health is ConnectionHealth.MEMBERSHIP_INACTIVE:
        return Stage.MEMBERSHIP_INACTIVE
    return {
        Registration.NONE: Stage.NOT_REGISTERED,
        Registration.PENDING: Stage.PENDING,
        Registration.APPROVED: Stage.APPROVED,
    }[registration]


def check_allowed(stage: Stage, action: Action) -> None:
    """Check an action before it is done.

    Raises:
        ActionNotAllowedError: The stage does not allow it.
    """
    if action not in _ALLOWED[stage]:
        raise ActionNotAllowedError(f"{action} in {stage}")


def list_buttons(stage: Stage) -> tuple[tuple[Action, str], ...]:
    """List the actions that have a button in this stage, each with the words on it."""
    return tuple((action, words) for action, words in _ALLOWED[stage].items() if words)

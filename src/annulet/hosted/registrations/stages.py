"""The journey of one person with the toolkit "Oura Ring", as a pure state machine.

::

    not registered ── register ──► pending ── approve ──► approved ── consent ──► connected
          ▲                           │                      ▲                      │  │  │
          └───────── withdraw ────────┘                      ├──── disconnect ──────┘  │  │
                                                             │                         │  │
              expired ◄──── the grant is lost ───────────────│─────────────────────────┘  │
              membership inactive ◄── Oura refuses reads ────│────────────────────────────┘
              missing permissions: connected, but the person granted less than was asked

Nothing here reads a clock, a database or a request: states and events go in, states come out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = [
    "Action",
    "ActionNotAllowedError",
    "Event",
    "Health",
    "Journey",
    "Registration",
    "Stage",
    "actions",
    "advance",
    "stage",
]


class Registration(StrEnum):
    """Whether a person may connect at all."""

    NONE = "none"
    PENDING = "pending"
    APPROVED = "approved"


class Health(StrEnum):
    """How a connection fares; there is none at all while ``NONE``."""

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
    EXPIRED = "expired"
    MISSING_PERMISSIONS = "missing_permissions"
    MEMBERSHIP_INACTIVE = "membership_inactive"


class Event(StrEnum):
    """What can happen to a journey."""

    REGISTER = "register"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REVOKE_APPROVAL = "revoke_approval"
    CONSENT = "consent"
    DISCONNECT = "disconnect"
    GRANT_LOST = "grant_lost"
    MEMBERSHIP_LOST = "membership_lost"
    READ_WORKED = "read_worked"


class Action(StrEnum):
    """What the person can do next; the value is the word on the button."""

    REGISTER = "Register"
    WITHDRAW = "Cancel registration"
    CONNECT = "Connect"
    RECONNECT = "Reconnect"
    ADD_PERMISSIONS = "Add permissions"
    CHECK_AGAIN = "Check again"
    DISCONNECT = "Disconnect"


class ActionNotAllowedError(Exception):
    """The event does not fit the state: a stale page or a forged request."""


@dataclass(frozen=True, slots=True)
class Journey:
    """Where one person stands.

    Attributes:
        registration: Whether the person may connect.
        health: How the connection fares.
        missing: Whether a working connection lacks permissions that were asked for.
    """

    registration: Registration = Registration.NONE
    health: Health = Health.NONE
    missing: bool = False


_ACTIONS: dict[Stage, tuple[Action, ...]] = {
    Stage.NOT_REGISTERED: (Action.REGISTER,),
    Stage.PENDING: (Action.WITHDRAW,),
    Stage.APPROVED: (Action.CONNECT,),
    Stage.CONNECTED: (Action.DISCONNECT,),
    Stage.EXPIRED: (Action.RECONNECT, Action.DISCONNECT),
    Stage.MISSING_PERMISSIONS: (Action.ADD_PERMISSIONS, Action.DISCONNECT),
    Stage.MEMBERSHIP_INACTIVE: (Action.CHECK_AGAIN, Action.DISCONNECT),
}

_STAGE_OF_HEALTH = {
    Health.EXPIRED: Stage.EXPIRED,
    Health.MEMBERSHIP_INACTIVE: Stage.MEMBERSHIP_INACTIVE,
}


def stage(journey: Journey) -> Stage:
    """What the person sees."""
    if journey.health is Health.WORKING:
        return Stage.MISSING_PERMISSIONS if journey.missing else Stage.CONNECTED
    if journey.health is not Health.NONE:
        return _STAGE_OF_HEALTH[journey.health]
    if journey.registration is Registration.APPROVED:
        return Stage.APPROVED
    if journey.registration is Registration.PENDING:
        return Stage.PENDING
    return Stage.NOT_REGISTERED


def actions(journey: Journey) -> tuple[Action, ...]:
    """What the person can do, the likeliest first."""
    return _ACTIONS[stage(journey)]


def advance(journey: Journey, event: Event, *, missing: bool = False) -> Journey:
    """The state after an event.

    Args:
        journey: Where the person stands.
        event: What happened.
        missing: With ``CONSENT``: whether less was granted than was asked for.

    Raises:
        ActionNotAllowedError: The event does not fit the state.
    """
    if event in {Event.REGISTER, Event.WITHDRAW, Event.APPROVE, Event.REVOKE_APPROVAL}:
        return _registration(journey, event)
    if event is Event.CONSENT:
        if journey.registration is not Registration.APPROVED:
            raise ActionNotAllowedError("only an approved person connects")
        return Journey(Registration.APPROVED, Health.WORKING, missing)
    if journey.health is Health.NONE:
        raise ActionNotAllowedError(f"there is no connection for {event}")
    return _connection(journey, event)


def _registration(journey: Journey, event: Event) -> Journey:
    before, after = {
        Event.REGISTER: (Registration.NONE, Registration.PENDING),
        Event.WITHDRAW: (Registration.PENDING, Registration.NONE),
        Event.APPROVE: (Registration.PENDING, Registration.APPROVED),
        Event.REVOKE_APPROVAL: (Registration.APPROVED, Registration.NONE),
    }[event]
    if journey.registration is not before:
        raise ActionNotAllowedError(f"{event} needs a registration that is {before}")
    if event is Event.REVOKE_APPROVAL and journey.health is not Health.NONE:
        raise ActionNotAllowedError("disconnect before the approval is revoked")
    return replace(journey, registration=after)


def _connection(journey: Journey, event: Event) -> Journey:
    if event is Event.DISCONNECT:
        return Journey(journey.registration)
    if event is Event.GRANT_LOST:
        return replace(journey, health=Health.EXPIRED)
    if journey.health is Health.EXPIRED:
        return journey
    if event is Event.MEMBERSHIP_LOST:
        return replace(journey, health=Health.MEMBERSHIP_INACTIVE)
    return replace(journey, health=Health.WORKING)

"""What every answer needs from outside: the client, the clock, the zone, the connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from annulet.client import OuraClient

__all__ = ["Connection", "Context", "Zone"]


@dataclass(frozen=True, slots=True)
class Zone:
    """The person's time zone.

    Attributes:
        tz: The zone itself.
        name: The IANA name where it is known, else the offset (``+02:00``).
        assumed: Whether nobody said so: the machine runs on UTC and the person may not. Then
            the documents' own offset decides, and the answer says so.
    """

    tz: tzinfo
    name: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """The state of one person's connection, as its keeper knows it.

    Attributes:
        account: The name of the account on this machine or service.
        granted: Bare names of the granted permissions; ``None`` when the grant did not say.
        expires_at: When the access token ends (UTC); ``None`` when unknown.
        renews: Whether it is renewed without the person.
    """

    account: str
    granted: tuple[str, ...] | None = None
    expires_at: datetime | None = None
    renews: bool = False


@dataclass(slots=True)
class Context:
    """One person's question: nothing here is shared with anybody else.

    Attributes:
        client: Reads this person's collections.
        now: The clock; returns an aware UTC instant.
        zone: The person's time zone.
        connection: Looks up the state of the connection; raises ``ConsentError``.
        connect_hint: What the person does to connect or to reconnect.
        zone_hint: What the person does to name the zone.
        memory: What was found out during the life of the process, for this person alone
            (observed permissions, the zone of the documents).
        ready: Called before every question: forgets what belongs to another consent; raises
            ``ConsentError`` where nobody is connected any more.
        ahead: Whether the answer does not matter: reading ends where it would be thought about.
    """

    client: OuraClient
    now: Callable[[], datetime]
    zone: Zone
    connection: Callable[[], Awaitable[Connection]]
    connect_hint: str = "Connect your ring with: annulet connect"
    zone_hint: str = "set ANNULET_TIMEZONE to name your zone."
    memory: dict[str, object] = field(default_factory=dict)
    ready: Callable[[], Awaitable[None]] | None = None
    ahead: bool = False

    def forget(self) -> None:
        """Forget everything that was read or found out."""
        self.client.clear()
        self.memory.clear()

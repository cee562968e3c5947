"""What every answer needs from outside: the client, the clock, the zone, the connection."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final

from annulet.client import OuraClient
from annulet.errors import ScopeMissing

_DENIED_FOR: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Zone:
    """The person's time zone.

    Attributes:
        tz: The zone itself.
        name: The IANA name where it is known, else the offset (``+02:00``).
        assumed: Whether the zone is the machine's UTC and not a stated one. Then the documents'
            own offset decides, and the answer says so.
    """

    tz: tzinfo
    name: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """The state of one person's connection.

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


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer as JSON text, when it was made, and the evictions the client had counted then."""

    text: str
    made_at: float
    evictions: int


@dataclass(frozen=True, slots=True)
class Denial:
    """A missing permission, and the instant until which it is taken for granted."""

    until: datetime
    error: ScopeMissing


@dataclass(slots=True)
class Memory:
    """What was learnt about one person while the process runs.

    Attributes:
        granted: Permissions observed by trying, where the grant did not say.
        unclear: Permissions of which trying did not tell.
        zone: The zone of the documents, and the instant until which it is trusted.
        denials: Missing permissions by what was asked for.
        answers: The last answers by question, the newest last.
    """

    granted: tuple[str, ...] | None = None
    unclear: tuple[str, ...] = ()
    zone: tuple[Zone, datetime] | None = None
    denials: dict[str, Denial] = field(default_factory=dict)
    answers: OrderedDict[str, CachedAnswer] = field(default_factory=OrderedDict)


@dataclass(slots=True)
class Context:
    """One person's question: nothing here is shared between people.

    Attributes:
        client: Reads this person's collections.
        now: The clock; returns an aware UTC instant.
        zone: The person's time zone.
        connection: Looks up the state of the connection; raises ``ConsentError``.
        connect_hint: What the person does to connect or to reconnect.
        zone_hint: What the person does to name the zone.
        memory: What was learnt about this person while the process runs.
        ready: Called before every question: forgets what belongs to another consent; raises
            ``ConsentError`` where there is no connection any more.
        sleep_need_min: How much sleep a day the person says they need.
        prefetching: Whether the documents are read in advance and no answer is wanted.
    """

    client: OuraClient
    now: Callable[[], datetime]
    zone: Zone
    connection: Callable[[], Awaitable[Connection]]
    connect_hint: str = "Connect your ring with: annulet connect"
    zone_hint: str = "set ANNULET_TIMEZONE to name your zone."
    memory: Memory = field(default_factory=Memory)
    ready: Callable[[], Awaitable[None]] | None = None
    sleep_need_min: float = 480.0
    prefetching: bool = False

    def forget(self) -> None:
        """Forget everything that was read or learnt."""
        self.client.clear()
        self.memory = Memory()

    def denial(self, asked: str) -> ScopeMissing | None:
        """The missing permission that was seen a moment ago, if any.

        Args:
            asked: What was asked for, such as a collection.
        """
        denial = self.memory.denials.get(asked)
        return denial.error if denial is not None and self.now() < denial.until else None

    def remember_denial(self, asked: str, error: ScopeMissing) -> None:
        """Take a missing permission for granted for some minutes."""
        self.memory.denials[asked] = Denial(self.now() + _DENIED_FOR, error)

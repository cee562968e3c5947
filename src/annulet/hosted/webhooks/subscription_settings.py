"""The desired and the observed state of the subscriptions, in the database for every process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final, TypeVar

from annulet.hosted.connections.stored_keys import StoredKeys
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.options import read_option, write_option

_DESIRED: Final = "webhooks"
_OBSERVED: Final = "webhooks-observed"


@dataclass(frozen=True, slots=True)
class DesiredState:
    """What the admin wants.

    Attributes:
        on: Whether Oura shall send events.
        revision: Grows with each decision; 0 before the first.
        callback: The address of the service at the time of the decision.
        previous_callback: An earlier address of the service, whose subscriptions move here.
    """

    on: bool = False
    revision: int = 0
    callback: str = ""
    previous_callback: str = ""


@dataclass(frozen=True, slots=True)
class ObservedState:
    """What was last found at Oura.

    Attributes:
        revision: The decision that it was compared with.
        checked_at: When that was.
        active: How many subscriptions lead to this service.
        expires_at: When the first of them ends.
        elsewhere: How many kinds of this application lead to another address.
        elsewhere_url: That address.
        problem: Why the desired state was not reached, as a code; empty when it was.
    """

    revision: int = 0
    checked_at: int | None = None
    active: int = 0
    expires_at: int | None = None
    elsewhere: int = 0
    elsewhere_url: str = ""
    problem: str = ""


_State = TypeVar("_State", DesiredState, ObservedState)


@dataclass(frozen=True, slots=True)
class SubscriptionSettings:
    """Reads and writes both states.

    Attributes:
        client_id: The service's application at Oura.
        callback: The address to which Oura sends events, as it is now.
    """

    database: ServiceDatabase
    keys: StoredKeys
    client_id: str
    callback: str

    async def read_desired(self) -> DesiredState:
        """Read what the admin wants; off before the first decision."""
        return await self._read(_DESIRED, DesiredState)

    async def read_observed(self) -> ObservedState:
        """Read what was last found at Oura."""
        return await self._read(_OBSERVED, ObservedState)

    async def write_observed(self, observed: ObservedState) -> None:
        """Store what was found at Oura."""
        await self._write(_OBSERVED, observed)

    async def is_listening(self) -> bool:
        """Tell whether events are accepted at this address.

        A copy of the database under another address does not listen until an admin says so there.
        """
        desired = await self.read_desired()
        return desired.on and desired.callback == self.callback

    async def decide(self, *, on: bool) -> None:
        """Decide whether Oura shall send events to this address, or decide the same again."""
        before = await self.read_desired()
        has_moved = before.on and before.callback != self.callback
        previous = before.callback if has_moved else before.previous_callback
        desired = DesiredState(on, before.revision + 1, self.callback, previous if on else "")
        await self._write(_DESIRED, desired)

    async def verification_token(self) -> str:
        """Compute the token by which Oura recognises this service; it is stored nowhere."""
        return await self.keys.digest("verification", self.client_id, self.callback)

    async def _read(self, name: str, kind: type[_State]) -> _State:
        value = await read_option(self.database, name)
        return kind(**json.loads(value)) if value else kind()

    async def _write(self, name: str, state: DesiredState | ObservedState) -> None:
        await write_option(self.database, name, json.dumps(asdict(state)))

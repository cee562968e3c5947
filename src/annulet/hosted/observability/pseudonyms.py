"""Names for people in the log: the same for the same person, and no way back without the key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from annulet.hosted.observability.work_record import note

_DIGITS: Final = 16
"""64 bits: two of a million people share a name with a probability of one in 37 million."""


class Pseudonyms:
    """Names people in the log.

    Args:
        keyed_digest: Computes a digest that only this service can compute, of a kind and a text.
    """

    def __init__(self, keyed_digest: Callable[[str, str], Awaitable[str]]) -> None:
        self._keyed_digest = keyed_digest

    async def find(self, person_id: str) -> str:
        """Compute the name of a person.

        Raises:
            VaultError: The key cannot be read.
        """
        return (await self._keyed_digest("log-person", person_id))[:_DIGITS]

    async def note_person(self, person_id: str) -> None:
        """Let the line of the request name the person."""
        note(person=await self.find(person_id))

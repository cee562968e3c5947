"""The access token of one person, remembered for a few seconds.

A token session reads its database row for every token, and one answer needs several tokens.
"""

from __future__ import annotations

import time
from typing import Final

from annulet.oauth.session import TokenSession
from annulet.vault.secret import Secret

_REMEMBERED_S: Final = 5.0


class PersonToken:
    """Provides tokens to the API client, from a session that is asked every few seconds.

    Args:
        session: The token session of the person.
    """

    def __init__(self, session: TokenSession) -> None:
        self._session = session
        self._token: Secret | None = None
        self._remembered_until = 0.0

    async def access_token(self) -> str:
        """Return a token that is expected to work now."""
        if self._token is not None and time.monotonic() < self._remembered_until:
            return self._token.reveal()
        return self._remember(await self._session.access_token())

    async def renew(self, rejected: str) -> str:
        """Return another token than the one that Oura has just refused."""
        return self._remember(await self._session.renew(rejected))

    def _remember(self, token: str) -> str:
        self._token, self._remembered_until = Secret(token), time.monotonic() + _REMEMBERED_S
        return token

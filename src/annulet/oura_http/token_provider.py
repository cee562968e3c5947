"""What a request needs from others: an access token."""

from __future__ import annotations

import re
from typing import Final, Protocol

from annulet.errors import ConsentRevoked, UsageError
from annulet.vault.secret import Secret

_TOKEN: Final = re.compile(r"[\x21-\x7e]+")


class TokenProvider(Protocol):
    """Hands out access tokens; the client does not know how they are got or stored."""

    async def access_token(self) -> str:
        """A token that is expected to work now.

        Raises:
            ConsentError: There is none, or the grant no longer works.
        """
        ...

    async def renew(self, rejected: str) -> str:
        """A token other than ``rejected``, which Oura has just refused as expired or revoked.

        Raises:
            ConsentError: There is no other token to be had.
        """
        ...


class StaticToken:
    """A bare access token that is never refreshed.

    Args:
        token: The token as Oura gave it.

    Raises:
        UsageError: The text cannot be a token.
    """

    def __init__(self, token: str) -> None:
        if _TOKEN.fullmatch(token) is None:
            raise UsageError(
                "The access token is empty or holds characters that no token has.",
                hint="Give the token alone, or open the stored connection: annulet.connect()",
            )
        self._token = Secret(token)

    def __repr__(self) -> str:
        return "StaticToken(…)"

    async def access_token(self) -> str:
        """The token as it was given."""
        return self._token.reveal()

    async def renew(self, rejected: str) -> str:
        """There is no other token: the person must provide a new one."""
        del rejected
        raise ConsentRevoked(
            "Oura no longer accepts this access token.",
            hint="Provide a new access token, or connect with: annulet connect",
        )

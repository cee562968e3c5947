"""A token that Oura refuses: renewed once, and told apart from a missing permission.

`renewal_steps` decides and performs nothing; `TokenRenewal` performs its steps for one person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from enum import Enum
from functools import partial
from typing import TypeVar

from annulet.contract.collections import PERSONAL_INFO, AnyCollection
from annulet.errors import AnnuletError, ConsentRevoked, MembershipRequired
from annulet.oura_http.error_mapping import probably_not_granted
from annulet.oura_http.single_flight import SingleFlight
from annulet.oura_http.token_provider import TokenProvider

R = TypeVar("R")

Obtain = Callable[[Callable[[], Awaitable[str]]], Awaitable[str]]
"""Awaits a call to the token provider, perhaps several times."""


class Step(Enum):
    """What to do next."""

    SEND = "send the request"
    RENEW = "get another token than the one that was refused"
    PROBE = "send a request that every living token may make"


def renewal_steps(
    collection: AnyCollection, *, is_renewed: bool = False
) -> Generator[Step, AnnuletError | None, AnnuletError | None]:
    """Send, renew the token once where it is refused, and send again.

    A refusal that names a permission ends the steps at once: renewing would spend a refresh token
    in vain. A refusal without a reason that meets a new token too is about the collection, if Oura
    accepts the token elsewhere; so is a 403, which otherwise speaks of the whole membership.

    Args:
        collection: The collection that is asked.
        is_renewed: Whether renewing is known to change nothing.

    Yields:
        What to do next; send in the error it met, ``None`` for success.

    Returns:
        The error that is left; ``None`` when the request succeeded.
    """
    error = yield Step.SEND
    if isinstance(error, ConsentRevoked) and not is_renewed:
        error = yield Step.RENEW
        if error is None:
            error = yield Step.SEND
    of_everything = isinstance(error, ConsentRevoked | MembershipRequired)
    if of_everything and collection is not PERSONAL_INFO:
        probe_error = yield Step.PROBE
        if probe_error is None:
            return probably_not_granted(collection.scope)
    return error


class TokenRenewal:
    """Sends one person's requests with a token that Oura accepts.

    Requests that are refused at the same time with the same token share one renewal.

    Args:
        tokens: Where tokens come from.
    """

    def __init__(self, tokens: TokenProvider) -> None:
        self._tokens = tokens
        self._renewals: SingleFlight[str, str] = SingleFlight()
        self._probes: SingleFlight[str, None] = SingleFlight()
        self._last_renewal: tuple[str, str] | None = None
        self._refused_by: dict[AnyCollection, str] = {}

    async def run(
        self,
        collection: AnyCollection,
        send: Callable[[str], Awaitable[R]],
        *,
        probe: Callable[[str], Awaitable[None]],
        obtain: Obtain = lambda call: call(),
    ) -> R:
        """The result of a request.

        Args:
            collection: The collection that is asked.
            send: Sends the request with a token; raises what Oura says.
            probe: Sends a request that every living token may make; raises what Oura says.
            obtain: Awaits a call to the token provider.

        Raises:
            ConsentRevoked: Oura accepts no token of this person.
            ScopeMissing: The token lacks a permission.
            AnnuletError: Whatever else ``send`` and the token provider raise.
        """
        token = await obtain(self._tokens.access_token)
        results: list[R] = []
        steps = renewal_steps(collection, is_renewed=self._refused_by.get(collection) == token)
        step, error = next(steps), None
        while True:
            try:
                if step is Step.SEND:
                    results.append(await send(token))
                elif step is Step.RENEW:
                    token = await obtain(partial(self._renew, token))
                else:
                    await self._probes.run(token, partial(probe, token))
                    self._refused_by[collection] = token
                error = None
            except AnnuletError as failure:
                error = failure
            try:
                step = steps.send(error)
            except StopIteration as end:
                error = end.value
                break
        if error is not None:
            raise error
        return results[0]

    async def _renew(self, rejected: str) -> str:
        """Another token than the rejected one."""
        if self._last_renewal is not None and self._last_renewal[0] == rejected:
            return self._last_renewal[1]

        async def renew() -> str:
            token = await self._tokens.renew(rejected)
            self._last_renewal = (rejected, token)
            return token

        return await self._renewals.run(rejected, renew)

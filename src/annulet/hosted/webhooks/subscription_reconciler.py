"""Keeps the subscriptions as the admin wants them: made, renewed in time, ended.

One small task a process. What it finds at Oura is the truth: it can be stopped at any point, and
two of them do no harm, because Oura has each subscription only once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from annulet.errors import VaultError
from annulet.hosted.clock import Clock, seconds
from annulet.hosted.connections.stored_keys import KeptKeys
from annulet.hosted.web.request_log import LOGGER
from annulet.hosted.webhooks.plan import plan, report
from annulet.hosted.webhooks.receiver import verification_token
from annulet.hosted.webhooks.subscription_settings import Report, Switch, Wish
from annulet.hosted.webhooks.subscriptions import (
    Gone,
    Subscription,
    Subscriptions,
    Taken,
    Trouble,
)
from annulet.oauth.cancellation import run_to_completion
from annulet.settings import Settings

__all__ = ["Keeper"]

_LOOK_SECONDS: Final = 600
_CHECK_SECONDS: Final = 6 * 3600
_ROUND_SECONDS: Final = 1800
_LONGEST_PAUSE: Final = 6 * 3600


class Keeper:
    """Looks after the subscriptions."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        keys: KeptKeys,
        switch: Switch,
        subscriptions: Subscriptions,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._keys = keys
        self._switch = switch
        self._subscriptions = subscriptions
        self._wanted = asyncio.Event()
        self._lock = asyncio.Lock()
        self._not_before = 0

    def wake(self) -> None:
        """There is work to do now."""
        self._not_before = 0
        self._wanted.set()

    async def run(self) -> None:
        """Look every few minutes whether there is work, until cancelled."""
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, VaultError):
                logging.getLogger(LOGGER).exception("subscriptions at Oura have to wait")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), _LOOK_SECONDS)
            self._wanted.clear()

    async def due(self) -> bool:
        """Whether there is work: a new wish, trouble, or nobody has looked for a while."""
        wish, found = await self._switch.wish(), await self._switch.report()
        now = seconds(self._clock())
        if not wish.since or now < self._not_before:
            return False
        if found.done_at is None or found.trouble:
            return True
        return now - found.done_at >= _CHECK_SECONDS if wish.on else found.active > 0

    async def look(self) -> None:
        """Do what is due, if anything is."""
        async with self._lock:
            if await self.due():
                await self._settle(_nobody)

    async def settle(self, tell: Callable[[Report], None] | None = None) -> Report:
        """Bring the subscriptions to what is wanted, as far as Oura lets us.

        Args:
            tell: Hears how far it is.
        """
        async with self._lock:
            return await self._settle(tell or _nobody)

    async def _settle(self, tell: Callable[[Report], None]) -> Report:
        wish, before = await self._switch.wish(), await self._switch.report()
        if wish.on and wish.callback != self._switch.callback:
            return before
        try:
            async with asyncio.timeout(_ROUND_SECONDS):
                found = await self._bring(wish, tell)
        except (Trouble, TimeoutError) as trouble:
            found = await self._troubled(trouble)
            facts = {"facts": {"trouble": found.trouble}}
            log = logging.getLogger(LOGGER)
            log.warning("subscriptions at Oura are not as wanted", extra=facts)
        await run_to_completion(self._switch.keep(found))
        return found

    async def _bring(self, wish: Wish, tell: Callable[[Report], None]) -> Report:
        listed = await self._subscriptions.everything()
        todo = plan(
            listed,
            on=wish.on,
            callback=self._switch.callback,
            now=seconds(self._clock()),
            before=wish.before,
        )
        progress = _Progress(self._switch, tell, self._report(listed).active)
        await progress.by(0)
        for one in todo.end:
            await self._end(one)
            await progress.by(-1 if one.callback_url == self._switch.callback else 0)
        lost = [one.kind for one in todo.renew if not await self._renewed(one)]
        if lost:
            await progress.by(-len(lost))
        for kind in (*lost, *todo.create):
            # whoever switches off while this goes on must not find more than before
            if await self._switch.wish() != wish:
                break
            await progress.by(await self._created(kind))
        else:
            await run_to_completion(self._switch.moved_in())
        if todo.create or todo.renew or todo.end:
            listed = await self._subscriptions.everything()
        return self._report(listed)

    def _report(self, listed: list[Subscription]) -> Report:
        return report(listed, callback=self._switch.callback, now=seconds(self._clock()))

    async def _troubled(self, trouble: Trouble | TimeoutError) -> Report:
        code, pause = ("silent", 0)
        if isinstance(trouble, Trouble):
            code, pause = trouble.code, trouble.retry_after
        now = seconds(self._clock())
        self._not_before = now + min(pause, _LONGEST_PAUSE)
        return replace(await self._switch.report(), done_at=now, trouble=code)

    async def _created(self, kind: tuple[str, str]) -> int:
        token = await verification_token(self._keys, self._settings, self._switch.callback)
        try:
            await self._subscriptions.create(kind, self._switch.callback, token)
        except Taken:
            # somebody was quicker: the list tells afterwards whether it was one of us
            return 0
        return 1

    async def _renewed(self, one: Subscription) -> bool:
        try:
            await self._subscriptions.renew(one.id)
        except Gone:
            return False
        return True

    async def _end(self, one: Subscription) -> None:
        with contextlib.suppress(Gone):
            await self._subscriptions.delete(one.id)


class _Progress:
    """Tells how many subscriptions lead here while the work goes on."""

    def __init__(self, switch: Switch, tell: Callable[[Report], None], active: int) -> None:
        self._switch = switch
        self._tell = tell
        self._active = active

    async def by(self, more: int) -> None:
        self._active += more
        now = Report(active=self._active)
        await run_to_completion(self._switch.keep(now))
        self._tell(now)


def _nobody(_report: Report) -> None:
    """Nobody listens."""

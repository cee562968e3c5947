"""What the admin wants, and how things stood at Oura when somebody last looked."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlalchemy import select

from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database

__all__ = ["PATH", "DesiredState", "Report", "SubscriptionSettings"]

PATH: Final = "/webhooks/oura"
"""Where Oura tells; with the public address before it, what Oura calls the callback."""
_WISH: Final = "webhooks"
_REPORT: Final = "webhooks-report"
_o = tables.options.c


@dataclass(frozen=True, slots=True)
class DesiredState:
    """What the admin wants.

    Attributes:
        on: Whether Oura shall tell.
        since: When that was decided; 0 for never.
        callback: The address at the time of the decision.
        before: The address of an earlier decision, whose subscriptions move here.
    """

    on: bool = False
    since: int = 0
    callback: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """How things stood at Oura.

    Attributes:
        done_at: When somebody last looked and was done; ``None`` while there is work to do.
        active: How many subscriptions lead here.
        expires_at: When the first of them ends.
        elsewhere: How many kinds of news of our application go to another address.
        elsewhere_host: Which host that is.
        trouble: Why it did not work out, by its code.
    """

    done_at: int | None = None
    active: int = 0
    expires_at: int | None = None
    elsewhere: int = 0
    elsewhere_host: str = ""
    trouble: str = ""


class SubscriptionSettings:
    """Keeps the wish and the report, for every process alike. Off until somebody says otherwise.

    Args:
        callback: The address Oura is told, as it is now.
    """

    def __init__(self, database: Database, clock: Clock, callback: str) -> None:
        self._database = database
        self._clock = clock
        self.callback = callback

    async def wish(self) -> DesiredState:
        """What the admin wants."""
        return DesiredState(**await self._read(_WISH))

    async def report(self) -> Report:
        """How things stood."""
        return Report(**await self._read(_REPORT))

    async def listens(self) -> bool:
        """Whether events are welcome here and now.

        A copy of the database under another address does not listen: it was not asked to.
        """
        wish = await self.wish()
        return wish.on and wish.callback == self.callback

    async def turn(self, *, on: bool) -> None:
        """Decide; whoever keeps the subscriptions has work to do then."""
        now, old, report = to_epoch_s(self._clock()), await self.wish(), await self.report()
        moved = on and old.on and old.callback != self.callback
        before = old.callback if moved else old.before if on else ""
        await self._write(
            _WISH, DesiredState(on=on, since=now, callback=self.callback, before=before)
        )
        await self.keep(Report(active=report.active))

    async def moved_in(self) -> None:
        """Nothing is left at the earlier address."""
        wish = await self.wish()
        if wish.before:
            await self._write(_WISH, replace(wish, before=""))

    async def look_again(self) -> None:
        """Somebody wants to know how things stand now."""
        await self.keep(replace(await self.report(), done_at=None, trouble=""))

    async def keep(self, report: Report) -> None:
        """Remember how things stand."""
        await self._write(_REPORT, report)

    async def _read(self, name: str) -> dict[str, Any]:
        row = await self._database.fetch_one(select(_o.value).where(_o.name == name))
        kept: dict[str, Any] = json.loads(row[0]) if row else {}
        return kept

    async def _write(self, name: str, value: DesiredState | Report) -> None:
        async with self._database.write() as connection:
            said = json.dumps(asdict(value))
            row = self._database.insert(tables.options).values(name=name, value=said)
            await connection.execute(
                row.on_conflict_do_update(index_elements=[_o.name], set_={"value": said})
            )

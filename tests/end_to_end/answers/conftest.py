"""People of a simulated cloud, asked through the function that all interfaces call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from annulet.client import OuraClient
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Connection, Context, Memory, Zone

NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)


@dataclass
class AskedPerson:
    """One person of a cloud with a context to ask through."""

    cloud: SimulatedOura
    name: str
    context: Context
    http: httpx2.AsyncClient = field(repr=False)

    @property
    def truth(self) -> Any:
        """What is true about them."""
        return self.cloud.people[self.name].truth

    @property
    def zone(self) -> ZoneInfo:
        """Where they live."""
        return ZoneInfo(self.cloud.people[self.name].traits.zone)

    @property
    def today(self) -> date:
        """Today at home, by the clock and not by the ring."""
        return self.cloud.clock().astimezone(self.zone).date()

    @property
    def open_day(self) -> date:
        """The day to which activity still counts: days of activity end at 04:00."""
        return (self.cloud.clock().astimezone(self.zone) - timedelta(hours=4)).date()

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Ask, with nothing remembered from the question before."""
        self.context.memory = Memory()
        return await self.ask_again(tool, **arguments)

    async def ask_again(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Ask Oura anew, in the same life of the process."""
        self.context.client.clear()
        return await answer(f"oura_{tool}", arguments, self.context)


@pytest.fixture(scope="session")
def demo_cloud() -> SimulatedOura:
    """A cloud with all demo people at one fixed instant; tests restore its clock."""
    return SimulatedOura(now=NOW)


@pytest.fixture
async def open_person() -> AsyncIterator[Callable[..., AskedPerson]]:
    """Open a person's context, in the zone of their home or on a machine that says UTC."""
    opened: list[httpx2.AsyncClient] = []

    def make(
        cloud: SimulatedOura,
        name: str,
        *,
        assumed: bool = False,
        scopes: list[str] | None = None,
        **options: Any,
    ) -> AskedPerson:
        home = cloud.people[name].traits.zone
        zone = Zone(UTC, "UTC", assumed=True) if assumed else Zone(ZoneInfo(home), home)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=cloud.app))
        opened.append(http)
        client = OuraClient(cloud.issue_token(name, scopes), http=http, **options)

        async def connection() -> Connection:
            return Connection("default", granted=tuple(scopes) if scopes else None)

        return AskedPerson(cloud, name, Context(client, cloud.clock, zone, connection), http)

    yield make
    for http in opened:
        await http.aclose()

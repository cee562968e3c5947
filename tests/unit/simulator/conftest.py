"""A small simulated cloud and a client that reaches it in process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import httpx2
import pytest

from annulet.simulator import SimulatedOura

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)

Get = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
def cloud() -> SimulatedOura:
    """A cloud whose clock stands still."""
    return SimulatedOura(["plain", "fewscopes", "lapsed", "newcomer", "sparse"], NOW)


@pytest.fixture
async def http(cloud: SimulatedOura) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that reaches the cloud without a network."""
    transport = httpx2.ASGITransport(app=cloud.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://oura.test") as client:
        yield client


@pytest.fixture
def get(cloud: SimulatedOura, http: httpx2.AsyncClient) -> Get:
    """Get a path below usercollection with a token of a person; query parameters by name."""
    tokens: dict[str, str] = {}

    async def get(person: str, path: str, **query: str) -> httpx2.Response:
        token = tokens.setdefault(person, cloud.issue_token(person))
        return await http.get(
            f"/v2/usercollection/{path}",
            params=query,
            headers={"authorization": f"Bearer {token}"},
        )

    return get

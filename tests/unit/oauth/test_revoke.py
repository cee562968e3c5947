"""Giving a grant back: the right shape at the right server, and no token in an address."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from annulet.oauth.grant import Grant
from annulet.oauth.revoke import revoke
from annulet.simulator import SimulatedOura
from annulet.vault.secret import Secret

BASE = "http://127.0.0.1:9999"
SECRET = Secret("simulated-secret")


@pytest.fixture
async def cloud() -> AsyncIterator[tuple[SimulatedOura, httpx2.AsyncClient]]:
    simulated = SimulatedOura(["newcomer"])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=simulated.app)) as http:
        yield simulated, http


def of(cloud: SimulatedOura, client_id: str, make: Callable[..., Grant]) -> Grant:
    """A grant that the simulated cloud has given."""
    issued = cloud.issue("newcomer", client_id=client_id)
    current = client_id == "annulet-simulator"
    path = "/oauth/v2/ext/oauth-revoke" if current else "/oauth/revoke"
    return make(
        client_id=client_id,
        revoke_url=BASE + path,
        issuer="issuer" if current else "",
        access_token=Secret(issued.access.value),
        refresh_token=Secret(issued.refresh.value),
    )


@pytest.mark.parametrize("client_id", ["annulet-simulator", "annulet-legacy"])
async def test_both_servers_take_their_grants_back(
    cloud: Any, grant: Callable[..., Grant], client_id: str
) -> None:
    """Afterwards nothing opens the data any more, and no address held a token."""
    simulated, http = cloud
    given = of(simulated, client_id, grant)
    assert await revoke(given, SECRET, http=http) == "revoked"
    assert not simulated.tokens.find_valid(given.access_token.reveal())
    assert all(not request.query for request in simulated.requests)
    assert await revoke(given, SECRET, http=http) in {"already", "revoked"}


async def test_what_oura_does_not_take_is_said(cloud: Any, grant: Callable[..., Grant]) -> None:
    """A wrong secret, an outage, no address: each has its word, and none raises."""
    simulated, http = cloud
    given = of(simulated, "annulet-simulator", grant)
    assert await revoke(given, Secret("wrong"), http=http) == "refused"
    simulated.faults.add("status:503@revoke")
    assert await revoke(given, SECRET, http=http) == "unreachable"
    simulated.faults.clear()
    simulated.faults.add("cut@revoke")
    assert await revoke(given, SECRET, http=http) == "unreachable"
    assert await revoke(grant(revoke_url=""), SECRET) == "unsupported"

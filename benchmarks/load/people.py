"""Connected people in the database of a service that is not running yet."""

from collections.abc import Mapping
from datetime import UTC, datetime

from annulet.contract.scopes import SCOPES
from annulet.hosted.lifespan import service_lifespan
from annulet.hosted.service import Service
from annulet.oauth.grant import Grant
from annulet.settings import Settings
from annulet.simulator import SimulatedOura
from annulet.vault.secret import Secret

RING = "plain"
_YEAR = 365 * 86_400


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)  # noqa: TID251 - the service lives in real time


async def connect(environment: Mapping[str, str], oura: SimulatedOura, count: int) -> list[str]:
    """That many people with a ring, an endpoint and a key each; returns paths and keys."""
    service = Service(Settings.from_environ(environment), clock=now)
    async with service_lifespan(service):
        return [await _person(service, oura, number) for number in range(count)]


async def _person(service: Service, oura: SimulatedOura, number: int) -> str:
    login = f"person{number}@example.net"
    person = await service.accounts.people.create(login, login, None, role=None, timezone="UTC")
    issued = now().timestamp()
    grant = Grant(
        client_id=service.settings.client_id,
        token_url=f"{service.settings.oura_api_url}/oauth/token",
        revoke_url="",
        access_token=Secret(oura.issue_token(RING)),
        refresh_token=None,
        issued_at=issued,
        expires_at=issued + _YEAR,
        scopes=tuple(SCOPES),
        requested=tuple(SCOPES),
    )
    await service.toolkit.contexts.grant_store(person.id).replace(grant)
    endpoint = await service.endpoints.create(person.id, name="Load", kind="other", auth="key")
    key = await service.authorization.api_keys.create(
        person.id, endpoint.id, name="Load", scopes=["oura:read"], days=None
    )
    return f"/mcp/{endpoint.id} {key}"

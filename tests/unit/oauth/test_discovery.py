"""Where the authorization servers are: as set, as discovered, as documented."""

from typing import Any

import httpx2
import pytest

from annulet.errors import OuraUnavailable, UsageError
from annulet.oauth.discovery import ServerAddresses, discover_provider
from annulet.oauth.provider import IdentityProvider, ServerHistory

ISSUER = "https://moi.ouraring.com/oauth/v2/ext/oauth-anonymous"
NOTHING = ServerHistory()


async def discovered(
    addresses: ServerAddresses, document: Any = None, status: int = 200
) -> IdentityProvider:
    """What discovery makes of this document."""

    def give(_: httpx2.Request) -> httpx2.Response:
        if isinstance(document, Exception):
            raise document
        return httpx2.Response(status, json=document)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(give)) as http:
        return await discover_provider(addresses, http=http)


def document(base: str = "https://moi.ouraring.com", **changes: Any) -> dict[str, Any]:
    """A discovery document."""
    return {
        "issuer": f"{base}/oauth/v2/ext/oauth-anonymous",
        "authorization_endpoint": f"{base}/a",
        "token_endpoint": f"{base}/t",
        "revocation_endpoint": f"{base}/r",
        **changes,
    }


async def test_oura_is_found_by_its_own_description() -> None:
    """The current server's addresses come from the document, the legacy server's are documented."""
    provider = await discovered(ServerAddresses(), document())
    assert provider.current is not None
    assert provider.current.token_url == "https://moi.ouraring.com/t"
    assert provider.legacy.token_url == "https://api.ouraring.com/oauth/token"
    assert provider.legacy.authorize_url == "https://cloud.ouraring.com/oauth/authorize"


@pytest.mark.parametrize(
    "broken",
    [
        httpx2.ConnectError("x"),
        [],
        {"issuer": ISSUER},
        document(token_endpoint=5),
        document(token_endpoint="http://moi.ouraring.com/t"),
        document(issuer="https://evil.example"),
        document(issuer=None),
    ],
)
async def test_without_a_useful_document_the_documented_addresses_are_used(broken: Any) -> None:
    """An outage of the discovery document stops no connection; a false document misleads none."""
    provider = await discovered(ServerAddresses(), broken)
    assert provider.current is not None
    assert provider.current.token_url == "https://moi.ouraring.com/oauth/v2/ext/oauth-token"
    assert provider.current.issuer == ISSUER


@pytest.mark.parametrize("issuer", [ISSUER, ""])
async def test_a_token_address_that_names_the_discovered_server_means_it(issuer: str) -> None:
    """No code is spent at the old server when the person and Oura name the same one."""
    provider = await discovered(ServerAddresses(token_url="https://moi.ouraring.com/t"), document())
    assert provider.choose_redeeming_server(issuer, NOTHING) is provider.current
    assert (
        provider.choose_redeeming_server(issuer, ServerHistory(refused="current"))
        is provider.legacy
    )


async def test_a_named_revocation_address_holds_for_the_server_it_belongs_to() -> None:
    """It replaces the discovered one, unless the settings name the other server."""
    named = ServerAddresses(revoke_url="https://moi.ouraring.com/r")
    provider = await discovered(named, document())
    assert provider.current is not None
    assert provider.current.revoke_url == "https://moi.ouraring.com/r"
    elsewhere = ServerAddresses(token_url="https://x.example/t", revoke_url="https://x.example/r")
    provider = await discovered(elsewhere, document())
    assert provider.current is not None
    assert provider.current.revoke_url != "https://x.example/r"
    assert provider.legacy.revoke_url == "https://x.example/r"


async def test_another_issuer_that_does_not_answer_is_an_outage() -> None:
    """It is not replaced by Oura's own addresses."""
    with pytest.raises(OuraUnavailable, match="ANNULET_OURA_ISSUER_URL"):
        await discovered(ServerAddresses(issuer_url="https://sign.example"), {}, 500)


async def test_everything_may_be_named_by_hand() -> None:
    """No discovery then; an address in the clear is refused."""
    by_hand = ServerAddresses(
        authorize_url="https://x.example/authorize", token_url="https://x.example/t"
    )
    provider = await discovered(by_hand, AssertionError("not asked"))
    assert provider.current is None
    assert provider.legacy.token_url == "https://x.example/t"
    assert provider.choose_redeeming_server("https://x.example/issuer", NOTHING) is provider.legacy
    with pytest.raises(UsageError):
        await discovered(ServerAddresses(token_url="http://x.example/t"), document())


async def test_an_api_elsewhere_never_leads_to_oura() -> None:
    """With only ANNULET_OURA_API_URL set, both servers are looked for there."""
    base = "http://127.0.0.1:9999"
    local = ServerAddresses(api_url=base)
    provider = await discovered(local, document("http://localhost:9999"))
    assert provider.current is not None
    assert provider.current.token_url == "http://localhost:9999/t"
    assert provider.legacy.token_url == f"{base}/oauth/token"
    assert provider.legacy.authorize_url == f"{base}/oauth/authorize"
    assert (await discovered(local, httpx2.ConnectError("x"))).current is None

"""Which sign-in server an application belongs to, decided before a code is spent."""

from typing import Any

import httpx2
import pytest

from annulet.errors import OuraUnavailable, UsageError
from annulet.oauth.provider import Memory, Overrides, Provider, Server, UnknownIssuer, discover

ISSUER = "https://moi.ouraring.com/oauth/v2/ext/oauth-anonymous"
CURRENT = Server(
    kind="current",
    authorize_url="https://moi/authorize",
    token_url="https://moi/token",
    issuer=ISSUER,
    prefixed=True,
)
LEGACY = Server(
    kind="legacy", authorize_url="https://cloud/authorize", token_url="https://api/token"
)
BOTH = Provider(legacy=LEGACY, current=CURRENT)
NOTHING = Memory()


async def found(overrides: Overrides, document: Any = None, status: int = 200) -> Provider:
    """What discovery makes of this document."""

    def give(_: httpx2.Request) -> httpx2.Response:
        if isinstance(document, Exception):
            raise document
        return httpx2.Response(status, json=document)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(give)) as http:
        return await discover(overrides, http=http)


def document(base: str = "https://moi.ouraring.com", **changes: Any) -> dict[str, Any]:
    """A discovery document."""
    return {
        "issuer": f"{base}/oauth/v2/ext/oauth-anonymous",
        "authorization_endpoint": f"{base}/a",
        "token_endpoint": f"{base}/t",
        "revocation_endpoint": f"{base}/r",
        **changes,
    }


@pytest.mark.parametrize(
    ("issuer", "memory", "kind"),
    [
        (ISSUER, NOTHING, "current"),
        (ISSUER + "/", NOTHING, "current"),
        ("", NOTHING, "legacy"),
        ("", Memory(works="current"), "current"),
        ("", Memory(works="legacy"), "legacy"),
        ("", Memory(refused="legacy"), "current"),
        (ISSUER, Memory(works="legacy"), "current"),
        (ISSUER, Memory(works="legacy", refused="current"), "legacy"),
        (ISSUER, Memory(refused="current"), "legacy"),
    ],
)
def test_the_issuer_decides_then_experience_then_the_old_server(
    issuer: str, memory: Memory, kind: str
) -> None:
    """A code is never offered to a server that has refused this application before."""
    assert BOTH.redeemer(issuer, memory).kind == kind


@pytest.mark.parametrize(
    "issuer", ["https://evil.example", ISSUER + "/x", ISSUER.replace("https", "http"), "nonsense"]
)
def test_a_foreign_issuer_is_refused(issuer: str) -> None:
    """Mix-up: the code belongs to somebody else."""
    with pytest.raises(UnknownIssuer):
        BOTH.redeemer(issuer, NOTHING)
    with pytest.raises(UnknownIssuer):
        Provider(legacy=LEGACY).redeemer(issuer, NOTHING)


def test_a_named_token_address_wins_over_the_issuer() -> None:
    """The person has decided; the other server stays the second choice."""
    given = Provider(legacy=LEGACY, current=CURRENT, token_url_is_given=True)
    assert given.redeemer(ISSUER, NOTHING) is LEGACY
    assert given.other(LEGACY) is CURRENT


def test_the_person_is_sent_to_the_server_that_is_known_to_work() -> None:
    """Discovered first; experience wins; a server has no other than another one."""
    assert BOTH.first(NOTHING) is CURRENT
    assert BOTH.first(Memory(works="legacy")) is LEGACY
    assert BOTH.first(Memory(refused="current")) is LEGACY
    assert Provider(legacy=LEGACY).first(NOTHING) is LEGACY
    assert Provider(legacy=LEGACY).other(LEGACY) is None


def test_permissions_are_spelt_as_the_server_wants_them() -> None:
    """Prefix at the current server, bare names at the old front door."""
    assert CURRENT.scope(("daily", "tag")) == "extapi:daily extapi:tag"
    assert LEGACY.scope(("daily", "tag")) == "daily tag"


async def test_oura_is_found_by_its_own_description() -> None:
    """The addresses come from the document, the old server's are known by heart."""
    provider = await found(Overrides(), document())
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
async def test_without_a_useful_description_the_known_addresses_are_used(broken: Any) -> None:
    """An outage of the description does not stop anybody; a false one misleads nobody."""
    provider = await found(Overrides(), broken)
    assert provider.current is not None
    assert provider.current.token_url == "https://moi.ouraring.com/oauth/v2/ext/oauth-token"
    assert provider.current.issuer == ISSUER


@pytest.mark.parametrize("issuer", [ISSUER, ""])
async def test_a_token_address_that_names_the_discovered_server_means_it(issuer: str) -> None:
    """No code is spent at the old server when the person and Oura name the same one."""
    provider = await found(Overrides(token_url="https://moi.ouraring.com/t"), document())
    assert provider.redeemer(issuer, NOTHING) is provider.current
    assert provider.redeemer(issuer, Memory(refused="current")) is provider.legacy


async def test_a_named_revocation_address_holds_for_the_server_it_belongs_to() -> None:
    """It replaces the discovered one, unless the settings name the other server."""
    given = Overrides(revoke_url="https://moi.ouraring.com/r")
    provider = await found(given, document())
    assert provider.current is not None
    assert provider.current.revoke_url == "https://moi.ouraring.com/r"
    elsewhere = Overrides(token_url="https://x.example/t", revoke_url="https://x.example/r")
    provider = await found(elsewhere, document())
    assert provider.current is not None
    assert provider.current.revoke_url != "https://x.example/r"
    assert provider.legacy.revoke_url == "https://x.example/r"


async def test_another_issuer_that_does_not_answer_is_an_outage() -> None:
    """It is not replaced by Oura's own addresses."""
    with pytest.raises(OuraUnavailable, match="ANNULET_OURA_ISSUER_URL"):
        await found(Overrides(issuer_url="https://sign.example"), {}, 500)


async def test_everything_may_be_named_by_hand() -> None:
    """No discovery then; an address in the clear is refused."""
    by_hand = Overrides(
        authorize_url="https://x.example/authorize", token_url="https://x.example/t"
    )
    provider = await found(by_hand, AssertionError("not asked"))
    assert provider.current is None
    assert provider.legacy.token_url == "https://x.example/t"
    assert provider.redeemer("https://x.example/issuer", NOTHING) is provider.legacy
    with pytest.raises(UsageError):
        await found(Overrides(token_url="http://x.example/t"), document())


async def test_an_api_elsewhere_never_leads_to_oura() -> None:
    """With only ANNULET_OURA_API_URL set, both servers are looked for there."""
    base = "http://127.0.0.1:9999"
    local = Overrides(api_url=base)
    provider = await found(local, document("http://localhost:9999"))
    assert provider.current is not None
    assert provider.current.token_url == "http://localhost:9999/t"
    assert provider.legacy.token_url == f"{base}/oauth/token"
    assert provider.legacy.authorize_url == f"{base}/oauth/authorize"
    assert (await found(local, httpx2.ConnectError("x"))).current is None

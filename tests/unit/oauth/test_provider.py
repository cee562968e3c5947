"""Which authorization server an application belongs to, decided before a code is spent."""

import pytest

from annulet.oauth.provider import (
    AuthorizationServer,
    IdentityProvider,
    ServerHistory,
    UnknownIssuer,
)

ISSUER = "https://moi.ouraring.com/oauth/v2/ext/oauth-anonymous"
CURRENT = AuthorizationServer(
    kind="current",
    authorize_url="https://moi/authorize",
    token_url="https://moi/token",
    issuer=ISSUER,
    prefixed=True,
)
LEGACY = AuthorizationServer(
    kind="legacy", authorize_url="https://cloud/authorize", token_url="https://api/token"
)
BOTH = IdentityProvider(legacy=LEGACY, current=CURRENT)
NOTHING = ServerHistory()


@pytest.mark.parametrize(
    ("issuer", "history", "kind"),
    [
        (ISSUER, NOTHING, "current"),
        (ISSUER + "/", NOTHING, "current"),
        ("", NOTHING, "legacy"),
        ("", ServerHistory(works="current"), "current"),
        ("", ServerHistory(works="legacy"), "legacy"),
        ("", ServerHistory(refused="legacy"), "current"),
        (ISSUER, ServerHistory(works="legacy"), "current"),
        (ISSUER, ServerHistory(works="legacy", refused="current"), "legacy"),
        (ISSUER, ServerHistory(refused="current"), "legacy"),
    ],
)
def test_the_issuer_decides_then_the_history_then_the_legacy_server(
    issuer: str, history: ServerHistory, kind: str
) -> None:
    """A code is never offered to a server that has refused this application before."""
    assert BOTH.choose_redeeming_server(issuer, history).kind == kind


@pytest.mark.parametrize(
    "issuer", ["https://evil.example", ISSUER + "/x", ISSUER.replace("https", "http"), "nonsense"]
)
def test_a_foreign_issuer_is_refused(issuer: str) -> None:
    """The code belongs to another server, which mixed itself in (RFC 9207)."""
    with pytest.raises(UnknownIssuer):
        BOTH.choose_redeeming_server(issuer, NOTHING)
    with pytest.raises(UnknownIssuer):
        IdentityProvider(legacy=LEGACY).choose_redeeming_server(issuer, NOTHING)


def test_a_named_token_address_wins_over_the_issuer() -> None:
    """The person has decided; the other server stays the second choice."""
    provider = IdentityProvider(legacy=LEGACY, current=CURRENT, has_own_token_url=True)
    assert provider.choose_redeeming_server(ISSUER, NOTHING) is LEGACY
    assert provider.other_server(LEGACY) is CURRENT


def test_the_person_is_sent_to_the_server_that_is_known_to_work() -> None:
    """The discovered server first, unless the history knows better."""
    assert BOTH.choose_consent_server(NOTHING) is CURRENT
    assert BOTH.choose_consent_server(ServerHistory(works="legacy")) is LEGACY
    assert BOTH.choose_consent_server(ServerHistory(refused="current")) is LEGACY
    assert IdentityProvider(legacy=LEGACY).choose_consent_server(NOTHING) is LEGACY
    assert IdentityProvider(legacy=LEGACY).other_server(LEGACY) is None


def test_permissions_are_spelt_as_the_server_wants_them() -> None:
    """With a prefix at the current server, as bare names at the legacy one."""
    assert CURRENT.spell_scopes(("daily", "tag")) == "extapi:daily extapi:tag"
    assert LEGACY.spell_scopes(("daily", "tag")) == "daily tag"

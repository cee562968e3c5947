"""What a capability allows."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from annulet.errors import UsageError
from annulet.proxy.capability import Capability, mint
from annulet.proxy.policy import check_capability, check_route
from annulet.proxy.request_refused import RequestRefused
from annulet.proxy.routes import find_route, read_query

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def minted(**limits: object) -> Capability:
    given = {"account": "me", "tool": "bash", "now": NOW, **limits}
    return mint(**given).capability


def verdict(
    capability: Capability,
    *,
    now: datetime = NOW,
    account: str = "me",
    tools: frozenset[str] | None = None,
    declared: str | None = None,
) -> str:
    try:
        check_capability(
            capability,
            now=now,
            account=account,
            may_use=lambda tool: tools is None or tool in tools,
            declared_tool=declared,
        )
    except RequestRefused as refusal:
        return refusal.code
    return "allowed"


def asked(capability: Capability, path: str, query: str = "") -> str:
    route = find_route(path.encode())
    try:
        check_route(capability, route, read_query(route, query.encode()), NOW)
    except RequestRefused as refusal:
        return refusal.code
    return "allowed"


SLEEP = "/v2/usercollection/daily_sleep"
MAY = "start_date=2026-05-01&end_date=2026-05-31"


def test_a_fresh_capability_is_allowed() -> None:
    """What was minted a moment ago works, for the tool it was minted for."""
    assert verdict(minted()) == "allowed"
    assert verdict(minted(), tools=frozenset({"bash"}), declared="bash") == "allowed"


def test_a_capability_ends_on_time() -> None:
    """The last instant of a capability is outside it."""
    assert verdict(minted(), now=NOW + timedelta(minutes=59, seconds=59)) == "allowed"
    assert verdict(minted(), now=NOW + timedelta(hours=1)) == "capability_expired"


def test_a_revoked_capability_is_dead() -> None:
    """Revocation wins over everything else."""
    assert verdict(replace(minted(), revoked_at=NOW)) == "capability_revoked"


def test_a_spent_capability_is_refused() -> None:
    """The budget is the number of requests, not one more."""
    assert verdict(replace(minted(budget=2), used=1)) == "allowed"
    assert verdict(replace(minted(budget=2), used=2)) == "budget_spent"


def test_another_tool_cannot_use_it() -> None:
    """Neither a tool that says another name nor one the credential does not allow."""
    assert verdict(minted(), declared="browser") == "wrong_tool"
    assert verdict(minted(tool="browser"), tools=frozenset({"bash"})) == "wrong_tool"
    assert verdict(minted(), tools=frozenset()) == "wrong_tool"


def test_another_account_cannot_use_it() -> None:
    """A capability reads the data of one account."""
    assert verdict(minted(), account="partner") == "not_granted"


def test_collections_outside_the_grant_are_refused() -> None:
    """Only the named collections are read."""
    capability = minted(collections=frozenset({"daily_sleep"}))
    assert asked(capability, SLEEP) == "allowed"
    assert asked(capability, "/v2/usercollection/heartrate") == "not_granted"
    assert asked(capability, "/v2/usercollection/sleep/abc") == "not_granted"


def test_the_sandbox_is_granted_separately() -> None:
    """Neither kind of capability opens the other's routes."""
    sandbox = "/v2/sandbox/usercollection/daily_sleep"
    assert asked(minted(), sandbox) == "not_granted"
    assert asked(minted(sandbox=True), sandbox) == "allowed"
    assert asked(minted(sandbox=True), SLEEP) == "not_granted"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (MAY, "allowed"),
        ("start_date=2026-04-30&end_date=2026-05-31", "not_granted"),
        ("start_date=2026-05-01", "not_granted"),
        ("start_date=2026-05-02", "not_granted"),
        ("start_date=2026-05-03", "allowed"),
        ("end_date=2026-05-01", "not_granted"),
        ("", "allowed"),
        ("next_token=abc", "allowed"),
    ],
)
def test_one_request_reads_no_more_days_than_granted(query: str, expected: str) -> None:
    """A range without an end counts until now; one without a beginning cannot be counted."""
    assert asked(minted(max_days=31), SLEEP, query) == expected


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        (SLEEP, MAY, "allowed"),
        (SLEEP, "start_date=2026-04-30&end_date=2026-05-02", "not_granted"),
        (SLEEP, "start_date=2026-05-30&end_date=2026-06-01", "not_granted"),
        (SLEEP, "", "not_granted"),
        (SLEEP, "next_token=abc", "not_granted"),
        (f"{SLEEP}/abc", "", "not_granted"),
        ("/v2/usercollection/heartrate", "latest=true", "not_granted"),
        ("/v2/usercollection/personal_info", "", "allowed"),
        ("/v2/usercollection/ring_configuration", "", "allowed"),
    ],
)
def test_a_range_of_days_is_kept(path: str, query: str, expected: str) -> None:
    """What does not say its days is refused where the days are limited."""
    capability = minted(earliest=date(2026, 5, 1), latest=date(2026, 5, 31))
    assert asked(capability, path, query) == expected


@pytest.mark.parametrize(
    "limits",
    [
        {"ttl": timedelta(0)},
        {"ttl": timedelta(hours=25)},
        {"budget": 0},
        {"max_days": 0},
        {"collections": frozenset()},
        {"collections": frozenset({"sleeping"})},
        {"tool": ""},
        {"tool": "ba sh"},
        {"tool": "x" * 65},
        {"earliest": date(2026, 5, 2), "latest": date(2026, 5, 1)},
    ],
)
def test_senseless_limits_are_refused(limits: dict[str, object]) -> None:
    """A capability is never wider than its caller can have meant."""
    with pytest.raises(UsageError):
        minted(**limits)


def test_the_token_is_long_and_recognisable() -> None:
    """A leaked capability can be found by its prefix, and cannot be guessed."""
    token = mint(account="me", tool="bash", now=NOW).token
    assert token.reveal().startswith("annulet_cap_")
    assert len(token.reveal()) >= len("annulet_cap_") + 43
    assert token.reveal() not in repr(token)

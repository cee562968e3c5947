"""The doctor's conclusions from gathered facts."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annulet.cli.commands.doctor import build_report, format_lines
from annulet.cli.diagnosis import CheckResult, Facts, explain_client_id, first_error, run_checks
from annulet.errors import (
    ConsentRevoked,
    MembershipRequired,
    OuraRateLimited,
    OuraUnavailable,
    ScopeMissing,
    UsageError,
    VaultError,
)
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Intent, StoredGrant
from annulet.vault.secret import Secret

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = 86_400.0


def table(*names: str) -> dict:
    return {"columns": ["scope"], "rows": [[name] for name in names]}


def permissions(*missing: str, last_sync: str | None = "2026-06-01T08:00+00:00") -> dict:
    answer = {"granted": table("daily", "heartrate"), "missing": table(*missing)}
    return answer | ({"last_sync": last_sync} if last_sync else {})


def stored(**changes: object) -> StoredGrant:
    now = NOW.timestamp()
    grant = Grant(
        client_id="client-id-1",
        token_url="https://moi.ouraring.com/oauth/v2/ext/oauth-token",
        revoke_url="",
        issuer="https://moi.ouraring.com",
        access_token=Secret("access"),
        refresh_token=Secret("refresh"),
        issued_at=now - DAY,
        expires_at=now + DAY,
    )
    row = StoredGrant(grant=grant, generation=7)
    return replace(row, **changes)


def healthy() -> Facts:
    return Facts(
        now=NOW,
        home=Path("/home/anna/annulet"),
        account="default",
        api_url="https://api.ouraring.com",
        client_id="client-id-1",
        secret_known=True,
        application_from="the vault",
        key=("the system's keychain", ""),
        free_port=8765,
        skew=1.0,
        grant=stored(),
        permissions=permissions(),
        answer={"coverage": {"days": 1, "with_data": 1}},
        assistants={"Claude Desktop": True},
    )


def result_of(facts: Facts, name: str) -> CheckResult:
    return next(result for result in run_checks(facts) if result.name == name)


def exit_code(facts: Facts) -> int:
    error = first_error(run_checks(facts))
    return error.exit_code if error else 0


def test_a_healthy_connection_is_all_right() -> None:
    """Sixteen checks, none of them a problem, and nothing to do."""
    results = run_checks(healthy())
    assert {result.state for result in results} == {"ok"}
    assert all(not result.todo for result in results)
    assert build_report(results)["ok"] is True
    assert "error" not in build_report(results)
    assert format_lines(results)[-1] == "Everything works."


def test_every_problem_says_what_to_do() -> None:
    """A machine with nothing on it: each problem comes with a way out."""
    facts = Facts(now=NOW, home=Path("/x"), unreachable=OuraUnavailable("No.", hint="Look."))
    problems = [result for result in run_checks(facts) if result.state == "problem"]
    assert {result.name for result in problems} == {"application", "port", "connection", "network"}
    assert all(result.todo for result in problems)


@pytest.mark.parametrize(
    ("change", "name", "code"),
    [
        ({"settings": UsageError("Bad.", hint="Fix.")}, "settings", 2),
        ({"vault": VaultError("Locked.", hint="Unlock."), "grant": None}, "vault", 6),
        ({"grant": None}, "connection", 3),
        ({"grant": stored(needs_reconnect="revoked")}, "connection", 3),
        ({"grant": stored(needs_reconnect="interrupted")}, "connection", 3),
        ({"unreachable": OuraUnavailable("No.", hint="Look.")}, "network", 5),
        ({"token": ConsentRevoked("FlowEnded.", hint="Connect.")}, "token", 3),
        ({"token": MembershipRequired("Lapsed.", hint="Renew.")}, "token", 4),
        ({"token": OuraRateLimited("Slow.", hint="Wait.")}, "rate limit", 5),
        ({"answer": OuraUnavailable("No.", hint="Wait.")}, "answer", 5),
    ],
)
def test_it_leaves_as_a_tool_would(change: dict, name: str, code: int) -> None:
    """The exit code is the one a question would end with."""
    facts = replace(healthy(), **change)
    assert result_of(facts, name).state == "problem"
    assert exit_code(facts) == code
    assert build_report(run_checks(facts))["error"]["code"]


@pytest.mark.parametrize(
    ("change", "name", "word"),
    [
        ({"client_id": "", "secret_known": False}, "application", "No application"),
        ({"secret_known": False}, "application", "secret"),
        ({"client_id": "me@example.com"}, "application", "address"),
        ({"free_port": None, "port_owner": "python3 (42)"}, "port", "python3 (42)"),
        ({"exposed": (Path("/home/anna/annulet"),)}, "files", "/home/anna/annulet"),
        ({"key": ("the key file /k", "It lies beside the vault.")}, "vault", "beside"),
        ({"skew": -90.0}, "clock", "90 s behind"),
        ({"skew": 900.0}, "clock", "900 s ahead"),
        ({"permissions": permissions("spo2")}, "permissions", "Blood oxygen"),
        ({"permissions": permissions(last_sync=None)}, "last sync", "Unknown"),
        ({"permissions": permissions(last_sync="2026-05-29T08:00+00:00")}, "last sync", "05-29"),
        ({"answer": ScopeMissing("No daily.", hint="Add.")}, "answer", "No daily"),
        ({"assistants": {"Cursor": False}}, "assistants", "Without it: Cursor"),
    ],
)
def test_what_stops_no_answer_changes_no_exit_code(change: dict, name: str, word: str) -> None:
    """It is said, with what to do, and questions are still answered."""
    facts = replace(healthy(), **change)
    result = result_of(facts, name)
    assert result.state in {"remark", "problem"}
    assert word in result.finding
    assert result.todo or name == "last sync"
    assert exit_code(facts) == 0


def test_an_interrupted_renewal_is_shown() -> None:
    """Last and next renewal, and a renewal that was begun and not finished."""
    ok = result_of(healthy(), "renewal").finding
    assert "Renewed last at" in ok
    assert "2026-05-31 12:00 UTC" in ok
    assert "2026-06-02 00:00 UTC" in ok
    begun = stored(intent=Intent(started_at=1.0, fingerprint="ab12"))
    assert "not finished" in result_of(replace(healthy(), grant=begun), "renewal").finding


def test_the_sign_in_service_is_named() -> None:
    """Of an older application it is the older one."""
    assert "current" in result_of(healthy(), "connection").finding
    old = replace(stored().grant, issuer="", token_url="https://api.ouraring.com/oauth/token")
    facts = replace(healthy(), grant=stored(grant=old))
    assert "older" in result_of(facts, "connection").finding


def test_a_bare_token_needs_no_vault_and_no_application() -> None:
    """In CI nothing else has to be there."""
    facts = replace(healthy(), bare_token=True, client_id="", grant=None, key=None)
    assert exit_code(facts) == 0
    assert all(result.state in {"ok", "skipped"} for result in run_checks(facts))


@pytest.mark.parametrize("text", ["https://cloud.ouraring.com", "a b c d e f", "“quoted”", "a"])
def test_what_can_be_no_client_id(text: str) -> None:
    """Copied the wrong thing."""
    assert explain_client_id(text)
    assert explain_client_id("ABCDEFGH12345678") == ""
    assert explain_client_id("app") == ""  # Oura documents no length
    assert explain_client_id("ABCDEFGH12345678", same_as_secret=True)


def test_no_secret_is_ever_shown() -> None:
    """Neither for eyes nor for programs."""
    results = run_checks(healthy())
    shown = "\n".join(format_lines(results)) + str(build_report(results))
    assert "access" not in shown.replace("accepts", "")
    assert "refresh" not in shown

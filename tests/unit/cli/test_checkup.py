"""What the doctor concludes from what was gathered."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annulet.cli.commands.doctor import examined, lines
from annulet.cli.diagnosis import Findings, Step, check, first_error, odd_client_id
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
    found = {"granted": table("daily", "heartrate"), "missing": table(*missing)}
    return found | ({"last_sync": last_sync} if last_sync else {})


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


def healthy() -> Findings:
    return Findings(
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


def step(found: Findings, name: str) -> Step:
    return next(one for one in check(found) if one.name == name)


def exit_code(found: Findings) -> int:
    error = first_error(check(found))
    return error.exit_code if error else 0


def test_a_healthy_connection_is_all_right() -> None:
    """Sixteen steps, none of them a problem, and nothing to do."""
    steps = check(healthy())
    assert {one.state for one in steps} == {"ok"}
    assert all(not one.todo for one in steps)
    assert examined(steps)["ok"] is True
    assert "error" not in examined(steps)
    assert lines(steps)[-1] == "Everything works."


def test_every_problem_says_what_to_do() -> None:
    """A machine with nothing on it: each problem comes with a way out."""
    found = Findings(now=NOW, home=Path("/x"), unreachable=OuraUnavailable("No.", hint="Look."))
    problems = [one for one in check(found) if one.state == "problem"]
    assert {one.name for one in problems} == {"application", "port", "connection", "network"}
    assert all(one.todo for one in problems)


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
    found = replace(healthy(), **change)
    assert step(found, name).state == "problem"
    assert exit_code(found) == code
    assert examined(check(found))["error"]["code"]


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
    found = replace(healthy(), **change)
    said = step(found, name)
    assert said.state in {"remark", "problem"}
    assert word in said.found
    assert said.todo or name == "last sync"
    assert exit_code(found) == 0


def test_an_interrupted_renewal_is_shown() -> None:
    """Generation, last and next renewal, and a renewal that was begun and not finished."""
    ok = step(healthy(), "renewal").found
    assert "Generation 7" in ok
    assert "2026-05-31 12:00 UTC" in ok
    assert "2026-06-02 00:00 UTC" in ok
    begun = stored(intent=Intent(started_at=1.0, fingerprint="ab12"))
    assert "not finished" in step(replace(healthy(), grant=begun), "renewal").found


def test_the_sign_in_service_is_named() -> None:
    """Of an older application it is the older one."""
    assert "current" in step(healthy(), "connection").found
    old = replace(stored().grant, issuer="", token_url="https://api.ouraring.com/oauth/token")
    found = replace(healthy(), grant=stored(grant=old))
    assert "older" in step(found, "connection").found


def test_a_bare_token_needs_no_vault_and_no_application() -> None:
    """In CI nothing else has to be there."""
    found = replace(healthy(), bare_token=True, client_id="", grant=None, key=None)
    assert exit_code(found) == 0
    assert all(one.state in {"ok", "skipped"} for one in check(found))


@pytest.mark.parametrize("text", ["https://cloud.ouraring.com", "a b c d e f", "“quoted”", "a"])
def test_what_can_be_no_client_id(text: str) -> None:
    """Copied the wrong thing."""
    assert odd_client_id(text)
    assert odd_client_id("ABCDEFGH12345678") == ""
    assert odd_client_id("app") == ""  # nobody says how long one has to be
    assert odd_client_id("ABCDEFGH12345678", same_as_secret=True)


def test_no_secret_is_ever_shown() -> None:
    """Neither for eyes nor for programs."""
    steps = check(healthy())
    shown = "\n".join(lines(steps)) + str(examined(steps))
    assert "access" not in shown.replace("accepts", "")
    assert "refresh" not in shown

"""Expired rows are deleted, and an outage of the database loses no audit entry."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.authorization.authorization_request import AuthorizationRequest
from annulet.hosted.authorization.clients import OAuthClient
from annulet.hosted.database import tables


async def test_tokens_grants_and_clients_end(hosted) -> None:
    """Expired tokens, grants without tokens and unused clients are deleted."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    person = await hosted.service.accounts.people.find_by_login("anna@example.org")
    endpoint = await hosted.service.endpoints.create(person.id, name="", kind="claude")
    metadata = {"redirect_uris": ["http://localhost/cb"], "token_endpoint_auth_method": "none"}
    await hosted.service.authorization.clients.register(metadata)
    request = AuthorizationRequest(
        client=OAuthClient("c1", "Assistant", ("http://localhost/cb",), "none", None, ""),
        redirect_uri="http://localhost/cb",
        redirect_given=True,
        challenge="x" * 43,
        scopes=("oura:read",),
        state="",
        resource="http://127.0.0.1:8080/mcp",
        endpoint_id="",
    )
    await hosted.service.authorization.grants.create(person.id, request, endpoint.id)
    (grant,) = await hosted.service.authorization.grants.list_for(person.id)
    await hosted.service.authorization.tokens.issue(grant)
    hosted.clock.advance(hours=2)
    await hosted.service.authorization.tokens.delete_expired()
    assert [row["kind"] for row in await hosted.rows(tables.oauth_tokens)] == ["refresh"]
    hosted.clock.advance(days=91)
    await hosted.service.authorization.tokens.delete_expired()
    await hosted.service.authorization.clients.delete_unused()
    assert await hosted.rows(tables.oauth_tokens) == []
    assert await hosted.rows(tables.oauth_grants) == []
    assert await hosted.rows(tables.oauth_clients) == []


async def test_the_log_is_kept_for_400_days(hosted) -> None:
    """Older entries are deleted, younger ones stay."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    hosted.clock.advance(days=399)
    await run_job(hosted, "audit")
    assert await hosted.rows(tables.audit)
    hosted.clock.advance(days=2)
    await run_job(hosted, "audit")
    assert await hosted.rows(tables.audit) == []


async def run_job(hosted, name: str) -> None:
    await next(job for job in hosted.service.list_jobs() if job.name == name).run()


async def test_entries_wait_for_the_database(hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that could not be written are written when the database answers again."""
    audit = hosted.service.audit
    audit.add(AuditAction.ADMIN_CAPACITY, None, actor="shell")

    def fail() -> None:
        raise OperationalError("", {}, Exception())

    with monkeypatch.context() as outage:
        outage.setattr(hosted.service.database, "write", fail)
        with pytest.raises(OperationalError):
            await audit.flush()
    await audit.flush()
    assert [row["action"] for row in await hosted.rows(tables.audit)] == [
        AuditAction.ADMIN_CAPACITY
    ]

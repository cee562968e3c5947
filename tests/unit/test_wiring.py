"""A server that runs for days follows what its person does in another terminal."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from annulet.errors import ConsentRevoked, NotConnected, UsageError
from annulet.library.connected_client import _find_tool
from annulet.oauth.grant import Grant
from annulet.oauth.vault_grants import VaultGrants
from annulet.settings import Settings
from annulet.toolkit.answers import answer
from annulet.vault.secret import Secret
from annulet.wiring import open_context, open_vault

GRANT = Grant(
    client_id="app",
    token_url="http://127.0.0.1:9/oauth/token",
    revoke_url="",
    access_token=Secret("first"),
    refresh_token=Secret("again"),
    issued_at=0.0,
    expires_at=datetime(2100, 1, 1, tzinfo=UTC).timestamp(),
    consent_id="one",
)


@pytest.fixture
def settings(tmp_path):
    return Settings(
        home=tmp_path, key=Secret("k" * 44), oura_api_url="http://127.0.0.1:9", timezone="UTC"
    )


@pytest.fixture
def grants(settings):
    return VaultGrants(open_vault(settings), "default")


async def asked(context):
    """Whether what was found out before is still there when the next question comes."""
    context.memory.granted = ("daily",)
    if context.ready is not None:
        await context.ready()
    return context.memory.granted is not None


async def test_a_renewal_forgets_nothing(settings, grants):
    """The same consent with another pair of tokens is the same person."""
    stored = await grants.replace(GRANT)
    async with open_context(settings) as context:
        assert await asked(context)
        await grants.save(stored.generation, replace(GRANT, access_token=Secret("second")))
        assert await asked(context)


async def test_another_consent_forgets_what_was_read_under_the_first(settings, grants):
    """A new connection may belong to another person."""
    await grants.replace(GRANT)
    async with open_context(settings) as context:
        assert await asked(context)
        await grants.replace(replace(GRANT, consent_id="two"))
        assert not await asked(context)
        assert await asked(context)


async def test_a_disconnected_account_gives_no_remembered_answer(settings, grants):
    """No tool answers from memory after annulet disconnect."""
    await grants.replace(GRANT)
    async with open_context(settings) as context:
        assert await asked(context)
        await grants.remove()
        context.memory.granted = ("daily",)
        with pytest.raises(NotConnected):
            await answer("oura_trends", {}, context)
        assert context.memory.granted is None


async def test_a_connection_that_needs_another_consent_is_not_called_connected(settings, grants):
    """The state is told with its reason, and what was remembered is asked for again."""
    stored = await grants.replace(GRANT)
    async with open_context(settings) as context:
        assert await asked(context)
        await grants.mark(stored.generation, "revoked")
        assert not await asked(context)
        with pytest.raises(ConsentRevoked):
            await answer("oura_permissions", {}, context)


async def test_a_token_and_a_named_account_are_not_mixed_up(settings):
    """Whose answer it would be is not guessed; a token alone is a connection."""
    with_token = replace(settings, access_token=Secret("a-token"))
    with pytest.raises(UsageError, match="names another") as refused:
        async with open_context(with_token, account="anna"):
            pass
    assert "ANNULET_ACCESS_TOKEN" in refused.value.hint
    async with open_context(with_token) as context:
        assert (await context.connection()).account == "environment"


async def test_a_bad_token_of_the_environment_is_named(settings):
    """The hint names the variable, because a command line has no other place for a token."""
    bad = replace(settings, access_token=Secret("two words"))
    with pytest.raises(UsageError, match="ANNULET_ACCESS_TOKEN is no access token"):
        async with open_context(bad):
            pass


@pytest.mark.parametrize("name", [5, None, ["trends"]])
def test_an_answer_is_asked_for_by_a_text(name):
    """Anything else is wrong usage with a choice of names."""
    with pytest.raises(UsageError, match="by its name") as refusal:
        _find_tool(name)
    assert "trends" in refusal.value.hint

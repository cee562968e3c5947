"""Sign-in through a company's provider, and what attackers try on the way."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn

from annulet.errors import UsageError
from annulet.hosted.company_sign_in.id_token import CompanyIdentity
from annulet.hosted.database import tables
from annulet.vault.secret import Secret

sys.path.insert(0, str(Path(__file__).resolve().parent))
from company import CLIENT_ID, CLIENT_SECRET, Company

PASSWORD = "correct horse battery"
ANNA = "anna@company.example"
CALLBACK = "/sign-in/company/callback"


@pytest.fixture
async def stage(make_hosted) -> AsyncIterator[tuple[Any, Company]]:
    """A running provider, and a service that trusts it for one domain."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    company = Company(None, f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(company.app, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    hosted = make_hosted(
        oidc_issuer=company.url,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=Secret(CLIENT_SECRET),
        oidc_domains=("company.example",),
        signup="closed",
    )
    company.clock = hosted.clock
    async with hosted.running():
        await hosted.service.accounts.sign_up.create_from_shell(
            login="boss@company.example", password=PASSWORD, role="admin"
        )
        yield hosted, company
    server.should_exit = True
    await running


async def leave(browser, next_path: str = "/audit") -> str:
    """Press the button; the address of the provider's page."""
    response = await browser.http.get(f"/sign-in/company?{urlencode({'next': next_path})}")
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def pass_provider(company: Company, location: str) -> str:
    """Sign in at the provider; the callback with its query."""
    import httpx2

    async with httpx2.AsyncClient(trust_env=False) as http:
        response = await http.get(location)
    assert response.status_code == 302, response.text
    return response.headers["location"].partition("8080")[2]


async def sign_in(browser, company: Company, next_path: str = "/audit") -> str:
    await browser.get(await pass_provider(company, await leave(browser, next_path)))
    return browser.text


async def make_account(hosted, login: str = ANNA, *, verified: bool = False) -> Any:
    """An account with a password, signed in in a browser of its own."""
    service, browser = hosted.service, hosted.browser()
    person = await service.accounts.sign_up.create_from_shell(
        login=login, password=PASSWORD, role="member"
    )
    if verified:
        await service.accounts.people.change(person.id, verified_at=1)
    await browser.get("/sign-in")
    await browser.submit("/sign-in", login=login, password=PASSWORD)
    return browser


async def test_people_of_the_company_come_in(stage) -> None:
    """The first sign-in makes an account; the subject opens it again after the address changed."""
    hosted, company = stage
    browser = hosted.browser()
    assert "Audit log" in await sign_in(browser, company), "where the person wanted to go"
    await browser.get("/account")
    assert ANNA in browser.text
    assert "Set a password" in browser.text
    company.claims = {"email": "anna.married@company.example"}
    again = hosted.browser()
    await sign_in(again, company)
    assert "Account created" in again.text
    assert len(await hosted.rows(tables.people)) == 2


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email": "anna@elsewhere.example"},
        {"email": "anna@evil-company.example"},
        {"email": "anna@company.example.evil.example"},
        {"email": None},
    ],
)
async def test_only_a_verified_address_of_the_domain_makes_an_account(stage, claims) -> None:
    """Else the person is told what to do, and no account is made."""
    hosted, company = stage
    company.claims = claims
    assert "opens no account here yet" in await sign_in(hosted.browser(), company)
    assert len(await hosted.rows(tables.people)) == 1


async def test_an_account_is_not_joined_by_an_unproved_address(stage) -> None:
    """An account made with the address of another person never becomes theirs by itself."""
    hosted, company = stage
    await make_account(hosted)
    browser = hosted.browser()
    assert "made without your company" in await sign_in(browser, company)
    await browser.get("/dashboard")
    assert "Sign in" in browser.text
    assert await hosted.rows(tables.identities) == []


async def test_an_account_with_a_proved_address_is_joined(stage) -> None:
    """Both sides have verified the same mailbox."""
    hosted, company = stage
    await make_account(hosted, verified=True)
    assert "Company sign-in connected" in await sign_in(hosted.browser(), company)
    assert len(await hosted.rows(tables.people)) == 2


async def test_an_address_given_to_a_successor_opens_nothing(stage) -> None:
    """The subject decides: also after it was disconnected, for admins, and with two at once."""
    hosted, company = stage
    people = hosted.service.accounts.people
    first = hosted.browser()
    await sign_in(first, company, "/account")
    owner = await people.find_by_login(ANNA)
    company.claims = {"sub": "subject-2"}
    for role in ("member", "admin"):
        await people.change(owner.id, role=role)
        successor = hosted.browser()
        assert "belongs to another account of your company" in await sign_in(successor, company)
        await successor.get("/dashboard")
        assert "Hello" not in successor.text
    await first.get("/audit")
    assert "another company account, same address" in first.text, "the person is told"
    await first.get("/admin/audit")
    assert "another company account, same address" in first.text, "and the admin"
    await people.change(owner.id, password_hash="x")
    await first.get("/account")
    await first.submit("/account/company/remove")
    assert "is disconnected" in first.text
    assert "belongs to another" in await sign_in(hosted.browser(), company)
    assert "Connect your company" in (await first.get("/account")).text, "the owner still may"


async def test_of_two_with_one_address_at_once_one_comes_in(stage) -> None:
    """Both are at the door of an account that was proved by mail, ten times."""
    hosted, _company = stage
    accounts = hosted.service.sign_in_methods.company_accounts
    for n in range(10):
        login = f"anna{n}@company.example"
        await make_account(hosted, login, verified=True)
        pair = [CompanyIdentity(f"{n}-{subject}", login, "Anna") for subject in "ab"]
        done = await asyncio.gather(*map(accounts.open_account, pair), return_exceptions=True)
        assert sum(isinstance(answer, UsageError) for answer in done) == 1, done
    assert len(await hosted.rows(tables.identities)) == 10


async def test_a_squatted_account_that_was_never_confirmed_goes(stage) -> None:
    """Its password opens nothing afterwards."""
    hosted, company = stage
    await make_account(hosted)
    people = hosted.service.accounts.people
    squatter = await people.find_by_login(ANNA)
    await people.change(squatter.id, confirm_by=2_000_000_000)
    await sign_in(hosted.browser(), company)
    owner = await people.find_by_login(ANNA)
    assert owner.id != squatter.id
    assert await people.read_password_hash(owner.id) is None


async def test_a_signed_in_person_connects_and_disconnects_the_company(stage) -> None:
    """Whatever the address is; the last way in cannot be removed."""
    hosted, company = stage
    company.claims = {"email": None}
    browser = await make_account(hosted, "ben@elsewhere.example")
    await browser.get("/account")
    await browser.submit("/account/company")
    target = browser.page.text.partition(f'href="{company.url}')[2].partition('"')[0]
    await browser.get(await pass_provider(company, company.url + target.replace("&amp;", "&")))
    assert "Your company is connected." in browser.text
    fresh = hosted.browser()
    await sign_in(fresh, company, "/account")
    assert "ben@elsewhere.example" in fresh.text
    await fresh.submit("/account/company/remove")
    assert "opens no account" in await sign_in(hosted.browser(), company)
    company.claims = {"sub": "subject-2"}
    anna = hosted.browser()
    await sign_in(anna, company, "/account")
    await anna.submit("/account/company/remove")
    assert "only way into your account" in anna.text


async def test_a_link_is_finished_by_who_began_it(stage) -> None:
    """The callback of one person's connecting does nothing in another browser."""
    hosted, company = stage
    eve = await make_account(hosted, "eve@elsewhere.example")
    await eve.get("/account")
    await eve.submit("/account/company")
    target = eve.page.text.partition(f'href="{company.url}')[2].partition('"')[0]
    callback = await pass_provider(company, company.url + target.replace("&amp;", "&"))
    victim = await make_account(hosted, verified=True)
    await victim.get(callback)
    assert "does not belong to a sign-in" in victim.text
    assert await hosted.rows(tables.identities) == []


async def test_a_callback_counts_once_in_one_browser(stage) -> None:
    """Not in another browser, not twice, not late, not with another way on."""
    hosted, company = stage
    browser, eve = hosted.browser(), hosted.browser()
    callback = await pass_provider(company, await leave(browser))
    await eve.get("/sign-in")
    for refused in (callback, callback.replace("%2Faudit", "%2Faccount"), f"{CALLBACK}?code=x"):
        await eve.get(refused)
        assert "does not belong to a sign-in" in eve.text
    await browser.get(callback.replace("%2Faudit", "%2Faccount"))
    assert "does not belong to a sign-in" in browser.text
    await browser.get(callback)
    assert "Audit log" in browser.text
    await browser.submit("/sign-out")
    await browser.get(callback)
    assert "does not belong to a sign-in" in browser.text
    late = await pass_provider(company, await leave(browser))
    hosted.clock.advance(minutes=11)
    await browser.get(late)
    assert "does not belong to a sign-in" in browser.text
    assert company.requests["token"] == 1, "no refused callback spends a code"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"]},
        {"azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"iat": 1_000_000_000},
        {"iat": "now"},
        {"nbf": 2_000_000_000},
        {"nbf": "now"},
        {"nbf": True},
        {"sub": None},
        {"sub": "half a pair \ud800"},
        {"name": "half a pair \udc00"},
        {"unused": ["\ud800"]},
    ],
)
async def test_a_token_for_something_else_is_refused(stage, claims) -> None:
    """Another issuer, audience, nonce or time."""
    hosted, company = stage
    company.claims = claims
    assert "was not accepted" in await sign_in(hosted.browser(), company)
    assert len(await hosted.rows(tables.people)) == 1


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_only_public_key_signatures_count(stage, algorithm) -> None:
    """A token without signature, or one signed with a shared secret, is refused."""
    hosted, company = stage
    company.algorithm = algorithm
    assert "was not accepted" in await sign_in(hosted.browser(), company)


async def test_an_answer_of_another_provider_is_not_exchanged(stage) -> None:
    """RFC 9207: the issuer of the callback is that of the settings, or the code stays unspent."""
    hosted, company = stage
    browser = hosted.browser()
    callback = await pass_provider(company, await leave(browser))
    await browser.get(f"{callback}&iss=https%3A%2F%2Fevil.example")
    assert "does not belong" in browser.text
    assert "token" not in company.requests


async def test_a_provider_that_names_itself_must_do_so(stage) -> None:
    """Where the metadata promises the issuer in each callback, one without it is refused."""
    hosted, company = stage
    company.metadata = {"authorization_response_iss_parameter_supported": True}
    browser = hosted.browser()
    callback = await pass_provider(company, await leave(browser))
    await browser.get(callback)
    assert "does not belong" in browser.text


async def test_keys_are_rotated_and_not_asked_for_without_end(stage) -> None:
    """A new key is found after a minute; within it a forged one costs no request."""
    hosted, company = stage
    await sign_in(hosted.browser(), company)
    assert company.requests["keys"] == 1
    company.rotate()
    assert "does not belong" in await sign_in(hosted.browser(), company)
    assert company.requests["keys"] == 1
    hosted.clock.advance(seconds=61)
    assert "Audit log" in await sign_in(hosted.browser(), company)
    assert (company.requests["keys"], company.requests["metadata"]) == (2, 1)


async def test_metadata_of_another_issuer_is_not_used(stage) -> None:
    """RFC 8414 §3.3; the page says that it does not work, and the password still does."""
    hosted, company = stage
    company.metadata = {"issuer": "https://evil.example"}
    browser = hosted.browser()
    await browser.get("/sign-in/company")
    assert "does not work at this moment" in browser.text
    await browser.submit("/sign-in", login="boss@company.example", password=PASSWORD)
    assert "Hello" in browser.text


async def test_a_provider_that_is_down_is_told(stage) -> None:
    """The sign-in page itself needs no provider."""
    hosted, company = stage
    company.is_down = True
    browser = hosted.browser()
    assert (await browser.get("/sign-in")).status_code == 200
    assert "metadata" not in company.requests
    await browser.get("/sign-in/company")
    assert "does not work at this moment" in browser.text


async def test_no_admin_comes_from_the_company(make_hosted, stage) -> None:
    """A person of the company becomes a member, and a disabled one stays outside."""
    hosted, company = stage
    browser = hosted.browser()
    await sign_in(browser, company)
    people = hosted.service.accounts.people
    person = await people.find_by_login(ANNA)
    assert not person.is_admin
    await people.change(person.id, disabled_at=1)
    assert "account is disabled" in await sign_in(hosted.browser(), company)

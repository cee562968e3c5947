"""The checks between the network and the pages."""

from __future__ import annotations

import re

import httpx2
import pytest
from starlette.routing import Route

from annulet.hosted.dashboard.page_session import safe_path
from annulet.hosted.web.cookies import Cookies
from annulet.hosted.web.paths import is_program_path

PUBLIC = "http://127.0.0.1:8080"
PASSWORD = "correct horse battery"
EVERY_PAGE = [
    "/",
    "/sign-in",
    "/sign-up",
    "/dashboard",
    "/connect/oura",
    "/endpoints/new",
    "/keys",
    "/audit",
    "/account",
    "/admin",
    "/today",
    "/toolkits/oura/register",
    "/nothing-here",
]


@pytest.fixture
async def anna(hosted):
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    return browser


async def test_pages_obey_their_own_security_policy(hosted, anna) -> None:
    """No page has an inline script or style, and none loads from another host."""
    for path in EVERY_PAGE:
        answer = await anna.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert answer.headers["x-frame-options"] == "DENY", path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["cache-control"] == "no-store", path
        assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text), path
        assert not re.search(r"\s(on\w+|style)=", answer.text), path
        assert not re.search(r'(src|href)="https?://(?!127\.0\.0\.1)', answer.text), path


async def test_cookies_on_loopback(hosted, anna) -> None:
    """Over plain http the cookie has no prefix and is not Secure, but scripts cannot read it."""
    fresh = hosted.browser()
    await fresh.get("/sign-in")
    answer = await fresh.http.post(
        "/sign-in",
        data={**fresh.form("/sign-in"), "login": "anna@example.org", "password": PASSWORD},
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("annulet=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_cookies_on_https() -> None:
    """Behind TLS the names of cookies bind them to the host."""
    cookies = Cookies(secure=True)
    assert cookies.session.startswith("__Host-")
    assert cookies.visit.startswith("__Host-")


async def test_services_behind_tls(make_hosted) -> None:
    """Cookies are Secure with the prefix, and browsers are told to stay with https."""
    public = "https://ring.example.org"
    async with make_hosted(public_url=public).running() as hosted:
        transport = httpx2.ASGITransport(hosted.app)
        async with httpx2.AsyncClient(transport=transport, base_url=public) as http:
            answer = await http.get("/sign-in")
            assert "max-age" in answer.headers["strict-transport-security"]
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-annulet-visit=")
            assert "Secure" in cookie
            wrong = await http.get("/", headers={"host": "127.0.0.1:8080"})
            assert wrong.status_code == 421


async def test_forms_of_other_sites_are_refused(hosted, anna) -> None:
    """A foreign origin is refused even with the right token."""
    await anna.get("/account")
    form = {**anna.form("/account/profile"), "name": "Eve"}
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        answer = await anna.post("/account/profile", form, headers=headers)
        assert answer.status_code == 403, headers


async def test_forms_without_a_token_are_refused(hosted, anna) -> None:
    """Every route that accepts a form of a browser needs the token of that browser."""
    paths = [
        route.path
        for route in hosted.app.routes
        if isinstance(route, Route) and "POST" in (route.methods or ())
    ]
    browser_paths = [path for path in paths if not is_program_path(path)]
    assert len(browser_paths) > 30
    for path in browser_paths:
        answer = await anna.post(re.sub(r"{\w+}", "0" * 32, path), {"form_token": "f" * 64})
        assert answer.status_code == 403, path


async def test_a_token_belongs_to_one_browser(hosted, anna) -> None:
    """A token from the page of another person is refused."""
    ben = hosted.browser()
    await ben.sign_up("ben@example.org")
    await ben.get("/account")
    stolen = ben.form("/account/profile")["form_token"]
    answer = await anna.post("/account/profile", {"form_token": stolen, "name": "Eve"})
    assert answer.status_code == 403


async def test_foreign_hosts_are_refused(hosted, anna) -> None:
    """A foreign name that points to this address gets nothing, on pages and on MCP."""
    for path in ("/", "/dashboard", "/mcp"):
        answer = await anna.http.get(path, headers={"host": "evil.example"})
        assert answer.status_code == 421
    assert (await anna.http.get("/healthz", headers={"host": "10.0.0.7"})).status_code == 200


async def test_other_names_of_loopback_lead_to_the_public_one(hosted) -> None:
    """The browser uses the public name alone, because Oura redirects back to it."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(hosted.app)) as http:
        answer = await http.get("http://localhost:8080/sign-in?next=%2Fkeys")
        assert answer.headers["location"] == f"{PUBLIC}/sign-in?next=%2Fkeys"


async def test_huge_bodies_are_refused(hosted, anna) -> None:
    """A body above the limit is refused, whether its length is announced or not."""
    await anna.get("/account")
    form = {**anna.form("/account/profile"), "name": "x" * 100_000}
    assert (await anna.post("/account/profile", form)).status_code == 413

    async def endless():
        for _ in range(200):
            yield b"x" * 1000

    answer = await anna.http.post("/token", content=endless())
    assert answer.status_code in {400, 413}


def test_sign_in_leads_to_this_service_only() -> None:
    """Only paths of this service are taken from the address."""
    assert safe_path("/keys?x=1") == "/keys?x=1"
    foreign = ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)")
    for wanted in (*foreign, "", "x"):
        assert safe_path(wanted) == "/dashboard", wanted


async def test_a_bug_reveals_nothing(hosted, anna, monkeypatch: pytest.MonkeyPatch) -> None:
    """Person, program and htmx get a fixed sentence and never the text of the exception."""

    async def broken(*_args: object) -> None:
        raise RuntimeError("a secret text")

    monkeypatch.setattr(type(hosted.service.endpoints), "list_for", broken)
    transport = httpx2.ASGITransport(hosted.app, raise_app_exceptions=False)
    cookies = dict(anna.http.cookies)
    async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC, cookies=cookies) as http:
        program = await http.get("/dashboard")
        person = await http.get("/dashboard", headers={"accept": "text/html,*/*"})
        part = await http.get("/dashboard", headers={"accept": "text/html", "hx-request": "true"})
    for answer in (program, person, part):
        assert answer.status_code == 500
        assert "a secret text" not in answer.text
    assert program.json()["error"] == "internal"
    assert "That went wrong" in person.text
    assert "script-src 'self'" in person.headers["content-security-policy"]
    assert part.text.startswith("<p")


async def test_an_answer_to_a_form_cannot_be_opened(anna) -> None:
    """Opening the target of a form explains what to do instead."""
    await anna.get("/toolkits/oura/disconnect")
    assert anna.page.status_code == 405
    assert "answer to a form" in anna.text
    assert 'href="/dashboard"' in anna.page.text


async def test_health_and_readiness(hosted) -> None:
    """The service runs and reaches its database."""
    browser = hosted.browser()
    assert (await browser.http.get("/healthz")).json() == {"status": "ok"}
    assert (await browser.http.get("/readyz")).json() == {"status": "ready"}


async def test_single_user_mode_stays_on_this_machine(make_hosted) -> None:
    """A service without sign-in refuses a public address."""
    from annulet.errors import UsageError

    with pytest.raises(UsageError, match="only on this machine"):
        make_hosted(single_user=True, public_url="https://ring.example.org")
    with pytest.raises(UsageError, match="only on this machine"):
        make_hosted(single_user=True, host="0.0.0.0")  # noqa: S104 - what is refused

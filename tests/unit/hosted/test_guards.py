"""What stands between the network and the pages."""

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


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_pages_carry_no_inline_script_or_style(hosted, anna, path: str) -> None:
    """The policy forbids them, so a page that had one would be broken."""
    answer = await anna.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    assert not re.search(r"\s(on\w+|style)=", answer.text)
    assert not re.search(r'(src|href)="https?://(?!127\.0\.0\.1)', answer.text)


async def test_cookies_on_loopback(hosted, anna) -> None:
    """Plain http on this machine: no prefix, not Secure, but still closed to scripts."""
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
    """Behind TLS cookies are locked to the host."""
    cookies = Cookies(secure=True)
    assert cookies.session.startswith("__Host-")
    assert cookies.visit.startswith("__Host-")


async def test_https_services_say_so(make_hosted) -> None:
    """Behind TLS: Secure cookies with the prefix, and browsers are told to stay with https."""
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


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
async def test_forms_of_other_sites_are_refused(hosted, anna, headers) -> None:
    """What the browser says about the origin is enough to refuse, token or not."""
    await anna.get("/account")
    form = anna.form("/account/profile")
    answer = await anna.post("/account/profile", {**form, "name": "Eve"}, headers=headers)
    assert answer.status_code == 403


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
    """A token from somebody else's page is worth nothing."""
    other = hosted.browser()
    await other.sign_up("ben@example.org")
    await other.get("/account")
    stolen = other.form("/account/profile")["form_token"]
    answer = await anna.post("/account/profile", {"form_token": stolen, "name": "Eve"})
    assert answer.status_code == 403


async def test_foreign_hosts_are_refused(hosted, anna) -> None:
    """A name that was made to point here gets nothing, on pages and on MCP alike."""
    for path in ("/", "/dashboard", "/mcp"):
        answer = await anna.http.get(path, headers={"host": "evil.example"})
        assert answer.status_code == 421
    assert (await anna.http.get("/healthz", headers={"host": "10.0.0.7"})).status_code == 200


async def test_other_names_of_loopback_lead_to_the_public_one(hosted) -> None:
    """Cookies stay with one name, because Oura sends people back to that one."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(hosted.app)) as http:
        answer = await http.get("http://localhost:8080/sign-in?next=%2Fkeys")
        assert answer.headers["location"] == f"{PUBLIC}/sign-in?next=%2Fkeys"


async def test_huge_bodies_are_refused(hosted, anna) -> None:
    """Announced or not, a body ends at the limit."""
    await anna.get("/account")
    form = {**anna.form("/account/profile"), "name": "x" * 100_000}
    assert (await anna.post("/account/profile", form)).status_code == 413

    async def endless():
        for _ in range(200):
            yield b"x" * 1000

    answer = await anna.http.post("/token", content=endless())
    assert answer.status_code in {400, 413}


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "x"],
)
def test_nobody_is_led_away_after_sign_in(wanted: str) -> None:
    """Only paths of ours are taken from the address."""
    assert safe_path(wanted) == "/dashboard"


async def test_a_bug_tells_nothing(hosted, anna, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person gets a fixed sentence."""

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
    """A reloaded address of a form is explained, with a way back."""
    await anna.get("/toolkits/oura/disconnect")
    assert anna.page.status_code == 405
    assert "answer to a form" in anna.text
    assert 'href="/dashboard"' in anna.page.text


async def test_health_and_readiness(hosted) -> None:
    """Alive, and able to reach the database."""
    browser = hosted.browser()
    assert (await browser.http.get("/healthz")).json() == {"status": "ok"}
    assert (await browser.http.get("/readyz")).json() == {"status": "ready"}


async def test_single_user_mode_stays_on_this_machine(make_hosted) -> None:
    """Without sign-in the service refuses to be public."""
    from annulet.errors import UsageError

    with pytest.raises(UsageError, match="only on this machine"):
        make_hosted(single_user=True, public_url="https://ring.example.org")
    with pytest.raises(UsageError, match="only on this machine"):
        make_hosted(single_user=True, host="0.0.0.0")  # noqa: S104 - what is refused

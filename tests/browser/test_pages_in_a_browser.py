"""From the landing page to disconnecting, by mouse and by keyboard, in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

PASSWORD = "correct horse battery"
ARTIFACTS = Path(__file__).parents[2] / "artifacts" / "browser"
LOOKS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 780}, "has_touch": True},
}
NINE = (
    "Daily summaries",
    "Heart rate",
    "Blood oxygen",
    "Workouts",
    "Sessions",
    "Tags",
    "Ring configuration",
    "Stress",
    "Heart health",
)


class Input:
    """Presses and types, with the mouse or with the keyboard alone."""

    def __init__(self, page: Any, *, keyboard: bool) -> None:
        self.page, self.keyboard = page, keyboard

    async def press(self, role: str, name: str) -> None:
        target = self.page.get_by_role(role, name=name, exact=True).first
        if not self.keyboard:
            await target.click()
            return
        await self._reach(target)
        await self.page.keyboard.press("Enter")

    async def type(self, label: str, text: str) -> None:
        target = self.page.get_by_label(label, exact=True)
        if self.keyboard:
            await self._reach(target)
            await self.page.keyboard.press("Control+A")
            await self.page.keyboard.type(text)
        else:
            await target.fill(text)

    async def _reach(self, target: Any) -> None:
        """Tab until the target has the focus: what cannot be reached fails here."""
        await target.wait_for()
        for _ in range(120):
            if await target.evaluate("node => node === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by keyboard")


async def sees(page: Any, words: str) -> None:
    await page.get_by_text(words).first.wait_for()


async def sign_up(user: Input, login: str) -> None:
    await user.page.goto("/sign-up")
    await user.type("E-mail", login)
    await user.type("Password", PASSWORD)
    await user.press("button", "Sign up")
    await user.page.wait_for_url("**/dashboard")


async def register(user: Input) -> None:
    await user.press("button", "Register")
    await user.page.get_by_role("dialog").wait_for()
    await user.press("button", "Confirm")


async def consent(page: Any, person: str = "plain", *, untick: tuple[str, ...] = ()) -> None:
    """Answer the simulated consent page of Oura."""
    await page.get_by_text("Simulated Oura").first.wait_for()
    await page.select_option("select[name=person]", person)
    for scope in untick:
        await page.locator(f"input[name=scope][value$='{scope}']").uncheck()
    await page.get_by_role("button", name="Allow").click()


async def connect(user: Input, person: str = "plain", **more: Any) -> None:
    await register(user)
    await user.press("button", "Connect")
    await consent(user.page, person, **more)


async def disconnect(user: Input) -> None:
    """Press Disconnect, read what it means, and press it there."""
    await user.press("button", "Disconnect")
    await sees(user.page, "Disconnect your Oura Ring?")
    await user.press("button", "Disconnect")


async def save_screenshot(page: Any, name: str) -> None:
    """Save a picture of the page for a review of the run."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


async def ask(site: Any, key: str, endpoint: str) -> str:
    headers = {
        "authorization": f"Bearer {key}",
        "accept": "application/json, text/event-stream",
    }
    call = {"name": "oura_device", "arguments": {}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        url = f"{site.url}/mcp/{endpoint}"
        return (await http.post(url, json=body, headers=headers)).text


async def use_everything(site: Any, page: Any, *, keyboard: bool, name: str) -> None:
    """Sign up, register, connect, ask, look at every page, disconnect."""
    user = Input(page, keyboard=keyboard)
    await page.goto("/")
    await sees(page, "Nothing about your health is stored here")
    await save_screenshot(page, f"{name}-1-landing")
    await sign_up(user, "anna@example.org")

    await user.press("button", "Register")
    await page.get_by_role("dialog").wait_for()
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").wait_for(state="hidden")
    await register(user)
    await sees(page, "Registered and approved")
    for permission in NINE:
        await page.get_by_text(permission, exact=True).first.wait_for()
    await save_screenshot(page, f"{name}-2-approved")

    await user.press("button", "Connect")
    await consent(page)
    await sees(page, "Successful connection")
    await page.get_by_text("Connected", exact=True).wait_for()
    await sees(page, "plain@example.org")
    await save_screenshot(page, f"{name}-3-connected")

    await user.press("link", "New endpoint")
    await page.get_by_label("Assistant", exact=True).select_option("other")
    await user.type("Name", "My shell")
    await user.press("button", "Create endpoint")
    await user.press("button", "Create API key")
    key = await page.locator("#new-key").inner_text()
    endpoint = page.url.split("/endpoints/")[1].split("/")[0]
    await sees(page, "Waiting for the first call")
    assert "gen4" in await ask(site, key, endpoint)
    await sees(page, "First call received ✓")
    await page.get_by_text("last used").nth(1).wait_for()
    assert await page.get_by_text("not used yet").count() == 0
    await save_screenshot(page, f"{name}-4-endpoint")

    box = page.get_by_role("checkbox", name=re.compile("oura_effects"))
    await box.uncheck()
    await sees(page, "Saved")

    await page.goto("/today")
    await page.get_by_role("img", name=re.compile("Last night")).wait_for()
    drawn = "img => img.complete && img.naturalWidth > 0"
    for image in await page.locator(".figure img").all():
        await image.scroll_into_view_if_needed()
        await page.wait_for_function(drawn, arg=await image.element_handle())
    await save_screenshot(page, f"{name}-5-today")

    await page.goto("/audit")
    await sees(page, "Question asked")
    await save_screenshot(page, f"{name}-6-audit")
    await page.goto("/dashboard")
    await disconnect(user)
    await sees(page, "revoked at Oura")
    await page.get_by_role("button", name="Connect", exact=True).wait_for()
    assert "not_connected" in await ask(site, key, endpoint)


async def test_everything_by_mouse(site, person) -> None:
    """Landing page, account, pop-up, consent, endpoint, first call, charts, disconnect."""
    async with person(**LOOKS["desktop"]) as page:
        await use_everything(site, page, keyboard=False, name="desktop-light-mouse")


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("keyboard", [False, True], ids=["mouse", "keyboard"])
async def test_everything_everywhere(site, person, look, scheme, keyboard) -> None:
    """The same on a phone and a desktop, in light and dark, by mouse and by keyboard."""
    name = f"{look}-{scheme}-{'keyboard' if keyboard else 'mouse'}"
    async with person(color_scheme=scheme, **LOOKS[look]) as page:
        await use_everything(site, page, keyboard=keyboard, name=name)


@pytest.mark.full
async def test_without_scripts(site, person) -> None:
    """Every step works in a browser that runs no script at all."""
    async with person(java_script_enabled=False) as page:
        user = Input(page, keyboard=False)
        await sign_up(user, "anna@example.org")
        await user.press("button", "Register")
        await user.press("button", "Confirm")
        await user.press("button", "Connect")
        await consent(page)
        await sees(page, "Successful connection")
        await user.press("link", "New endpoint")
        await user.press("button", "Create endpoint")
        await page.get_by_role("checkbox", name=re.compile("oura_effects")).uncheck()
        await user.press("button", "Save tools")
        await sees(page, "Tools saved")
        await page.goto("/dashboard")
        await disconnect(user)
        await sees(page, "revoked at Oura")


@pytest.mark.full
async def test_waiting_and_being_approved(make_site, person) -> None:
    """The queue shows the position; the page changes by itself when the admin approves."""
    site = make_site(capacity=0)
    async with person(site) as boss, person(site) as anna:
        await sign_up(Input(boss, keyboard=False), "boss@example.org")
        user = Input(anna, keyboard=False)
        await sign_up(user, "anna@example.org")
        await register(user)
        await sees(anna, "in the queue")
        await save_screenshot(anna, "states-pending")
        await boss.goto("/admin")
        await save_screenshot(boss, "admin")
        await boss.get_by_role("button", name="Approve anna@example.org").click()
        await sees(boss, "Approved.")
        await anna.get_by_role("button", name="Connect", exact=True).wait_for()


@pytest.mark.full
async def test_the_further_states(make_site, person) -> None:
    """Missing permissions, an inactive membership and an expired connection can be mended."""
    site = make_site()
    async with person(site) as page:
        user = Input(page, keyboard=False)
        await sign_up(user, "anna@example.org")
        await connect(user, untick=("stress",))
        await sees(page, "missing permissions – add")
        await save_screenshot(page, "states-missing")
        await user.press("button", "Add permissions")
        await consent(page, "lapsed")
        await sees(page, "Membership inactive")
        await sees(page, "it refuses to answer")
        assert await page.get_by_text("Successful connection").count() == 0
        await save_screenshot(page, "states-membership")
        await disconnect(user)
        await user.press("button", "Connect")
        await consent(page)
        await sees(page, "Successful connection")
        site.oura.revoke_grants("plain")
        await page.goto("/today")
        await page.goto("/dashboard")
        await sees(page, "Expired – reconnect")
        await save_screenshot(page, "states-expired")
        await user.press("button", "Reconnect")
        await consent(page)
        await sees(page, "Successful connection")


@pytest.mark.full
async def test_an_assistant_asks_for_consent(site, person) -> None:
    """The page names client and destination; allowing leads back to the assistant's address."""
    async with person() as page:
        await sign_up(Input(page, keyboard=False), "anna@example.org")
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
            metadata = {
                "client_name": "Claude Code",
                "redirect_uris": [f"{site.url}/healthz"],
                "token_endpoint_auth_method": "none",
            }
            client = (await http.post(f"{site.url}/register", json=metadata)).json()
        query = (
            f"response_type=code&client_id={client['client_id']}&redirect_uri={site.url}/healthz"
            "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
            "&code_challenge_method=S256&state=s"
        )
        await page.goto(f"/authorize?{query}")
        await sees(page, "Allow Claude Code?")
        await save_screenshot(page, "consent")
        await page.get_by_role("button", name="Allow").click()
        await page.wait_for_url("**/healthz?code=*")
        await page.goto("/keys")
        await sees(page, "Claude Code")


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing_serious(site, person, axe: str, look: str, scheme: str) -> None:
    """Every page, connected and not, in both colours and both widths."""
    async with person(color_scheme=scheme, **LOOKS[look]) as page:
        user = Input(page, keyboard=False)
        for path in ("/", "/sign-in", "/sign-up"):
            await page.goto(path)
            await check(page, axe)
        await sign_up(user, "anna@example.org")
        await check(page, axe)
        await connect(user)
        await sees(page, "Successful connection")
        await page.goto("/endpoints/new")
        await page.get_by_role("radio", name="API key").check()
        await user.press("button", "Create endpoint")
        await user.press("button", "Create API key")
        await check(page, axe)
        for path in ("/dashboard", "/today", "/keys", "/audit", "/account", "/admin", "/gone"):
            await page.goto(path)
            await page.wait_for_load_state("networkidle")
            for summary in await page.locator("summary").all():
                await summary.click()
            await check(page, axe)


async def check(page: Any, axe: str) -> None:
    await page.evaluate(axe)
    report = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        {"id": violation["id"], "nodes": [node["html"][:120] for node in violation["nodes"]]}
        for violation in report["violations"]
    ]
    assert serious == [], f"{page.url}: {json.dumps(serious, indent=1)}"
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, f"{page.url} is {width} pixels too wide"


GERMAN = {
    "Disconnect": "Verbindung vollständig trennen und widerrufen",
    "Connected": "Erfolgreich verbunden und eingerichtet",
    "New endpoint": "Einen neuen Zugangspunkt anlegen",
    "Dashboard": "Übersichtsseite",
    "Audit log": "Überwachungsprotokoll",
    "Account": "Benutzerkontoeinstellungen",
    "Next renewal by": "Nächste Zugangserneuerung spätestens",
    "Permissions: granted against requested": "Berechtigungen: erteilte gegenüber angeforderten",
    "Oura Ring": "Herzfrequenzvariabilitätsmessungsring",
}


@pytest.mark.full
@pytest.mark.parametrize("look", LOOKS)
async def test_long_words_do_not_break_the_page(site, person, look: str) -> None:
    """Texts as long as German ones wrap; nothing is cut off or wider than the page."""
    async with person(**LOOKS[look]) as page:
        user = Input(page, keyboard=False)
        await sign_up(user, "anna@example.org")
        await connect(user)
        await sees(page, "Successful connection")
        await page.evaluate(
            """words => {
              document.documentElement.lang = "de";
              const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walk.nextNode()) {
                const longer = words[walk.currentNode.data.trim()];
                if (longer) walk.currentNode.data = longer;
              }
            }""",
            GERMAN,
        )
        await save_screenshot(page, f"german-{look}")
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0
        clipped = await page.evaluate(
            """() => [...document.querySelectorAll(".button, .badge, h2, nav a, dd")]
                .filter(node => node.scrollWidth > node.clientWidth + 1)
                .filter(node => getComputedStyle(node).display !== "inline")
                .map(node => node.textContent.trim())"""
        )
        assert clipped == []

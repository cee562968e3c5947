"""Updates from Oura in a real browser: the admin switches them on, and an event arrives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.full

ARTIFACTS = Path(__file__).parents[2] / "artifacts" / "browser"
LOOKS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 780}, "has_touch": True},
}


async def press(page: Any, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).first.click()


async def sees(page: Any, words: str) -> None:
    await page.get_by_text(words).first.wait_for()


async def save_screenshot(page: Any, name: str) -> None:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


async def connect_admin(page: Any) -> None:
    """Sign up the admin and connect a ring."""
    await page.goto("/sign-up")
    await page.get_by_label("E-mail", exact=True).fill("boss@example.org")
    await page.get_by_label("Password", exact=True).fill("correct horse battery")
    await press(page, "Sign up")
    await page.wait_for_url("**/dashboard")
    await press(page, "Register")
    await press(page, "Confirm")
    await press(page, "Connect")
    await page.select_option("select[name=person]", "plain")
    await press(page, "Allow")
    await sees(page, "Successful connection")


async def sees_event(page: Any) -> None:
    """The dashboard shows when the event came."""
    await page.goto("/dashboard")
    line = page.get_by_text("Last data from Oura").locator("xpath=following-sibling::dd[1]")
    await line.wait_for()
    assert "no event yet" not in await line.inner_text()


async def check(page: Any, axe: str) -> None:
    await page.evaluate(axe)
    report = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert report["violations"] == [], json.dumps(report["violations"], indent=1)[:2000]
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, f"{width} pixels too wide"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("look", LOOKS)
async def test_updates_are_switched_on_and_off(site, person, axe, look: str, scheme: str) -> None:
    """The row changes by itself: off, on, a problem, off; the dashboard shows an event."""
    name = f"updates-{look}-{scheme}"
    async with person(color_scheme=scheme, **LOOKS[look]) as page:
        await connect_admin(page)
        await page.goto("/admin")
        await sees(page, "Off. annulet reads from Oura only when a question is asked.")
        await save_screenshot(page, f"{name}-1-off")
        await press(page, "Switch on")
        await sees(page, "On. Oura sends events for 48 subscriptions.")
        await check(page, axe)
        await save_screenshot(page, f"{name}-2-on")
        (delivery,) = await site.oura.webhooks.deliver("plain", "daily_sleep", object_id="o-1")
        assert delivery.status == 200
        await sees_event(page)
        await check(page, axe)
        await save_screenshot(page, f"{name}-3-event")
        site.oura.faults.add("status:503@/v2/webhook/subscription")
        await page.goto("/admin")
        await press(page, "Switch off")
        await sees(page, "Oura did not answer.")
        await check(page, axe)
        await save_screenshot(page, f"{name}-4-problem")
        site.oura.faults.clear()
        await press(page, "Check now")
        await sees(page, "Off. annulet reads from Oura only when a question is asked.")


async def test_updates_without_scripts(site, person) -> None:
    """Loading the page again shows the status."""
    async with person(java_script_enabled=False) as page:
        await connect_admin(page)
        await page.goto("/admin")
        await press(page, "Switch on")
        for _ in range(200):
            await page.goto("/admin")
            if await page.get_by_text("for 48 subscriptions").count():
                break
        await sees(page, "for 48 subscriptions")
        await press(page, "Switch off")
        await sees(page, "Updates are being switched off.")

"""Passkeys in a real browser, with the browser's own virtual authenticator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

PASSWORD = "correct horse battery"
ARTIFACTS = Path(__file__).parents[2] / "artifacts" / "browser"


@pytest.fixture
def named_site(make_site) -> Any:
    """A service under a host name: browsers offer no passkeys for an IP address."""
    return make_site(host_name="localhost")


async def attach_authenticator(page: Any) -> tuple[Any, str]:
    """Attach a device that checks a finger; it belongs to this page."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, added["authenticatorId"]


async def test_a_person_signs_in_with_a_passkey(named_site, person) -> None:
    """Add one, sign in without a password, confirm a deletion with it."""
    async with person(named_site) as page:
        devtools, authenticator = await attach_authenticator(page)
        await page.goto("/sign-up")
        await page.get_by_label("E-mail").fill("anna@example.org")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign up").click()
        await page.wait_for_url("**/dashboard")
        await page.goto("/account")
        await page.get_by_role("button", name="Add a passkey").click()
        await page.get_by_text("Passkey added.").wait_for()
        keys = await devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
        assert [key["isResidentCredential"] for key in keys["credentials"]] == [True]
        await page.get_by_role("button", name="Add a passkey").click()
        await page.get_by_text("This device has a passkey for this account already.").wait_for()

        await page.get_by_role("button", name="Sign out").click()
        await page.goto("/sign-in?next=/account")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.wait_for_url("**/account")
        await page.get_by_text("last used today").wait_for()

        await page.goto("/confirm?next=/audit")
        await page.get_by_role("button", name="Confirm with a passkey").click()
        await page.wait_for_url("**/audit")
        await page.get_by_text("Passkey added").first.wait_for()


async def test_a_cancelled_passkey_is_told(named_site, person) -> None:
    """Without a fitting passkey the page says so, and the password still works."""
    async with person(named_site) as page:
        await attach_authenticator(page)
        await page.goto("/sign-in")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.get_by_text("That did not work, or was cancelled.").wait_for()


async def test_without_scripts_the_page_says_what_is_missing(named_site, person) -> None:
    """Nothing that cannot work is shown as a button."""
    async with person(named_site, java_script_enabled=False) as page:
        await page.goto("/sign-in")
        await page.get_by_text("This browser offers no passkeys here.").wait_for()
        assert not await page.get_by_role("button", name="Sign in with a passkey").is_visible()

"""The pages: what they show, in a browser without scripts."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

from annulet.charts.palette import DARK, LIGHT
from annulet.hosted.audit.audit_actions import AuditAction, describe_action
from annulet.hosted.dashboard.rendering import STATIC
from annulet.hosted.endpoints.assistants import ASSISTANTS, build_steps


async def test_the_landing_page_shows_what_it_does(hosted) -> None:
    """It shows steps, permissions and promises without an account."""
    browser = hosted.browser()
    await browser.get("/")
    for words in ("Three steps", "Heart health", "Nothing stored", "not affiliated with"):
        assert words in browser.text


async def test_today_shows_sentences_and_charts(hosted) -> None:
    """Each chart comes in both themes and is not cached."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    await anna.get("/today")
    assert "Last night" in anna.text
    assert "asleep" in anna.text
    for name in ("night", "heart", "day", "days"):
        for theme in ("light", "dark"):
            chart = await anna.get(f"/today/{name}.svg?theme={theme}&width=phone")
            assert chart.headers["content-type"].startswith("image/svg+xml")
            assert chart.text.startswith("<svg")
            assert chart.headers["cache-control"] == "no-store"
    assert (await anna.get("/today/other.svg")).status_code == 404


async def test_today_without_a_connection_leads_to_it(hosted) -> None:
    """Instead of empty charts there is a sentence and a button."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.get("/today")
    assert anna.page.status_code == 200
    assert "No ring is connected" in anna.text
    assert 'href="/connect/oura"' in anna.page.text


async def test_today_with_a_missing_permission(hosted) -> None:
    """One missing permission leaves a gap with a sentence, not an empty page."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.submit("/connect/oura")
    await anna.consent(scopes=["daily", "personal", "email"])
    await anna.get("/today")
    assert "Last night" in anna.text
    assert "asleep" in anna.text


async def test_markup_in_a_name_stays_text(hosted) -> None:
    """Names with markup are shown as they were typed."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org", name="<script>alert(1)</script>")
    assert "<script>alert" not in anna.page.text
    assert "&lt;script&gt;" in anna.page.text


async def test_the_zone_of_the_account_decides_the_days(hosted) -> None:
    """The next question uses a changed zone."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    endpoint, key = await anna.new_key()
    await anna.get("/account")
    await anna.submit("/account/profile", name="Anna", timezone="Asia/Tokyo")
    assert "Saved." in anna.text
    answer = await anna.ask(key, f"/mcp/{endpoint}", "oura_sleep_sessions")
    assert '"timezone":"Asia/Tokyo"' in answer.text
    await anna.submit("/account/profile", name="Anna", timezone="Moon/Base")
    assert "no such time zone" in anna.text


def test_every_assistant_has_a_set_up_with_its_address() -> None:
    """Every assistant gets a step to copy or to open that holds the endpoint's own address."""
    url = "https://ring.example.org/mcp/abc123"
    for kind in ASSISTANTS:
        for auth in ("oauth", "key"):
            texts = [readable(step.copy + step.link) for step in build_steps(kind, url, auth=auth)]
            assert any(url in text for text in texts), (kind, auth)


def readable(text: str) -> str:
    """A text to copy or a link, with the configuration that links carry in base64."""
    text = unquote(text)
    config = re.search(r"config=([\w+/=-]+)", text)
    return text + (base64.b64decode(config[1]).decode() if config else "")


def test_a_new_key_is_filled_in() -> None:
    """The text to copy contains the new key and needs no change."""
    filled = build_steps("other", "https://r.example/mcp/a", auth="key", key="annulet_secret")
    assert "Bearer annulet_secret" in filled[-1].copy
    assert not any("YOUR_API_KEY" in step.text + step.copy for step in filled)


def test_every_audit_action_has_a_sentence() -> None:
    """An action is written source:subject:action, and its sentence differs from all others."""
    assert all(action.count(":") == 2 for action in AuditAction)
    sentences = {describe_action(action) for action in AuditAction}
    assert len(sentences) == len(AuditAction)
    assert not any(":" in sentence and sentence in set(AuditAction) for sentence in sentences)
    assert describe_action("person:moon:visit") == "person:moon:visit"


async def test_the_first_endpoint_begins_with_the_assistant(hosted) -> None:
    """The empty panel links to a form in which the assistant is chosen already."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    for kind in ASSISTANTS:
        assert f'href="/endpoints/new?kind={kind}"' in anna.page.text
    await anna.get("/endpoints/new?kind=cursor")
    assert '<option value="cursor" selected>' in anna.page.text
    assert anna.page.text.count(" selected>") == 1


async def test_today_without_data(hosted) -> None:
    """A ring that has not synced gives no empty charts, and one sentence says what to do."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect("unsynced")
    await anna.get("/today")
    assert "/today/night.svg" not in anna.page.text
    assert "/today/days.svg" in anna.page.text
    assert anna.text.count("open the Oura app") == 1


def test_pages_have_the_colours_of_the_charts() -> None:
    """Pages and charts use the same colours, in light and in dark."""
    style = (STATIC / "app.css").read_text(encoding="utf-8")
    names = ("ground", "card", "sunk", "line", "line-strong", "ink", "soft", "accent")
    for theme in (LIGHT, DARK):
        colours = (
            theme.background, theme.surface, theme.raised, theme.line, theme.edge, theme.ink,
            theme.muted, theme.accent,
        )  # fmt: skip
        for name, colour in zip(names, colours, strict=True):
            assert f"--{name}: {colour};" in style

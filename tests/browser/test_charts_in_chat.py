"""The interactive charts inside a host: a small page that speaks MCP Apps, in Chromium."""

from __future__ import annotations

import json
import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from annulet.mcp_server.apps import APP_RESOURCES

expect.set_options(timeout=30_000)
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(_CHROMIUM is None, reason="Chromium is not installed")

# What a host must enforce when a resource declares no domains.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; connect-src 'none'"
)
_HOST = """<!doctype html><body style="margin:0">
<iframe id="view" sandbox="allow-scripts" style="border:0;width:100%%;height:1600px"></iframe>
<script>
const given = %s;
const view = document.getElementById("view");
window.heard = [];
window.post = (message) => view.contentWindow.postMessage({ jsonrpc: "2.0", ...message }, "*");
addEventListener("message", (event) => {
  if (event.source !== view.contentWindow) return;
  const { id, method, params } = event.data;
  heard.push(event.data);
  if (method === "ui/initialize") {
    post({ id, result: { protocolVersion: "2026-01-26", hostInfo: { name: "t", version: "1" },
      hostCapabilities: given.capabilities, hostContext: given.context } });
  } else if (method === "ui/notifications/initialized") {
    post({ method: "ui/notifications/tool-input", params: { arguments: given.input } });
    if (given.result) post({ method: "ui/notifications/tool-result", params: given.result });
  } else if (method === "tools/call") {
    const answer = given.answers[params.name];
    post({ id, result: answer ? { content: [], structuredContent: answer }
      : { content: [], isError: true } });
  }
});
view.srcdoc = given.html;
</script>"""

_PERIOD = {"start": "2026-05-01", "end": "2026-05-10", "timezone": "Europe/Berlin"}
_DAYS = [f"2026-05-{day:02}" for day in range(1, 11)]
_DAILY = {
    "summary": "9 of 10 days have data.",
    "period": _PERIOD,
    "coverage": {"days": 10, "with_data": 9, "missing": ["2026-05-04"]},
    "table": {
        "columns": ["day", "hrv_avg_ms", "hr_lowest_bpm", "resilience_level"],
        "rows": [[d, 50 + n, 52, "solid"] for n, d in enumerate(_DAYS) if n != 3],
    },
    "baselines": {
        "columns": ["metric", "median", "low", "high", "days"],
        "rows": [["hrv_avg_ms", 52, 48, 57, 60]],
    },
}
_SLEEP = {
    "summary": "Night of Wed 6 May: 7 h 12 min asleep.",
    "period": {**_PERIOD, "start": "2026-05-06", "end": "2026-05-06"},
    "table": {
        "columns": ["day", "type", "bedtime", "wake_time", "total_sleep_min", "deep_min"],
        "rows": [
            [
                "2026-05-06",
                "long_sleep",
                "2026-05-05T23:00+02:00",
                "2026-05-06T07:00+02:00",
                432,
                80,
            ]
        ],
    },
}
_COURSE = {
    "start": "2026-05-05T23:00+02:00",
    "interval_min": 15,
    "hr_bpm": [58, 57, None, *[52] * 29],
    "hrv_ms": [40] * 32,
    "stage": ["awake", *["light"] * 15, *["deep"] * 16],
}
_UNUSUAL = {
    "summary": "1 unusual stretch.",
    "period": _PERIOD,
    "coverage": _DAILY["coverage"],
    "episodes": [
        {
            "start": "2026-05-06",
            "end": "2026-05-07",
            "days": 2,
            "metrics": [{"metric": "hrv_avg_ms", "value": 34, "expected": 55, "z": -2.8}],
            "explanation": "2 nights: HRV down 21 ms to 34.",
        }
    ],
    "days_flagged": 2,
    "expected_false_per_30": 1.3,
}


def result(answer):
    """A tool result as a server sends it: the same object in both forms."""
    text = {"type": "text", "text": json.dumps(answer)}
    return {"content": [text], "structuredContent": answer}


@pytest.fixture(scope="module")
def browser():
    """One Chromium for all pages."""
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser):
    """Show a view inside the host; the view must stay without a complaint in the console."""
    opened = []

    def one(view, shown, *, answers=None, theme="light", width=760):
        app = next(app for app in APP_RESOURCES if app.uri.endswith(f"/{view}"))
        policy = f'<head><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        given = {
            "html": app.build_html().replace("<head>", policy),
            "result": shown,
            "answers": answers or {},
            "capabilities": {"serverTools": {}} if answers is not None else {},
            "context": {"theme": theme, "availableDisplayModes": ["inline", "fullscreen"]},
            "input": {},
        }
        page = browser.new_page(viewport={"width": width, "height": 1600})
        complaints = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.set_content(_HOST % json.dumps(given).replace("<", "\\u003c"))
        opened.append((page, complaints))
        return page, page.frame_locator("#view")

    yield one
    for page, complaints in opened:
        page.close()
        assert complaints == []


def test_view_greets_its_host_as_the_protocol_says(show):
    """Initialize, then initialized, then its size: hosts wait for each of them."""
    page, view = show("night", result({**_SLEEP, "series": [_COURSE]}))
    view.locator("svg[role=img]").wait_for()
    # A size may be told before the chart is drawn; the one that holds the chart must follow.
    page.wait_for_function(
        "heard.some((m) => m.method === 'ui/notifications/size-changed' && m.params.height > 200)"
    )
    heard = page.evaluate("heard")
    assert [m["method"] for m in heard[:2]] == ["ui/initialize", "ui/notifications/initialized"]
    assert heard[0]["params"]["protocolVersion"] == "2026-01-26"
    assert heard[0]["params"]["appInfo"]["name"] == "annulet"
    page.evaluate("post({ id: 77, method: 'ui/resource-teardown', params: {} })")
    page.wait_for_function("heard.some((m) => m.id === 77 && m.result)")


def test_a_moment_of_the_night_can_be_read_by_mouse_and_by_keyboard(show):
    """The cursor tells time, stage, heart rate and HRV; a gap is not told as a number."""
    _, view = show("night", result({**_SLEEP, "series": [_COURSE]}))
    picture = view.locator("svg[role=img]")
    expect(picture.locator(".caption").first).to_be_visible()  # drawn, so it can be pointed at
    picture.press("Home")
    tip = view.locator(".tip")
    expect(tip.locator("span")).to_have_text(["Awake", "Heart rate 58 bpm", "HRV 40 ms"])
    expect(tip.locator("b")).to_have_text("23:00 \N{EN DASH} 23:15")
    picture.press("ArrowRight")
    picture.press("ArrowRight")
    expect(tip.locator("span")).to_have_text(["Light", "HRV 40 ms"])
    expect(view.locator("#spoken")).to_contain_text("Light")
    picture.press("Escape")
    expect(tip).to_be_hidden()
    picture.hover()
    expect(tip).to_be_visible()


def test_a_night_without_its_course_asks_the_host_for_it(show):
    """One further call brings the course; without the host's leave the shares are shown."""
    more = {"oura_sleep_sessions": {**_SLEEP, "series": [_COURSE]}}
    page, view = show("night", result(_SLEEP), answers=more)
    view.locator(".caption", has_text="Heart rate").wait_for()
    calls = [m["params"] for m in page.evaluate("heard") if m.get("method") == "tools/call"]
    assert [call["name"] for call in calls] == ["oura_sleep_sessions"]
    assert calls[0]["arguments"]["series"] is True
    _, alone = show("night", result(_SLEEP))
    alone.locator("svg[aria-label='Shares of the stages']").wait_for()


def test_unusual_days_show_what_moved_and_the_days_behind(show):
    """The episode is in words and in figures, and its metric is drawn by day."""
    page, view = show("anomalies", result(_UNUSUAL), answers={"oura_daily_summary": _DAILY})
    view.get_by_text("2 nights: HRV down 21 ms to 34.").wait_for()
    expect(view.get_by_text("34 ms, expected 55")).to_be_visible()
    view.locator("svg .caption").wait_for()
    expect(view.locator(".notes")).to_contain_text("diagnosis")
    assert page.evaluate("heard.filter((m) => m.method === 'tools/call').length") == 1


def test_days_have_a_tile_each_and_one_can_be_chosen(show):
    """Choosing a figure shows its days; words instead of numbers get no tile."""
    _, view = show("days", result(_DAILY), width=360)
    tiles = view.locator(".tiles button")
    expect(tiles).to_have_count(2)
    expect(view.locator(".plot")).to_have_count(0)
    tiles.filter(has_text="HRV").click()
    expect(view.locator(".plot svg[role=img]")).to_be_visible()
    expect(view.locator(".tiles button[aria-pressed=true]")).to_contain_text("HRV")


def test_failures_and_empty_answers_are_said(show):
    """An error shows message and hint; an empty period its summary."""
    error = {"error": {"code": "not_connected", "message": "No ring.", "hint": "Connect it."}}
    _, view = show("trend", {**result(error), "isError": True})
    view.get_by_text("No ring. Connect it.").wait_for()
    empty = {**_SLEEP, "summary": "No night recorded.", "table": {"columns": [], "rows": []}}
    _, nothing = show("night", result(empty))
    nothing.get_by_text("No night recorded.").wait_for()


def test_hosts_that_send_only_text_still_get_a_picture(show):
    """The text form carries the same object."""
    told = {"content": result({**_SLEEP, "series": [_COURSE]})["content"]}
    _, view = show("night", told)
    view.locator("svg[role=img]").wait_for()


def test_words_from_the_answer_stay_words(show):
    """Markup in an answer is shown, not run."""
    hostile = {**_UNUSUAL, "summary": "<img src=x onerror=alert(1)><script>alert(2)</script>"}
    _, view = show("anomalies", result(hostile))
    view.get_by_text("<script>alert(2)</script>").wait_for()
    expect(view.locator("img, main script")).to_have_count(0)


@pytest.mark.parametrize("view", ["night", "days", "trend", "anomalies", "intraday"])
@pytest.mark.parametrize(("theme", "width"), [("light", 760), ("dark", 360)])
def test_no_view_is_wider_than_its_place(show, view, theme, width):
    """Nothing scrolls sideways, on a phone neither, and the host's theme is followed."""
    shown = {
        "night": {**_SLEEP, "series": [_COURSE]},
        "days": _DAILY,
        "anomalies": _UNUSUAL,
        "trend": {
            "summary": "s" * 200,
            "period": _PERIOD,
            "table": {"columns": ["metric", "mean", "n"], "rows": [["hrv_avg_ms", 55.0, 9]]},
        },
        "intraday": {
            "summary": "s",
            "period": _PERIOD,
            "stats": {"min": 47, "max": 141, "avg": 66.2, "samples": 2},
            "series": {
                "start": "2026-05-01T00:00+02:00",
                "interval_min": 60,
                "values": [60, None, 70] * 8,
            },
        },
    }[view]
    answers = {"oura_daily_summary": _DAILY}
    page, frame = show(view, result(shown), answers=answers, theme=theme, width=width)
    frame.locator("h1").wait_for()
    # A picture measures its place after it was put there: what counts is how it ends.
    frame.locator("main svg").first.wait_for()
    inside = page.frames[1]
    inside.wait_for_function(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    ground = "rgb(255, 255, 255)" if theme == "light" else "rgb(22, 29, 32)"
    expect(frame.locator("body")).to_have_css("background-color", ground)
    folder = os.environ.get("ANNULET_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/chat-{view}-{theme}.png")

"""The interactive charts: one self-contained page in several views, one for a tool."""

from __future__ import annotations

import re

import pytest

from annulet.charts.palette import DARK, LIGHT
from annulet.mcp_server.apps import APP_RESOURCES
from annulet.toolkit.answers import TOOLS

_IDS = [app.name for app in APP_RESOURCES]


@pytest.mark.parametrize("app", APP_RESOURCES, ids=_IDS)
def test_page_loads_nothing_from_elsewhere(app):
    """The strictest policy of hosts is enough: no address, no frame, no storage, no eval."""
    html = app.build_html()
    outside = re.findall(r"https?://[^\s\"']+", html)
    assert set(outside) == {"http://www.w3.org/2000/svg"}
    for word in ("<link", "<img", "<iframe", "@import", "url(", "fetch(", "XMLHttpRequest",
                 "localStorage", "sessionStorage", "document.cookie", "eval(", "innerHTML",
                 "outerHTML", "insertAdjacentHTML", "document.write"):  # fmt: skip
        assert word not in html, word


@pytest.mark.parametrize("app", APP_RESOURCES, ids=_IDS)
def test_page_is_one_whole_document(app):
    """Each view is a small HTML5 document with one style and one script."""
    html = app.build_html()
    assert html.startswith("<!doctype html>")
    assert html.rstrip().endswith("</html>")
    assert html.count("<script>") == html.count("</script>") == 1
    assert html.count("<style>") == 1
    assert "/*" not in re.sub(r"/\*.*?\*/", "", html, flags=re.DOTALL)
    assert f'data-view="{app.uri.rsplit("/", 1)[1]}"' in html
    assert len(html) < 80_000


def test_page_has_the_colours_of_the_product():
    """Light and dark come from the design tokens."""
    html = APP_RESOURCES[0].build_html()
    assert f"--annulet-accent: {LIGHT.accent};" in html
    assert f"--annulet-accent: {DARK.accent};" in html


def test_each_view_belongs_to_tools_that_exist():
    """No tool has two pages, and no page draws a tool that is not there."""
    tools = [tool for app in APP_RESOURCES for tool in app.tools]
    assert len(tools) == len(set(tools))
    assert set(tools) <= set(TOOLS)
    assert {app.uri for app in APP_RESOURCES} >= {
        "ui://annulet/night",
        "ui://annulet/trend",
        "ui://annulet/anomalies",
    }

"""The pages about proxy and application say what the code does."""

import re
from pathlib import Path

from annulet.cli.application_form import FORM, PORTAL, redirect_uris
from annulet.cli.commands.proxy import DEFAULT_PORT

ROOT = Path(__file__).parents[3]


def test_every_answer_of_the_proxy_is_on_its_page() -> None:
    """Each code, and the port."""
    page = (ROOT / "docs/reference/proxy.md").read_text()
    source = "".join(file.read_text() for file in (ROOT / "src/annulet/proxy").glob("*.py"))
    codes = set(re.findall(r'(?:_forbidden|_unauthorized)\(\s*"([a-z_]+)"', source))
    codes |= set(re.findall(r'RequestRefused\(\s*\d{3},\s*"([a-z_]+)"', source))
    assert len(codes) > 12
    assert [code for code in sorted(codes) if f"`{code}`" not in page] == []
    assert f"http://127.0.0.1:{DEFAULT_PORT}" in page


def test_the_pages_about_the_form_agree_with_setup() -> None:
    """Redirect URIs, page and fields are the same wherever they are shown."""
    pages = ("docs/how-to/register-application.md", "skills/oura-setup/references/application.md")
    for name in pages:
        page = (ROOT / name).read_text()
        assert PORTAL in page
        assert all(f"`{uri}`" in page for uri in redirect_uris())
        for each in FORM:
            assert each.name.casefold() in page.casefold(), f"{name}: {each.name}"

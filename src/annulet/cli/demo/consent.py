"""Giving consent as a browser would: the page is read, its form is sent, redirects are followed."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx2

from annulet.errors import OuraUnavailable

__all__ = ["allow", "form_fields"]


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        kind, name = named.get("type") or "", named.get("name") or ""
        if tag == "input" and (kind == "hidden" or (kind == "checkbox" and "checked" in named)):
            self.fields.append((name, named.get("value") or ""))


def form_fields(page: str) -> list[tuple[str, str]]:
    """The hidden fields and ticked boxes of a page's form."""
    form = _Form()
    form.feed(page)
    return form.fields


async def allow(url: str, person: str) -> tuple[int, str]:
    """Open a consent page, tick everything, allow, and follow where it leads.

    Returns:
        The number of permissions on the page, and the text of the last page.
    """
    async with httpx2.AsyncClient(follow_redirects=True, timeout=30, trust_env=False) as browser:
        page = await browser.get(url)
        fields = [*form_fields(page.text), ("person", person), ("decision", "allow")]
        names = {name for name, _ in fields}
        data = {name: [value for key, value in fields if key == name] for name in names}
        last = await browser.post(page.url, data=data)
        if last.is_error:
            raise OuraUnavailable("The simulated consent did not go through.")
        return sum(name == "scope" for name, _ in fields), last.text

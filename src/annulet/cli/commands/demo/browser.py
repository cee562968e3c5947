"""A browser without scripts: it keeps cookies, follows redirects and sends forms."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx2

from annulet.errors import AnnuletError

_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


class _Forms(HTMLParser):
    """Every form of a page: its action and its untouched fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((named.get("action", ""), []))
        if tag != "input" or not self.forms:
            return
        kind = named.get("type", "text")
        if kind == "hidden" or (kind in {"checkbox", "radio"} and "checked" in named):
            self.forms[-1][1].append((named.get("name", ""), named.get("value", "")))


class Browser:
    """Goes from page to page as a person without JavaScript would.

    Args:
        address: Where relative links lead.
    """

    def __init__(self, address: str = "") -> None:
        self._http = httpx2.AsyncClient(
            base_url=address, follow_redirects=True, timeout=30, trust_env=False
        )
        self.url = address
        self.page = ""

    @property
    def text(self) -> str:
        """What a person reads on the page."""
        return " ".join(unescape(_TAGS.sub(" ", self.page)).split())

    async def open(self, address: str) -> None:
        """Go to an address."""
        self._show(await self._http.get(address))

    async def send(self, action: str, **fields: str) -> None:
        """Fill in and send the page's form with this action.

        Raises:
            AnnuletError: There is no such form, or the answer is an error page.
        """
        known = self.expect_form(action)
        names = {name for name, _ in known}
        data = {name: [value for key, value in known if key == name] for name in names}
        origin = {"origin": urljoin(self.url, "/").rstrip("/"), "sec-fetch-site": "same-origin"}
        target = urljoin(self.url, action) if action else self.url
        self._show(await self._http.post(target, data={**data, **fields}, headers=origin))

    def expect_form(self, action: str) -> list[tuple[str, str]]:
        """Return the untouched fields of the page's form with this action.

        Raises:
            AnnuletError: There is no such form.
        """
        forms = _Forms()
        forms.feed(self.page)
        for target, fields in forms.forms:
            if target == action:
                return fields
        raise AnnuletError(f"The page has no form {action or 'here'}: {self.text[:200]}")

    async def allow(self, person: str) -> int:
        """Allow everything on a consent page of the simulated cloud.

        Returns:
            How many permissions were ticked.
        """
        count = self.page.count('name="scope"')
        await self.send("", person=person, decision="allow")
        return count

    def _show(self, response: httpx2.Response) -> None:
        self.url, self.page = str(response.url), response.text
        if response.is_error:
            raise AnnuletError(f"The page answered {response.status_code}: {self.text[:200]}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

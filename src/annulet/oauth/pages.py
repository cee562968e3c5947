"""The pages a browser shows while connecting: plain, honest, without scripts or outside links."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from typing import Final

__all__ = ["HEADERS", "Reply", "page", "redirect"]

_STYLE: Final = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:14vh auto;padding:0 1.5rem;"
    "color:#1d2430;background:#fbfaf8}h1{font-size:1.5rem;margin:0 0 .6rem}p{margin:.4rem 0}"
    "small{color:#5d6675}@media(prefers-color-scheme:dark){body{color:#e8e6e1;background:#14171c}"
    "small{color:#9aa3b2}}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Final[dict[str, str]] = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the browser."""

    status: int
    body: str = ""
    location: str = ""

    def encoded(self) -> bytes:
        """The reply as it goes on the wire."""
        body = self.body.encode()
        lines = [f"HTTP/1.1 {self.status} {_PHRASES.get(self.status, 'Answer')}"]
        lines += [f"{name}: {value}" for name, value in HEADERS.items()]
        lines.append("Content-Type: text/html; charset=utf-8")
        lines.append(f"Content-Length: {len(body)}")
        if self.location:
            lines.append(f"Location: {self.location}")
        return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


_PHRASES: Final[dict[int, str]] = {
    200: "OK",
    303: "See Other",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    421: "Misdirected Request",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def page(status: int, title: str, *paragraphs: str) -> Reply:
    """A page with a heading and a few sentences; every text is escaped."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs if paragraph)
    return Reply(
        status,
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} · annulet</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{text}"
        "<p><small>annulet is not affiliated with or endorsed by Oura.</small></p>"
        "</main></body></html>",
    )


def redirect(location: str) -> Reply:
    """Send the browser on, so that nothing secret stays in its address bar."""
    safe = "".join(letter for letter in location if "!" <= letter <= "~")
    return Reply(303, location=safe)

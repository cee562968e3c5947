"""The pages a browser shows while connecting: plain, without scripts or outside links."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.responses import Response

_STYLE: Final = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:14vh auto;padding:0 1.5rem;"
    "color:#1d2430;background:#fbfaf8}h1{font-size:1.5rem;margin:0 0 .6rem}p{margin:.4rem 0}"
    "small{color:#5d6675}@media(prefers-color-scheme:dark){body{color:#e8e6e1;background:#14171c}"
    "small{color:#9aa3b2}}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final[dict[str, str]] = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Connection": "close",
}


def page(status: int, title: str, *paragraphs: str) -> Response:
    """A page with a heading and a few sentences; every text is escaped."""
    from starlette.responses import HTMLResponse

    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs if paragraph)
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} · annulet</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{text}"
        "<p><small>annulet is not affiliated with or endorsed by Oura.</small></p>"
        "</main></body></html>",
        status,
        _HEADERS,
    )


def redirect(location: str) -> Response:
    """Redirect the browser, so that no secret stays in its address bar."""
    from starlette.responses import Response

    visible = "".join(letter for letter in location if "!" <= letter <= "~")
    return Response(status_code=303, headers={**_HEADERS, "Location": visible})

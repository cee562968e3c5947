"""The consent page and the error page that a person sees."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from annulet.contract.scopes import SCOPES
from annulet.simulator.oauth.applications import Application
from annulet.simulator.world.person import Person

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;
color:#1d2433;background:#f6f7f9}}main{{background:#fff;border:1px solid #d9dee7;
border-radius:12px;padding:1.5rem}}label{{display:block;margin:.4rem 0}}small{{color:#5b6577}}
*{{box-sizing:border-box}}select{{display:block;width:100%;font:inherit;padding:.5rem;border-radius:8px}}
button{{font:inherit;padding:.5rem 1.2rem;border-radius:8px;border:1px solid #1d2433;
background:#fff;margin:1rem .5rem 0 0}}button[value=allow]{{background:#1d2433;color:#fff}}
</style></head><body><main>{body}</main></body></html>"""


def consent_page(application: Application, scopes: Iterable[str], people: Iterable[Person]) -> str:
    """Return the page on which a person allows or denies; scopes can be unticked."""
    boxes = "".join(
        f'<label><input type="checkbox" name="scope" value="{name}" checked> '
        f"<b>{escape(SCOPES[name].title)}</b><br>"
        f"<small>{escape(SCOPES[name].description)}</small></label>"
        for name in scopes
    )
    options = "".join(
        f'<option value="{escape(person.name)}">'
        f"{escape(person.name)} - {escape(person.traits.description)}</option>"
        for person in people
    )
    body = (
        "<h1>Simulated Oura</h1>"
        f"<p><b>{escape(application.name)}</b> would like to read data of this account. "
        "All people here are simulated.</p>"
        '<form method="post"><input type="hidden" name="scopes_shown" value="1">'
        f'<label>Signed in as <select name="person">{options}</select></label>{boxes}'
        '<button name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></form>'
    )
    return _PAGE.format(title="Simulated Oura: consent", body=body)


def error_page(title: str, text: str) -> str:
    """Return the page for a request whose error must not be sent to the redirect URI."""
    body = f"<h1>{escape(title)}</h1><p>{escape(text)}</p>"
    return _PAGE.format(title=escape(title), body=body)

"""Every form says how often it counts when it is sent twice, as by a double click."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.routing import Route

from annulet.hosted.app import _routes
from annulet.hosted.web.paths import is_program_path

TEMPLATES = Path(__file__).parents[2] / "src/annulet/hosted/dashboard/templates"

# These make something or send mail, and carry a submission: the second one makes nothing.
WITH_SUBMISSION = {
    *("/endpoints", "/endpoints/{endpoint}/keys", "/authorize", "/oauth/authorize"),
    *("/admin/invitations", "/admin/invitations/import", "/admin/people/{person}/reset"),
    *("/account/verify", "/forgot"),
}
# These make something, and cannot make it twice for the reason that stands beside them.
ONCE_BY_NATURE = {
    "/keys/{key}/rotate": "a key has one successor",
    "/sign-up": "an address has one account, and a mailbox few mails",
    "/passkeys": "the challenge is a link that works once",
    "/toolkits/oura/register": "a person has one registration",
    "/admin/people/{person}/approve": "only a person who waits is approved",
    "/admin/queue/approve": "only people who wait are approved",
    "/admin/capacity": "only people who wait are approved",
}
# These begin something that ends by itself within minutes.
BEGIN_A_WAY = {
    *("/connect/oura", "/account/company", "/sign-in/company", "/passkeys/options"),
    *("/confirm/options", "/sign-in/passkey/options"),
}
# These change, end, show or check what is there.
MAKE_NOTHING = {
    *("/sign-in", "/sign-out", "/sign-in/passkey", "/reset", "/verify", "/confirm"),
    *("/account/profile", "/account/password", "/account/export", "/account/delete"),
    *("/account/sessions/{session}/end", "/account/company/remove"),
    *("/passkeys/{passkey}/rename", "/passkeys/{passkey}/remove"),
    *("/keys/{key}/revoke", "/grants/{grant}/revoke"),
    *("/endpoints/{endpoint}/tools", "/endpoints/{endpoint}/rename"),
    *("/endpoints/{endpoint}/delete", "/toolkits/oura/withdraw", "/toolkits/oura/disconnect"),
    *("/toolkits/oura/check", "/admin/people/{person}/role", "/admin/people/{person}/disable"),
    *("/admin/people/{person}/enable", "/admin/people/{person}/delete"),
    *("/admin/invitations/{link}/withdraw", "/admin/keys/{key}/revoke"),
    *("/admin/updates/on", "/admin/updates/off", "/admin/updates/check"),
}


def form_paths() -> set[str]:
    """The paths that accept a form of a browser."""
    posts = {r.path for r in _routes() if isinstance(r, Route) and "POST" in (r.methods or ())}
    return {path for path in posts if not is_program_path(path)}


def test_every_form_is_listed() -> None:
    """A new form has to say what happens when it is sent twice."""
    listed = [WITH_SUBMISSION, set(ONCE_BY_NATURE), BEGIN_A_WAY, MAKE_NOTHING]
    assert sum(map(len, listed)) == len(set.union(*listed)), "a form is listed twice"
    assert form_paths() <= set.union(*listed)


def test_forms_that_make_something_carry_a_submission() -> None:
    """Each of them stands in a template, with the hidden field."""
    without = set()
    text = "\n".join(file.read_text("utf-8") for file in sorted(TEMPLATES.glob("*.html")))
    for path in WITH_SUBMISSION - {"/oauth/authorize"}:  # its page posts to /authorize
        parts = [re.escape(part) for part in re.split(r"{\w+}", path)]
        in_html = r"{{[^}]*}}".join(parts)
        in_macro = r"' ~ [\w.]+ ~ '".join(parts)
        forms = re.findall(rf'<form[^>]*action="{in_html}"[^>]*>(.*?)</form>', text, re.DOTALL)
        calls = re.findall(rf"act\('{in_macro}',[^)]*\)", text)
        bodies = [*forms, *calls]
        if not bodies or not all("submission" in body for body in bodies):
            without.add(path)
    assert not without

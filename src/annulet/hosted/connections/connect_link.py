"""The address of the page where a ring is connected, as one person's assistant receives it."""

from __future__ import annotations

from annulet.hosted.opaque_tokens import token_digest


def person_tag(person_id: str) -> str:
    """Build a tag that names a person in a link; the page only compares it with its own person."""
    return token_digest(f"connect:{person_id}")[:16]


def build_connect_url(public_url: str, person_id: str) -> str:
    """Build the address of the page; it carries no secret and is no sign-in."""
    return f"{public_url}/connect/oura?for={person_tag(person_id)}"

"""Our page where a ring is connected, as it is told to one person's assistant."""

from __future__ import annotations

from annulet.hosted.opaque_tokens import token_digest

__all__ = ["connect_address", "connect_tag"]


def connect_tag(person_id: str) -> str:
    """Names a person in a link without telling who it is; the page compares it, nothing more."""
    return token_digest(f"connect:{person_id}")[:16]


def connect_address(public_url: str, person_id: str) -> str:
    """The page, for this person: it carries no secret and signs nobody in."""
    return f"{public_url}/connect/oura?for={connect_tag(person_id)}"

"""Random identifiers and opaque tokens, and the digests that the database keeps of tokens.

A token carries 256 bits of randomness. A plain SHA-256 digest therefore cannot be reversed by
search, and looking a digest up leaks nothing about the token by timing.
"""

from __future__ import annotations

import hashlib
import json
import secrets


def new_id() -> str:
    """Make a random identifier of 32 hexadecimal digits."""
    return secrets.token_hex(16)


def derive_id(*parts: str) -> str:
    """Compute an identifier of 32 hexadecimal digits: the same for the same parts.

    What is made twice by one form has one identifier, so the second row meets the first.

    >>> derive_id("a", "bc") == derive_id("a", "bc"), derive_id("a", "bc") == derive_id("ab", "c")
    (True, False)
    """
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def new_token(prefix: str = "") -> str:
    """Make a token; the prefix tells people and secret scanners what it is."""
    return prefix + secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """Compute the digest that the database keeps instead of a token."""
    return hashlib.sha256(token.encode()).hexdigest()

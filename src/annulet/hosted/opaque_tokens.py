"""Random identifiers and tokens, and the digests that stand for tokens in the database.

Tokens carry 256 bits of randomness, so a plain SHA-256 digest cannot be searched back, and
looking a digest up leaks nothing about the token by time.
"""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["new_id", "new_token", "token_digest"]


def new_id() -> str:
    """An identifier nobody can guess."""
    return secrets.token_hex(16)


def new_token(prefix: str = "") -> str:
    """A token; the prefix tells people and secret scanners what it is."""
    return prefix + secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What the database keeps instead of a token."""
    return hashlib.sha256(token.encode()).hexdigest()

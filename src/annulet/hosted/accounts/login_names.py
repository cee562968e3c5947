"""Login names: e-mail addresses in one spelling each, so that no two accounts look alike."""

from __future__ import annotations

from typing import Final

import idna

from annulet.hosted.errors import FieldError

_MAX_LENGTH: Final = 254
_FORBIDDEN: Final = frozenset(" <>\"'\\,;:()[]")


def normalize_login(text: str) -> str:
    """Return the one spelling of a login name; text that is no login name is only folded.

    Domains are compared as IDNA A-labels (RFC 5891) without a final dot.

    >>> normalize_login(" Anna@Bücher.Example. ")
    'anna@xn--bcher-kva.example'
    """
    login = text.strip().casefold()
    local_part, _, domain = login.rpartition("@")
    ascii_domain = _encode_domain(domain)
    return f"{local_part}@{ascii_domain}" if local_part and ascii_domain else login


def check_login(text: str) -> str:
    """Return the one spelling of a login name.

    The part before the @ is ASCII: ``admin`` in Cyrillic or in full-width letters would be a
    second account that an admin cannot tell from the first one.

    Raises:
        FieldError: It is not an e-mail address, or not one that can be told apart from others.
    """
    login = normalize_login(text)
    local_part, _, domain = login.partition("@")
    is_plain = login.isprintable() and not _FORBIDDEN & set(login)
    is_complete = bool(local_part) and "@" not in domain and bool(_encode_domain(domain))
    if not (is_plain and is_complete) or len(login) > _MAX_LENGTH:
        raise FieldError(
            "login", "This is not an e-mail address.", hint="Write it like name@example.org."
        )
    if not login.isascii():
        raise FieldError(
            "login",
            "This e-mail address has letters that can be mistaken for others.",
            hint="Use an address with the letters a to z before the @.",
        )
    return login


def _encode_domain(domain: str) -> str:
    """Return the A-labels of a domain; empty when it is none."""
    try:
        return idna.encode(domain.removesuffix("."), uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""

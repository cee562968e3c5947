"""Removes secrets from responses, in any spelling and across the chunks of a body.

Looked for: the value itself, its base64 inside any longer base64 text (all three alignments, both
alphabets), and either of them percent-encoded (also twice) or escaped as in JSON.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final

from annulet.vault.secret import Secret

REDACTED: Final = b"[redacted]"
_SHORTEST: Final = 6
_LONGEST_SPELLING: Final = 6
_ESCAPES: Final = (b"%", b"\\")


class Redactor:
    """The secrets of one request and their spellings.

    Args:
        secrets: What must not come back. Values under six characters are left alone: they are
            no credentials, and would turn answers into holes.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        values = {secret.reveal() for secret in secrets}
        forms = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
        self._forms = tuple(sorted(forms, key=len, reverse=True))
        self._patterns: tuple[re.Pattern[bytes], ...] | None = None
        self.reach = max((len(form) * _LONGEST_SPELLING for form in self._forms), default=0)

    def __repr__(self) -> str:
        return f"Redactor({len(self._forms)} forms)"

    def clean(self, text: bytes) -> bytes:
        """Return the text without the secrets."""
        cleaned, rest = self.clean_until(text, len(text))
        return cleaned + rest

    def clean_until(self, text: bytes, boundary: int) -> tuple[bytes, bytes]:
        """Clean the matches that begin before a boundary.

        Returns:
            The cleaned text up to the boundary (or the end of a secret that lies across it), and
            the rest as it came.
        """
        parts: list[bytes] = []
        position = 0
        for start, end in _merge(self._spans(text)):
            if start >= boundary:
                break
            parts += [text[position:start], REDACTED]
            position = end
        stop = max(position, boundary)
        parts.append(text[position:stop])
        return b"".join(parts), text[stop:]

    def _spans(self, text: bytes) -> list[tuple[int, int]]:
        # Escaped spellings need slow patterns, and Oura's responses hardly ever have an escape.
        if any(mark in text for mark in _ESCAPES):
            if self._patterns is None:
                self._patterns = tuple(re.compile(_any_spelling(form)) for form in self._forms)
            return [match.span() for each in self._patterns for match in each.finditer(text)]
        spans: list[tuple[int, int]] = []
        for form in self._forms:
            at = text.find(form)
            while at >= 0:
                spans.append((at, at + len(form)))
                at = text.find(form, at + len(form))
        return spans


class RedactorStream:
    """Cleans a body that arrives in chunks; holds back only a possible start of a secret."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """Return the bytes that can be passed on after this chunk."""
        text = self._held + piece
        boundary = max(0, len(text) - max(0, self._redactor.reach - 1))
        cleaned, self._held = self._redactor.clean_until(text, boundary)
        return cleaned

    def finish(self) -> bytes:
        """Return the held-back bytes at the end of the body."""
        rest, self._held = self._redactor.clean(self._held), b""
        return rest


def _forms(value: str) -> Iterable[bytes]:
    raw = value.encode()
    yield raw
    for offset in range(3):
        padded = b"\0" * offset + raw
        # The first and last characters share bits with the text around the secret, so only the
        # characters inside are the same everywhere.
        inside = slice((offset * 8 + 5) // 6, len(padded) * 8 // 6)
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            segment = encode(padded)[inside]
            if len(segment) >= _SHORTEST:
                yield segment


def _any_spelling(form: bytes) -> bytes:
    return b"".join(_spellings(byte) for byte in form)


def _spellings(byte: int) -> bytes:
    code = b"".join(
        b"[%c%c]" % (digit, ord(chr(digit).upper())) if chr(digit).isalpha() else b"%c" % digit
        for digit in b"%02x" % byte
    )
    choices = [re.escape(bytes([byte])), b"%" + code, b"%25" + code, rb"\\u00" + code]
    if byte == ord("/"):
        choices.append(rb"\\/")
    return b"(?:" + b"|".join(choices) + b")"


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

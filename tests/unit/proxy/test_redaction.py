"""Secrets do not come back, in whatever spelling and wherever a chunk ends."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annulet.proxy.redaction import REDACTED, Redactor, RedactorStream
from annulet.vault.secret import Secret

TOKEN = "Zy8/KL+x_made-up~token==0123456789abcdefghij"
PERCENT_ALL = "".join(f"%{ord(letter):02x}" for letter in TOKEN)
SPELLINGS = {
    "raw": TOKEN,
    "bearer": f"Bearer {TOKEN}",
    "base64": base64.b64encode(TOKEN.encode()).decode(),
    "base64 behind one byte": base64.b64encode(b"x" + TOKEN.encode()).decode(),
    "base64 behind two bytes": base64.b64encode(b"xy" + TOKEN.encode() + b"z").decode(),
    "base64 of the header": base64.b64encode(f"Bearer {TOKEN}".encode()).decode(),
    "url-safe base64": base64.urlsafe_b64encode(f"id:{TOKEN}".encode()).decode(),
    "percent": quote(TOKEN, safe=""),
    "percent in lower case": quote(TOKEN, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
    "percent of everything": PERCENT_ALL,
    "percent twice": quote(quote(TOKEN, safe=""), safe=""),
    "base64, then percent": quote(base64.b64encode(TOKEN.encode()).decode(), safe=""),
    "json": json.dumps(TOKEN),
    "json with escaped slashes": json.dumps(TOKEN).replace("/", "\\/"),
    "json with escaped letters": "".join(f"\\u{ord(letter):04X}" for letter in TOKEN),
}


def traces(text: bytes) -> list[str]:
    """Pieces of ten characters of any spelling that are still to be seen."""
    return [
        spelling[at : at + 10]
        for spelling in [*SPELLINGS.values(), PERCENT_ALL.upper()]
        for at in range(len(spelling) - 9)
        if spelling[at : at + 10].encode() in text
        if not spelling[at : at + 10].startswith(("Bearer", "earer", "QmVhcmVyIF"))
    ]


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_is_taken_out(spelling: str) -> None:
    """What surrounds the secret stays, the secret goes."""
    cleaned = Redactor([Secret(TOKEN)]).clean(f'{{"echo":"{spelling}","score":80}}'.encode())
    assert REDACTED in cleaned
    assert cleaned.startswith(b'{"echo":"')
    assert cleaned.endswith(b'","score":80}')
    assert traces(cleaned) == []


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_chunk_borders_hide_nothing(spelling: str) -> None:
    """Cut anywhere, even between every two bytes, the stream gives the same clean text."""
    text = f"before {spelling} after".encode()
    whole = Redactor([Secret(TOKEN)]).clean(text)
    for size in (1, 2, 7, 44, 45, 46, 1000):
        stream = RedactorStream(Redactor([Secret(TOKEN)]))
        pieces = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
        assert b"".join([*pieces, stream.finish()]) == whole


@given(
    st.text("abcXYZ019+/=_-~", min_size=8, max_size=50),
    st.text(max_size=40),
    st.text(max_size=40),
    st.integers(1, 60),
)
def test_any_secret_disappears_from_any_text(
    secret: str, before: str, after: str, size: int
) -> None:
    """Whatever surrounds it and wherever it is cut, the secret is gone."""
    text = before.encode() + secret.encode() + after.encode()
    stream = RedactorStream(Redactor([Secret(secret)]))
    pieces = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert secret.encode() not in b"".join([*pieces, stream.finish()])


@given(st.binary(max_size=300), st.integers(1, 50))
def test_other_texts_come_back_unchanged(text: bytes, size: int) -> None:
    """Without a secret in it, a text is passed on byte by byte."""
    stream = RedactorStream(Redactor([Secret("\x01never-there\x02")]))
    pieces = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert b"".join([*pieces, stream.finish()]) == text


def test_several_secrets_and_repetitions() -> None:
    """Access token, refresh token and client secret all go, each time they appear."""
    redactor = Redactor([Secret("access-one"), Secret("refresh-two"), Secret("access-one")])
    assert redactor.clean(b"access-one refresh-two access-oneaccess-one.") == (
        b"[redacted] [redacted] [redacted]."
    )


def test_without_secrets_nothing_is_held_back() -> None:
    """A text without anything to hide streams through."""
    stream = RedactorStream(Redactor([Secret("tiny")]))
    assert stream.feed(b"tiny text") == b"tiny text"
    assert stream.finish() == b""


def test_a_redactor_does_not_print_what_it_knows() -> None:
    """Its own representation holds no secret."""
    assert TOKEN not in repr(Redactor([Secret(TOKEN)]))

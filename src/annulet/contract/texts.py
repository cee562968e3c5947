"""Texts from Oura, as the rest of annulet sees them: short, on one line, nothing in them unseen.

A text of Oura may have been written by anyone: the person, another app, or an attacker of either.
It reaches assistants, terminals, pages, files and logs, and none of them may obey it. So every
JSON body of Oura's data passes `parse_json`. What a text *says* cannot be made harmless here: a
summary names only codes (`is_code`), and the instructions call the other texts data.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Final

import msgspec

_LIMIT: Final = 80
_SERIES_LIMIT: Final = 8_000
"""A day in pieces of 30 seconds has 2,880 characters; a sleep may last longer than a day."""
_LIMITS: Final[Mapping[str, int]] = {
    "comment": 1_000,
    "text": 1_000,
    "email": 254,
    "class_5_min": _SERIES_LIMIT,
    "app_sleep_phase_5_min": _SERIES_LIMIT,
    "movement_30_sec": _SERIES_LIMIT,
    "sleep_phase_30_sec": _SERIES_LIMIT,
    "sleep_phase_5_min": _SERIES_LIMIT,
    # Goes back to Oura and is shown nowhere.
    "next_token": 65_536,
}
"""The most characters of a text by the name of its field; `_LIMIT` for all others."""

_CUT: Final = "…"
_LONG: Final = re.compile(rb'"[^"]{%d}' % (_LIMIT + 1))
_JOINERS: Final = "\u200c\u200d"
_UNSEEN: Final = re.compile(
    # Controls but for white space, which becomes a blank; surrogates, private use, noncharacters.
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\uf8ff\ufdd0-\ufdef\ufff0-\ufffc\ufffe\uffff"
    # Format characters: soft hyphen, bidi, zero width, invisible operators, language tags.
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U0010ffff"
    # Fillers and variation selectors, which can carry hidden text.
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]+"
)
# Joiners belong between two letters of some scripts, or two emoji.
_STRAY_JOINER: Final = re.compile(
    f"(?<![^\x00-\x7f{_JOINERS}])[{_JOINERS}]|[{_JOINERS}](?![^\x00-\x7f\\s{_JOINERS}])"
)
_CODE: Final = re.compile(r"[A-Za-z]?[a-z0-9]+(?:[_.-][a-z0-9]+){0,3}")
_LONGEST_CODE: Final = 32


def parse_json(body: bytes) -> object:
    """The decoded body, every text in it harmless.

    Raises:
        ValueError: It is not JSON.
    """
    try:
        content = _decode(body)
        is_plain = body.isascii() and b"\\" not in body and b"\x7f" not in body
        return content if is_plain and not _LONG.search(body) else _clean(content, "")
    except RecursionError:
        raise ValueError("the body is not JSON of any sensible depth") from None


def harmless(text: str, limit: int = _LIMIT) -> str:
    r"""A text on one line, without invisible characters, and marked where it is cut.

    >>> harmless("Cold\nplunge\u202e \x1b[31m")
    'Cold plunge [31m'
    >>> harmless("obey " * 100, 12)
    'obey obey o…'
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    shown = " ".join(_STRAY_JOINER.sub("", _UNSEEN.sub("", text[: 4 * limit])).split())
    if len(shown) <= limit and len(text) <= 4 * limit:
        return shown
    return shown[: limit - 1].rstrip() + _CUT


def is_code(text: str) -> bool:
    """Whether a text is a word as Oura writes codes, and so too little to be a sentence.

    >>> [is_code(text) for text in ("late_meal", "Cold plunge", "run!", "do_as_i_say_now")]
    [True, False, False, False]
    """
    return len(text) <= _LONGEST_CODE and _CODE.fullmatch(text) is not None


def code_of(text: str | None) -> str:
    """A word of Oura's own; empty where there is none, or anything else in its place."""
    return text if text is not None and is_code(text) else ""


def _clean(value: object, name: str) -> object:
    """A decoded value whose texts, and names of fields, are harmless.

    Args:
        value: A decoded value.
        name: The field it is of, which decides how long a text may be.
    """
    if isinstance(value, str):
        return harmless(value, _LIMITS.get(name, _LIMIT))
    if isinstance(value, dict):
        return {harmless(key): _clean(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_clean(part, name) for part in value]
    return value


def _decode(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        # A byte order mark, NaN, a number beyond all, half of a surrogate pair: none of them is
        # JSON (RFC 8259), and none is a reason to throw everything else away.
        try:
            text = body.decode("utf-8-sig")
            return json.loads(text, parse_constant=_no_number, parse_float=_finite)
        except ValueError:
            raise ValueError("the body is not JSON") from None


def _no_number(_: str) -> None:
    """NaN or an infinity: no value."""


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None

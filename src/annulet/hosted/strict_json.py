"""JSON from outside: UTF-8 without halves of surrogate pairs, which no database can store."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def read_json(body: bytes | str) -> Any:
    r"""Decode a body.

    >>> read_json(b'{"a": "\\ud83d\\ude00"}')
    {'a': '😀'}

    Raises:
        ValueError: It is not JSON, too deep, or a text in it is not Unicode: Python's own decoder
            takes ``\ud800``, and the first place that encodes the text fails.
    """
    try:
        return msgspec.json.decode(body)
    except RecursionError:
        raise ValueError("the body is not JSON of any sensible depth") from None


def has_half_pair(document: object) -> bool:
    r"""Tell whether a text in a document that Python has decoded is not Unicode.

    >>> has_half_pair({"sub": "\ud800"}), has_half_pair({"sub": "é"})
    (True, False)
    """
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False

"""Finds U+0000 in the texts of a request, raw, percent-encoded or escaped.

No text of a person or a program needs it, and PostgreSQL cannot store it.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.types import Scope

_NULL: Final = b"\0"
_ENCODED: Final = b"%00"
_ESCAPED: Final = b"\\u0000"
# an even number of backslashes in front is text about an escape, and no escape
_IS_ESCAPED: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_LONGEST: Final = 6
_UNFINISHED: Final = re.compile(rb"(?:\\++(?:u0{0,3})?|%0?)\Z")
_FORM: Final = b"application/x-www-form-urlencoded"


def has_null_address(scope: Scope) -> bool:
    """Tell whether the path or the query of a request contains U+0000."""
    query: bytes = scope["query_string"]
    return "\0" in scope["path"] or _ENCODED in query or _NULL in query


class NullSearch:
    r"""Searches a body for U+0000 while its pieces arrive.

    >>> search = NullSearch(b"application/json")
    >>> search.find(b'{"a": "\\\\u00'), search.find(b'00, \\u0'), search.find(b'000"}')
    (False, False, True)

    Args:
        content_type: Of the body. ``%00`` means U+0000 in a form alone.
    """

    def __init__(self, content_type: bytes) -> None:
        self._is_form = content_type[: len(_FORM)].lower() == _FORM
        self._unfinished = b""

    def find(self, piece: bytes) -> bool:
        """Tell whether the body contains U+0000 up to the end of this piece."""
        text = self._unfinished + piece if self._unfinished else piece
        if _NULL in text or (self._is_form and _ENCODED in text):
            return True
        if _ESCAPED in text and _IS_ESCAPED.search(text):
            return True
        self._unfinished = b""
        end = text[-_LONGEST:]
        if b"\\" not in end and b"%" not in end:
            return False
        unfinished = _UNFINISHED.search(text, max(0, len(text) - _LONGEST))
        if unfinished is None:
            return False
        # the whole run of backslashes decides what the last one means
        before = text[: unfinished.start()].rstrip(b"\\")
        self._unfinished = text[len(before) :]
        return False

"""A line in the signs of the grammar: as it comes from web pages, keyboards and other languages."""

from __future__ import annotations

import re
from typing import Final

from annulet.analytics.query.operators import QUOTED

_SIGNS: Final = str.maketrans(
    {
        **dict.fromkeys("\u2a7e\u2267", ">="),  # slanted, and over two lines
        **dict.fromkeys("\u2a7d\u2266", "<="),
        "\uff1e": ">",
        "\uff1c": "<",
        "\uff1d": "=",
        "\uff01": "!",
        "`": "",  # of full width
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " "),
    }
)
_ENTITIES: Final = {
    "&gt;": ">",
    "&lt;": "<",
    "&ge;": ">=",
    "&le;": "<=",
    "&ne;": "!=",
    "&amp;": "&",
}
_ENTITY: Final = re.compile("|".join(_ENTITIES), re.IGNORECASE)
_OR_EQUAL: Final = re.compile(
    r"\b(?:is\s+)?(greater|more|larger|bigger|higher|later|less|fewer|smaller|lower|earlier)"
    r"(?:\s+than)?\s+or\s+equal(?:\s+to)?\b",
    re.IGNORECASE,
)
_MORE: Final = frozenset({"greater", "more", "larger", "bigger", "higher", "later"})
_NOT_SIGN: Final = re.compile(r"!\s*([<>])(?!=)")
_NOT_LESS: Final = {"<": ">=", ">": "<="}


def plain_line(text: str) -> str:
    """A line with plain signs and blanks; what stands in quotes stays as it is.

    >>> plain_line("steps &gt;= 8000"), plain_line("`steps` ⩾ 8000"), plain_line("steps !< 8000")
    ('steps >= 8000', 'steps >= 8000', 'steps >= 8000')
    """
    parts, end = [], 0
    for match in QUOTED.finditer(text):
        parts += [_plain(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    text = _ENTITY.sub(lambda match: _ENTITIES[match[0].casefold()], text.translate(_SIGNS))
    text = _NOT_SIGN.sub(lambda match: _NOT_LESS[match[1]], text)
    return _OR_EQUAL.sub(lambda m: ">=" if m[1].casefold() in _MORE else "<=", text)

"""Finds the name of a missing permission in a refusal, however Oura words it.

Bodies are read for this one thing and are never passed on: Oura sends bare ``detail`` strings,
problem objects, lists, nothing at all or a web page.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from annulet.contract.collections import AnyCollection
from annulet.contract.scopes import SCOPES, bare_name
from annulet.oura_http.sending import Response

_READ_AT_MOST: Final = 4096
_SENTENCE: Final = re.compile(
    r"not\s+authori[sz]ed\s+(?:to\s+|for\s+)?(?:access(?:ing)?\s+)?(?:to\s+)?(?:the\s+)?"
    r"\W{0,2}([\w:.-]{1,40}?)\W{0,2}\s+(?:scope|permission)",
    re.IGNORECASE,
)
_LACKING: Final = (
    r"(?:missing|requires?|required|lacks?|without)\s+(?:the\s+|a\s+)?(?:required\s+)?"
)
_OTHER_SENTENCES: Final = (
    re.compile(_LACKING + r"(?:scope|permission)s?\W{1,4}([\w:.-]{1,40})", re.IGNORECASE),
    re.compile(_LACKING + r"\W{0,2}([\w:.-]{1,40}?)\W{0,2}\s+(?:scope|permission)", re.IGNORECASE),
    re.compile(
        r"(?:scope|permission)\W{1,4}([\w:.-]{1,40}?)\W{0,2}\s+(?:is\s+|was\s+)?"
        r"(?:missing|required|not\s+granted)",
        re.IGNORECASE,
    ),
)
_ABOUT_SCOPE: Final = re.compile(
    r"insufficient[\s_]scope|not\s+authori[sz]ed[^.]{0,60}scope|scopes?\s+(?:is\s+|are\s+)?missing"
    r"|missing\s+(?:required\s+)?scope",
    re.IGNORECASE,
)
_CHALLENGE: Final = re.compile(r"insufficient_scope.*?scope=\"?([\w:.-]{1,40})", re.IGNORECASE)
_PERMISSION: Final = re.compile(r"\b(scope|permission)s?\b", re.IGNORECASE)
_MEMBERSHIP: Final = re.compile(r"membership|subscription", re.IGNORECASE)
_NO_SCOPES: Final = frozenset({"a", "access", "any", "required", "the", "this", "to", "necessary"})


def missing_scope(response: Response, collection: AnyCollection) -> str | None:
    """The permission that a 401 or a 403 names; ``None`` where it is about something else.

    Args:
        response: The refusal.
        collection: The collection that was asked; its scope stands where none is named clearly.
    """
    # RFC 6750 section 3: the challenge of a bearer token names the scope that is needed.
    challenge = _CHALLENGE.search(response.headers.get("www-authenticate", ""))
    if challenge:
        return _scope_name(challenge.group(1)) or collection.scope
    text = response.body[:_READ_AT_MOST].decode("utf-8", "replace").replace("\\", "")
    sentence = _SENTENCE.search(text)
    if sentence:
        return _scope_name(sentence.group(1)) or collection.scope
    for pattern in _OTHER_SENTENCES:
        for match in pattern.finditer(text):
            if (name := bare_name(match.group(1)).lower()) in SCOPES:
                return name
    if _ABOUT_SCOPE.search(text):
        return collection.scope
    is_forbidden = response.status == HTTPStatus.FORBIDDEN
    if is_forbidden and _PERMISSION.search(text) and not _MEMBERSHIP.search(text):
        return collection.scope
    return None


def _scope_name(word: str) -> str:
    """A permission's name as it may stand in a message, else nothing."""
    name = bare_name(word).lower()
    if name in SCOPES:
        return name
    is_word = re.fullmatch(r"[a-z][a-z0-9_]{1,39}", name)
    return name if is_word and name not in _NO_SCOPES else ""

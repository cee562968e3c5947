"""What an answer that is not 200 means: the one place where a status becomes an error.

Bodies are read for one thing only, the name of a missing permission, and are never passed on:
Oura sends bare ``detail`` strings, problem objects, lists, nothing at all or a web page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from annulet.contract.collections import AnyCollection
from annulet.contract.scopes import SCOPES, bare
from annulet.errors import (
    AnnuletError,
    ConsentRevoked,
    MembershipRequired,
    OuraRateLimited,
    OuraRejectedRequest,
    OuraUnavailable,
    ScopeMissing,
)

__all__ = ["Answer", "probably_not_granted", "refusal", "retry_after"]

_READ_AT_MOST: Final = 4096
_LONGEST_WAIT: Final = 3600.0  # seconds; what says more is not meant for a person who waits
_SENTENCE: Final = re.compile(
    r"not\s+authori[sz]ed\s+(?:to\s+|for\s+)?(?:access(?:ing)?\s+)?(?:to\s+)?(?:the\s+)?"
    r"\W{0,2}([\w:.-]{1,40}?)\W{0,2}\s+(?:scope|permission)",
    re.IGNORECASE,
)
_LACKING: Final = (
    r"(?:missing|requires?|required|lacks?|without)\s+(?:the\s+|a\s+)?(?:required\s+)?"
)
_OTHER_WORDS: Final = (
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
_TICK: Final = "Connect again and leave that permission ticked on Oura's page."
_WORDS: Final = frozenset({"a", "access", "any", "required", "the", "this", "to", "necessary"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of Oura; status 0 when there was none.

    Attributes:
        status: The HTTP status.
        headers: The headers, names in lower case.
        body: The body, undone of its transfer coding.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def refusal(answer: Answer, about: AnyCollection, *, now: float | None = None) -> AnnuletError:
    """The error an answer stands for.

    Args:
        answer: Anything but a readable 200.
        about: The collection that was asked.
        now: Seconds since 1970, to read a ``Retry-After`` given as a date.
    """
    status = answer.status
    if status in (401, 403):
        missing = _missing_scope(answer, about)
        if missing is not None:
            return _scope_error(missing)
    if status == 401:  # noqa: PLR2004 - statuses read best as numbers
        return ConsentRevoked(
            "Oura no longer accepts this connection.",
            hint="Connect the ring again: annulet connect, or Connect in the dashboard.",
        )
    if status in (403, 426):
        return MembershipRequired(
            "Oura shares no data because the Oura membership of this account is not active.",
            hint="Renew the membership in the Oura app; the connection itself can stay.",
        )
    if status == 429:  # noqa: PLR2004 - see above
        return _limited(answer, now)
    if 400 <= status < 500 and status != 408:  # noqa: PLR2004 - see above
        return _rejected(status)
    return _unavailable(status)


def probably_not_granted(scope: str) -> ScopeMissing:
    """The error for a collection that refuses, without a word, a token Oura takes elsewhere.

    Args:
        scope: The permission that the collection needs.
    """
    return ScopeMissing(
        f"Oura refuses this although it accepts the connection: {_named(scope)} was probably not "
        "granted.",
        hint=_TICK,
        scope=scope,
    )


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Seconds to wait as Oura says, in either form of the header; ``None`` when it does not.

    >>> retry_after({"retry-after": "12"})
    12.0
    >>> retry_after({}) is None
    True
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        return _seconds_until(text, now)
    return min(seconds, _LONGEST_WAIT) if 0 <= seconds < float("inf") else None


def _seconds_until(text: str, now: float | None) -> float | None:
    if now is None or not text:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - now), _LONGEST_WAIT)
    except (ValueError, OverflowError):
        return None


def _missing_scope(answer: Answer, about: AnyCollection) -> str | None:
    """The permission an answer names; the collection's own where it names none clearly."""
    challenge = _CHALLENGE.search(answer.headers.get("www-authenticate", ""))
    if challenge:
        return _bare(challenge.group(1)) or about.scope
    text = answer.body[:_READ_AT_MOST].decode("utf-8", "replace").replace("\\", "")
    sentence = _SENTENCE.search(text)
    if sentence:
        return _bare(sentence.group(1)) or about.scope
    for pattern in _OTHER_WORDS:
        for found in pattern.finditer(text):
            if (name := bare(found.group(1)).lower()) in SCOPES:
                return name
    if _ABOUT_SCOPE.search(text):
        return about.scope
    if answer.status == 403 and re.search(r"\b(scope|permission)s?\b", text, re.IGNORECASE):  # noqa: PLR2004 - see above
        lapsed = re.search(r"membership|subscription", text, re.IGNORECASE)
        return None if lapsed else about.scope
    return None


def _bare(word: str) -> str:
    """A permission's name as it may stand in a message, else nothing."""
    name = bare(word).lower()
    if name in SCOPES:
        return name
    return name if re.fullmatch(r"[a-z][a-z0-9_]{1,39}", name) and name not in _WORDS else ""


def _named(scope: str) -> str:
    known = SCOPES.get(scope)
    if known is not None:
        return f"{known.title} ({scope})"
    return f"the permission {scope}" if scope else "a permission"


def _scope_error(scope: str) -> ScopeMissing:
    return ScopeMissing(
        f"Oura does not share this with annulet: {_named(scope)} was not granted.",
        hint=_TICK,
        scope=scope,
    )


def _limited(answer: Answer, now: float | None) -> OuraRateLimited:
    seconds = retry_after(answer.headers, now=now)
    when = "in a few minutes" if seconds is None else f"in {max(1, round(seconds))} seconds"
    return OuraRateLimited(
        "Oura limits how often it may be asked, and the limit is reached.",
        hint=f"Ask again {when}.",
        retry_after=seconds,
    )


def _rejected(status: int) -> OuraRejectedRequest:
    if status == 404:  # noqa: PLR2004 - see above
        return OuraRejectedRequest(
            "Oura does not have what was asked for (404).",
            hint="The document may have been deleted; if it was a whole collection, report it.",
        )
    return OuraRejectedRequest(
        f"Oura did not accept annulet's request ({status}).",
        hint="This is a bug of annulet or a change at Oura: update annulet, or report it.",
    )


def _unavailable(status: int) -> OuraUnavailable:
    if status == 0:
        what = "Oura could not be reached."
    elif status == 200:  # noqa: PLR2004 - see above
        what = "Oura sent something annulet cannot read."
    elif 300 <= status < 400:  # noqa: PLR2004 - see above
        what = "Oura sent annulet elsewhere, where a token must not follow."
    else:
        what = f"Oura is out of order ({status})."
    return OuraUnavailable(what, hint="Try again in a few minutes.")

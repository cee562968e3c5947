"""What a tag is called: the code without Oura's prefix, the person's own name, or their text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from annulet.contract.documents import EnhancedTag, RestModePeriod
from annulet.toolkit.query_columns import TAG_WORDS

_PREFIX: Final = "tag_generic_"
_LONGEST: Final = 60
_LONGEST_SPAN: Final = 400


def name_of(tag: EnhancedTag) -> str:
    """The name a person would recognise.

    >>> name_of(EnhancedTag(tag_type_code="tag_generic_alcohol"))
    'alcohol'
    >>> name_of(EnhancedTag(tag_type_code="custom", custom_name="Cold plunge"))
    'Cold plunge'
    """
    code = tag.tag_type_code or ""
    if code and code != "custom":
        return code.removeprefix(_PREFIX)
    text = tag.custom_name or tag.comment or "note"
    return " ".join(text.split())[:_LONGEST]


def folded(words: str) -> str:
    """A name as it is compared: without case, prefix, blanks and underscores."""
    plain = words.strip().casefold().removeprefix(_PREFIX).removeprefix("tag_")
    return " ".join(plain.replace("_", " ").replace("-", " ").split())


def matches(tag: EnhancedTag, words: str) -> bool:
    """Whether these words name this tag."""
    wanted = {folded(words), *TAG_WORDS.get(folded(words), ())}
    names = (tag.tag_type_code, tag.custom_name, tag.comment)
    return any(folded(name) in wanted for name in names if name and name != "custom")


def known_names(tags: Iterable[EnhancedTag]) -> list[str]:
    """The person's tags, the most frequent first."""
    counts: dict[str, int] = {}
    for tag in tags:
        counts[name_of(tag)] = counts.get(name_of(tag), 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))


def days_of(tag: EnhancedTag) -> list[date]:
    """The days a tag covers: one, or each of its duration."""
    if tag.start_day is None:
        return []
    last = max(last_day(tag) or tag.start_day, tag.start_day)
    length = min((last - tag.start_day).days + 1, _LONGEST_SPAN)
    return [tag.start_day + timedelta(days=n) for n in range(length)]


def last_day(lasting: EnhancedTag | RestModePeriod) -> date | None:
    """The day something ended, by the person's clock; ``None`` where it has no end."""
    if lasting.end_day is not None or lasting.end_time is None:
        return lasting.end_day
    return lasting.end_time.date()

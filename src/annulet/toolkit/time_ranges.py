"""Ranges inside the day: days or datetimes as people write them, in the person's zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from annulet.errors import UsageError
from annulet.toolkit.dates import Period, period_of
from annulet.toolkit.local_time import LocalTime

__all__ = ["Span", "resolve_span"]

_CLOCK: Final = re.compile(
    r"(.+?)[ t](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(z|[+-]\d{2}:?\d{2})?"
)
_LATELY: Final = re.compile(r"(?:the )?(?:last|past) (\d{1,3}) (hour|minute)s?")
_BARE_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")


@dataclass(frozen=True, slots=True)
class Span:
    """A range of instants, the end not included, and the days it touches."""

    start: datetime
    end: datetime
    whole_days: bool

    @property
    def period(self) -> Period:
        """The days of the person's zone that the range touches."""
        return Period(self.start.date(), (self.end - timedelta(microseconds=1)).date())


def resolve_span(arguments: Mapping[str, Any], moment: LocalTime, *, longest: int) -> Span:
    """The range that ``start`` and ``end`` mean; yesterday where neither is given.

    A datetime without an offset is the person's clock time, a time without a day is today's, or
    that of the day the range starts on. A range that ends in the future ends now.

    Args:
        arguments: The question.
        moment: The person's clock.
        longest: The longest range the tool answers, in days.

    Raises:
        UsageError: Not a date or time, reversed, in the future, or too long.
    """
    first = arguments.get("start") or arguments.get("end") or "yesterday"
    last = arguments.get("end") or first
    start, _, start_exact = _edges(first, moment)
    if _BARE_CLOCK.fullmatch(last.strip()):
        last = f"{start.date()} {last.strip()}"
    _, end, end_exact = _edges(last, moment)
    if start_exact and not arguments.get("end"):
        end = moment.now
    # Compared as instants: on the night the clocks change, the clock's own order misleads.
    now = moment.now.astimezone(UTC)
    if start.astimezone(UTC) >= now:
        raise UsageError(
            f"{first} lies in the future; it is {moment.now:%Y-%m-%d %H:%M} in {moment.zone.name}.",
            hint="Ask for today or an earlier time.",
        )
    if end.astimezone(UTC) > now:
        end = moment.now
    if end.astimezone(UTC) <= start.astimezone(UTC):
        raise UsageError(
            "The range ends before it starts.", hint="Swap start and end; or give whole days."
        )
    span = Span(start, end, whole_days=not (start_exact or end_exact))
    if span.period.length > longest:
        raise UsageError(
            f"The range has {span.period.length} days; inside the day annulet looks at up to "
            f"{longest} at once.",
            hint="Ask for fewer days, or use oura_trends for long histories.",
        )
    return span


def _edges(words: str, moment: LocalTime) -> tuple[datetime, datetime, bool]:
    """Where some words begin and end, and whether they name a time of day."""
    text = " ".join(words.strip().casefold().split())
    if text == "now":
        return moment.now, moment.now, True
    if _BARE_CLOCK.fullmatch(text):
        text = f"today {text}"
    lately = _LATELY.fullmatch(text)
    if lately is not None:
        length = timedelta(**{f"{lately[2]}s": int(lately[1])})
        since = moment.now.astimezone(UTC) - length
        return since.astimezone(moment.zone.tz), moment.now, True
    match = _CLOCK.fullmatch(text)
    if match is None:
        period = period_of(words, moment.today)
        return (
            _midnight(period.start, moment),
            _midnight(period.end + timedelta(days=1), moment),
            False,
        )
    day = period_of(match[1], moment.today).start
    try:
        clock = time(int(match[2]), int(match[3]), int(match[4] or 0))
        local = datetime.combine(day, clock, tzinfo=moment.zone.tz)
        if match[5]:
            offset = "+00:00" if match[5] == "z" else match[5]
            stamp = f"{day.isoformat()}T{clock.isoformat()}{offset}"
            local = datetime.fromisoformat(stamp).astimezone(moment.zone.tz)
    except ValueError:
        raise UsageError(
            f"“{words.strip()[:40]}” is not a time annulet understands.",
            hint="Write 2026-05-01T14:30, or a day.",
        ) from None
    return local, local, True


def _midnight(day: date, moment: LocalTime) -> datetime:
    return datetime.combine(day, time(), tzinfo=moment.zone.tz)

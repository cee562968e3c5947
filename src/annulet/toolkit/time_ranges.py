"""Ranges inside the day: days or datetimes as people write them, in the person's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from annulet.errors import UsageError
from annulet.toolkit.dates import Period, period_of
from annulet.toolkit.local_time import LocalTime

_CLOCK: Final = re.compile(
    r"(.+?)[ t](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(z|[+-]\d{2}:?\d{2})?"
)
_LATELY: Final = re.compile(r"(?:the )?(?:last|past) (\d{1,3}) (hour|minute)s?")
_BARE_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of instants, the end not included, and the days it touches."""

    start: datetime
    end: datetime
    whole_days: bool

    @property
    def period(self) -> Period:
        """The days of the person's zone that the range touches."""
        return Period(self.start.date(), (self.end - timedelta(microseconds=1)).date())


def resolve_time_range(
    start: str | None, end: str | None, local_time: LocalTime, *, longest: int
) -> TimeRange:
    """The range that ``start`` and ``end`` mean; yesterday where neither is given.

    A datetime without an offset is the person's clock time, a time without a day is today's, or
    that of the day the range starts on. A range that ends in the future ends now.

    Args:
        start: A day, words or a datetime, if given.
        end: The same.
        local_time: The person's clock.
        longest: The longest range the tool answers, in days.

    Raises:
        UsageError: Not a date or time, reversed, in the future, or too long.
    """
    first = start or end or "yesterday"
    last = end or first
    begins_at, _, start_exact = _edges(first, local_time)
    if _BARE_CLOCK.fullmatch(last.strip()):
        last = f"{begins_at.date()} {last.strip()}"
    _, ends_at, end_exact = _edges(last, local_time)
    if start_exact and not end:
        ends_at = local_time.now
    # Compared as instants: on the night the clocks change, the clock's own order misleads.
    now = local_time.now.astimezone(UTC)
    if begins_at.astimezone(UTC) >= now:
        clock = f"{local_time.now:%Y-%m-%d %H:%M} in {local_time.zone.name}"
        raise UsageError(
            f"{first} lies in the future; it is {clock}.",
            hint="Ask for today or an earlier time.",
        )
    if ends_at.astimezone(UTC) > now:
        ends_at = local_time.now
    if ends_at.astimezone(UTC) <= begins_at.astimezone(UTC):
        raise UsageError(
            "The range ends before it starts.", hint="Swap start and end; or give whole days."
        )
    time_range = TimeRange(begins_at, ends_at, whole_days=not (start_exact or end_exact))
    if time_range.period.length > longest:
        raise UsageError(
            f"The range has {time_range.period.length} days; inside the day annulet looks at up to "
            f"{longest} at once.",
            hint="Ask for fewer days, or use oura_trends for long histories.",
        )
    return time_range


def _edges(words: str, local_time: LocalTime) -> tuple[datetime, datetime, bool]:
    """Where some words begin and end, and whether they name a time of day.

    Raises:
        UsageError: No time that annulet understands, or one beyond the calendar.
    """
    try:
        begins_at, ends_at, is_exact = _read_edges(words, local_time)
        for edge in (begins_at, ends_at):
            edge.astimezone(UTC)
    except OverflowError:
        raise UsageError(
            f"“{words.strip()[:40]}” lies beyond the calendar.", hint="Ask for an earlier day."
        ) from None
    return begins_at, ends_at, is_exact


def _read_edges(words: str, local_time: LocalTime) -> tuple[datetime, datetime, bool]:
    text = " ".join(words.strip().casefold().split())
    if text == "now":
        return local_time.now, local_time.now, True
    if _BARE_CLOCK.fullmatch(text):
        text = f"today {text}"
    lately = _LATELY.fullmatch(text)
    if lately is not None:
        length = timedelta(**{f"{lately[2]}s": int(lately[1])})
        since = local_time.now.astimezone(UTC) - length
        return since.astimezone(local_time.zone.tz), local_time.now, True
    match = _CLOCK.fullmatch(text)
    if match is None:
        period = period_of(words, local_time.today)
        return (
            _midnight(period.start, local_time),
            _midnight(period.end + timedelta(days=1), local_time),
            False,
        )
    day = period_of(match[1], local_time.today).start
    try:
        clock = time(int(match[2]), int(match[3]), int(match[4] or 0))
        local = datetime.combine(day, clock, tzinfo=local_time.zone.tz)
        if match[5]:
            offset = "+00:00" if match[5] == "z" else match[5]
            stamp = f"{day.isoformat()}T{clock.isoformat()}{offset}"
            local = datetime.fromisoformat(stamp).astimezone(local_time.zone.tz)
    except ValueError:
        raise UsageError(
            f"“{words.strip()[:40]}” is not a time annulet understands.",
            hint="Write 2026-05-01T14:30, or a day.",
        ) from None
    return local, local, True


def _midnight(day: date, local_time: LocalTime) -> datetime:
    return datetime.combine(day, time(), tzinfo=local_time.zone.tz)

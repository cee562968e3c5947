"""Which days an event touches: workouts and sessions one, tags and rest mode each they last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeAlias, TypeVar

from annulet.contract.documents import EnhancedTag, RestModePeriod, Session, Workout
from annulet.toolkit.dates import Period
from annulet.toolkit.reading.tags import last_day

Event: TypeAlias = Workout | Session | EnhancedTag | RestModePeriod
E = TypeVar("E", bound=Event)


def events_in(period: Period, events: Iterable[E]) -> list[E]:
    """The events that touch a period, by day and time of their start."""
    inside = [event for event in events if event_days(event, period)]
    return sorted(inside, key=lambda event: (_span(event) or (date.min,), str(_start(event))))


def event_days(event: Event, period: Period) -> list[date]:
    """The days of the period that an event touches."""
    span = _span(event)
    if span is None or span[1] < period.start or span[0] > period.end:
        return []
    return Period(max(span[0], period.start), min(span[1], period.end)).days


def _span(event: Event) -> tuple[date, date] | None:
    """First and last day; rest mode that has not ended lasts on."""
    if isinstance(event, Workout | Session):
        return None if event.day is None else (event.day, event.day)
    first, last = event.start_day, last_day(event)
    if first is None:
        return None
    open_end = date.max if isinstance(event, RestModePeriod) else first
    return first, max(first, last or open_end)


def _start(event: Event) -> datetime | None:
    return event.start_datetime if isinstance(event, Workout | Session) else event.start_time

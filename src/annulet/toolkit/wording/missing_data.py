"""Why something is not in an answer, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from annulet.errors import AnnuletError, CollectionRefused, ScopeMissing
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.wording.date_format import day_words, span_words


def nothing(what: str, period: Period, local_time: LocalTime) -> str:
    """A sentence that nothing was recorded; what today lacks may still come.

    Args:
        what: ``Nothing`` or ``No night``.
        period: The resolved range.
        local_time: The person's clock.
    """
    if period.length > 1:
        return f"{what} recorded from {span_words(period.start, period.end, local_time.today)}."
    asked = day_words(period.start, local_time.today)
    how = "yet" if period.start == local_time.today else "recorded"
    return f"{what} {how} for {asked}."


def not_read(what: str, failure: AnnuletError) -> str:
    """Why a part of the answer is not there, and what to do."""
    return unread_notes({what: failure})[0]


def unfinished_note(treated: str, figures: Iterable[str], open_day: date, today: date) -> str:
    """What is said of figures of a day that is not over.

    Args:
        treated: ``left out``, or ``so far`` where they are told.
        figures: Which.
        open_day: The first day that is not over: yesterday, until 04:00.
        today: Today in the person's zone.
    """
    whose = "Today is not over" if open_day == today else "Yesterday ends at 04:00"
    return f"{whose}; {treated}: {', '.join(figures)}."


def unread_notes(failures: Mapping[str, AnnuletError]) -> list[str]:
    """Why parts of the answer are not there, those with the same reason in one note.

    Args:
        failures: Why it failed, by the part that is missing.
    """
    reasons: dict[tuple[str, str], list[str]] = {}
    for part, failure in failures.items():
        if isinstance(failure, CollectionRefused) and not failure.scope:
            reasons.setdefault(("Refused by Oura", failure.hint), []).append(part)
        elif isinstance(failure, ScopeMissing):
            scope = f" (permission {failure.scope})" if failure.scope not in ("", part) else ""
            reasons.setdefault(("Not permitted", failure.hint), []).append(f"{part}{scope}")
        else:
            why = f"{failure.message} {failure.hint}"
            reasons.setdefault(("Not read", why), []).append(part)
    return [f"{kind}: {', '.join(parts)}. {why}".strip() for (kind, why), parts in reasons.items()]

"""How answers are put together: the common keys, tables, and why something is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from annulet.errors import AnnuletError, ScopeMissing
from annulet.toolkit.dates import Period
from annulet.toolkit.tool import Answer
from annulet.toolkit.wording import day_words, span_words
from annulet.toolkit.zones import Moment

__all__ = [
    "COMMON_OUTPUT",
    "TABLE_SCHEMA",
    "compose",
    "coverage",
    "not_read",
    "nothing",
    "rounded",
    "table",
    "unread_notes",
]

TABLE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": {"type": "array"}},
    },
    "required": ["columns", "rows"],
}
_PERIOD_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("start", "end", "timezone")},
    "required": ["start", "end", "timezone"],
}
_COVERAGE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "days": {"type": "integer"},
        "with_data": {"type": "integer"},
        "missing": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["days", "with_data", "missing"],
}
COMMON_OUTPUT: Final[dict[str, Any]] = {
    "summary": {"type": "string"},
    "period": _PERIOD_SCHEMA,
    "coverage": _COVERAGE_SCHEMA,
    "notes": {"type": "array", "items": {"type": "string"}},
}


def compose(
    summary: str,
    body: Mapping[str, Any],
    *,
    moment: Moment | None = None,
    period: Period | None = None,
    covered: Mapping[str, Any] | None = None,
    notes: Iterable[str] = (),
) -> Answer:
    """One answer: the common keys that apply, the tool's own keys, nothing empty.

    Args:
        summary: One to three sentences a person can read.
        body: The tool's own keys; those with nothing in them are left out.
        moment: The person's clock, where days matter.
        period: The resolved range.
        covered: What `coverage` says.
        notes: Remarks; empty ones and repetitions are left out.
    """
    answer: Answer = {"summary": summary}
    if period is not None and moment is not None:
        answer["period"] = {
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "timezone": moment.zone.name,
        }
    if covered is not None:
        answer["coverage"] = dict(covered)
    answer.update({key: value for key, value in body.items() if value is not None})
    said = [*notes, moment.note if moment is not None and period is not None else ""]
    kept = [note for note in dict.fromkeys(said) if note]
    if kept:
        answer["notes"] = kept
    return answer


def coverage(period: Period, with_data: Collection[date]) -> dict[str, Any]:
    """How many days were asked for, how many have data, and which do not."""
    missing = [day for day in period.days if day not in with_data]
    return {
        "days": period.length,
        "with_data": period.length - len(missing),
        "missing": [day.isoformat() for day in missing],
    }


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """A table as every answer writes it."""
    return {"columns": list(columns), "rows": [list(row) for row in rows]}


def rounded(value: float | None, digits: int = 0) -> float | int | None:
    """A figure as a person wants to see it; missing stays missing.

    >>> rounded(52.0), rounded(0.126, 2), rounded(None)
    (52, 0.13, None)
    """
    if value is None:
        return None
    if digits == 0:
        return round(value)
    figure = round(value, digits)
    return int(figure) if figure == int(figure) else figure


def nothing(what: str, period: Period, moment: Moment) -> str:
    """That there is nothing of a kind; what today lacks may still come.

    Args:
        what: ``Nothing`` or ``No night``.
        period: The resolved range.
        moment: The person's clock.
    """
    if period.length > 1:
        return f"{what} recorded from {span_words(period.start, period.end, moment.today)}."
    asked = day_words(period.start, moment.today)
    way = "yet" if period.start == moment.today else "recorded"
    return f"{what} {way} for {asked}."


def not_read(what: str, failure: AnnuletError) -> str:
    """Why a part of the answer is not there, and what to do."""
    return unread_notes({what: failure})[0]


def unread_notes(lost: Mapping[str, AnnuletError]) -> list[str]:
    """Why parts of the answer are not there, those with the same reason in one note.

    Args:
        lost: What failed, by the part that is missing.
    """
    reasons: dict[tuple[str, str], list[str]] = {}
    for part, failure in lost.items():
        if isinstance(failure, ScopeMissing):
            scope = f" (permission {failure.scope})" if failure.scope not in ("", part) else ""
            reasons.setdefault(("Not permitted", failure.hint), []).append(f"{part}{scope}")
        else:
            why = f"{failure.message} {failure.hint}"
            reasons.setdefault(("Not read", why), []).append(part)
    return [f"{how}: {', '.join(parts)}. {why}".strip() for (how, why), parts in reasons.items()]

"""What a condition is made of. A condition holds, does not hold, or is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from annulet.analytics.query.columns import QueryField
from annulet.analytics.query.literals import Literal

STATISTICS = (
    *("mean", "median", "min", "max", "p10", "p25", "p75", "p90"),
    *("usual_low", "usual_high"),
)


@dataclass(frozen=True, slots=True)
class Statistic:
    """A figure of the field's own values: ``mean``, ``p90``, …, ``usual_low``, ``usual_high``."""

    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against values, another field or a statistic.

    Attributes:
        field: The left side.
        operator: One of ``= != > >= < <=``.
        operand: Values, any of which may equal; or a field; or a statistic.
    """

    field: QueryField
    operator: str
    operand: tuple[Literal, ...] | QueryField | Statistic


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions of which all (``and``) or at least one (``or``) must hold."""

    word: str
    parts: tuple[Condition, ...]


Condition = Comparison | Junction


def fields_of(condition: Condition) -> Iterator[QueryField]:
    """Every field that a condition reads."""
    if isinstance(condition, Junction):
        for part in condition.parts:
            yield from fields_of(part)
        return
    yield condition.field
    if isinstance(condition.operand, QueryField):
        yield condition.operand


def comparisons_in(conditions: Iterable[Condition]) -> list[Comparison]:
    """Every comparison of some conditions."""
    return [
        comparison
        for condition in conditions
        for comparison in (
            comparisons_in(condition.parts) if isinstance(condition, Junction) else [condition]
        )
    ]


def required_in(conditions: Iterable[Condition]) -> list[Comparison]:
    """The comparisons that must hold for all of some conditions to hold."""
    return [
        comparison
        for condition in conditions
        if isinstance(condition, Comparison) or condition.word == "and"
        for comparison in comparisons_in([condition])
    ]

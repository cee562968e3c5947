"""Whether a sleep is a nap: asked by its type, decided by what it is of its day.

Oura's type does not tell: a piece of the main sleep and a nap may both be called ``sleep``.
"""

from __future__ import annotations

from typing import Final

from annulet.analytics.query.columns import Column, Kind, QueryField
from annulet.analytics.query.conditions import Comparison, Condition, Junction
from annulet.analytics.query.literals import Literal

NAP: Final = "nap"
MAIN: Final = "main"

KIND_WORDS: Final = {
    **dict.fromkeys(("nap", "naps", "nickerchen"), (NAP,)),
    **dict.fromkeys(("night", "nights", "main", "nacht", "main sleep"), (MAIN,)),
}
"""Words for the kinds of a sleep, as they may be written for its type too."""

SLEEP_KIND: Final = Column("sleep_kind", Kind.WORD, words=KIND_WORDS)
"""The column that holds ``main`` or ``nap``."""


def by_sleep_kind(condition: Condition) -> Condition:
    """The condition with kinds of a sleep looked up where they are, and not in Oura's types."""
    if isinstance(condition, Junction):
        return Junction(condition.word, tuple(map(by_sleep_kind, condition.parts)))
    operand, field = condition.operand, condition.field
    if field.of_day or field.column.name != "type" or not isinstance(operand, tuple):
        return condition
    kinds = tuple(value for value in operand if value in {NAP, MAIN})
    types = tuple(value for value in operand if value not in kinds)
    parts = [
        Comparison(of, condition.operator, values)
        for of, values in _sides(field, kinds, types)
        if values
    ]
    if len(parts) == 1:
        return parts[0]
    return Junction("and" if condition.operator == "!=" else "or", tuple(parts))


def _sides(
    field: QueryField, kinds: tuple[Literal, ...], types: tuple[Literal, ...]
) -> list[tuple[QueryField, tuple[Literal, ...]]]:
    return [(QueryField(SLEEP_KIND, of_day=False), kinds), (field, types)]

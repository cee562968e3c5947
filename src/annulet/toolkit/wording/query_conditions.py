"""The fields and conditions of a query in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from annulet.analytics.query.calendar_columns import MONTHS, WEEKDAYS
from annulet.analytics.query.columns import Kind, QueryField
from annulet.analytics.query.conditions import Comparison, Condition, Junction, Statistic
from annulet.analytics.query.literals import ANY, NONE, PART, Literal, is_part
from annulet.toolkit.query_columns import LABELS
from annulet.toolkit.wording.query_cells import value_words

_SIGNS: Final = {
    "=": "",
    "!=": "not",
    ">=": "at least",
    "<=": "at most",
    ">": "above",
    "<": "below",
}
_DAY_SIGNS: Final = {"=": "", "!=": "not", ">=": "from", "<=": "until", ">": "after", "<": "before"}
_CLOCK_SIGNS: Final = {"=": "", "!=": "not", ">": "after", "<": "before"}
_CLOCK_ENDS: Final = {">=": "or later", "<=": "or earlier"}
_LOW_END: Final = "the low end of your usual range"
_HIGH_END: Final = "the high end of your usual range"
_USUAL: Final = {
    ("<", "usual_low"): "below your usual range",
    (">", "usual_high"): "above your usual range",
    (">=", "usual_low"): "not below your usual range",
    ("<=", "usual_high"): "not above your usual range",
}
"""Where an end of the usual range makes a plain sentence of its own."""
_ONE_OF: Final = {"workout_count": "a workout", "nap_count": "a nap"}
_ON: Final = "on "
_OFFSETS: Final = {-1: " the day before", 1: " the day after"}


def field_words(field: QueryField) -> str:
    """A field in a sentence."""
    return label_of(field) + _OFFSETS.get(field.offset, "")


def label_of(field: QueryField) -> str:
    """The words of a column, whatever day it is read from."""
    name = field.column.name
    if name == "hr_avg_bpm" and not field.of_day:
        return "average heart rate"  # of the workout or sleep itself
    return LABELS.get(name, name.replace("_", " "))


def condition_words(condition: Condition) -> str:
    """A condition in a sentence."""
    if isinstance(condition, Junction):
        return _within(condition) or _joined(condition.parts, condition.word)
    field, operand = condition.field, condition.operand
    if isinstance(operand, QueryField):
        return _against_field(condition, operand)
    plain = _plain_words(condition)
    if plain:
        return plain + _OFFSETS.get(field.offset, "")
    if isinstance(operand, Statistic):
        words = _against_statistic(condition.operator, operand.name, field)
    else:
        words = _against_values(condition, operand)
    return f"{label_of(field)} {words}" + _OFFSETS.get(field.offset, "")


def with_words(conditions: Sequence[Condition]) -> str:
    """What rows meet, behind their number: ``with steps above 8,000 and on a weekend``."""
    words = _joined(conditions, "and")
    return words if words.startswith(_ON) else f"with {words}"


def _joined(conditions: Sequence[Condition], word: str) -> str:
    """Conditions in a row, those that say when at the end."""
    parts = sorted(map(condition_words, conditions), key=lambda part: part.startswith(_ON))
    return f" {word} ".join(parts)


def _plain_words(condition: Comparison) -> str:
    """A condition that has an everyday phrase of its own; empty for the others."""
    if (condition.operator, condition.operand) == (">", (0.0,)):
        return _ONE_OF.get(condition.field.column.name, "")
    column, operand, wants = condition.field.column, condition.operand, condition.operator == "="
    if condition.operator not in {"=", "!="} or not isinstance(operand, tuple) or len(operand) > 1:
        return ""
    if column.kind is Kind.YES_NO:
        return f"{_ON}a weekend" if bool(operand[0]) is wants else f"{_ON}Monday to Friday"
    if column.kind is Kind.WORDS and operand[0] in {ANY, NONE}:
        has_one = (operand[0] == ANY) is wants
        return f"{'a' if has_one else 'no'} {label_of(condition.field)}"
    if column.name in _ONE_OF and not operand[0]:
        return _ONE_OF[column.name] if not wants else f"no{_ONE_OF[column.name][1:]}"
    return ""


def _against_field(condition: Comparison, operand: QueryField) -> str:
    """Two fields: each with its own day, where those differ."""
    field, sign = condition.field, condition.operator
    signs = _SIGNS
    if field.column.kind is Kind.CLOCK:
        signs = {**_CLOCK_SIGNS, ">=": "not before", "<=": "not after"}
    if sign == "=":
        signs = {**signs, "=": "the same as"}
    right = field_words(operand)
    if field.offset and not operand.offset:
        right += " that day"
    return f"{field_words(field)} {signs[sign]} {right}"


def _within(junction: Junction) -> str:
    """Two ends of one field's usual range, in one phrase; empty for anything else."""
    first, *others = junction.parts
    if junction.word != "and" or len(others) != 1 or not isinstance(first, Comparison):
        return ""
    (second,) = others
    if not isinstance(second, Comparison) or first.field != second.field:
        return ""
    ends = {
        (comparison.operator[0], comparison.operand.name)
        for comparison in (first, second)
        if isinstance(comparison.operand, Statistic)
    }
    if ends != {(">", "usual_low"), ("<", "usual_high")}:
        return ""
    return f"{label_of(first.field)} within your usual range" + _OFFSETS.get(first.field.offset, "")


def _against_statistic(sign: str, name: str, field: QueryField) -> str:
    phrase = _USUAL.get((sign, name))
    if phrase is not None and field.column.kind is not Kind.CLOCK:
        return phrase
    limits = {"usual_low": _LOW_END, "usual_high": _HIGH_END}
    limit = limits.get(name, f"the period's {name}")
    signs = _SIGNS
    if field.column.kind is Kind.CLOCK:
        signs = {**_CLOCK_SIGNS, ">=": "not before", "<=": "not after"}
    return f"{signs[sign]} {limit}".strip()


def _against_values(condition: Comparison, values: Sequence[Literal]) -> str:
    if condition.field.column.kind in {Kind.NUMBER, Kind.CLOCK} and isinstance(values[0], str):
        has_value = (values[0] == ANY) is (condition.operator == "=")
        return "with a value" if has_value else "without a value"
    column = condition.field.column
    is_word = column.kind in {Kind.WORD, Kind.WORDS}
    if is_word and (values in column.words.values() or is_part(str(values[0]))):
        values = values[:1]  # other words for the same
    if column.kind is Kind.DAY and len(values) > 1 and _follow_one_another(values):
        ends = [_literal_words(value, condition) for value in (values[0], values[-1])]
        return _signed(condition, " to ".join(ends))
    return _signed(condition, " or ".join(_literal_words(value, condition) for value in values))


def _follow_one_another(days: Sequence[Literal]) -> bool:
    numbers = [int(day) for day in days if isinstance(day, int | float)]
    return numbers == [numbers[0] + place for place in range(len(days))] if numbers else False


def _signed(condition: Comparison, value: str) -> str:
    """A value with the word of its sign: clock times and days are later or earlier."""
    sign, kind = condition.operator, condition.field.column.kind
    if kind is Kind.CLOCK and sign in _CLOCK_ENDS:
        return f"{value} {_CLOCK_ENDS[sign]}"
    signs = _CLOCK_SIGNS if kind is Kind.CLOCK else _SIGNS
    if kind in {Kind.DAY, Kind.MONTH}:
        signs = _DAY_SIGNS
    return f"{signs[sign]} {value}".strip()


def _literal_words(value: Literal, condition: Comparison) -> str:
    column = condition.field.column
    if isinstance(value, tuple):
        year, month = value
        name = MONTHS[month - 1].capitalize()
        return name if year is None else f"{name} {year}"
    if isinstance(value, str):
        return f"containing “{value.strip(PART)}”" if is_part(value) else value
    if column.kind is Kind.WEEKDAY:
        return WEEKDAYS[int(value)].capitalize()
    if column.kind is Kind.YES_NO:
        return "yes" if value else "no"
    if column.kind is Kind.DAY:
        return date.fromordinal(int(value)).isoformat()
    return f"{value:.0f}" if column.name == "year" else value_words(value, column)

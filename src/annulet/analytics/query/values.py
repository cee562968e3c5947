"""The right side of a condition: values, another field, or a figure of the person's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.brackets import Piece
from annulet.analytics.query.columns import CALENDAR, Kind, QueryField, Vocabulary
from annulet.analytics.query.conditions import STATISTICS, Statistic
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.literals import (
    ANY,
    MONTH_NAMES,
    NONE,
    WEEKDAY_NAMES,
    Literal,
    read_literal,
    split_list,
)
from annulet.analytics.query.spelling import fold, nearest, only_near
from annulet.analytics.query.unit_names import name_unit
from annulet.analytics.query.units import in_unit_of_name

_STATISTICS: Final = {
    **{fold(name): name for name in STATISTICS},
    **dict.fromkeys(("avg", "average", "my average", "my mean", "durchschnitt"), "mean"),
}
_USUAL: Final = frozenset({"usual", "normal", "my usual", "usual range", "my usual range"})
_NO_VALUE: Final = frozenset({"null", "none", "missing", "unknown", "nan", "empty", "nil"})
_A_VALUE: Final = frozenset({"any", "known", "present"})
_EQUALS: Final = frozenset({"=", "!="})
_COMMA: Final = re.compile(r"(\d+),(\d+)")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
_CUT_THOUSANDS: Final = re.compile(r"\d,\s*0\d")
"""A part of a list that begins with a nought is the end of a number, as in 8,000,9,000."""
MEASURED: Final = frozenset({Kind.NUMBER, Kind.CLOCK})
_EXPECTED: Final[dict[Kind, str]] = {
    Kind.CLOCK: "a clock time such as 23:30",
    Kind.DAY: "a day such as 2026-05-01",
    Kind.WEEKDAY: "weekdays such as sat,sun",
    Kind.YES_NO: "yes or no",
    Kind.MONTH: "a month: 1 to 12, a name, or 2026-11",
    Kind.WORD: "a word",
    Kind.WORDS: "a word, any or none",
}


@dataclass(frozen=True, slots=True)
class ValueReader:
    """Reads the right sides of conditions.

    Attributes:
        vocabulary: The fields there are.
        text: The whole line, for the corrected one.
    """

    vocabulary: Vocabulary
    text: str = ""

    def operand(
        self, field: QueryField, sign: str, right: Piece, name: str
    ) -> tuple[Literal, ...] | QueryField | Statistic:
        """What a field is compared with.

        Args:
            field: The left side.
            sign: One of ``= != > >= < <=``.
            right: The right side as it was written.
            name: The name of the left side as it was written; it may carry a unit.

        Raises:
            ExpressionError: It is no such value.
        """
        column, written = field.column, right.text
        if column.kind in MEASURED and fold(written) in _NO_VALUE | _A_VALUE:
            if sign not in _EQUALS:
                raise ExpressionError(
                    f"“{sign}” does not go with “{written[:40]}”; use = or !=",
                    position=right.position,
                )
            return (NONE if fold(written) in _NO_VALUE else ANY,)
        statistic = _statistic(fold(written), sign) if column.kind in MEASURED else ""
        if statistic:
            return Statistic(statistic)
        literals = self.literals(field, self._as_list(field, sign, right, name), name)
        words = column.kind in {Kind.WORD, Kind.WORDS}
        if literals is not None and not (words and "." in written):
            return literals
        right_field = self.vocabulary.find(written)
        if right_field is not None:
            return self._same_kind(field, right_field, right)
        if literals is not None:
            return literals
        raise self._no_value(field, right)

    def is_value(self, field: QueryField, written: str) -> bool:
        """Whether something written is a value of a field, or a figure of its values."""
        words = fold(written)
        return (
            words in _NO_VALUE | _A_VALUE
            or bool(_statistic(words, "="))
            or self.literals(field, written) is not None
        )

    def _as_list(self, field: QueryField, sign: str, right: Piece, name: str) -> str:
        """``57,58`` with a blank after its comma, where two whole numbers are meant.

        Raises:
            ExpressionError: It may as well be one number with a decimal comma.
        """
        column, written = field.column, right.text
        if column.kind is not Kind.NUMBER:
            return written
        numbers = _COMMA.fullmatch(written.strip())
        if numbers is None or sign not in _EQUALS or _THOUSANDS.fullmatch(written.strip()):
            if _CUT_THOUSANDS.search(written) and not _THOUSANDS.fullmatch(written.strip()):
                raise _ambiguous(right, "write numbers without separators, e.g. 8000, 9000")
            return written
        first, second = numbers[1], numbers[2]
        is_share = column.unit == "%" and not int(first)
        has_unit = bool(name_unit(name, column.name, column.unit))
        if is_share or (len(second) <= column.digits and not has_unit):
            return written
        if has_unit or column.digits:
            raise _ambiguous(right, f"write {first}, {second} or {first}.{second}")
        return f"{first}, {second}"

    def literals(
        self, field: QueryField, written: str, name: str = ""
    ) -> tuple[Literal, ...] | None:
        """The values that are written, in the unit that the name of the field carries."""
        column, today = field.column, self.vocabulary.today
        if column.kind is Kind.NUMBER and name:
            is_one = "," not in written or read_literal(written, column, today) is not None
            texts = [written] if is_one else split_list(written)
            written = ", ".join(in_unit_of_name(text, name, column) for text in texts)
        whole = read_literal(written, column, today) if "," in written else None
        if whole is not None and column.kind is Kind.NUMBER:
            return whole
        literals: list[Literal] = []
        for part in split_list(written):
            values = read_literal(part, column, today)
            if values is None:
                return None
            literals.extend(values)
        return tuple(dict.fromkeys(literals)) or None

    def _same_kind(self, field: QueryField, right_field: QueryField, right: Piece) -> QueryField:
        left_column, right_column = field.column, right_field.column
        if (
            left_column.kind is right_column.kind is Kind.CLOCK
            and left_column.from_noon is not right_column.from_noon
        ):
            raise ExpressionError(
                f"{field.name} and {right_field.name} are clock times around different midnights: "
                "compare each with a clock time, e.g. 23:30",
                position=right.position,
            )
        if left_column.kind is not right_column.kind or left_column.unit != right_column.unit:
            raise ExpressionError(
                f"{field.name} ({left_column.unit or left_column.kind.value}) cannot be compared "
                f"with {right_field.name} ({right_column.unit or right_column.kind.value})",
                position=right.position,
            )
        return right_field

    def _no_value(self, field: QueryField, right: Piece) -> ExpressionError:
        column = field.column
        if column.kind is Kind.WEEKDAY and right.text.strip().isdigit():
            return ExpressionError(
                f"Weekday {right.text[:9]} may be counted from Sunday or Monday: write its name, "
                f"e.g. {field.name} = sat",
                position=right.position,
            )
        unit = f" in {column.unit}" if column.unit else ""
        expected = _EXPECTED.get(column.kind, f"a number{unit}")
        if column.name in CALENDAR or column.kind is not Kind.NUMBER:
            return ExpressionError(
                f"{field.name} is compared with {expected}, not “{right.text[:40]}”",
                position=right.position,
                corrected=self._with_right_names(field, right),
            )
        return ExpressionError(
            f"{field.name} is {expected}, not “{right.text[:40]}”", position=right.position
        )

    def _with_right_names(self, field: QueryField, right: Piece) -> str:
        """The line with misspelt weekdays or months as they are written; empty where unclear."""
        tables: dict[Kind, Mapping[str, int]] = {
            Kind.WEEKDAY: WEEKDAY_NAMES,
            Kind.MONTH: MONTH_NAMES,
        }
        known = tables.get(field.column.kind, {})
        written = right.text
        for part in split_list(right.text):
            if self.literals(field, part) is None:
                near = _near_name(fold(part), known)
                if near is None:
                    return ""
                written = written.replace(part, near, 1)
        at = right.position - 1
        is_placed = self.text[at : at + len(right.text)] == right.text
        return f"{self.text[:at]}{written}{self.text[at + len(right.text) :]}" if is_placed else ""


def _near_name(word: str, known: Mapping[str, int]) -> str | None:
    """The name, not abbreviated, that a misspelt one means; None where two may be meant."""
    names = [name for name in known if len(name) > len("thur")]
    best = next(iter(nearest(word, names, 1)), None)
    if best is None:
        return None
    # The same day in the other language, or in the plural, is no second meaning.
    return only_near(word, [best, *(name for name in names if known[name] != known[best])])


def _ambiguous(right: Piece, what_to_write: str) -> ExpressionError:
    return ExpressionError(
        f"“{right.text[:40]}” may be read in two ways: {what_to_write}", position=right.position
    )


def _statistic(words: str, sign: str) -> str:
    """The figure of the field's own values that words mean; empty for none."""
    if words in _USUAL and sign != "=":
        return "usual_low" if sign[0] == "<" else "usual_high"
    return _STATISTICS.get(words, "")

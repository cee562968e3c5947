"""A condition as people and models write it, into what it is made of.

::

    line       = condition {"or" condition} | condition {"and" condition}
    condition  = FIELD OP VALUE | FIELD "between" VALUE "and" VALUE | VALUE OP FIELD [OP VALUE]
    VALUE      = literal {"," literal} | FIELD | "mean" | "median" | "usual_low" | "usual_high"

A part after ``or`` without an operator is one more value of the condition before it. Text in
quotes is one word whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.columns import CALENDAR, Kind, QueryField, Vocabulary
from annulet.analytics.query.conditions import (
    STATISTICS,
    Comparison,
    Condition,
    Junction,
    Statistic,
)
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.literals import NONE, Literal, read_literal, split_list
from annulet.analytics.query.operators import (
    FLIPPED,
    NEGATED,
    Operator,
    operators,
    range_word,
    split_words,
)
from annulet.analytics.query.spelling import fold

_STATISTICS: Final = {
    **{fold(name): name for name in STATISTICS},
    **dict.fromkeys(("avg", "average", "my average", "my mean", "durchschnitt"), "mean"),
}
_USUAL: Final = frozenset({"usual", "normal", "my usual", "usual range", "my usual range"})
_NOT: Final = re.compile(r"(?:not|nicht)\b\s*(.+)", re.IGNORECASE | re.DOTALL)
_NO: Final = re.compile(r"(?:no|without|kein|keine|ohne)\s+(.+)", re.IGNORECASE | re.DOTALL)
_MEASURED: Final = frozenset({Kind.NUMBER, Kind.CLOCK})
_ORDERED: Final = _MEASURED | {Kind.DAY, Kind.MONTH}
_EXPECTED: Final[dict[Kind, str]] = {
    Kind.CLOCK: "a clock time such as 23:30",
    Kind.DAY: "a day such as 2026-05-01",
    Kind.WEEKDAY: "weekdays such as sat,sun",
    Kind.YES_NO: "yes or no",
    Kind.MONTH: "a month: 1 to 12, a name, or 2026-11",
    Kind.WORD: "a word",
    Kind.WORDS: "a word, any or none",
}


def parse_condition(text: str, vocabulary: Vocabulary) -> Condition:
    """The condition that a line means.

    Args:
        text: One line.
        vocabulary: The fields there are.

    Raises:
        ExpressionError: The line cannot be read; it says where, and what was probably meant.
    """
    return _Line(text, vocabulary).condition()


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of the line, and where it begins (counted from 1)."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class _Line:
    """One line while it is read."""

    text: str
    vocabulary: Vocabulary

    def condition(self) -> Condition:
        """The whole line."""
        if not self.text.strip():
            raise ExpressionError("An empty condition", corrected="")
        words, parts = self._split()
        if len(words) > 1:
            raise ExpressionError(
                "One line mixes “and” with “or”; a second entry of the list stands for “and”",
                position=parts[1].position,
                corrected=_as_entries(self.text),
            )
        conditions = [self._comparison(part) for part in parts]
        if len(conditions) == 1:
            return conditions[0]
        return Junction(words.pop(), tuple(conditions))

    def _split(self) -> tuple[set[str], list[_Part]]:
        """The parts between ``and`` or ``or``; a bare value belongs to the part before it."""
        parts: list[_Part] = []
        words: set[str] = set()
        for word, start, end in split_words(self.text):
            piece = self.text[start:end]
            begin = start + len(piece) - len(piece.lstrip()) + 1
            if word == "or" and parts and self._continues(piece, parts[-1].text):
                parts[-1] = _Part(f"{parts[-1].text.strip()}, {piece.strip()}", parts[-1].position)
                continue
            if word == "and" and parts and self._is_value(piece):
                raise self._lacks_field(parts[-1], _Part(piece.strip(), begin))
            if word:
                words.add(word)
            parts.append(_Part(piece.strip(), begin))
        return words, parts

    def _continues(self, piece: str, before: str) -> bool:
        first = next(iter(operators(before)), None)
        return self._is_value(piece) and first is not None and first.sign == "="

    def _is_value(self, piece: str) -> bool:
        return not operators(piece) and self.vocabulary.find(piece) is None

    def _lacks_field(self, before: _Part, part: _Part) -> ExpressionError:
        corrected = ""
        for operator in operators(before.text):
            left = before.text[: operator.start].strip()
            if self.vocabulary.find(left) is not None:
                whole = before.text[: operator.end].strip()
                at = part.position - 1
                corrected = f"{self.text[:at]}{whole} {self.text[at:]}"
                break
        return ExpressionError(
            f"“{part.text[:40]}” after “and” is no condition: it needs a field and a comparison",
            position=part.position,
            corrected=corrected,
        )

    def _comparison(self, part: _Part) -> Condition:
        part = _without_brackets(part)
        negated = _NOT.fullmatch(part.text)
        if negated is not None:
            rest = _Part(negated[1], part.position + negated.start(1))
            return _negation(self._comparison(rest))
        between_fields = [o for o in operators(part.text) if self._parts_fields(part.text, o)]
        signs = between_fields or operators(part.text)
        if not signs:
            return self._bare(part)
        if len(signs) > 1 and signs[0].is_symbol and signs[1].is_symbol:
            return self._between_signs(part, signs[0], signs[1])
        operator = signs[0]
        left = _Part(part.text[: operator.start].strip(), part.position)
        right_text = part.text[operator.end :]
        skipped = len(right_text) - len(right_text.lstrip())
        right = _Part(right_text.strip(), part.position + operator.end + skipped)
        if operator.sign == "between":
            return self._between(left, right)
        if self.vocabulary.find(left.text) is None and self.vocabulary.find(right.text):
            left, right = right, left
            operator = Operator(FLIPPED[operator.sign], 0, 0, is_symbol=True)
        return self._compared(left, operator.sign, right)

    def _parts_fields(self, text: str, operator: Operator) -> bool:
        """Whether an operator has a field on a side; “in” inside a name has none."""
        sides = (text[: operator.start], text[operator.end :])
        return operator.is_symbol or any(self.vocabulary.find(side) for side in sides)

    def _bare(self, part: _Part) -> Condition:
        none_of = _NO.fullmatch(part.text)
        absent = None if none_of is None else self.vocabulary.find(none_of[1])
        if absent is not None and absent.column.kind is Kind.WORDS:
            return Comparison(absent, "=", (NONE,))
        field = self.vocabulary.resolve(part.text, text=self.text, position=part.position)
        if field.column.kind is Kind.YES_NO:
            return Comparison(field, "=", (True,))
        example = "any" if field.column.kind in {Kind.WORD, Kind.WORDS} else "mean"
        sign = "=" if example == "any" else ">"
        raise ExpressionError(
            f"“{part.text[:40]}” is no condition: it needs a comparison, "
            f"e.g. {field.name} {sign} {example}",
            position=part.position,
        )

    def _between(self, left: _Part, right: _Part) -> Condition:
        word = range_word(right.text)
        if word is None:
            raise ExpressionError(
                "“between” needs two values, e.g. total_sleep_min between 7h and 8h",
                position=right.position,
            )
        low = _Part(right.text[: word[0]].strip(), right.position)
        high = _Part(right.text[word[1] :].strip(), right.position + word[1] + 1)
        lower = self._compared(left, ">=", low)
        return Junction("and", (lower, self._compared(left, "<=", high)))

    def _between_signs(self, part: _Part, first: Operator, second: Operator) -> Condition:
        low = _Part(part.text[: first.start].strip(), part.position)
        middle = _Part(part.text[first.end : second.start].strip(), part.position + first.end)
        high = _Part(part.text[second.end :].strip(), part.position + second.end)
        if "," in middle.text:
            raise ExpressionError(
                "One condition too many in one text: write each as an entry of its own",
                position=middle.position + 1,
                corrected=self.text.replace(",", " and", 1),
            )
        if first.sign == "=" or first.sign[0] != second.sign[0]:
            raise ExpressionError("Two comparisons in one condition", position=high.position)
        lower = self._compared(middle, FLIPPED[first.sign], low)
        return Junction("and", (lower, self._compared(middle, second.sign, high)))

    def _compared(self, left: _Part, sign: str, right: _Part) -> Comparison:
        field = self.vocabulary.resolve(left.text, text=self.text, position=left.position)
        if not right.text:
            raise ExpressionError("A comparison without a value", position=right.position)
        operand = self._operand(field, sign, right)
        several = isinstance(operand, tuple) and len(operand) > 1
        kind = field.column.kind
        if sign not in {"=", "!="} and (several or kind not in _ORDERED):
            reason = "a list" if kind in _ORDERED else field.name
            raise ExpressionError(
                f"“{sign}” does not go with {reason}; use = or !=", position=left.position
            )
        return Comparison(field, sign, operand)

    def _operand(
        self, field: QueryField, sign: str, right: _Part
    ) -> tuple[Literal, ...] | QueryField | Statistic:
        column, written = field.column, right.text
        statistic = _statistic(fold(written), sign) if column.kind in _MEASURED else ""
        if statistic:
            return Statistic(statistic)
        literals = self._literals(field, written)
        words = column.kind in {Kind.WORD, Kind.WORDS}
        if literals is not None and not (words and "." in written):
            return literals
        right_field = self.vocabulary.find(written)
        if right_field is not None:
            return self._same_kind(field, right_field, right)
        if literals is not None:
            return literals
        raise self._no_value(field, right)

    def _literals(self, field: QueryField, written: str) -> tuple[Literal, ...] | None:
        column, today = field.column, self.vocabulary.today
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

    def _same_kind(self, field: QueryField, right_field: QueryField, right: _Part) -> QueryField:
        left_column, right_column = field.column, right_field.column
        if left_column.kind is not right_column.kind or left_column.unit != right_column.unit:
            raise ExpressionError(
                f"{field.name} ({left_column.unit or left_column.kind.value}) cannot be compared "
                f"with {right_field.name} ({right_column.unit or right_column.kind.value})",
                position=right.position,
            )
        return right_field

    def _no_value(self, field: QueryField, right: _Part) -> ExpressionError:
        column = field.column
        unit = f" in {column.unit}" if column.unit else ""
        expected = _EXPECTED.get(column.kind, f"a number{unit}")
        if column.name in CALENDAR or column.kind is not Kind.NUMBER:
            return ExpressionError(
                f"{field.name} is compared with {expected}, not “{right.text[:40]}”",
                position=right.position,
            )
        return ExpressionError(
            f"{field.name} is {expected}, not “{right.text[:40]}”", position=right.position
        )


def _statistic(words: str, sign: str) -> str:
    """The figure of the field's own values that words mean; empty for none."""
    if words in _USUAL and sign != "=":
        return "usual_low" if sign[0] == "<" else "usual_high"
    return _STATISTICS.get(words, "")


def _without_brackets(part: _Part) -> _Part:
    """A part without the brackets around the whole of it."""
    text, position = part.text, part.position
    while text[:1] == "(" and _closing(text) == len(text) - 1:
        inner = text[1:-1]
        position += 1 + len(inner) - len(inner.lstrip())
        text = inner.strip()
    return _Part(text, position)


def _closing(text: str) -> int:
    """Where the bracket closes that opens the text; -1 where it does not."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return place
    return -1


def _negation(condition: Condition) -> Condition:
    """What holds where a condition does not; what is unknown stays so."""
    if isinstance(condition, Junction):
        word = "or" if condition.word == "and" else "and"
        return Junction(word, tuple(_negation(part) for part in condition.parts))
    return Comparison(condition.field, NEGATED[condition.operator], condition.operand)


def _as_entries(text: str) -> str:
    """A line whose brackets say what belongs together, as a list of lines; empty without them."""
    pieces: list[str] = [""]
    for word, start, end in split_words(text):
        opened = pieces[-1].count("(") - pieces[-1].count(")")
        if word == "and" and not opened:
            pieces.append(text[start:end])
        else:
            pieces[-1] += f" {word} {text[start:end]}" if word else text[start:end]
    entries = [_without_brackets(_Part(piece.strip(), 1)).text for piece in pieces]
    is_mixed = any(
        len({word for word, _, _ in split_words(entry) if word}) > 1 for entry in entries
    )
    lacks_brackets = any(piece.count("(") != piece.count(")") for piece in pieces)
    has_loose_or = any(" or " in piece and not piece.strip().startswith("(") for piece in pieces)
    if is_mixed or lacks_brackets or has_loose_or:
        return ""
    return "[" + ", ".join(f'"{" ".join(entry.split())}"' for entry in entries) + "]"

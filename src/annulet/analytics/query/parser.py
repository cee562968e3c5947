"""A condition as people and models write it, into what it is made of.

::

    line       = condition {"or" condition} | condition {"and" condition}
    condition  = FIELD OP VALUE | FIELD "between" VALUE "and" VALUE | VALUE OP FIELD [OP VALUE]
    VALUE      = literal {"," literal} | FIELD | "mean" | "median" | "usual_low" | "usual_high"

A part after ``or`` without an operator is one more value of the condition before it. Text in
quotes is one word whatever stands in it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.arithmetic import refuse_arithmetic
from annulet.analytics.query.brackets import Piece, as_entries, without_brackets
from annulet.analytics.query.calendar_conditions import calendar_condition
from annulet.analytics.query.columns import CALENDAR, Kind, QueryField, Vocabulary
from annulet.analytics.query.conditions import Comparison, Condition, Junction
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.happenings import HappeningReader
from annulet.analytics.query.line_forms import plain_line
from annulet.analytics.query.literals import ANY, NONE, PART, split_list
from annulet.analytics.query.operators import (
    CONTAINS,
    FLIPPED,
    NEGATED,
    Operator,
    operators,
    range_word,
    split_words,
)
from annulet.analytics.query.values import MEASURED, ValueReader

_NOT: Final = re.compile(r"(?:not|nicht)\b\s*(.+)", re.IGNORECASE | re.DOTALL)
_NO: Final = re.compile(r"(?:no|without|kein|keine|ohne)\s+(.+)", re.IGNORECASE | re.DOTALL)
_HAS: Final = re.compile(
    r"(?:has|have|had|with|hat|mit)\s+(?:an?\s+|any\s+|eine?[mn]?\s+)?(.+)", re.IGNORECASE
)
_ENDS_IN_NOT: Final = re.compile(
    r"(.+?)\s+(?:(?:is|are|was|does|do|did|ist)\s+)?(?:not|nicht)", re.IGNORECASE | re.DOTALL
)
_DOES: Final = re.compile(r"\s+(?:does|do|did)$", re.IGNORECASE)
_WHOLE_QUOTED: Final = re.compile(r"([\"'])([^\"']*)\1")
_ON: Final = re.compile(r"(?:on|in|only|only on|every|am|im|an)\s+(.+)", re.IGNORECASE)
_RANGE: Final = re.compile(
    r"(\d[\w:., ]*?)\s*(?:\.\.\.?|–|-|\bto\b|\bbis\b)\s*(\d[\w:., ]*)", re.IGNORECASE
)
_FIELD_AND_RANGE: Final = re.compile(
    r"(.*?[^\W\d]\w*)\s+(?:from\s+|von\s+)?(\d[\w:., ]*?\s*(?:\.\.|–|-|\bto\b).*)", re.IGNORECASE
)
_ORDERED: Final = MEASURED | {Kind.DAY, Kind.MONTH}


def parse_condition(text: str, vocabulary: Vocabulary) -> Condition:
    """The condition that a line means.

    Args:
        text: One line.
        vocabulary: The fields there are.

    Raises:
        ExpressionError: The line cannot be read; it says where, and what was probably meant.
    """
    plain = _plain(text)
    try:
        return _Line(plain, vocabulary).condition()
    except ExpressionError as error:
        if error.corrected and not _is_readable(error.corrected, vocabulary):
            error.corrected = ""  # a correction that cannot be read helps nobody
        raise


def _plain(text: str) -> str:
    """A line without a closing semicolon, and without quotes around the whole of it."""
    plain = plain_line(text).strip().rstrip(";").rstrip()
    quoted = _WHOLE_QUOTED.fullmatch(plain)
    return plain if quoted is None or not operators(quoted[2]) else quoted[2].strip()


def _is_readable(corrected: str, vocabulary: Vocabulary) -> bool:
    """Whether a corrected line, or list of lines, can be read."""
    lines = json.loads(corrected) if corrected.startswith('["') else [corrected]
    try:
        for line in lines:
            _Line(line, vocabulary).condition()
    except ExpressionError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Line:
    """One line while it is read."""

    text: str
    vocabulary: Vocabulary

    @property
    def _values(self) -> ValueReader:
        return ValueReader(self.vocabulary, self.text)

    @property
    def _happenings(self) -> HappeningReader:
        return HappeningReader(self.vocabulary)

    def condition(self) -> Condition:
        """The whole line."""
        if not self.text.strip():
            raise ExpressionError("An empty condition", corrected="")
        words, parts = self._split()
        if len(words) > 1:
            raise ExpressionError(
                "One line mixes “and” with “or”; a second entry of the list stands for “and”",
                position=parts[1].position,
                corrected=as_entries(self.text),
            )
        conditions = [self._comparison(part) for part in parts]
        if len(conditions) == 1:
            return conditions[0]
        return Junction(words.pop(), tuple(conditions))

    def _split(self) -> tuple[set[str], list[Piece]]:
        """The parts between ``and`` or ``or``; a bare value belongs to the part before it."""
        parts: list[Piece] = []
        words: set[str] = set()
        for word, start, end in split_words(self.text):
            piece = self.text[start:end]
            begin = start + len(piece) - len(piece.lstrip()) + 1
            if word == "or" and parts and self._continues(piece.strip(), parts[-1].text):
                parts[-1] = Piece(f"{parts[-1].text.strip()}, {piece.strip()}", parts[-1].position)
                continue
            if word == "and" and parts and self._lacks_comparison(piece, parts[-1].text):
                raise self._lacks_field(parts[-1], Piece(piece.strip(), begin), start)
            if word:
                words.add(word)
            parts.append(Piece(piece.strip(), begin))
        return words, parts

    def _lacks_comparison(self, piece: str, before: str) -> bool:
        """Whether a part after ``and`` is a bare value; what happened is none, but after names."""
        if self.vocabulary.find(piece) is None and not operators(piece) and operators(before):
            field = self.vocabulary.find(before[: operators(before)[0].start].strip())
            if field is not None and field.column.kind in {Kind.WORD, Kind.WORDS}:
                return True
        return self._is_value(piece)

    def _continues(self, piece: str, before: str) -> bool:
        """Whether a part after ``or`` is one more value, as in ``is not sat or sun``."""
        first = next(iter(operators(before)), None)
        if first is None or first.sign not in {"=", "!=", CONTAINS} or operators(piece):
            return False
        left = before[: first.start].strip()
        field = self.vocabulary.find(left)
        if field is not None and field.column.kind is Kind.WEEKDAY:
            return self._values.literals(field, piece) is not None or self._is_value(piece)
        if field is not None and field.column.kind in {Kind.WORD, Kind.WORDS}:
            return self.vocabulary.find(piece) is None
        return self._is_value(piece)

    def _is_value(self, piece: str) -> bool:
        is_field = self.vocabulary.find(piece) is not None or self._happenings.is_known(piece)
        return not operators(piece) and not is_field

    def _lacks_field(self, before: Piece, part: Piece, start: int) -> ExpressionError:
        """The error about a value after ``and``: one more of a list, or of a day's names.

        Args:
            before: The condition before it.
            part: The value.
            start: Where the stretch begins that holds it.
        """
        begun = self.text[:start].rstrip()
        word = next((sign for sign in (";", "&&") if begun.endswith(sign)), begun.split()[-1])
        corrected = ""
        for operator in operators(before.text):
            left = before.text[: operator.start].strip()
            field = self.vocabulary.find(left)
            if field is None or operator.sign not in {"=", "!="} or not part.text:
                continue
            if field.column.kind is Kind.WORDS and operator.sign == "=":  # a day has several
                at = part.position - 1
                whole = before.text[: operator.end].strip()
                corrected = f"{self.text[:at]}{whole} {self.text[at:]}"
            else:
                corrected = self._as_one_list()
            break
        return ExpressionError(
            f"“{part.text[:40]}” after “{word}” is no condition: it needs a field and a comparison"
            if part.text
            else f"Nothing stands after “{word}”",
            position=part.position,
            corrected=corrected,
        )

    def _as_one_list(self) -> str:
        """The line with bare values joined to the condition before them by commas."""
        line, end = "", 0
        for word, start, stop in split_words(self.text):
            piece = self.text[start:stop]
            if word and self._is_value(piece):
                line = f"{line.rstrip()}, {piece.strip()}"
            else:
                line += self.text[end:stop]
            end = stop
        return line.strip()

    def _comparison(self, part: Piece) -> Condition:
        part = without_brackets(part)
        negated = _NOT.fullmatch(part.text)
        if negated is not None:
            rest = Piece(negated[1], part.position + negated.start(1))
            return _negation(self._comparison(rest))
        between_fields = [o for o in operators(part.text) if self._parts_fields(part.text, o)]
        signs = between_fields or operators(part.text)
        if not signs or (not signs[0].start and not signs[0].is_symbol):
            return self._range(part) or self._on_days(part) or self._bare(part)
        if len(signs) > 1 and signs[0].is_symbol and signs[1].is_symbol:
            return self._between_signs(part, signs[0], signs[1])
        return self._signed(part, signs[0])

    def _signed(self, part: Piece, operator: Operator) -> Condition:
        """The two sides of the first sign."""
        left = Piece(_DOES.sub("", part.text[: operator.start].strip()), part.position)
        right_text = part.text[operator.end :]
        skipped = len(right_text) - len(right_text.lstrip())
        right = Piece(right_text.strip(), part.position + operator.end + skipped)
        if operator.sign == "between":
            return self._between(left, right)
        denied = _ENDS_IN_NOT.fullmatch(left.text)
        if denied is not None and self.vocabulary.find(left.text) is None:  # steps not > 8000
            bare = Piece(denied[1], left.position)
            return _negation(self._compared(bare, operator.sign, right))
        inner = operators(right.text) if operator.sign == "!=" and not operator.is_symbol else []
        if inner and not inner[0].start and inner[0].sign in {*NEGATED, CONTAINS}:
            rest = right.text[inner[0].end :]  # not less than 8000
            at = right.position + inner[0].end + len(rest) - len(rest.lstrip())
            bare, sign = Piece(rest.strip(), at), inner[0].sign
            if sign == CONTAINS:
                bare, sign = self._as_parts(left, bare), "="
            return _negation(self._compared(left, sign, bare))
        if operator.sign == CONTAINS:
            return self._compared(left, "=", self._as_parts(left, right))
        turned = None if self.vocabulary.find(left.text) else self.vocabulary.find(right.text)
        if turned is not None and self._values.is_value(turned, left.text):
            left, right = right, left
            operator = Operator(FLIPPED[operator.sign], 0, 0, is_symbol=True)
        if operator.sign in {"=", "!="}:
            between = self._between_values(left, right)
            if between is not None:
                return between if operator.sign == "=" else _negation(between)
        return self._compared(left, operator.sign, right)

    def _as_parts(self, left: Piece, right: Piece) -> Piece:
        """Words that need only be parts of a name; other values as they are."""
        field = self.vocabulary.find(left.text)
        if field is None or field.column.kind not in {Kind.WORD, Kind.WORDS}:
            return right
        words = [_as_part(word) for word in split_list(right.text)]
        return Piece(", ".join(words), right.position)

    def _between_values(self, left: Piece, right: Piece) -> Condition | None:
        """``5000..8000`` or ``5000-8000`` as its two ends; None where it is no such range."""
        ends = _RANGE.fullmatch(right.text)
        field = self.vocabulary.find(left.text)
        if ends is None or field is None or field.column.kind not in MEASURED:
            return None
        low, high = (Piece(ends[n], right.position + ends.start(n)) for n in (1, 2))
        lower = self._compared(left, ">=", low)
        return Junction("and", (lower, self._compared(left, "<=", high)))

    def _range(self, part: Piece) -> Condition | None:
        """A field and a range without a sign between them."""
        pieces = _FIELD_AND_RANGE.fullmatch(part.text)
        if pieces is None or self.vocabulary.find(pieces[1]) is None:
            return None
        left = Piece(pieces[1], part.position)
        return self._between_values(left, Piece(pieces[2].strip(), part.position + pieces.start(2)))

    def _on_days(self, part: Piece) -> Condition | None:
        """Weekdays or a month without a field: ``on mondays``, ``in march``."""
        if self.vocabulary.find(part.text) is not None:
            return None
        on = _ON.fullmatch(part.text)
        words = part.text if on is None else on[1]
        for name in ("weekday", "month"):
            field = QueryField(CALENDAR[name])
            literals = None if words.strip().isdigit() else self._values.literals(field, words)
            if literals is not None:
                return Comparison(field, "=", literals)
        return None

    def _parts_fields(self, text: str, operator: Operator) -> bool:
        """Whether an operator has a field on a side; “in” inside a name has none."""
        sides = (text[: operator.start], text[operator.end :])
        return operator.is_symbol or any(self.vocabulary.find(side) for side in sides)

    def _bare(self, part: Piece) -> Condition:
        for pattern, word in ((_NO, NONE), (_HAS, ANY)):
            match = pattern.fullmatch(part.text)
            happened = None if match is None else self.vocabulary.find(match[1])
            if happened is not None and happened.column.kind is Kind.WORDS:
                return Comparison(happened, "=", (word,))
        named = self._happenings.bare(part)
        if named is not None:
            return named
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

    def _between(self, left: Piece, right: Piece) -> Condition:
        word = range_word(right.text)
        if word is None:
            raise ExpressionError(
                "“between” needs two values, e.g. total_sleep_min between 7h and 8h",
                position=right.position,
            )
        low = Piece(right.text[: word[0]].strip(), right.position)
        high = Piece(right.text[word[1] :].strip(), right.position + word[1] + 1)
        field = self.vocabulary.find(left.text)
        if field is not None and field.column.kind is Kind.WEEKDAY:
            return self._compared(left, "=", Piece(f"{low.text} to {high.text}", low.position))
        lower = self._compared(left, ">=", low)
        return Junction("and", (lower, self._compared(left, "<=", high)))

    def _between_signs(self, part: Piece, first: Operator, second: Operator) -> Condition:
        low = Piece(part.text[: first.start].strip(), part.position)
        middle = Piece(part.text[first.end : second.start].strip(), part.position + first.end)
        high = Piece(part.text[second.end :].strip(), part.position + second.end)
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

    def _compared(self, left: Piece, sign: str, right: Piece) -> Comparison:
        special = calendar_condition(left.text, sign, right.text, self.vocabulary)
        special = special or self._happenings.compared(left, sign, right)
        if special is not None:
            return special
        refuse_arithmetic(self.vocabulary, left, right)
        field = self.vocabulary.resolve(left.text, text=self.text, position=left.position)
        if not right.text:
            raise ExpressionError("A comparison without a value", position=right.position)
        if field.column.name == "day" and sign in {"=", "!="}:
            weekday = QueryField(CALENDAR["weekday"], field.offset)
            if self._values.literals(field, right.text) is None and (
                days := self._values.literals(weekday, right.text)
            ):
                return Comparison(weekday, sign, days)
        if field.column.name == "start" and self._values.literals(field, right.text) is None:
            of_day = QueryField(CALENDAR["day"])
            if self._values.literals(of_day, right.text) is not None:  # start >= 2026-05-01
                field = of_day
        operand = self._values.operand(field, sign, right, left.text)
        several = isinstance(operand, tuple) and len(operand) > 1
        kind = field.column.kind
        if sign not in {"=", "!="} and (several or kind not in _ORDERED):
            reason = "a list" if kind in _ORDERED else field.name
            raise ExpressionError(
                f"“{sign}” does not go with {reason}; use = or !=", position=left.position
            )
        return Comparison(field, sign, operand)


def _as_part(word: str) -> str:
    """A word as a part of a name; with ``%`` on one side only, as its beginning or its end."""
    begins, ends = word.endswith("%"), word.startswith("%")
    inner = word.strip("%*")
    if begins is ends:
        return f"{PART}{inner}{PART}"
    return f"{inner}{PART}" if begins else f"{PART}{inner}"


def _negation(condition: Condition) -> Condition:
    """What holds where a condition does not; what is unknown stays so."""
    if isinstance(condition, Junction):
        word = "or" if condition.word == "and" else "and"
        return Junction(word, tuple(_negation(part) for part in condition.parts))
    return Comparison(condition.field, NEGATED[condition.operator], condition.operand)

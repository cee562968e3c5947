"""What happened, as people say it: ``no alcohol``, ``had a run``, ``naps >= 2``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.brackets import Piece
from annulet.analytics.query.columns import Kind, Vocabulary
from annulet.analytics.query.conditions import Comparison
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.literals import ANY, NONE, read_literal
from annulet.analytics.query.operators import split_words
from annulet.analytics.query.spelling import fold, only_near

_NAMES: Final = ("type", "activity", "tag", "workout", "session")
"""The columns that hold names of what happened, those of the rows first."""
_PHRASE: Final = re.compile(
    r"(?:(?P<not>no|not|without|never|kein|keine|ohne)\s+)?"
    r"(?:(?P<when>after|nach)\s+)?"
    r"(?:(?:i\s+)?(?:has|have|had|with|did|drank|hat|hatte|mit)\s+)?"
    r"(?:an?\s+|any\s+|eine?[mn]?\s+|the\s+)?"
    r"(?:(?P<kind>tag|workout|session)s?\s+)?"
    r"(?P<name>[^\W\d][\w\s-]*)",
    re.IGNORECASE,
)
_YES: Final = frozenset({"yes", "true", "ja", "y"})
_NO: Final = frozenset({"no", "false", "nein", "n"})
_COUNT: Final = re.compile(r"\d{1,2}")
_DENIED: Final = {"=": "!=", "!=": "="}
_MOST_WORDS: Final = 3
_MOST_OF_A_DAY: Final = 9
"""A larger number beside ``naps`` is one of minutes."""


@dataclass(frozen=True, slots=True)
class HappeningReader:
    """Reads conditions that name what happened instead of a field.

    Attributes:
        vocabulary: The fields there are.
        text: The whole line, for the corrected one.
    """

    vocabulary: Vocabulary
    text: str

    def compared(self, left: Piece, sign: str, right: Piece) -> Comparison | None:
        """A comparison with how often, or with yes and no; None for any other.

        Raises:
            ExpressionError: It counts what is not counted, or names what is unknown.
        """
        if _COUNT.fullmatch(right.text.strip()):
            return self._counted(left, sign, right)
        word = fold(right.text)
        if sign not in _DENIED or word not in _YES | _NO or self.vocabulary.find(left.text):
            return None
        return self._named(left, sign if word in _YES else _DENIED[sign])

    def bare(self, part: Piece) -> Comparison | None:
        """A name without a comparison; None where it is that of a field.

        Raises:
            ExpressionError: It is no known name; the line that was probably meant is named.
        """
        return None if self.vocabulary.find(part.text) else self._named(part, "=")

    def _counted(self, left: Piece, sign: str, right: Piece) -> Comparison | None:
        """How often something happened on a day: a small number without a unit."""
        count, field = self.vocabulary.count_of(left.text), self.vocabulary.find(left.text)
        is_figure = field is not None and field.column.kind is Kind.NUMBER
        if count is not None and not (is_figure and int(right.text) > _MOST_OF_A_DAY):
            return Comparison(count, sign, (float(right.text),))
        if field is None or field.column.kind is not Kind.WORDS:
            return None
        if (sign, int(right.text)) in {(">", 0), (">=", 1), ("!=", 0)}:
            return Comparison(field, "=", (ANY,))
        if (sign, int(right.text)) in {("=", 0), ("<", 1), ("<=", 0)}:
            return Comparison(field, "=", (NONE,))
        raise ExpressionError(
            f"How many {field.column.name}s a day has is not counted: ask for any or none, or of "
            f"{field.column.name}s by day",
            position=left.position,
        )

    def _named(self, part: Piece, sign: str) -> Comparison | None:
        phrase = _PHRASE.fullmatch(part.text.strip())
        if phrase is None or len(phrase["name"].split()) > _MOST_WORDS:
            return None
        word = fold(phrase["name"])
        if self.vocabulary.find(word) is not None and not phrase["kind"]:
            return None
        sign = _DENIED[sign] if phrase["not"] else sign
        prefix = "previous." if phrase["when"] else ""
        for name in [phrase["kind"].casefold()] if phrase["kind"] else _NAMES:
            field = self.vocabulary.find(prefix + name)
            if field is None or field.column.name != name:
                continue
            known = {fold(value) for values in field.column.words.values() for value in values}
            if phrase["kind"] or word in known | field.column.words.keys():
                values = read_literal(word, field.column, self.vocabulary.today)
                return None if values is None else Comparison(field, sign, values)
        self._suggest(part, word, f"{prefix}tag {sign} {word}")
        return None

    def _suggest(self, part: Piece, word: str, condition: str) -> None:
        """Refuse a word that is near no field, with the tag that was probably meant.

        Raises:
            ExpressionError: It is one.
        """
        known = [*self.vocabulary.day, *self.vocabulary.row, *self.vocabulary.short]
        if only_near(word, known) is not None or any(map(self.vocabulary.find, word.split())):
            return
        raise ExpressionError(
            f"There is no field “{part.text[:40]}”; a tag or a sport is compared with its name",
            position=part.position,
            corrected=condition if len(split_words(self.text)) == 1 else "",
        )

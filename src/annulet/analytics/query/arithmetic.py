"""Sums and differences inside a condition, which the grammar has not."""

from __future__ import annotations

import re
from typing import Final

from annulet.analytics.query.brackets import Piece
from annulet.analytics.query.columns import Vocabulary
from annulet.analytics.query.conditions import STATISTICS
from annulet.analytics.query.expression_error import ExpressionError

_ARITHMETIC: Final = re.compile(r"([^\W\d][\w.]*)\s*(?:[+*/]|\s-\s)\s*.+")


def refuse_arithmetic(vocabulary: Vocabulary, *sides: Piece) -> None:
    """Refuse a side of a comparison that adds or multiplies a figure.

    Args:
        vocabulary: The fields there are.
        sides: What is compared.

    Raises:
        ExpressionError: A side does.
    """
    for side in sides:
        parts = _ARITHMETIC.fullmatch(side.text)
        if parts is None or vocabulary.find(side.text) is not None:
            continue
        if vocabulary.find(parts[1]) is not None or parts[1].casefold() in STATISTICS:
            raise ExpressionError(
                f"“{side.text[:40]}” is arithmetic, which a condition has not: compare one figure "
                "with a value, another figure, mean, median, usual_low or usual_high",
                position=side.position,
            )

"""The one error of a query: what is wrong, where, and what was probably meant."""

from __future__ import annotations


class ExpressionError(ValueError):
    """An expression cannot be understood.

    Attributes:
        message: One sentence that says what is wrong.
        position: The character, counted from 1, at which the mistake begins; 0 where it is the
            whole expression.
        nearest: Names that resemble an unknown one, the best first.
        corrected: The whole expression as it was probably meant; empty where several readings
            are equally near.
    """

    def __init__(
        self,
        message: str,
        *,
        position: int = 0,
        nearest: tuple[str, ...] = (),
        corrected: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.nearest = nearest
        self.corrected = corrected

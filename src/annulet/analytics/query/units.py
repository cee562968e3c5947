"""Numbers as people write them, in the unit of the column they are compared with."""

from __future__ import annotations

import re
from typing import Final

from annulet.analytics.query.columns import Column
from annulet.analytics.query.unit_names import (
    HOURS,
    MINUTES,
    name_unit,
    seconds_at_oura,
    unit_factor,
)

_DURATION: Final = re.compile(
    rf"(\d+)\s*(?:{HOURS})\s*(?:and |und )?(\d{{1,2}})\s*(?:{MINUTES})?|(\d{{1,2}}):(\d{{2}})"
)
_NUMBER: Final = re.compile(
    r"([+\-−]?)\s*(\d{1,3}(?:[, ’']\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|[.,]\d+)\s*(.*)"
)
_LARGEST: Final = 1e12
_GERMAN_THOUSANDS: Final = re.compile(r"\d{1,3}\.\d{3}")
_IN_THOUSANDS: Final = frozenset({"steps", "kcal", "m"})
"""Units of whole figures so large that 10.000 is ten thousand."""
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[, ’']\d{3})+(?:\.\d+)?")


_UNDERSCORE: Final = re.compile(r"(?<=\d)_(?=\d{3}(?!\d))")
_FRACTIONS: Final = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_FRACTION: Final = re.compile(r"(\d+)?\s*([½¼¾])")
_EXPONENT: Final = re.compile(r"(\d+(?:\.\d+)?)e\+?(\d)(\s*\D*)")
_THOUSAND_WORD: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:tsd\.?|tausend|thousand)(\s*\D*)")
_SECONDS_FROM: Final = 900
"""A written length beyond this is in seconds where Oura's own name is: 900 minutes are no sleep."""
_PLAIN: Final = re.compile(r"[+\-−]?\s*[\d.,]+")


def number(text: str, column: Column) -> float | None:
    """A written number in the unit of a column; None where it is none, or in another unit.

    >>> sleep = Column("total_sleep_min", unit="min")
    >>> number("7h30m", sleep), number("7.5 h", sleep), number("450", sleep)
    (450.0, 450.0, 450.0)
    """
    plain = _plain_number(text)
    if column.unit == "min":
        parts = _DURATION.fullmatch(plain)
        if parts is not None:
            return float(int(parts[1] or parts[3]) * 60 + int(parts[2] or parts[4]))
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return None
    sign, digits, unit = match[1], match[2], match[3].strip()
    if _THOUSANDS.fullmatch(digits):
        digits = re.sub(r"[, ’']", "", digits)
    elif column.unit in _IN_THOUSANDS and _GERMAN_THOUSANDS.fullmatch(digits):
        digits = digits.replace(".", "")
    factor = 1.0 if not unit else unit_factor(unit, column.unit)
    if factor is None:
        return None
    value = float(digits.replace(",", ".")) * factor
    if column.unit == "%" and column.ratio and not unit and 0 < value < 1:
        value *= 100  # 0.85 of a share in percent is 85 %
    if value > _LARGEST:
        return None
    return value if sign in {"", "+"} else -value


def _plain_number(text: str) -> str:
    """A number without the marks of programs, fractions as decimals, thousands as digits."""
    plain = _UNDERSCORE.sub("", text.strip().casefold())
    plain = _FRACTION.sub(lambda m: f"{float(m[1] or 0) + _FRACTIONS[m[2]]:g}", plain)
    exponent = _EXPONENT.fullmatch(plain)
    if exponent is not None:
        return _scaled(exponent[1], int(exponent[2])) + exponent[3]
    thousands = _THOUSAND_WORD.fullmatch(plain)
    return plain if thousands is None else _scaled(thousands[1], 3) + thousands[2]


def _scaled(digits: str, places: int) -> str:
    return f"{float(digits.replace(',', '.')) * 10**places:f}".rstrip("0").rstrip(".")


def in_unit_of_name(text: str, name: str, column: Column) -> str:
    """A written number with the unit of the name it is compared with, if it has none itself."""
    if not _PLAIN.fullmatch(text.strip()):
        return text
    unit = name_unit(name, column.name, column.unit)
    if seconds_at_oura(name):
        value = number(text, column)
        unit = "s" if value is not None and value > _SECONDS_FROM else unit
    return f"{text} {unit}" if unit else text

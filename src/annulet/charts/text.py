"""Words and numbers on charts: how wide they are, where they break, how numbers are written."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from html import escape

NOTHING = "No data in this period"
STAGE_WORDS = {"awake": "Awake", "rem": "REM", "light": "Light", "deep": "Deep"}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Advance widths of the bundled font in hundredths of the font size, for U+0020 to U+007E.
_WIDTHS = (
    28, 28, 40, 63, 64, 81, 64, 22, 36, 36, 50, 66, 28, 46, 28, 36, 62, 46, 61, 64, 64, 61, 62, 57,
    62, 62, 28, 28, 66, 66, 66, 51, 94, 68, 65, 73, 72, 60, 59, 74, 74, 26, 54, 65, 56, 89, 75, 76,
    63, 76, 64, 64, 64, 74, 68, 95, 64, 66, 62, 36, 36, 36, 47, 45, 50, 56, 62, 56, 62, 58, 36, 61,
    59, 24, 24, 54, 24, 87, 59, 60, 61, 61, 37, 52, 36, 58, 56, 81, 54, 56, 54, 36, 33, 36, 66,
)  # fmt: skip
_FIRST, _LAST = 0x20, 0x7E
_OTHER = 66  # capitals of other alphabets are about this wide
_WIDE = 100  # East Asian characters and most symbols fill the whole square
_BOLD = 1.045
_SLACK = 1.08  # viewers without the bundled font set running text a little wider
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MINUS = "\N{MINUS SIGN}"
_MINUTES_PER_HOUR = 60
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def clean(words: str) -> str:
    """Return the words safe inside SVG: escaped, without characters that XML forbids."""
    return escape(_ILLEGAL.sub("", words), quote=True)


def _advance(character: str) -> int:
    base = unicodedata.normalize("NFD", character)[0]
    if _FIRST <= ord(base) <= _LAST:
        return _WIDTHS[ord(base) - _FIRST]
    return _WIDE if unicodedata.east_asian_width(character) in {"W", "F"} else _OTHER


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """Return the width of the words in pixels, as the bundled font sets them."""
    hundredths = sum(_advance(character) for character in words)
    return hundredths * size / 100 * (_BOLD if bold else 1.0)


def fit(words: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return the words, shortened with an ellipsis where they are wider than the room."""
    if text_width(words, size, bold=bold) <= room:
        return words
    shortened = words
    while shortened and text_width(shortened + _ELLIPSIS, size, bold=bold) > room:
        shortened = shortened[:-1]
    return shortened.rstrip() + _ELLIPSIS


def wrap(words: str, room: float, size: float, *, lines: int = 2, bold: bool = False) -> list[str]:
    """Return the words on at most so many lines; what does not fit ends with an ellipsis."""
    room /= _SLACK
    done: list[str] = []
    current = ""
    parts = words.split()
    for position, word in enumerate(parts):
        longer = f"{current} {word}".strip()
        if not current or text_width(longer, size, bold=bold) <= room:
            current = longer
            continue
        if len(done) == lines - 1:
            current = " ".join([current, *parts[position:]])
            break
        done.append(fit(current, room, size, bold=bold))
        current = word
    return [*done, fit(current, room, size, bold=bold)] if current else done


def number(value: float, decimals: int = 0, *, signed: bool = False) -> str:
    """Return a number with grouped thousands and a true minus sign."""
    written = f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"
    if not any(digit in "123456789" for digit in written):
        written = written.lstrip("+-")
    return written.replace("-", _MINUS)


def hours_and_minutes(minutes: float) -> str:
    """``7 h 05 min``, ``42 min``."""
    hours, rest = divmod(abs(round(minutes)), 60)
    sign = _MINUS if round(minutes) < 0 else ""
    return f"{sign}{hours} h {rest:02d} min" if hours else f"{sign}{rest} min"


def clock_time(minutes: float) -> str:
    """``23:30``, from minutes after midnight; before it they are negative."""
    hours, rest = divmod(round(minutes) % 1440, 60)
    return f"{hours:02d}:{rest:02d}"


def with_unit(value: float, unit: str = "", decimals: int = 0) -> str:
    """``52 ms``, ``97.5 %``, ``81``; minutes beyond an hour as ``7 h 05 min``."""
    if unit == "min" and abs(value) >= _MINUTES_PER_HOUR:
        return hours_and_minutes(value)
    return f"{number(value, decimals)} {unit}".strip()


def month_name(day: date) -> str:
    """``Jun``: not from the locale, so that the same values give the same chart."""
    return _MONTHS[day.month - 1]


def short_day(day: date) -> str:
    """``3 Jun``."""
    return f"{day.day} {month_name(day)}"


def long_day(day: date) -> str:
    """``Wed 3 Jun 2026``."""
    return f"{WEEKDAYS[day.weekday()]} {short_day(day)} {day.year}"

"""Reads the JSON of answers by type: a field that is missing or of another type is ``None``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime


def as_number(cell: object) -> float | None:
    """Return a cell as a number; ``None`` where it is none."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return float(cell)


def as_day(text: object) -> date | None:
    """Return the day of an ISO text; ``None`` where there is none."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


class Fields:
    """One JSON object of an answer."""

    def __init__(self, values: object) -> None:
        self._values: Mapping[str, object] = values if isinstance(values, Mapping) else {}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def cell(self, name: str) -> object:
        """Return a value as it is."""
        return self._values.get(name)

    def number(self, name: str) -> float | None:
        """Return a number."""
        return as_number(self._values.get(name))

    def text(self, name: str) -> str:
        """Return a text; empty where there is none."""
        value = self._values.get(name)
        return value if isinstance(value, str) else ""

    def day(self, name: str) -> date | None:
        """Return a day."""
        return as_day(self._values.get(name))

    def instant(self, name: str) -> datetime | None:
        """Return an instant."""
        try:
            return datetime.fromisoformat(self.text(name))
        except ValueError:
            return None

    def fields(self, name: str) -> Fields:
        """Return an object inside this one; one without fields where there is none."""
        return Fields(self._values.get(name))

    def items(self, name: str) -> list[object]:
        """Return a list; empty where there is none."""
        value = self._values.get(name)
        return value if isinstance(value, list) else []

    def numbers(self, name: str) -> list[float | None]:
        """Return a list of numbers with its gaps."""
        return [as_number(item) for item in self.items(name)]

    def objects(self, name: str) -> list[Fields]:
        """Return a list of objects."""
        return [Fields(item) for item in self.items(name)]

    def rows(self, name: str) -> list[Fields]:
        """Return the rows of a table, each as an object with a field for each column."""
        table = self.fields(name)
        columns = [str(column) for column in table.items("columns")]
        return [
            Fields(dict(zip(columns, row, strict=False)))
            for row in table.items("rows")
            if isinstance(row, list)
        ]

    def columns(self, name: str) -> list[str]:
        """Return the names of a table's columns."""
        return [str(column) for column in self.fields(name).items("columns")]

"""``oura_query`` as a scene: a bar for each group, or a dot for each record on its day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from annulet.analytics.query.calendar_columns import WEEKDAYS
from annulet.analytics.query.columns import Kind
from annulet.analytics.query.literals import read_clock
from annulet.charts import DayAxis, Figures, Heading, Scene, group_bars, record_dots, short_day
from annulet.charts.values import known_numbers
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.query_columns import CLOCK_METRICS, DAY_COLUMNS, LABELS, ROW_COLUMNS
from annulet.toolkit.scenes.answer_parts import period_days, period_words
from annulet.toolkit.scenes.fields import Fields, as_day
from annulet.toolkit.tool import Arguments

_COLUMNS: Final = (DAY_COLUMNS, *ROW_COLUMNS.values())
_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_HALF_DAY: Final = 720
_DAY_MIN: Final = 1440
_MOST_PANELS: Final = 4
_MOST_ROWS: Final = 60
_WEEKS_UP_TO: Final = 120
_COUNTS: Final = {
    "count": "How often",
    "days": "Days",
    "share_pct": "Share",
    "longest_streak": "Longest streak",
    "current_streak": "Current streak",
}
_FIGURES: Final = ("mean", "median", "sum", "max", "min")
_YES_NO: Final = {"no": "Monday to Friday", "yes": "Weekend"}


def query_scene(answer: Fields, more: Fields) -> Scene | None:
    """Build the groups as bars, else the listed records by day; ``None`` without either."""
    source = more if "table" in more else answer
    if "group" in source.columns("table"):
        return _groups(source)
    return _records(source)


def query_with_more(arguments: Arguments, answer: Fields) -> Arguments | None:
    """The question that brings groups or records to draw; ``None`` where there are some."""
    ends = period_days(answer)
    rows = answer.fields("matched").number("rows")
    if ends is None or not rows or "rows" in answer or "group" in answer.columns("table"):
        return None
    if rows <= _MOST_ROWS:
        return {**arguments, "list": True}
    arguments = {name: value for name, value in arguments.items() if name != "sort"}
    figures = [name for name in _FIGURES if name in answer.columns("table")]
    by = "week" if (ends[1] - ends[0]).days < _WEEKS_UP_TO else "month"
    return {**arguments, "by": by, "calculate": figures[:1] or ["count"]}


def _groups(answer: Fields) -> Scene | None:
    rows = answer.rows("table")
    names = list(dict.fromkeys(row.text("group") for row in rows))
    metrics = list(dict.fromkeys(row.text("metric") for row in rows))[:_MOST_PANELS]
    figure = _figure_of(answer, has_metric=metrics != [""])
    if len(names) <= 1 or not figure:  # one bar tells nothing
        return None
    panels = []
    for metric in metrics:
        by_group = {row.text("group"): row for row in rows if row.text("metric") == metric}
        cells = [by_group[name].cell(figure) if name in by_group else None for name in names]
        unit = by_group[names[0]].text("unit") if names[0] in by_group else ""
        panels.append(_figures(metric, figure, unit, cells))
    titles = dict.fromkeys(panel.label for panel in panels)
    heading = Heading(
        " \N{MIDDLE DOT} ".join(titles), period_words(answer), note=answer.text("summary")
    )
    return group_bars([_group_words(name, names) for name in names], panels, heading)


def _note(answer: Fields) -> str:
    """The sentence of the answer, and how many of its groups are there to be drawn."""
    cut = [str(note) for note in answer.items("notes") if "groups are shown" in str(note)]
    return " ".join([answer.text("summary"), *cut])


def _figure_of(answer: Fields, *, has_metric: bool) -> str:
    """The figure that is drawn: a middle, else the first that was calculated."""
    calculated = answer.columns("table")[3 if has_metric else 1 :]
    matched = answer.fields("matched")
    if not has_metric:
        is_condition = matched.number("rows") != matched.number("of")
        return "share_pct" if is_condition and "share_pct" in calculated else calculated[0]
    preferred = [name for name in _FIGURES if name in calculated]
    others = [name for name in calculated if not name.endswith("_day")]
    return next(iter([*preferred, *others]), "")


def _figures(metric: str, figure: str, unit: str, cells: Sequence[object]) -> Figures:
    label = LABELS.get(metric, metric.replace("_", " "))
    if not metric or figure in _COUNTS:
        words = _COUNTS.get(figure, figure.replace("_", " "))
        label, unit = f"{words} {label}".strip(), "%" if figure.endswith("_pct") else ""
        return _numbers(label, cells, unit, 0)
    if figure.endswith("_pct"):
        unit = "%"
    label = ", ".join(filter(None, (label[:1].upper() + label[1:], figure.replace("_", " "))))
    is_position = figure in {"", *_FIGURES} or figure.startswith("p")
    if (unit == "clock" or metric in CLOCK_METRICS) and is_position:
        return Figures(label, [_minutes(cell, metric) for cell in cells], is_clock=True)
    digits = METRICS[metric].digits if metric in METRICS else 0
    return _numbers(label, cells, "" if unit == "steps" else unit, digits)


def _numbers(label: str, cells: Sequence[object], unit: str, digits: int) -> Figures:
    values = [float(cell) if isinstance(cell, int | float) else None for cell in cells]
    # Averages are a digit finer than what they are made of.
    finer = any(value is not None and value != round(value, digits) for value in values)
    return Figures(label, values, unit, digits + finer)


def _minutes(cell: object, name: str) -> float | None:
    """A clock time in minutes from midnight, on the axis of its column."""
    minutes = read_clock(cell) if isinstance(cell, str) else cell
    if not isinstance(minutes, int | float):
        return None
    column = DAY_COLUMNS.get(name)
    evening = column is not None and column.from_noon and minutes >= _HALF_DAY
    return float(minutes - _DAY_MIN if evening else minutes)


def _group_words(name: str, names: Sequence[str]) -> str:
    """A group as an axis names it."""
    if set(names) <= _YES_NO.keys():
        return _YES_NO[name]
    if name in WEEKDAYS:
        return name.capitalize()
    if _MONTH.fullmatch(name):
        month = short_day(date.fromisoformat(f"{name}-01")).split()[1]
        is_repeated = sum(group[4:] == name[4:] for group in names) > 1
        return f"{month} {name[:4]}" if is_repeated or month == "Jan" else month
    day = as_day(name) if len(name) == len("2026-05-04") else None
    return name.replace("_", " ") if day is None else short_day(day)


def _records(answer: Fields) -> Scene | None:
    ends = period_days(answer)
    dated = ((row.day("day"), row) for row in answer.rows("rows"))
    rows = sorted(((day, row) for day, row in dated if day is not None), key=lambda pair: pair[0])
    drawn = [
        figures
        for name in _measures(answer)
        # One dot tells nothing.
        if len(known_numbers((figures := _of_rows(name, [row for _, row in rows])).values)) > 1
    ]
    if ends is None or not drawn:
        return None
    words = [
        " ".join(part for part in ("", row.text("activity") or row.text("type")) if part)
        for _, row in rows
    ]
    matched = answer.fields("matched").number("rows") or 0.0
    is_cut = len(rows) < matched
    left_out = f" {len(rows)} of {matched:.0f} are drawn." if is_cut else ""
    heading = Heading(
        " \N{MIDDLE DOT} ".join(figures.label for figures in drawn),
        period_words(answer),
        note=f"{answer.text('summary')}{left_out}",
    )
    # The newest seven of many are drawn over their own days, not over those they were looked for.
    axis = DayAxis(rows[0][0], rows[-1][0]) if is_cut else DayAxis(*ends)
    return record_dots([day for day, _ in rows], words, drawn, axis, heading)


def _of_rows(name: str, rows: Sequence[Fields]) -> Figures:
    return _figures(name, "", _unit_of(name), [row.cell(name) for row in rows])


def _measures(answer: Fields) -> list[str]:
    """The columns of the records that are drawn: the metrics, else the first with numbers."""
    rows = answer.rows("rows")
    asked = list(dict.fromkeys(row.text("metric") for row in answer.rows("table")))
    columns = [name for name in answer.columns("rows") if name not in {"day", "start"}]
    with_numbers = [
        name
        for name in dict.fromkeys((*asked, *columns))
        if name in columns
        and any(row.number(name) is not None or _is_clock(name, row) for row in rows)
    ]
    metrics = [name for name in with_numbers if name in asked]
    return metrics[:_MOST_PANELS] or with_numbers[:1]


def _is_clock(name: str, row: Fields) -> bool:
    return _unit_of(name) == "clock" and bool(row.text(name))


def _unit_of(name: str) -> str:
    column = next((columns[name] for columns in _COLUMNS if name in columns), None)
    if column is None:
        return ""
    return "clock" if column.kind is Kind.CLOCK else column.unit

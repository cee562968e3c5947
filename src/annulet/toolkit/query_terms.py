"""The parameters of a query as people and models write them, into what the engine calculates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Final

from annulet.analytics.query.calendar_columns import CALENDAR_GROUPS
from annulet.analytics.query.columns import Kind, QueryField, Vocabulary
from annulet.analytics.query.conditions import Condition, fields_of
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.grouping import Grouping, Range
from annulet.analytics.query.operators import operators
from annulet.analytics.query.parser import parse_condition
from annulet.analytics.query.question import CALCULATIONS, COUNTS, STREAKS, RecordQuery, Sort
from annulet.analytics.query.spelling import only_near
from annulet.errors import UsageError
from annulet.toolkit.dates import Period, period_before, period_of
from annulet.toolkit.query_order import OrderReader, more_is_better
from annulet.toolkit.sleep_kinds import by_sleep_kind

RING: Final = "ring"
"""The grouping whose ranges are only known when the person's rings have been read."""

_CALCULATION_WORDS: Final = {
    **dict.fromkeys(("avg", "average", "durchschnitt", "mittelwert"), "mean"),
    **dict.fromkeys(("total", "summe", "sums"), "sum"),
    **dict.fromkeys(("std", "stdev", "stddev", "standard_deviation", "spread"), "sd"),
    **dict.fromkeys(("number", "n", "how_many", "anzahl", "counts", "rows"), "count"),
    **dict.fromkeys(("share", "percent", "percentage", "pct", "proportion", "rate"), "share_pct"),
    **dict.fromkeys(("minimum", "lowest", "smallest", "least", "fewest", "shortest"), "min"),
    **dict.fromkeys(("maximum", "highest", "largest", "most"), "max"),
    **dict.fromkeys(("p50", "q50", "middle"), "median"),
    **{f"{stem}{n}": f"p{n}" for n in (10, 25, 75, 90) for stem in ("percentile_", "perc", "q")},
    **{f"{n}th_percentile": f"p{n}" for n in (10, 25, 75, 90)},
    **dict.fromkeys(("cv", "coefficient_of_variation", "variability"), "cv_pct"),
    **dict.fromkeys(("streak", "longest", "longest_run", "max_streak"), "longest_streak"),
    **dict.fromkeys(("current_run", "ongoing_streak", "current"), "current_streak"),
    **dict.fromkeys(("sum_share", "part_of_sum", "sum_percent"), "sum_pct"),
    **dict.fromkeys(("difference", "delta", "diff", "trend"), "change"),
    **dict.fromkeys(("distinct_days", "day_count"), "days"),
}
_WORD_BREAK: Final = re.compile(r"[\s/\-]+")
_GROUP_PREFIX: Final = re.compile(r"(?:by|per|each|every|pro|je|nach)_")
_VERSUS: Final = re.compile(r"\s+(?:vs\.?|versus|against|gegen)\s+", re.IGNORECASE)
_GROUP_WORDS: Final = {
    **dict.fromkeys(("day_of_week", "weekdays", "dow", "wochentag", "day_of_the_week"), "weekday"),
    **dict.fromkeys(("weekends", "weekend_weekday", "wochenende"), "weekend"),
    **dict.fromkeys(("weekday_weekend", "weekdays_weekends", "weekend_or_weekday"), "weekend"),
    **dict.fromkeys(("weekend_vs_weekday", "weekday_vs_weekend"), "weekend"),
    **dict.fromkeys(("weekends_vs_weekdays", "weekdays_vs_weekends"), "weekend"),
    **dict.fromkeys(("nights", "evening", "nacht"), "night"),
    **dict.fromkeys(("weeks", "weekly", "woche", "calendar_week"), "week"),
    **dict.fromkeys(("months", "monthly", "monat", "year_month", "calendar_month"), "month"),
    **dict.fromkeys(("month_name", "months_of_year"), "month_of_year"),
    **dict.fromkeys(("seasons", "seasonal", "jahreszeit"), "season"),
    **dict.fromkeys(("quarters", "quarterly", "quartal"), "quarter"),
    **dict.fromkeys(("years", "yearly", "jahr"), "year"),
    **dict.fromkeys(("days", "daily", "date", "tag_des_jahres"), "day"),
    **dict.fromkeys(("rings", "device", "generation"), RING),
}
_CURRENT_FIGURES: Final = frozenset({*CALCULATIONS} - {*COUNTS, *STREAKS})
_NEAR_FIGURE: Final = 0.7
_QUALITIES: Final = ("best", "worst")
_LEVELS: Final = frozenset(["resilience", "resilience_level", "daily_resilience", "stress_summary"])
"""What Oura tells in words, so that nothing can be calculated of it."""


@dataclass(slots=True)
class QueryTerms:
    """The terms of one question, read one after another.

    Attributes:
        vocabulary: The fields there are.
        of_days: Whether the rows are days.
        today: Today in the person's zone.
        notes: What was read differently from how it was written.
    """

    vocabulary: Vocabulary
    of_days: bool
    today: date
    notes: list[str] = field(default_factory=list)

    def query(
        self,
        *,
        metrics: Sequence[str],
        where: Sequence[str],
        by: str | None,
        calculate: Sequence[str],
        sort: str | None,
        limit: int | None,
        last_day: date,
    ) -> RecordQuery:
        """The query that the terms mean.

        Raises:
            UsageError: A term cannot be understood; the hint says what was probably meant.
        """
        metrics, calculate = self._with_figures(metrics, calculate)
        fields = tuple(dict.fromkeys(self._field(name) for name in metrics))
        conditions = tuple(self._condition(_with_field(text, fields)) for text in where)
        names = self._calculations(calculate, fields)
        fields = fields or self._implied_metrics(names, conditions)
        grouping = None if not by else self._grouping(by)
        if grouping is None or not grouping.in_time:
            self._refuse_change(names)
        if grouping is None and "sum_pct" in names:
            raise UsageError(
                "“sum_pct” is a group's part of the whole sum: it needs groups.",
                hint="Add by, e.g. “weekday” or “activity”.",
            )
        names = names or self._usual_calculations(
            # A share of all rows does not belong beside the count of the first few.
            conditions if limit is None or grouping is not None else (),
            fields,
            grouped=grouping is not None,
        )
        self._remark_assumed(fields, (f for c in conditions for f in fields_of(c)))
        query = RecordQuery(
            where=conditions,
            metrics=fields,
            calculate=names,
            by=grouping,
            sort=None
            if not sort
            else self._sort(
                sort, fields, names, conditions=bool(conditions), grouped=grouping is not None
            ),
            limit=limit,
            last_day=last_day.toordinal(),
            of_days=self.of_days,
        )
        self._remark_seasons(query)
        return query

    def _with_figures(
        self, metrics: Sequence[str], calculate: Sequence[str]
    ) -> tuple[list[str], list[str]]:
        """``mean hrv`` among the metrics as a metric and what is calculated of it."""
        names, figures = [], list(calculate)
        for name in metrics:
            first, _, rest = name.strip().partition(" ")
            figure = first.casefold()
            is_figure = figure in _CALCULATION_WORDS or figure in {*CALCULATIONS, *_QUALITIES}
            if is_figure and self.vocabulary.find(name) is None and self.vocabulary.find(rest):
                figures.append(first)
                names.append(rest)
            else:
                names.append(name)
        return names, figures

    def _condition(self, text: str) -> Condition:
        try:
            return by_sleep_kind(parse_condition(text, self.vocabulary))
        except ExpressionError as error:
            raise usage_error(text, error) from None

    def _field(self, name: str) -> QueryField:
        if name.strip().casefold() in _LEVELS:
            raise UsageError(
                f"“{name[:40]}” is a level and no figure.", hint="Ask oura_daily_summary for it."
            )
        try:
            field = self.vocabulary.resolve(name)
        except ExpressionError as error:
            raise usage_error(name, error) from None
        if field.column.kind is Kind.WORDS:
            field = self.vocabulary.count_of(name) or field
        if field.column.kind not in {Kind.NUMBER, Kind.CLOCK}:
            raise UsageError(
                f"“{name[:40]}” is no figure to calculate on.",
                hint=f"Use it in where or by, e.g. by “{field.name}”.",
            )
        return field

    def _calculations(self, names: Sequence[str], fields: Sequence[QueryField]) -> tuple[str, ...]:
        words = []
        for name in names:
            word = "_".join(name.strip().casefold().replace("-", " ").split())
            word = self._of_two_meanings(word, name, fields)
            word = _CALCULATION_WORDS.get(word, word)
            if word in _QUALITIES:
                kinds = {more_is_better(field, word) for field in fields} or {True}
                # Where metrics differ in what is better, both ends are given.
                words += sorted({"max" if more is (word == "best") else "min" for more in kinds})
                continue
            if word not in CALCULATIONS:
                near = only_near(word, CALCULATIONS) or next(
                    iter(get_close_matches(word, CALCULATIONS, 1, _NEAR_FIGURE)), None
                )
                meant = f"Perhaps “{near}”. " if near else ""
                raise UsageError(
                    f"“{name[:40]}” cannot be calculated.",
                    hint=f"{meant}Choose from: {', '.join(CALCULATIONS)}.",
                )
            words.append(word)
        return tuple(dict.fromkeys(words))

    @staticmethod
    def _of_two_meanings(word: str, name: str, fields: Sequence[QueryField]) -> str:
        """Words that mean one figure of clock times or lengths, and another or none of the rest.

        Raises:
            UsageError: The newest or oldest value was meant, which is no figure but a row.
        """
        if word == "longest" and fields:
            return "max"
        ends = {"earliest": "min", "latest": "max"}
        if word in ends and fields and all(field.column.kind is Kind.CLOCK for field in fields):
            return ends[word]
        if word in {*ends, "newest", "last", "first", "oldest"} or (word == "current" and fields):
            sort = "start" if word in {"earliest", "first", "oldest"} else "-start"
            raise UsageError(
                f"“{name[:40]}” is a row and no figure.",
                hint=f'For that value give sort "{sort}" and limit 1.',
            )
        return word

    def _implied_metrics(
        self, names: Sequence[str], conditions: Iterable[Condition]
    ) -> tuple[QueryField, ...]:
        """The only figure of the conditions, where something is calculated and none is named."""
        lacking = [name for name in names if name in _CURRENT_FIGURES]
        if not lacking:
            return ()
        used = dict.fromkeys(
            field
            for condition in conditions
            for field in fields_of(condition)
            if field.column.kind is Kind.NUMBER and field.column.name != "year"
        )
        if len(used) != 1:
            raise UsageError(
                f"“{lacking[0]}” needs metrics to calculate on.",
                hint="Name them, e.g. metrics [“steps”]; without metrics rows are counted.",
            )
        self.notes.append(f"Calculated on {next(iter(used)).name}, the only figure named.")
        return tuple(used)

    @staticmethod
    def _refuse_change(names: Iterable[str]) -> None:
        if "change" in names:
            raise UsageError(
                "“change” needs groups in time.",
                hint="Add by “week”, “month”, “quarter”, “year”, or named ranges.",
            )

    def _usual_calculations(
        self, conditions: Sequence[Condition], fields: Sequence[QueryField], *, grouped: bool
    ) -> tuple[str, ...]:
        """What is calculated where nothing is named."""
        if fields:
            return ("count", "mean", "min", "max")
        share = ("share_pct",) if conditions or grouped else ()
        return ("count", *share) if self.of_days else ("count", "days", *share)

    def _remark_seasons(self, query: RecordQuery) -> None:
        by_season = query.by is not None and query.by.calendar == "season"
        if by_season or any(field.column.name == "season" for field in query.fields):
            self.notes.append("Seasons are those of the north: winter is December to February.")

    def _remark_assumed(
        self, metrics: Sequence[QueryField], compared: Iterable[QueryField]
    ) -> None:
        once = dict.fromkeys(field.name for field in metrics if field.assumed)
        others = dict.fromkeys(field.name for field in compared if field.assumed)
        several = dict.fromkeys(
            field.name
            for field in metrics
            if field.of_day and not field.assumed and self.vocabulary.row
        )
        if several:
            self.notes.append(
                f"Taken once a row, so that a day with several counts several times: "
                f"{', '.join(several)}."
            )
        if once:
            self.notes.append(f"Figures of the day, each day counted once: {', '.join(once)}.")
        if others:
            self.notes.append(f"Read from the day of each row: {', '.join(others)}.")

    def _grouping(self, text: str) -> Grouping:
        """What groups are formed by."""
        word = "_".join(_WORD_BREAK.split(text.strip().casefold()))
        word = _GROUP_PREFIX.sub("", word)
        word = _GROUP_WORDS.get(word, word)
        if word == RING or word in CALENDAR_GROUPS:
            return Grouping(calendar=word)
        if ";" in text and operators(text):
            first = text.split(";", 1)[0].strip()
            raise UsageError(
                f"“{text[:60]}” is several conditions; by forms groups of one.",
                hint=f"Give one, e.g. “{first[:40]}”: its groups are met and not met.",
            )
        if ";" in text or ".." in text or _VERSUS.search(text):
            return Grouping(ranges=self._ranges(_VERSUS.split(text.replace(";", " vs "))))
        field = self.vocabulary.find(text)
        if operators(text) or (field is not None and field.column.kind is Kind.YES_NO):
            return Grouping(condition=self._condition(text))
        if field is not None and field.column.kind in {Kind.WORD, Kind.WORDS}:
            return Grouping(field=field)
        groups = (*CALENDAR_GROUPS, *self._word_columns(), RING)
        near = only_near(word, groups)
        meant = f"Perhaps “{near}”. " if near else ""
        raise UsageError(
            f"“{text[:40]}” forms no groups.",
            hint=f"{meant}Choose from: {', '.join(groups)}; or write a condition "
            "(steps >= 10000) or ranges (2026-05-01..2026-05-07; last week).",
        )

    def _word_columns(self) -> list[str]:
        columns = {**self.vocabulary.day, **self.vocabulary.row}
        words = [c.name for c in columns.values() if c.kind in {Kind.WORD, Kind.WORDS}]
        return [name for name in words if name not in {"label", "source"}]

    def _ranges(self, texts: Iterable[str]) -> tuple[Range, ...]:
        ranges: list[Range] = []
        period: Period | None = None
        for text in texts:
            if not text.strip():
                continue
            period = (
                period_of(text.strip(), self.today)
                if period is None
                else period_before(text.strip(), self.today, period)
            )
            name = text.strip()
            ranges.append(Range(name, period.start.toordinal(), period.end.toordinal()))
        return tuple(dict.fromkeys(ranges))

    def _sort(
        self,
        text: str,
        fields: Sequence[QueryField],
        names: Sequence[str],
        *,
        conditions: bool,
        grouped: bool,
    ) -> Sort:
        """The order; a leading ``-`` or a word such as ``highest`` puts the largest first."""
        order = OrderReader(
            self.vocabulary, fields, names, _CALCULATION_WORDS, conditions, self.notes
        )
        return order.of_groups(text) if grouped else order.of_rows(text)


def _with_field(text: str, fields: Sequence[QueryField]) -> str:
    """A condition that begins with its sign, on the only metric."""
    begins_with_sign = text.lstrip()[:1] in set("<>=!≥≤")
    return f"{fields[0].name} {text}" if begins_with_sign and len(fields) == 1 else text


def usage_error(text: str, error: ExpressionError) -> UsageError:
    """An error of an expression as the tools report it: where, what is near, what was meant."""
    place = f" (character {error.position})" if error.position > 1 else ""
    hint = f"Nearest: {', '.join(error.nearest)}." if error.nearest else ""
    if error.corrected:
        hint = f"Did you mean: {error.corrected}"
    return UsageError(
        f"“{text.strip()[:120]}”: {error.message}{place}.",
        hint=hint or "Write FIELD OP VALUE, e.g. steps >= 10000 or previous.tag = alcohol.",
    )

"""The Today page: sentences and charts from data that is read now and not stored."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from annulet.charts import DESKTOP, draw_svg
from annulet.errors import AnnuletError, ConsentError, ScopeMissing
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.page_reads import page_read
from annulet.hosted.dashboard.person_routes import PersonRequest, person_get
from annulet.hosted.errors import NotFoundError
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Context
from annulet.toolkit.scenes import build_scene, next_question
from annulet.toolkit.tool import Answer

# the widths of the card they are shown in, so that their letters keep their size
_WIDTHS: Final = {"phone": 328, "tablet": 640, "desktop": 928}


@dataclass(frozen=True, slots=True)
class _Question:
    """What one chart of the page asks."""

    title: str
    tool: str
    arguments: Mapping[str, object]


_QUESTIONS: Final[dict[str, _Question]] = {
    "day": _Question("The day", "oura_daily_summary", {"baselines": True}),
    "night": _Question(
        "Last night", "oura_sleep_sessions", {"series": True, "include_naps": False}
    ),
    "heart": _Question("Heart rate", "oura_intraday", {"start": "today", "resolution_min": 15}),
    "days": _Question("The last 14 days", "oura_daily_summary", {"start": "last 14 days"}),
}


@dataclass(frozen=True, slots=True)
class _Section:
    """One answer as the page shows it."""

    name: str
    title: str
    summary: str = ""
    has_chart: bool = False
    notes: tuple[str, ...] = ()
    problem: AnnuletError | None = None


async def show_today(page: PersonRequest) -> Response:
    """Show the answers about today and last night."""
    async with page_read(page, AuditAction.TODAY_VIEWED, "today") as read:
        context, before = await page.service.toolkit.open_context(page.person)
        sections = await asyncio.gather(*(_ask(name, context) for name in _QUESTIONS))
        problem = next((s.problem for s in sections if _is_fatal(s.problem)), None)
        read.outcome = "ok" if problem is None else problem.code
        if problem is not None or any(section.summary for section in sections):
            await page.service.toolkit.read_health.record(page.person.id, read.outcome, before)
        notes = [note for section in sections if not section.has_chart for note in section.notes]
        values = {"sections": sections, "problem": problem, "notes": _without_repeats(notes)}
        return read.sent(await page.render("today.html", values))


async def show_chart(page: PersonRequest) -> Response:
    """Send one chart, in the colours and the width that the browser asked for."""
    question = _QUESTIONS.get(page.path("name"))
    if question is None:
        raise NotFoundError("There is no such picture.", hint="Load the page again.")
    async with page_read(page, AuditAction.TODAY_VIEWED, f"chart {page.path('name')}") as read:
        context, _ = await page.service.toolkit.open_context(page.person)
        first_answer = await answer(question.tool, question.arguments, context)
        second = next_question(question.tool, question.arguments, first_answer)
        second_answer = await answer(*second, context) if second else None
        scene = build_scene(question.tool, first_answer, second_answer)
        if scene is None:
            raise NotFoundError("There is nothing to draw.", hint="Load the page again later.")
        svg = draw_svg(
            scene,
            theme="dark" if page.query("theme") == "dark" else "light",
            width=_WIDTHS.get(page.query("width"), DESKTOP),
        )
        return read.sent(Response(svg, media_type="image/svg+xml"))


async def _ask(name: str, context: Context) -> _Section:
    question = _QUESTIONS[name]
    try:
        result = await answer(question.tool, question.arguments, context)
    except AnnuletError as problem:
        return _Section(name, question.title, problem=problem)
    return _Section(
        name,
        question.title,
        summary=str(result.get("summary", "")),
        has_chart=_has_data(result),
        notes=tuple(map(str, result.get("notes", ()))),
    )


def _without_repeats(notes: Sequence[str]) -> list[str]:
    """Drop repeated notes, and notes that are the beginning of a longer one."""
    distinct = dict.fromkeys(notes)
    return [
        note
        for note in distinct
        if not any(longer != note and longer.startswith(note) for longer in distinct)
    ]


def _has_data(result: Answer) -> bool:
    return bool(result.get("coverage", {}).get("with_data", 1))


def _is_fatal(problem: AnnuletError | None) -> bool:
    """Tell whether no answer at all is possible; one missing permission leaves only a gap."""
    return isinstance(problem, ConsentError) and not isinstance(problem, ScopeMissing)


ROUTES: Final = (person_get("/today", show_today), person_get("/today/{name}.svg", show_chart))

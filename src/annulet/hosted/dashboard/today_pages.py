"""The today page: charts drawn from a fresh fetch; nothing of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.charts import DESKTOP
from annulet.errors import AnnuletError, ConsentError, ScopeMissing
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.page_session import service_of, signed_in
from annulet.hosted.dashboard.rendering import page
from annulet.hosted.errors import NotFoundError
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Context
from annulet.toolkit.scenes import further, picture
from annulet.toolkit.tool import Answer

__all__ = ["ROUTES"]

# As wide as the card they are shown in, so that their letters keep their size.
_WIDTHS: Final = {"phone": 328, "tablet": 640, "desktop": 928}


@dataclass(frozen=True, slots=True)
class _Figure:
    """One picture of the page: a question and its title."""

    title: str
    tool: str
    arguments: Mapping[str, Any]


_FIGURES: Final[dict[str, _Figure]] = {
    "day": _Figure("The day", "oura_daily_summary", {"baselines": True}),
    "night": _Figure("Last night", "oura_sleep_sessions", {"series": True, "include_naps": False}),
    "heart": _Figure("Heart rate", "oura_intraday", {"start": "today", "resolution_min": 15}),
    "days": _Figure("The last 14 days", "oura_daily_summary", {"start": "last 14 days"}),
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """One figure as the page shows it."""

    name: str
    title: str
    summary: str = ""
    drawn: bool = False
    notes: tuple[str, ...] = ()
    problem: AnnuletError | None = None


async def today(request: Request) -> Response:
    """How today and last night look."""
    me, service = await signed_in(request), service_of(request)
    context = service.toolkit.contexts.of(me.person)
    shown = await asyncio.gather(*(_asked(name, context) for name in _FIGURES))
    nothing = next((one.problem for one in shown if _stops_all(one.problem)), None)
    outcome = "ok" if nothing is None else nothing.code
    service.audit.add(AuditAction.TODAY_VIEWED, me.person.id, status=outcome)
    if nothing is not None or any(one.summary for one in shown):
        await service.toolkit.read_health.learn(me.person.id, outcome)
    return await page(
        request,
        "today.html",
        figures=shown,
        problem=nothing,
        notes=_said_once([note for one in shown if not one.drawn for note in one.notes]),
    )


async def figure(request: Request) -> Response:
    """One picture, in the colours and width the browser asked for."""
    me, service = await signed_in(request), service_of(request)
    found = _FIGURES.get(request.path_params["name"])
    if found is None:
        raise NotFoundError("There is no such picture.", hint="Load the page again.")
    context = service.toolkit.contexts.of(me.person)
    said = await answer(found.tool, found.arguments, context)
    question = further(found.tool, found.arguments, said)
    more = await answer(*question, context) if question else None
    dark = request.query_params.get("theme") == "dark"
    svg = picture(
        found.tool,
        said,
        more,
        theme="dark" if dark else "light",
        width=_WIDTHS.get(request.query_params.get("width", ""), DESKTOP),
    )
    if svg is None:
        raise NotFoundError("There is nothing to draw.", hint="Load the page again later.")
    return Response(svg, media_type="image/svg+xml")


async def _asked(name: str, context: Context) -> _Shown:
    found = _FIGURES[name]
    try:
        said = await answer(found.tool, found.arguments, context)
    except AnnuletError as problem:
        return _Shown(name, found.title, problem=problem)
    return _Shown(name, found.title, _words(said), drawn=_has_data(said), notes=_notes(said))


def _words(said: Answer) -> str:
    return str(said.get("summary", ""))


def _notes(said: Answer) -> tuple[str, ...]:
    return tuple(map(str, said.get("notes", ())))


def _said_once(notes: Sequence[str]) -> list[str]:
    """Without repeats, and without what a longer note begins with."""
    whole = dict.fromkeys(notes)
    return [one for one in whole if not any(o != one and o.startswith(one) for o in whole)]


def _has_data(said: Answer) -> bool:
    return bool(said.get("coverage", {}).get("with_data", 1))


def _stops_all(problem: AnnuletError | None) -> bool:
    """Whether nothing at all can be shown: one missing permission only leaves a gap."""
    return isinstance(problem, ConsentError) and not isinstance(problem, ScopeMissing)


ROUTES: Final = (
    Route("/today", today),
    Route("/today/{name}.svg", figure),
)

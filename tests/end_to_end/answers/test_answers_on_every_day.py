"""The nine everyday questions, judged by the simulator's truth on days of every kind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from annulet.simulator import SimulatedOura
from benchmarks.questions.question_list import QUESTIONS
from benchmarks.questions.truth import PersonTruth
from benchmarks.questions.verdicts import judge

INSTANTS = {
    "Monday": "2026-05-04T15:02",
    "Tuesday": "2026-05-05T23:59",
    "Wednesday": "2026-05-06T09:30",
    "Thursday": "2026-05-07T12:00",
    "Friday": "2026-05-08T06:45",
    "Saturday": "2026-05-09T18:20",
    "Sunday": "2026-05-10T00:01",
    "a leap day": "2028-02-29T23:58",
    "the first of March": "2027-03-01T00:02",
    "the last evening of a year": "2026-12-31T23:59",
    "clocks go forward in Europe": "2027-03-28T01:30",
    "clocks go back in Europe": "2026-10-25T00:30",
    "clocks go forward in America": "2027-03-14T11:00",
}


@pytest.mark.parametrize("instant", INSTANTS.values(), ids=list(INSTANTS))
async def test_the_everyday_questions_are_answered_rightly(open_person, instant: str) -> None:
    """Every figure is the true one, and weeks, months and clock changes move none of them."""
    now = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    names = ("traveller", "shift")
    cloud = SimulatedOura(names, now=now)
    wrong = {}
    for name in names:
        person, truth = open_person(cloud, name), PersonTruth(cloud, name)
        for question in QUESTIONS:
            body = await person.ask(question.tool.removeprefix("oura_"), **question.chosen)
            if verdict := judge(question.name, truth, body).wrong:
                wrong[name, question.name] = verdict
    assert wrong == {}

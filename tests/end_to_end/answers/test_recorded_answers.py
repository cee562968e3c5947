"""Answers, byte for byte, as they were before the rooms were renamed.

The recording is a table of digests: one for each person, way of open_person and question. It stands
while part 6 is under way and goes with it.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annulet.errors import AnnuletError
from annulet.simulator import SimulatedOura
from benchmarks.questions.question_list import QUESTIONS

RECORDING = Path(__file__).with_name("recorded_answers.json")
FURTHER = (
    ("permissions", {}),
    ("device", {"profile": True}),
    ("daily_summary", {"start": "last 30 days", "baselines": True}),
    ("sleep_sessions", {"start": "last 7 days", "series": True}),
    ("intraday", {"metric": "activity", "start": "yesterday", "resolution_min": 30}),
    ("intraday", {"start": "last 3 days", "resolution_min": 60}),
    ("trends", {"window_days": 30}),
    ("anomalies", {"start": "last 90 days", "detail": True, "sensitivity": "high"}),
    ("compare", {"period": "last month", "against": "2026-03-01..2026-03-31"}),
    ("events", {"start": "last 60 days", "zones": True}),
    ("effects", {"tag": "alcohol"}),
    ("effects", {"tag": "no such tag"}),
)


def asked():
    """Every question, as chosen by an assistant and with the fewest arguments."""
    for question in QUESTIONS:
        yield f"{question.name}", question.tool.removeprefix("oura_"), question.chosen
        yield f"{question.name}, plain", question.tool.removeprefix("oura_"), question.plain
    for place, (tool, arguments) in enumerate(FURTHER):
        yield f"further {place}", tool, arguments


async def answered(person, tool, arguments):
    """An answer as text; a failure as its code and words.

    ``unfinished`` is younger than the recording: it says for renderers what a note says.
    """
    try:
        answer = await person.ask(tool, **arguments)
        answer.pop("unfinished", None)
        return json.dumps(answer)
    except AnnuletError as error:
        return json.dumps([error.code, error.message, error.hint])


def write_where_asked(texts, digests):
    """Write the texts into the folder of ANNULET_RECORD, for a diff, and renew the recording."""
    if folder := os.environ.get("ANNULET_RECORD"):
        Path(folder, "texts.json").write_text(json.dumps(texts, indent=1))
        RECORDING.write_text(json.dumps(digests, indent=0) + "\n")


@pytest.mark.timeout(600)
async def test_every_answer_is_the_same_as_before(open_person):
    """All people, all questions, with the zone named and not."""
    cloud = SimulatedOura(now=datetime(2026, 5, 6, 15, 2, tzinfo=UTC))
    texts = {}
    for name in cloud.people:
        for assumed in (False, True):
            person = open_person(cloud, name, assumed=assumed)
            for question, tool, arguments in asked():
                key = f"{name}, {'assumed' if assumed else 'named'} zone, {question}"
                texts[key] = await answered(person, tool, arguments)
    digests = {key: hashlib.sha256(text.encode()).hexdigest()[:16] for key, text in texts.items()}
    write_where_asked(texts, digests)
    changed = {key for key, was in json.loads(RECORDING.read_text()).items() if digests[key] != was}
    assert sorted(changed) == []

"""The course of a night in steps of fifteen minutes, held against the document itself."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import fmean

import httpx2
import pytest

from annulet.simulator import SimulatedOura

STAGES = {"1": "deep", "2": "light", "3": "rem", "4": "awake"}
SLOT = timedelta(minutes=15)


async def documents(cloud, name, day):
    """The sleeps of a day as Oura sends them."""
    transport = httpx2.ASGITransport(app=cloud.app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://api.ouraring.com") as http:
        response = await http.get(
            "/v2/usercollection/sleep",
            params={
                "start_date": str(day - timedelta(days=2)),
                "end_date": str(day + timedelta(days=2)),
            },
            headers={"Authorization": f"Bearer {cloud.issue_token(name)}"},
        )
    documents = json.loads(response.content)["data"]
    sessions = [
        d for d in documents if d["day"] == str(day) and d.get("type") not in {"rest", "deleted"}
    ]
    return sorted((d for d in sessions if d["bedtime_end"]), key=lambda d: d["bedtime_start"])


def slots(document):
    """Values and stages of each quarter of an hour."""
    start = datetime.fromisoformat(document["bedtime_start"])
    length = datetime.fromisoformat(document["bedtime_end"]) - start
    count = -(-length // SLOT)
    parts = {}
    for name, key in (("heart_rate", "hr_bpm"), ("hrv", "hrv_ms")):
        sample = document.get(name)
        if sample:
            items = sample["items"]
            held = [
                [v for v in items[3 * slot : 3 * slot + 3] if v is not None]
                for slot in range(count)
            ]
            parts[key] = [round(fmean(values)) if values else None for values in held]
    phases = document.get("sleep_phase_5_min") or ""
    parts["stage"] = [phases[3 * slot : 3 * slot + 3] for slot in range(count)]
    return parts


@pytest.mark.parametrize("name", ["plain", "traveller", "fareast", "shift", "sparse"])
async def test_the_course_of_a_night_is_that_of_its_document(demo_cloud, open_person, name):
    """Means of what was measured, gaps as gaps, the stage held longest."""
    person = open_person(demo_cloud, name)
    for back in (0, 1, 3):
        day = person.today - timedelta(days=back)
        answer = await person.ask("sleep_sessions", start=str(day), series=True)
        expected = await documents(demo_cloud, name, day)
        assert len(answer.get("series", [])) == len(expected)
        for shown, document in zip(answer.get("series", []), expected, strict=True):
            assert shown["start"] == document["bedtime_start"][:16] + document["bedtime_start"][19:]
            assert shown["interval_min"] == 15
            true = slots(document)
            for key in ("hr_bpm", "hrv_ms"):
                assert shown.get(key) == true.get(key), key
            assert len(shown["stage"]) == len(true["stage"])
            for stage, phases in zip(shown["stage"], true["stage"], strict=True):
                if phases:
                    most = Counter(phases).most_common()
                    assert stage in {STAGES[code] for code, n in most if n == most[0][1]}


async def test_a_night_across_a_change_of_the_clocks_has_as_many_slots_as_quarters(open_person):
    """Real time counts, not what the clock showed."""
    cloud = SimulatedOura(people=[], now=datetime(2026, 10, 25, 12, tzinfo=UTC))
    cloud.add_person("ann", zone="Europe/Berlin", days=30)
    person = open_person(cloud, "ann")
    answer = await person.ask("sleep_sessions", series=True)
    night = person.truth.night(person.today)
    assert night.start.utcoffset() != night.end.utcoffset()
    assert len(answer["series"][0]["stage"]) == -(-timedelta(seconds=night.in_bed) // SLOT)


async def test_naps_are_left_out_by_default(demo_cloud, open_person):
    """The nights stay, and the summary does not count what is not shown."""
    person = open_person(demo_cloud, "traveller")
    every = await person.ask("sleep_sessions", start="last 30 days")
    nights = await person.ask("sleep_sessions", start="last 30 days", include_naps=False)
    assert len(every["table"]["rows"]) > len(nights["table"]["rows"]) == 30
    assert {row[1] for row in nights["table"]["rows"]} == {"long_sleep"}
    assert "naps" in every["summary"]
    assert "naps" not in nights["summary"]
    assert nights["coverage"] == every["coverage"]

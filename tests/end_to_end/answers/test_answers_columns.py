"""A daily summary of chosen columns: what was asked, and nothing beside it."""

from __future__ import annotations

import pytest

from annulet.errors import UsageError


async def test_chosen_columns_come_alone_and_in_their_order(demo_cloud, open_person):
    """Steps of a month cost a month of steps, and are those of the whole section."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("daily_summary", start="last 30 days", metrics=["steps"])
    whole = await person.ask("daily_summary", start="last 30 days", sections=["activity"])
    at = whole["table"]["columns"].index("steps")
    assert answer["table"]["columns"] == ["day", "steps"]
    assert answer["table"]["rows"] == [[row[0], row[at]] for row in whole["table"]["rows"]]
    assert answer["coverage"] == whole["coverage"]
    assert "steps" in answer["summary"]
    assert answer["notes"] == whole["notes"]
    both = await person.ask("daily_summary", metrics=["hrv_avg_ms", "latency_min"])
    assert both["table"]["columns"] == ["day", "hrv_avg_ms", "latency_min"]


async def test_columns_are_added_to_a_section_that_is_named_too(demo_cloud, open_person):
    """Both are answered, no column twice."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "daily_summary", sections=["readiness"], metrics=["readiness_score", "resilience_level"]
    )
    assert answer["table"]["columns"] == [
        "day",
        "readiness_score",
        "temperature_deviation_c",
        "resilience_level",
    ]


async def test_a_column_outside_the_sections_is_said_in_the_sentence(demo_cloud, open_person):
    """What was asked for alone is what the sentence tells, with its unit."""
    answer = await open_person(demo_cloud, "plain").ask("daily_summary", metrics=["latency_min"])
    (row,) = answer["table"]["rows"]
    assert answer["summary"].endswith(f": time to fall asleep {row[1]} min.")


async def test_a_missing_figure_of_a_night_is_not_called_a_missing_night(demo_cloud, open_person):
    """The ring was worn: that a figure could not be measured is no gap in the nights."""
    person = open_person(demo_cloud, "sparse")
    nights = await person.ask("sleep_sessions", start="last 30 days", include_naps=False)
    answer = await person.ask("daily_summary", start="last 30 days", metrics=["hrv_avg_ms"])
    assert answer["coverage"]["with_data"] <= nights["coverage"]["with_data"]
    sentences = [note for note in answer["notes"] if note.startswith("No night recorded")]
    assert sentences == [note for note in nights["notes"] if note.startswith("No night recorded")]


async def test_an_unknown_column_is_refused_with_those_there_are(demo_cloud, open_person):
    """One sentence says what to ask instead."""
    with pytest.raises(UsageError) as refused:
        await open_person(demo_cloud, "plain").ask("daily_summary", metrics=["steps", "mood"])
    assert "mood" in refused.value.message
    assert "hrv_avg_ms" in refused.value.hint

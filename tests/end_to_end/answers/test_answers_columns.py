"""A daily summary of chosen columns: what was asked, and nothing beside it."""

from __future__ import annotations

import pytest

from annulet.errors import UsageError


async def test_chosen_columns_come_alone_and_in_their_order(cast, asking):
    """Steps of a month cost a month of steps, and are those of the whole section."""
    person = asking(cast, "plain")
    found = await person.ask("daily_summary", start="last 30 days", metrics=["steps"])
    whole = await person.ask("daily_summary", start="last 30 days", sections=["activity"])
    at = whole["table"]["columns"].index("steps")
    assert found["table"]["columns"] == ["day", "steps"]
    assert found["table"]["rows"] == [[row[0], row[at]] for row in whole["table"]["rows"]]
    assert found["coverage"] == whole["coverage"]
    assert "steps" in found["summary"]
    assert found["notes"] == whole["notes"]
    both = await person.ask("daily_summary", metrics=["hrv_avg_ms", "latency_min"])
    assert both["table"]["columns"] == ["day", "hrv_avg_ms", "latency_min"]


async def test_columns_are_added_to_a_section_that_is_named_too(cast, asking):
    """Both are answered, no column twice."""
    person = asking(cast, "plain")
    found = await person.ask(
        "daily_summary", sections=["readiness"], metrics=["readiness_score", "resilience_level"]
    )
    assert found["table"]["columns"] == [
        "day",
        "readiness_score",
        "temperature_deviation_c",
        "resilience_level",
    ]


async def test_a_column_outside_the_sections_is_said_in_the_sentence(cast, asking):
    """What was asked for alone is what the sentence tells, with its unit."""
    found = await asking(cast, "plain").ask("daily_summary", metrics=["latency_min"])
    (row,) = found["table"]["rows"]
    assert found["summary"].endswith(f": time to fall asleep {row[1]} min.")


async def test_a_missing_figure_of_a_night_is_not_called_a_missing_night(cast, asking):
    """The ring was worn: that a figure could not be measured is no gap in the nights."""
    person = asking(cast, "sparse")
    nights = await person.ask("sleep_sessions", start="last 30 days", include_naps=False)
    found = await person.ask("daily_summary", start="last 30 days", metrics=["hrv_avg_ms"])
    assert found["coverage"]["with_data"] <= nights["coverage"]["with_data"]
    said = [note for note in found["notes"] if note.startswith("No night recorded")]
    assert said == [note for note in nights["notes"] if note.startswith("No night recorded")]


async def test_an_unknown_column_is_refused_with_those_there_are(cast, asking):
    """One sentence says what to ask instead."""
    with pytest.raises(UsageError) as refused:
        await asking(cast, "plain").ask("daily_summary", metrics=["steps", "mood"])
    assert "mood" in refused.value.message
    assert "hrv_avg_ms" in refused.value.hint

"""The wearer's profile: what Oura left out is not always a permission."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from annulet.contract.documents import PersonalInfo, RingConfiguration, Sleep
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Connection, Context, Zone
from annulet.toolkit.metrics import METRICS


class Nameless:
    """Stands in for the client of a person with an empty profile."""

    async def ring_configuration(self) -> list[RingConfiguration]:
        """One ring."""
        return [RingConfiguration(id="r", hardware_type="gen4")]

    async def latest_battery_level(self) -> None:
        """No sample at all."""

    async def personal_info(self) -> PersonalInfo:
        """Nothing but the id, which is what Oura sends without the permission too."""
        return PersonalInfo(id="p")


@pytest.mark.parametrize(
    ("granted", "words"),
    [
        (("personal", "ring_configuration"), "not filled in in the Oura app."),
        (("ring_configuration",), "Not permitted: age, weight, height, sex"),
        (None, "not filled in in the Oura app, or not permitted"),
    ],
)
async def test_an_empty_profile_is_explained_by_what_was_granted(granted, words) -> None:
    """A permission that was given is not called missing."""

    async def connection() -> Connection:
        return Connection("me", granted=granted)

    context = Context(
        client=Nameless(),
        now=lambda: datetime(2026, 5, 20, tzinfo=UTC),
        zone=Zone(UTC, "UTC"),
        connection=connection,
    )
    result = await answer("oura_device", {"profile": True}, context)
    assert "profile" not in result
    [note] = result["notes"]
    assert words in note


def test_half_minutes_count_in_averages() -> None:
    """Minutes are rounded where they are shown, not before they are averaged."""
    night = Sleep(id="n", latency=150, deep_sleep_duration=4530)
    assert METRICS["latency_min"].read(night) == 2.5
    assert METRICS["deep_min"].read(night) == 75.5

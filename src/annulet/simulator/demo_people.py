"""The demo people: who lives in a simulated cloud unless others are named."""

from __future__ import annotations

from typing import Final

from annulet.simulator.world.random_streams import random_stream
from annulet.simulator.world.traits import (
    PlannedEpisode,
    PlannedRestMode,
    Profile,
    Ring,
    Traits,
    Trip,
)


def _alcohol_nights(
    seed: int, until: int, every: tuple[int, int], fevers: tuple[int, ...]
) -> list[PlannedEpisode]:
    """Return alcohol nights of the past, more than nine days away from the given fevers."""
    rng = random_stream(seed, "drinks")
    episodes, ago = [], 5
    while ago < until:
        if all(abs(ago - fever) > 9 for fever in fevers):
            severity = round(rng.uniform(0.9, 1.6), 2)
            episodes.append(PlannedEpisode("alcohol", ago, severity=severity))
        ago += rng.randint(*every)
    return episodes


DEMO_PEOPLE: Final[dict[str, Traits]] = {
    "plain": Traits(
        description=(
            "UTC, 400 days: two fevers, alcohol nights, caffeine without effect, HRV rising"
        ),
        seed=209,
        season=False,
        drift=False,
        night_gaps=(33, 64),
        day_gaps=((131, 128),),
        random_gaps=0.02,
        caffeine=0.3,
        hrv_rise=1.2,
        episodes=(
            PlannedEpisode("fever", 24, 6, 1.3),
            PlannedEpisode("fever", 205, 5, 1.1),
            *_alcohol_nights(11, 380, (6, 12), (22, 203)),
        ),
        rest_modes=(PlannedRestMode(23, 20),),
        rings=(Ring(399, size=8, firmware_version="2.11.4"),),
    ),
    "traveller": Traits(
        description="Berlin, with stays in Los Angeles, Tokyo and New York",
        zone="Europe/Berlin",
        seed=12,
        naps=0.1,
        trips=(
            Trip(120, 111, "America/Los_Angeles"),
            Trip(19, 12, "Asia/Tokyo"),
            Trip(4, 2, "America/New_York"),
        ),
        episodes=(
            PlannedEpisode("travel", 120, 4),
            PlannedEpisode("travel", 19, 4),
            PlannedEpisode("travel", 4, 3, 0.8),
            PlannedEpisode("fever", 70, 5, 1.1),
        ),
        caffeine=0.4,
        profile=Profile(45, 82.0, 1.83, "male"),
    ),
    "fareast": Traits(
        description="Auckland, falls asleep after midnight",
        zone="Pacific/Auckland",
        seed=13,
        bedtime=1.3,
        bedtime_sd=0.4,
        episodes=(PlannedEpisode("fever", 40, 6, 1.2), *_alcohol_nights(13, 360, (8, 15), (38,))),
        profile=Profile(29, 64.0, 1.69, "female"),
        cycle=True,
    ),
    "farwest": Traits(
        description="Honolulu, goes to bed early",
        zone="Pacific/Honolulu",
        seed=14,
        bedtime=-1.6,
        naps=0.12,
        profile=Profile(52, 77.5, 1.8, "male"),
    ),
    "shift": Traits(
        description="Tokyo, sleeps by day and twice a day",
        zone="Asia/Tokyo",
        seed=15,
        second_sleep=True,
        bedtime_sd=0.25,
        profile=Profile(34, 68.0, 1.72, "male"),
    ),
    "sparse": Traits(
        description="London: missing nights, null scores, rejected, deleted and unfinished sleeps",
        zone="Europe/London",
        seed=16,
        days=150,
        sparse=True,
        naps=0.2,
        night_gaps=(2, 5, 6, 9, 15, 21, 28, 29, 37),
        day_gaps=((19, 17), (60, 52)),
        random_gaps=0.25,
        rings=(Ring(149, hardware_type="or7", color="aurora", firmware_version="9.9.9"),),
    ),
    "fewscopes": Traits(
        description="New York, grants only daily and workout",
        zone="America/New_York",
        seed=17,
        grants=frozenset({"daily", "workout"}),
        profile=Profile(41, 70.0, 1.75, "male"),
    ),
    "lapsed": Traits(
        description="Paris, membership lapsed", zone="Europe/Paris", seed=18, days=200, member=False
    ),
    "newcomer": Traits(
        description="Madrid, six days of data", zone="Europe/Madrid", seed=19, days=6
    ),
    "longtime": Traits(
        description="Sydney, five years and two rings, in rest mode since yesterday",
        zone="Australia/Sydney",
        seed=20,
        days=5 * 365 + 1,
        naps=0.08,
        random_gaps=0.05,
        random_episodes=True,
        caffeine=0.2,
        old_timestamps_days_ago=700,
        rest_modes=(PlannedRestMode(1200, 1190), PlannedRestMode(1, None)),
        rings=(
            Ring(5 * 365, "gen3", "stealth_black", "heritage", "3.4.2", 11),
            Ring(300, "or5", "deep_rose", "ceramic", "1.0.9", 11),
        ),
        profile=Profile(61, 88.0, 1.78, "male"),
    ),
    "unsynced": Traits(
        description="Oslo, ring not synced for three days",
        zone="Europe/Oslo",
        seed=21,
        days=120,
        synced_days_ago=3,
    ),
}

FURTHER_PEOPLE: Final[dict[str, Traits]] = {
    "field": Traits(
        description="Lisbon: documents odd in every way that people have reported",
        zone="Europe/Lisbon",
        seed=22,
        days=200,
        odd=True,
        naps=0.1,
        night_gaps=(8, 40),
        caffeine=0.4,
        rings=(Ring(199, hardware_type="or6", color="brushed_silver"),),
    ),
}
"""People who live in a cloud only where they are named."""

"""The traits that distinguish one simulated person from another. Data only.

Days are counted back from the *anchor*, the person's local day when the cloud was made:
0 is today, 1 yesterday.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PlannedEpisode", "PlannedRestMode", "Profile", "Ring", "Traits", "Trip"]


@dataclass(frozen=True, slots=True)
class Trip:
    """A stay in another zone, from the night of one day to the night of another."""

    first_days_ago: int
    last_days_ago: int
    zone: str


@dataclass(frozen=True, slots=True)
class PlannedEpisode:
    """A time of changed vitals: ``fever``, ``alcohol``, ``travel`` or ``load`` (training).

    ``first_days_ago`` is the day of the first affected night.
    """

    kind: str
    first_days_ago: int
    nights: int = 1
    severity: float = 1.0


@dataclass(frozen=True, slots=True)
class PlannedRestMode:
    """A period of rest mode; without an end it is still on."""

    first_days_ago: int
    last_days_ago: int | None


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring as the person set it up."""

    set_up_days_ago: int
    hardware_type: str = "gen4"
    color: str = "silver"
    design: str = "horizon"
    firmware_version: str = "2.10.3"
    size: int = 10


@dataclass(frozen=True, slots=True)
class Profile:
    """The personal data that the scope ``personal`` shows."""

    age: int = 38
    weight: float = 71.5
    height: float = 1.76
    biological_sex: str = "female"


@dataclass(frozen=True, slots=True)
class Traits:
    """One person's life in numbers.

    Attributes:
        zone: Home zone (IANA).
        days: How many days of data there are, today included.
        seed: Names the random streams.
        bedtime: Usual bedtime in hours from the midnight that begins the day of the night.
        bedtime_sd: How much it varies, in hours.
        second_sleep: Sleeps by day, twice a day, and once in ``haul_every`` days for ten hours.
        haul_every: See ``second_sleep``.
        naps: Probability of a nap on a day.
        night_gaps: Days ago on which the ring was not worn at night.
        day_gaps: Stretches (from, to, in days ago) without the ring at all.
        random_gaps: Probability of a lost night before the last 45 days.
        trips: Stays in other zones.
        episodes: Planted illness, alcohol, travel, training load.
        random_episodes: Adds episodes at the rates of the model.
        alcohol_tags: Whether alcohol is tagged.
        caffeine: Probability of a caffeine tag on a day; caffeine has no effect.
        hrv_rise: Rise of HRV in milliseconds a week over the last ``hrv_rise_days`` days.
        hrv_rise_days: See ``hrv_rise``.
        season: Whether the year leaves its mark.
        drift: Whether vitals wander over months.
        cycle: Whether there is a menstrual cycle.
        sparse: Whether the records are full of holes and surprises.
        grants: The permissions this person ever grants; ``None``: all.
        member: Whether the membership is active.
        synced_days_ago: When the ring was last synced (days ago, 21:00 local); ``None``: just now.
        rings: Every ring ever set up.
        rests: PlannedRestMode mode.
        old_timestamps_days_ago: Before that, daily timestamps carry the local offset.
        awake_now: Whether the last night is over when the cloud is made, whatever the hour.
        profile: Age, weight, height, sex.
    """

    zone: str = "UTC"
    days: int = 400
    seed: int = 1
    bedtime: float = -0.8
    bedtime_sd: float = 0.45
    second_sleep: bool = False
    late_sleep_every: int = 13
    naps: float = 0.05
    night_gaps: tuple[int, ...] = ()
    day_gaps: tuple[tuple[int, int], ...] = ()
    random_gaps: float = 0.0
    trips: tuple[Trip, ...] = ()
    episodes: tuple[PlannedEpisode, ...] = ()
    random_episodes: bool = False
    alcohol_tags: bool = True
    caffeine: float = 0.0
    hrv_rise: float = 0.0
    hrv_rise_days: int = 90
    season: bool = True
    drift: bool = True
    cycle: bool = False
    sparse: bool = False
    grants: frozenset[str] | None = None
    member: bool = True
    synced_days_ago: int | None = None
    rings: tuple[Ring, ...] = ()
    rest_modes: tuple[PlannedRestMode, ...] = ()
    old_timestamps_days_ago: int | None = None
    awake_now: bool = True
    profile: Profile = Profile()

"""The traits that distinguish one simulated person from another. Data only.

Days are counted back from the *anchor*, the person's local day when the cloud was made:
0 is today, 1 yesterday.
"""

from __future__ import annotations

from dataclasses import dataclass


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
    """The traits of one person.

    Attributes:
        zone: The home zone (IANA).
        days: The number of days with data, today included.
        seed: Part of the name of every random stream of the person.
        bedtime: The usual bedtime, in hours after the midnight that begins the night's day.
        bedtime_sd: The standard deviation of the bedtime, in hours.
        second_sleep: Whether the person sleeps by day, twice a day.
        late_sleep_every: Every so many days the only sleep then ends after 18:00.
        naps: The probability of a nap on a day.
        night_gaps: The nights without the ring, in days ago.
        day_gaps: The periods without the ring, as (first, last) in days ago.
        random_gaps: The probability of a lost night before the last 45 days.
        trips: The stays in other zones.
        episodes: The planned fevers, alcohol nights, journeys and times of training load.
        random_episodes: Whether random episodes are added at the rates of the model.
        alcohol_tags: Whether the person tags alcohol.
        caffeine: The probability of a caffeine tag on a day; caffeine has no effect.
        hrv_rise: The rise of HRV in milliseconds a week over the last ``hrv_rise_days`` days.
        hrv_rise_days: The number of days over which HRV rises.
        season: Whether vitals follow the season.
        drift: Whether vitals drift over months.
        cycle: Whether vitals follow a menstrual cycle.
        sparse: Whether documents are missing, incomplete or outside the published schema.
        odd: Whether documents are odd in every way that people have reported.
        grants: The scopes this person ever grants; ``None`` stands for all.
        member: Whether the membership is active.
        synced_days_ago: The day of the last sync (at 21:00 local); ``None`` stands for now.
        rings: Every ring ever set up.
        rest_modes: The periods of rest mode.
        old_timestamps_days_ago: Daily timestamps before that day carry the local offset.
        awake_now: Whether the last night is over when the cloud is made, at any hour.
        profile: Age, weight, height and sex.
        description: What distinguishes the person, for the consent page.
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
    odd: bool = False
    grants: frozenset[str] | None = None
    member: bool = True
    synced_days_ago: int | None = None
    rings: tuple[Ring, ...] = ()
    rest_modes: tuple[PlannedRestMode, ...] = ()
    old_timestamps_days_ago: int | None = None
    awake_now: bool = True
    profile: Profile = Profile()
    description: str = ""

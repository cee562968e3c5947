"""What every part of a simulated life builds on: places, nights, vitals, moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from annulet.simulator.world.bedtimes import Bedtimes
from annulet.simulator.world.episodes import Happening, happenings
from annulet.simulator.world.events import Moments
from annulet.simulator.world.places import Places
from annulet.simulator.world.sleeps import Sleeps
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.vitals import Vitals
from annulet.simulator.world.wear import Wear

__all__ = ["Basis"]


@dataclass(frozen=True, slots=True)
class Basis:
    """The foundations of one person's records."""

    traits: Traits
    places: Places
    wear: Wear
    episodes: tuple[Happening, ...]
    vitals: Vitals
    sleeps: Sleeps
    moments: Moments

    @classmethod
    def build(cls, traits: Traits, anchor: date, made_at: datetime) -> Basis:
        """Lay the foundations for a person whose today is ``anchor``."""
        places = Places(traits, anchor)
        wear = Wear(traits)
        episodes = happenings(traits)
        vitals = Vitals(traits, places.first.weekday(), episodes)
        sleeps = Sleeps(Bedtimes(traits, places, vitals, made_at), wear)
        moments = Moments(traits, places, sleeps, wear, episodes)
        return cls(traits, places, wear, episodes, vitals, sleeps, moments)

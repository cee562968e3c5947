"""One simulated life, complete: everything that is true about a person, by day index."""

from __future__ import annotations

from datetime import date, datetime
from threading import RLock
from zoneinfo import ZoneInfo

from annulet.simulator.world.activity import Activity
from annulet.simulator.world.basis import Basis
from annulet.simulator.world.heart import Heart
from annulet.simulator.world.ring import Rings
from annulet.simulator.world.scores import Scores
from annulet.simulator.world.sleeps import Sleep
from annulet.simulator.world.traits import Traits

__all__ = ["Life"]


class Life:
    """The parts of a life under one roof."""

    def __init__(self, traits: Traits, anchor: date, made_at: datetime) -> None:
        basis = Basis.build(traits, anchor, made_at)
        self.traits = traits
        self.made_at = made_at
        self.places = basis.places
        self.wear = basis.wear
        self.episodes = basis.episodes
        self.vitals = basis.vitals
        self.sleeps = basis.sleeps
        self.moments = basis.moments
        self.activity = Activity(basis)
        self.heart = Heart(basis)
        self.rings = Rings(traits, basis.places, basis.wear)
        self.scores = Scores(traits, basis.places, basis.sleeps, basis.wear, basis.vitals)
        self.lock = RLock()

    @staticmethod
    def zone_of(traits: Traits) -> ZoneInfo:
        """Where the person lives today."""
        for trip in traits.trips:
            if trip.last_days_ago == 0:
                return ZoneInfo(trip.zone)
        return ZoneInfo(traits.zone)

    def night(self, index: int) -> Sleep | None:
        """The night of a day."""
        return self.sleeps.night(index, self.places.day(index))

    def sleeps_of(self, index: int) -> tuple[Sleep, ...]:
        """Every sleep that counts for a day, rejected ones included."""
        return self.sleeps.of(index, self.places.day(index))

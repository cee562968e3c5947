"""The model of one person: everything that is true about the person, by day index."""

from __future__ import annotations

from datetime import date, datetime

from annulet.simulator.world.activity import Activity
from annulet.simulator.world.daily_scores import Scores
from annulet.simulator.world.episodes import schedule_episodes
from annulet.simulator.world.events import Events
from annulet.simulator.world.heart_rate import HeartRate
from annulet.simulator.world.local_calendar import LocalCalendar
from annulet.simulator.world.rings import Rings
from annulet.simulator.world.sleep import Sleep
from annulet.simulator.world.sleep_plan import SleepPlan
from annulet.simulator.world.sleeps import Sleeps
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.vitals import Vitals
from annulet.simulator.world.wear import Wear


class PersonModel:
    """The parts of one person's model; each draws what it needs from the parts before it."""

    def __init__(self, traits: Traits, anchor: date, made_at: datetime) -> None:
        self.traits = traits
        self.calendar = LocalCalendar(traits, anchor)
        self.wear = Wear(traits, self.calendar)
        self.episodes = schedule_episodes(traits)
        self.vitals = Vitals(traits, self.calendar.first.weekday(), self.episodes)
        plan = SleepPlan(traits, self.calendar, self.vitals, made_at)
        self.sleeps = Sleeps(self.calendar, self.wear, plan)
        self.events = Events(traits, self.calendar, self.wear, self.sleeps, self.episodes)
        self.activity = Activity(
            traits, self.calendar, self.wear, self.vitals, self.sleeps, self.events
        )
        self.heart_rate = HeartRate(
            traits, self.calendar, self.wear, self.vitals, self.sleeps, self.events
        )
        self.rings = Rings(traits, self.calendar, self.wear)
        self.scores = Scores(traits, self.calendar, self.wear, self.vitals, self.sleeps)

    def known_night(self, index: int, until: datetime) -> Sleep | None:
        """Return the night of a day if Oura has it at an instant."""
        night = self.sleeps.night(index)
        return night if night is not None and night.known_from <= until else None

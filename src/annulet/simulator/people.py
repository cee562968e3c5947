"""The people of one simulated cloud, by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from annulet.errors import UsageError
from annulet.simulator.clock import Clock
from annulet.simulator.demo_people import DEMO_PEOPLE, FURTHER_PEOPLE
from annulet.simulator.world.person import Person
from annulet.simulator.world.traits import Traits


class People(dict[str, Person]):
    """The people by name. Another seed gives other people of the same kind."""

    def __init__(self, clock: Clock, seed: int) -> None:
        super().__init__()
        self._clock = clock
        self._seed = seed

    def add(self, name: str, traits: Traits) -> Person:
        """Add a person."""
        person = Person(name, replace(traits, seed=traits.seed + 1000 * self._seed), self._clock)
        self[name] = person
        return person

    def next_seed(self) -> int:
        """Return a seed that no demo person has."""
        return 100 + len(self)

    def add_demo_people(self, names: Iterable[str] | None) -> None:
        """Add demo people by name; ``None`` adds all of them.

        Raises:
            UsageError: There is no demo person of that name.
        """
        known = DEMO_PEOPLE | FURTHER_PEOPLE
        for name in DEMO_PEOPLE if names is None else names:
            if name not in known:
                raise UsageError(
                    f"There is no demo person {name!r}.", hint=f"There are {', '.join(known)}."
                )
            self.add(name, known[name])

    def __missing__(self, name: str) -> Person:
        """Raise ``UsageError`` for an unknown name."""
        raise UsageError(
            f"There is no person {name!r} in this simulated cloud.",
            hint=f"There are {', '.join(self)}.",
        )

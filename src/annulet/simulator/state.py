"""The state of one simulated cloud, shared by its routes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.requests import Request

from annulet.contract.scopes import SCOPES
from annulet.errors import UsageError
from annulet.simulator.applications import Application, Applications
from annulet.simulator.clock import Clock
from annulet.simulator.demo_people import CAST
from annulet.simulator.faults import Faults
from annulet.simulator.limits import Limits
from annulet.simulator.options import Options
from annulet.simulator.request_log import Entry, Journal
from annulet.simulator.tokens import Grant, Issued, Tokens
from annulet.simulator.world.person import Person
from annulet.simulator.world.traits import Traits

__all__ = ["State"]


class State:
    """Clock, people, applications, tokens, faults, limits, log and switches of one cloud."""

    def __init__(self, clock: Clock, options: Options, seed: int) -> None:
        self.clock = clock
        self.options = options
        self.seed = seed
        self.people: dict[str, Person] = {}
        self.applications = Applications()
        self.tokens = Tokens(clock)
        self.faults = Faults(seed)
        self.limits = Limits(clock, options)
        self.requests = Journal()

    def settle(self, names: list[str] | None) -> None:
        """Let people of the cast move in; all of them unless named."""
        for name in CAST if names is None else names:
            if name not in CAST:
                raise UsageError(
                    f"Nobody called {name!r} lives in the simulated cloud.",
                    hint=f"There are {', '.join(CAST)}.",
                )
            self.add(name, CAST[name])

    def add(self, name: str, traits: Traits) -> Person:
        """Let a person move in."""
        if self.seed:
            traits = replace(traits, seed=traits.seed + 1000 * self.seed)
        person = Person(name, traits, self.clock)
        self.people[name] = person
        return person

    def person(self, name: str) -> Person:
        """A person by name.

        Raises:
            UsageError: Nobody is called so.
        """
        try:
            return self.people[name]
        except KeyError:
            raise UsageError(
                f"Nobody called {name!r} lives in this simulated cloud.",
                hint=f"There are {', '.join(self.people)}.",
            ) from None

    def consent(
        self, application: Application, name: str, scopes: tuple[str, ...] | None = None
    ) -> Grant:
        """A grant of a person: what is asked for, as far as the person ever grants it."""
        person = self.person(name)
        asked = application.scopes if scopes is None else scopes
        granted = (scope for scope in asked if scope in SCOPES)
        if person.grants is not None and scopes is None:
            granted = (scope for scope in asked if scope in person.grants)
        return Grant(application, name, tuple(granted))

    def issue(self, grant: Grant, expires_in: float | None = None) -> Issued:
        """Fresh tokens for a grant."""
        life = self.options.expires_in if expires_in is None else expires_in
        return self.tokens.issue(grant, life)

    def now(self) -> datetime:
        """The current instant."""
        return self.clock()

    @staticmethod
    def entry(request: Request) -> Entry:
        """The log entry of a request being answered."""
        found: Any = request.scope["annulet.entry"]
        assert isinstance(found, Entry)  # noqa: S101 - the front always sets it
        return found

"""A second, independent population of simulated people for annulet's statistics.

It shares no code and no assumption with the engine or with the first generator: it was written
from the specification's text and from published physiology alone. README.md says what is in it.
"""

from benchmarks.second_population.kinds import KINDS, Kind
from benchmarks.second_population.metrics import ALL_METRICS, METRICS, Metric
from benchmarks.second_population.people import (
    AUDIT,
    NIGHTS,
    audit_population,
    digest,
    person,
    population,
)
from benchmarks.second_population.truth import (
    Cycle,
    Driver,
    Effect,
    Event,
    Person,
    Ramp,
    RingChange,
    Spell,
    Step,
    Tag,
    Truth,
)

__all__ = [
    "ALL_METRICS",
    "AUDIT",
    "KINDS",
    "METRICS",
    "NIGHTS",
    "Cycle",
    "Driver",
    "Effect",
    "Event",
    "Kind",
    "Metric",
    "Person",
    "Ramp",
    "RingChange",
    "Spell",
    "Step",
    "Tag",
    "Truth",
    "audit_population",
    "digest",
    "person",
    "population",
]

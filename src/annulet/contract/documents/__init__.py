"""Typed documents of all nineteen collections, frozen and tolerant, with their units.

Every field is optional: ``None`` says that Oura sent nothing, never zero. Fields this version
does not know, and values of an unexpected type, are kept in ``extra`` as they came.
"""

from __future__ import annotations

from annulet.contract.documents.daily import (
    ActivityContributors,
    BedtimeWindow,
    DailyActivity,
    DailyCardiovascularAge,
    DailyReadiness,
    DailyResilience,
    DailySleep,
    DailySpO2,
    DailyStress,
    OxygenAverage,
    ReadinessContributors,
    ResilienceContributors,
    SleepContributors,
    SleepTime,
    VO2Max,
)
from annulet.contract.documents.events import (
    EnhancedTag,
    RestModeEpisode,
    RestModePeriod,
    Session,
    Tag,
    Workout,
)
from annulet.contract.documents.nights import Readiness, Sleep
from annulet.contract.documents.reading import (
    Document,
    Part,
    RawDocument,
    read_document,
    read_documents,
)
from annulet.contract.documents.ring import (
    HeartRateSample,
    PersonalInfo,
    RingBatterySample,
    RingConfiguration,
)
from annulet.contract.documents.sampled import Sample

__all__ = [
    "ActivityContributors",
    "BedtimeWindow",
    "DailyActivity",
    "DailyCardiovascularAge",
    "DailyReadiness",
    "DailyResilience",
    "DailySleep",
    "DailySpO2",
    "DailyStress",
    "Document",
    "EnhancedTag",
    "HeartRateSample",
    "OxygenAverage",
    "Part",
    "PersonalInfo",
    "RawDocument",
    "Readiness",
    "ReadinessContributors",
    "ResilienceContributors",
    "RestModeEpisode",
    "RestModePeriod",
    "RingBatterySample",
    "RingConfiguration",
    "Sample",
    "Session",
    "Sleep",
    "SleepContributors",
    "SleepTime",
    "Tag",
    "VO2Max",
    "Workout",
    "read_document",
    "read_documents",
]

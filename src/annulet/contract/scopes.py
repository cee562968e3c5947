"""The eleven permissions a person can grant, in Oura's names and in plain words.

Oura's current authorization server spells them ``extapi:daily``, its legacy one ``daily``;
annulet uses the bare names everywhere and adds the prefix only in requests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "extapi:"


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission.

    Attributes:
        name: Oura's bare name.
        title: The name a person reads at consent.
        description: One plain sentence about what is shared.
        unlocks: What annulet can answer with it.
        group: Whether it is one of the nine permission groups shown before consent
            (``email`` and ``personal`` only fill the optional profile).
    """

    name: str
    title: str
    description: str
    unlocks: str
    group: bool = True


SCOPES: Final[dict[str, Scope]] = {
    scope.name: scope
    for scope in (
        Scope(
            "daily",
            "Daily summaries",
            "Sleep, readiness and activity of each day, nights with stages.",
            "daily summaries, nights, trends, anomalies",
        ),
        Scope(
            "heartrate",
            "Heart rate",
            "Heart rate through day and night.",
            "heart rate in the day, zones of workouts",
        ),
        Scope(
            "spo2",
            "Blood oxygen",
            "Average blood oxygen during sleep.",
            "SpO2 in summaries and trends",
        ),
        Scope(
            "workout",
            "Workouts",
            "Workouts, entered or detected.",
            "workouts in events",
        ),
        Scope(
            "session",
            "Sessions",
            "Sessions: breathing, meditation, naps, rest.",
            "sessions in events",
        ),
        Scope(
            "tag",
            "Tags",
            "Tags and notes entered in the Oura app.",
            "tags in events, effects of habits",
        ),
        Scope(
            "ring_configuration",
            "Ring configuration",
            "Model, colour, size, firmware and battery.",
            "the device answer, battery",
        ),
        Scope(
            "stress",
            "Stress",
            "Daytime stress, and resilience.",
            "stress, resilience in summaries",
        ),
        Scope(
            "heart_health",
            "Heart health",
            "Cardiovascular age and VO2 max.",
            "vascular age, VO2 max in summaries",
        ),
        Scope(
            "personal",
            "Personal details",
            "Age, weight, height and biological sex.",
            "the profile in the device answer",
            group=False,
        ),
        Scope(
            "email",
            "E-mail",
            "The e-mail address of the Oura account.",
            "which Oura account is connected",
            group=False,
        ),
    )
}


def bare_name(name: str) -> str:
    """Oura's bare name of a permission, whichever way it is spelt.

    >>> bare_name("extapi:daily"), bare_name("spo2Daily")
    ('daily', 'spo2')
    """
    stripped = name.strip().removeprefix(PREFIX)
    return "spo2" if stripped == "spo2Daily" else stripped


def parse_scopes(granted: str | Iterable[str] | None) -> tuple[str, ...] | None:
    """The bare names of a granted list; ``None`` stays unknown, which is not "none granted".

    >>> parse_scopes("extapi:daily extapi:heartrate")
    ('daily', 'heartrate')
    >>> parse_scopes(None) is None
    True
    """
    if granted is None:
        return None
    names = granted.replace(",", " ").split() if isinstance(granted, str) else granted
    return tuple(dict.fromkeys(bare_name(name) for name in names))

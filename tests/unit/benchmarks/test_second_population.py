"""The second population: its nights vary as its kinds say, and are the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.second_population import (
    ALL_METRICS,
    AUDIT,
    KINDS,
    METRICS,
    NIGHTS,
    Person,
    digest,
    person,
    population,
)
from processors import PROCESSORS, output_on, skip_unless_supported

ROOT = Path(__file__).parents[3]
README = ROOT / "benchmarks" / "second_population" / "README.md"
# Drawn on a linear scale, with no weekend in them and nearly no limits: best to measure noise on.
UNTOUCHED = ("breath_avg_per_min", "temperature_deviation_c", "spo2_avg_pct", "deep_min")


# Made once for all tests: nothing in a person is changed.
people_of = cache(population)


def series(subject: Person, metric: str) -> NDArray[np.float64]:
    """The values of a metric, missing ones as NaN, on the metric's own scale."""
    values = [math.nan if value is None else value for value in subject.nights[metric]]
    log = metric in METRICS and METRICS[metric].scale == "log"
    return np.log(values) if log else np.array(values)


def standardised(subject: Person, metric: str) -> NDArray[np.float64]:
    """Distances from the person's known base, in their known SDs."""
    return (series(subject, metric) - subject.truth.base[metric]) / subject.truth.night_sd[metric]


def covariance(people: Iterable[Person], lag: int) -> float:
    """Mean product of standardised nights ``lag`` apart, over people and untouched metrics."""
    products = [
        float(np.nanmean(values[:-lag] * values[lag:]))
        for subject in people
        for metric in UNTOUCHED
        for values in [standardised(subject, metric)]
    ]
    return float(np.mean(products))


def expected_slow(people: list[Person], lag: int) -> float:
    """What the slow wander alone leaves of the covariance at a lag, by the known shares."""
    shares = [subject.truth.slow_share[metric] for subject in people for metric in UNTOUCHED]
    forgotten = (math.exp(-lag / 12) + math.exp(-lag / 50)) / 2
    return float(np.mean(shares)) * forgotten


@pytest.mark.parametrize("kind", ["little_slow_wander", "plain", "strong_slow_wander"])
def test_the_slow_part_has_the_share_and_the_memory_that_the_truth_says(kind: str) -> None:
    """Nights 20 and 40 apart go together by the known slow share, within 0.03 over 25 people."""
    people = people_of(kind, 25)
    for lag in (20, 40):
        assert covariance(people, lag) == pytest.approx(expected_slow(people, lag), abs=0.03)


def test_neighbouring_nights_go_together_as_the_memories_say() -> None:
    """With little slow wander the correlation of neighbours is the metric's memory, within 0.06."""
    people = people_of("little_slow_wander", 25)
    for metric in (*UNTOUCHED, "hrv_avg_ms"):
        values = [standardised(subject, metric) for subject in people]
        at_one = np.mean([np.nanmean(nights[:-1] * nights[1:]) for nights in values])
        at_zero = np.mean([np.nanmean(nights * nights) for nights in values])
        assert at_one / at_zero == pytest.approx(METRICS[metric].memory, abs=0.06)


@pytest.mark.parametrize("kind", ["plain", "strong_slow_wander", "heavy_tails", "older"])
def test_the_nights_of_a_person_have_the_sd_that_the_truth_says(kind: str) -> None:
    """The mean square of standardised nights is 1 within 0.12 over 25 people."""
    people = people_of(kind, 25)
    squares = [
        np.nanmean(standardised(subject, m) ** 2) for subject in people for m in UNTOUCHED[:3]
    ]
    assert float(np.mean(squares)) == pytest.approx(1.0, abs=0.12)


def test_heavy_tails_are_heavier() -> None:
    """Nights beyond 3 SD are at least twice as frequent as among plain people."""

    def far(kind: str) -> float:
        nights = [
            standardised(subject, m) for subject in people_of(kind, 25) for m in UNTOUCHED[:3]
        ]
        return float(np.nanmean(np.abs(np.concatenate(nights)) > 3.0))

    assert far("heavy_tails") > 2 * far("plain")


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ("hr_lowest_bpm", "hrv_avg_ms", -0.7, -0.45),
        ("hr_lowest_bpm", "breath_avg_per_min", 0.18, 0.4),
        ("hr_lowest_bpm", "temperature_deviation_c", 0.15, 0.4),
        ("total_sleep_min", "rem_min", 0.4, 0.7),
        ("total_sleep_min", "sleep_score", 0.6, 0.97),
        ("hr_lowest_bpm", "readiness_score", -0.85, -0.5),
        ("steps", "activity_score", 0.6, 0.95),
        ("steps", "spo2_avg_pct", -0.1, 0.1),
    ],
)
def test_metrics_go_together_plausibly(first: str, second: str, low: float, high: float) -> None:
    """The mean correlation inside of plain people lies between two limits."""
    correlations = []
    for subject in people_of("plain", 15):
        pairs = np.array([series(subject, first), series(subject, second)])
        whole = pairs[:, ~np.isnan(pairs).any(axis=0)]
        correlations.append(float(np.corrcoef(whole)[0, 1]))
    assert low < np.mean(correlations) < high


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("plain", 0.03, 0.08), ("gaps_random", 0.3, 0.39), ("gaps_holidays", 0.09, 0.24)],
)
def test_nights_are_missing_at_the_rate_of_the_kind(kind: str, low: float, high: float) -> None:
    """The share of missing nights over 25 people lies between two limits."""
    gone = [
        value is None for subject in people_of(kind, 25) for value in subject.nights["sleep_score"]
    ]
    assert low < float(np.mean(gone)) < high


def test_runs_of_missing_nights_are_longer_where_the_kind_has_runs() -> None:
    """People with runs miss three nights in a row far more often than people with random gaps."""

    def share_in_runs(kind: str) -> float:
        runs = missing = 0
        for subject in people_of(kind, 20):
            gone = [value is None for value in subject.nights["sleep_score"]]
            missing += sum(gone)
            runs += sum(all(gone[at : at + 3]) for at in range(len(gone) - 2))
        return runs / missing

    assert share_in_runs("gaps_runs") > 3 * share_in_runs("gaps_random")


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_is_impossible(kind: str) -> None:
    """Values keep to limits and roundings, stages to sleep, latency to the time awake."""
    for subject in people_of(kind, 2):
        rounding = {name: metric.rounding for name, metric in METRICS.items()}
        rounding |= KINDS[kind].rounding
        lengths = {len(subject.nights[metric]) for metric in ALL_METRICS}
        assert lengths == {min(NIGHTS, KINDS[kind].longest or NIGHTS)}
        for name, metric in METRICS.items():
            values = np.array([value for value in subject.nights[name] if value is not None])
            assert ((values >= metric.low) & (values <= metric.high)).all(), name
            assert np.abs(values / rounding[name] - np.round(values / rounding[name])).max() < 1e-6
        sleep, deep, rem, latency, efficiency = (
            np.array([math.nan if value is None else value for value in subject.nights[name]])
            for name in ("total_sleep_min", "deep_min", "rem_min", "latency_min", "efficiency_pct")
        )
        assert np.nanmax(deep + rem - sleep) < 0
        assert np.nanmax(latency - sleep * (100 / efficiency - 1)) <= 0.5


def test_a_vital_is_never_zero_for_missing() -> None:
    """What was not measured is None; a heart at rest never beats 0 times."""
    for subject in people_of("gaps_random", 5):
        values = subject.nights["hr_lowest_bpm"]
        assert None in values
        assert 0 not in values


def test_people_are_the_same_in_any_order() -> None:
    """A person does not depend on who was made before, nor on how many are made."""
    forwards = [person(kind, index) for kind in ("fever", "tag_pair") for index in range(3)]
    backwards = [person(kind, index) for kind in ("tag_pair", "fever") for index in (2, 1, 0)]
    assert digest(forwards) == digest(backwards)
    assert digest(population("fever", 3)) == digest(forwards[:3])


def test_another_seed_gives_other_people() -> None:
    """Seed, kind and index each change the person."""
    people = [person("plain", 0), person("plain", 1), person("plain", 0, seed=2)]
    assert len({digest([subject]) for subject in people}) == 3
    assert person("cycle_none", 0).nights != people[0].nights


@pytest.mark.parametrize("processor", PROCESSORS)
def test_every_processor_draws_the_same_people(processor: str) -> None:
    """Neither another BLAS kernel nor fewer instructions of the processor change a digit."""
    skip_unless_supported(processor)
    program = (
        "from benchmarks.second_population import KINDS, digest, person;"
        "print(digest(person(kind, 0) for kind in list(KINDS)[::5]))"
    )
    assert output_on(processor, program) == output_on("", program)


def test_the_audit_has_550_people_of_every_kind() -> None:
    """The mixed population has the size the specification asks for, and leaves no kind out."""
    assert sum(AUDIT.values()) == 550
    assert AUDIT.keys() == KINDS.keys()


def test_the_page_lists_every_kind_with_its_line() -> None:
    """README's table of kinds is the table in the code."""
    text = README.read_text(encoding="utf-8")
    rows = [f"| `{name}` | {kind.description} |" for name, kind in KINDS.items()]
    assert [row for row in rows if row not in text] == []
    assert text.count("\n| `") == len(rows)


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    """A slip in a name says which names there are; no nights is refused as well."""
    with pytest.raises(KeyError, match="weekday_regular"):
        person("weekdays", 0)
    with pytest.raises(ValueError, match="at least one night"):
        person("plain", 0, nights=0)

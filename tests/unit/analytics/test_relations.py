"""Relations of metrics: a planted one is found with its size, shared habits are none."""

import random
from datetime import date

import pytest

from annulet.analytics.relations import FEWEST_NIGHTS, Relation, judge_together, relate
from annulet.analytics.series import Series
from annulet.analytics.traits import traits_of
from benchmarks.second_population import population
from tests.unit.analytics.made import noise, series

HRV = traits_of("efficiency_pct")
NULL_KINDS = (
    "plain",
    "driver_none",
    "driver_season",
    "driver_weekday",
    "driver_cycle",
    "weekday_regular",
    "strong_slow_wander",
    "heavy_tails",
    "shift_work",
)


def planted(nights, slope, *, seed=1, lag=1):
    """Steps and a metric that moves with the steps of the day before."""
    rng = random.Random(seed)
    steps = [8000 + 2500 * rng.gauss(0, 1) for _ in range(nights)]
    memory = noise(nights, seed=seed + 50, phi=0.3)
    metric = [50 + memory[n] + slope * (steps[n - lag] - 8000) for n in range(nights)]
    return series(steps), series(metric)


def test_a_planted_slope_is_found_with_its_size_at_its_lag_alone():
    """One unit in 2,000 steps, the day after; not on the same day, and exchanged in sign."""
    steps, metric = planted(180, 0.0005)
    relation = relate(steps, metric, HRV, lag_days=1)
    assert relation.low <= 0.0005 <= relation.high
    assert relation.p < 0.001
    assert relate(steps, metric, HRV, lag_days=0).p > 0.01
    mirrored = Series(metric.days, tuple(-value for value in metric.values))
    assert relate(steps, mirrored, HRV, lag_days=1).slope == pytest.approx(-relation.slope)


def test_gaps_and_few_nights():
    """Missing nights are missing on both sides; below thirty pairs nothing is judged."""
    steps, metric = planted(120, 0.001)
    gappy = Series(metric.days[::2], metric.values[::2])
    assert relate(steps, gappy, HRV, lag_days=1).n <= 60
    short = metric.between(metric.days[0], metric.days[FEWEST_NIGHTS - 2])
    judged = judge_together({"a": relate(steps, short, HRV, lag_days=1)})
    assert judged["a"].verdict == "too few nights"
    flat = series([50.0] * 120)
    assert relate(steps, flat, HRV).slope is None


def test_units_change_the_slope_and_nothing_else():
    """Steps in thousands: a thousand times the slope, the same p."""
    steps, metric = planted(150, 0.0004)
    thousands = Series(steps.days, tuple(value / 1000 for value in steps.values))
    per_step, per_thousand = (relate(x, metric, HRV, lag_days=1) for x in (steps, thousands))
    assert per_thousand.slope == pytest.approx(1000 * per_step.slope)
    assert per_thousand.p == pytest.approx(per_step.p)


def test_many_relations_are_judged_together():
    """A p that holds alone does not among many; what is called excludes zero."""
    weak = Relation(90, 1.0, 0.1, 1.9, 0.03)
    assert judge_together({"a": weak})["a"].verdict == "higher"
    others = {str(n): Relation(90, 0.0, -1.0, 1.0, 0.5 + n / 100) for n in range(20)}
    assert judge_together({"a": weak, **others})["a"].verdict == "no clear difference"
    across = Relation(90, 0.5, -0.1, 1.0, 0.001)
    assert judge_together({"a": across})["a"].verdict == "no clear difference"


def drivers(kind, rng, nights):
    """Drivers as people have them: mostly zero, few values, ties, a switch, a running number."""
    return {
        "continuous": lambda: [rng.gauss(0, 1) for _ in range(nights)],
        "mostly zero": lambda: [
            rng.choice([20.0, 35.0, 60.0]) if rng.random() < 0.12 else 0.0 for _ in range(nights)
        ],
        "few values": lambda: [float(rng.randrange(4)) for _ in range(nights)],
        "a switch": lambda: [float(rng.random() < 0.4) for _ in range(nights)],
        "rounded": lambda: [round(rng.gauss(50, 1.2)) for _ in range(nights)],
        "a running number": lambda: [float(n // 9) + rng.randrange(2) for n in range(nights)],
    }[kind]()


@pytest.mark.parametrize("digits", [0, 1, 9])
@pytest.mark.parametrize("memory", [0.0, 0.4])
@pytest.mark.parametrize(
    "kind",
    ["continuous", "mostly zero", "few values", "a switch", "rounded", "a running number"],
)
def test_interval_and_p_never_contradict(kind, memory, digits):
    """The interval holds zero where p is above 0.05, and nowhere else, with ties on either side."""
    seen = set()
    for seed in range(60):
        rng = random.Random(seed)
        cause = drivers(kind, rng, nights := rng.randrange(45, 180))
        spread = max(cause) - min(cause) or 1.0
        slope = rng.choice([0.0, 0.0, 0.6, 1.5, -1.5]) / spread
        fresh = noise(nights, seed=seed, phi=memory)
        effect = [round(50 + f + slope * x, digits) for f, x in zip(fresh, cause, strict=True)]
        relation = judge_together({"a": relate(series(cause), series(effect), HRV)})["a"]
        if relation.p is None:
            assert relation.low is None
            assert relation.verdict == "too few nights"
            continue
        holds_zero = relation.low <= 0.0 <= relation.high
        assert holds_zero == (relation.p > 0.05)
        assert relation.low <= relation.slope <= relation.high
        assert holds_zero or relation.verdict in {"higher", "lower"}
        seen.add(holds_zero)
    # Whole numbers hide what is left of a driver that runs on, once the season is taken out.
    assert seen == {True, False} or (kind, digits) == ("a running number", 0)


def test_a_driver_that_is_nearly_always_the_same_is_too_few():
    """Eleven naps in half a year are too few to say what goes with their length; twelve are not."""
    for naps, is_told in ((11, False), (30, True)):
        places = random.Random(4).sample(range(180), naps)
        cause = [40.0 + n % 3 if n in places else 0.0 for n in range(180)]
        effect = [50 + 0.1 * x + v for x, v in zip(cause, noise(180), strict=True)]
        relation = relate(series(cause), series(effect), HRV)
        assert (relation.p is not None) is is_told
        assert not is_told or relation.low <= 0.1 <= relation.high


METRICS = ("hrv_avg_ms", "hr_lowest_bpm", "total_sleep_min", "efficiency_pct")


def of_person(person, metric, nights):
    first = person.first_day.toordinal() + len(person.nights[metric]) - nights
    days = (date.fromordinal(first + n) for n in range(nights))
    return Series.of(zip(days, person.nights[metric][-nights:], strict=True))


def called(person, nights):
    """The metrics that are called to go with the steps of the day before."""
    relations = {
        metric: relate(
            of_person(person, "steps", nights),
            of_person(person, metric, nights),
            traits_of(metric),
            lag_days=1,
        )
        for metric in METRICS
    }
    judged = judge_together(relations)
    return {name for name, relation in judged.items() if relation.verdict in ("higher", "lower")}


def test_the_second_population_is_rarely_accused():
    """People in whom steps do nothing: few answers call anything, of every such kind together."""
    answers = [
        called(person, nights)
        for kind in NULL_KINDS
        for nights in (60, 180)
        for person in population(kind, people=8, nights=425, seed=21)
    ]
    assert sum(map(bool, answers)) / len(answers) <= 0.05


def test_half_a_standard_deviation_on_sixty_nights_is_mostly_found():
    """Steps that raise the next night's HRV by 0.5 SD a SD."""
    people = population("driver_steps_up", people=40, nights=425, seed=22)
    assert sum("hrv_avg_ms" in called(person, 60) for person in people) / 40 >= 0.6

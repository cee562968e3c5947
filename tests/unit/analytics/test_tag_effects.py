"""Tag effects: found where planted, not blamed for the weekend, silent with few nights."""

import random

import pytest

from annulet.analytics.ranks import adjusted, rank_sum_p, shift
from annulet.analytics.rhythm import find_rhythm
from annulet.analytics.tag_effects import NightsBack, tag_effects
from annulet.analytics.traits import TRAITS, traits_of
from tests.unit.analytics.made import FIRST, noise, series

HR = TRAITS["hr_lowest_bpm"]


def ask(values, tagged, **options):
    """The effect of a tag on one metric."""
    nights = frozenset(FIRST + n for n in tagged)
    return tag_effects({"hr": (series(values), HR)}, nights, **options).effects["hr"]


def test_a_planted_effect_is_found_with_its_size():
    """Four beats on ten evenings are seen, and the interval holds them."""
    tagged = range(5, 175, 17)
    values = [55 + v + (4 if n in tagged else 0) for n, v in enumerate(noise(180, sd=2.0))]
    effect = ask(values, tagged)
    assert effect.verdict == "higher"
    assert effect.with_n == 10
    assert effect.low is not None
    assert effect.low <= 4 <= (effect.high or 0)


def test_the_weekend_is_not_blamed_on_the_tag():
    """A tag of weekends only, without effect, stays without one."""
    weekends = [n for n in range(180) if (FIRST + n) % 7 < 2]
    values = [
        55 + v + (2.5 if n in weekends else 0) for n, v in enumerate(noise(180, seed=6, sd=2.0))
    ]
    assert ask(values, weekends[:50:3]).verdict == "no clear difference"


@pytest.mark.parametrize("weekdays", [{0}, {4, 5}, {0, 1, 2, 3, 4}])
def test_what_happens_on_fixed_weekdays_is_not_judged(weekdays):
    """The pattern of the week is taken out, and with it whatever such a tag does: it is said."""
    tagged = [n for n in range(180) if (FIRST + n) % 7 in weekdays and n not in {30, 61}]
    values = [55 + v + (8 if n in tagged else 0) for n, v in enumerate(noise(180, sd=2.0))]
    nights = frozenset(FIRST + n for n in tagged)
    told = tag_effects({"hr": (series(values), HR)}, nights)
    if len(weekdays) < 5:
        assert told.effects["hr"].verdict == "cannot tell"
        assert "weekdays" in told.reason
    assert told.effects["hr"].verdict != "no clear difference"


LAGS = (1, 2, 3)


@pytest.mark.parametrize("lag", LAGS)
def test_what_the_tag_did_to_the_first_night_is_no_effect_on_a_later_one(lag):
    """A tag that moves its first night alone: later nights are not called, and not turned round."""
    called = sizes = 0
    for seed in range(30):
        evenings = random.Random(seed).sample(range(3, 176), 22)
        night = noise(180, seed=seed + 300, phi=0.4, sd=2.0)
        values = [55 + v + (5 if n - 1 in evenings else 0) for n, v in enumerate(night)]
        later = [n + 1 + lag for n in evenings]
        touched = frozenset(FIRST + n + 1 + back for n in evenings for back in range(lag))
        effect = ask(
            values, later, nights_back={"hr": NightsBack(1 + lag, 1 + lag)}, touched=touched
        )
        called += effect.verdict in {"higher", "lower"}
        sizes += effect.value
        first = ask(values, [n + 1 for n in evenings])
        assert first.verdict == "higher"
        assert first.low <= 5 <= first.high
    assert called <= 3
    assert abs(sizes / 30) < 0.3


def test_an_event_of_the_night_itself_is_not_turned_round():
    """A figure that one bad night lowers and the next does not is not called higher the next."""
    called = 0
    for seed in range(30):
        rng = random.Random(seed)
        bad = [n for n in range(2, 178) if rng.random() < 0.15]
        lasting = noise(180, seed=seed + 400, phi=0.5, sd=2.0)
        values = [55 + v - (6 if n in bad else 0) for n, v in enumerate(lasting)]
        effect = ask(values, [n + 1 for n in bad], nights_back={"hr": NightsBack(1, 2)})
        called += effect.verdict == "higher"
    assert called <= 3


def test_what_lasts_from_a_bad_night_is_not_an_effect_of_it():
    """A night chosen for its figure is followed by one that resembles it: that is not called."""
    called = 0
    for seed in range(30):
        nights = noise(180, seed=seed + 500, phi=0.5, sd=2.0)
        chosen = [n + 1 for n, v in enumerate(nights[:-1]) if v > 2.0]
        effect = ask([55 + v for v in nights], chosen, nights_back={"hr": NightsBack(1, 2)})
        called += effect.verdict in {"higher", "lower"}
    assert called <= 3


def test_both_nights_before_are_held_against():
    """The interval reaches over both comparisons, and holds zero where they disagree."""
    nights = noise(180, seed=9, phi=0.5, sd=2.0)
    chosen = [n + 1 for n, v in enumerate(nights[:-1]) if v > 2.0]
    values = [55 + v for v in nights]
    each = [ask(values, chosen, nights_back={"hr": NightsBack(n, n)}) for n in (1, 2)]
    both = ask(values, chosen, nights_back={"hr": NightsBack(1, 2)})
    assert both.low == min(e.low for e in each)
    assert both.high == max(e.high for e in each)
    assert both.p >= max(e.p for e in each)
    assert both.low <= both.value <= both.high


def test_a_figure_of_many_days_is_counted_and_not_judged():
    """What adds up many days has its nights counted and nothing told."""
    nights = frozenset(FIRST + n for n in range(5, 175, 9))
    values = [55 + v + (6 if FIRST + n in nights else 0) for n, v in enumerate(noise(180))]
    asked = {name: (series(values), HR) for name in ("debt", "hr")}
    told = tag_effects(asked, nights, unjudged=frozenset({"debt"})).effects
    assert told["debt"].verdict == "cannot tell"
    assert told["debt"].value is None
    assert told["debt"].with_n == told["hr"].with_n
    assert told["hr"].verdict == "higher"


def test_a_slow_trend_is_not_blamed_on_the_tag():
    """A tag that began late in a rising season is not the season."""
    values = [55 + v + 0.05 * n for n, v in enumerate(noise(180, seed=2, sd=2.0))]
    assert ask(values, range(120, 180, 5)).verdict == "no clear difference"


@pytest.mark.parametrize(
    ("tagged", "has_range", "has_p"),
    [
        ([10, 60], False, False),
        ([10, 40, 70, 100], True, False),
        ([9, 40, 70, 100, 130], True, True),
    ],
)
def test_floors(tagged, has_range, has_p):
    """Two nights are counted, three have a range, five a verdict."""
    effect = ask([55 + v for v in noise(180, sd=2.0)], tagged)
    assert effect.with_n == len(tagged)
    assert (effect.value is not None) is has_range
    assert (effect.p_adjusted is not None) is has_p
    assert (effect.verdict != "too few nights") is has_p


def test_every_night_tagged_leaves_nothing_to_compare():
    """A tag on every night has no other side."""
    assert ask([55.0] * 60, range(60)).verdict == "cannot tell"


def test_a_constant_metric_has_no_effect():
    """Equal nights differ by nothing, whatever the tag."""
    effect = ask([55.0] * 120, range(0, 120, 9))
    assert effect.value == 0.0
    assert effect.verdict == "no clear difference"


def test_illness_belongs_to_neither_side():
    """Days left out are counted nowhere."""
    values = [55 + v for v in noise(120, sd=2.0)]
    effect = ask(values, range(0, 120, 8), left_out=frozenset(range(FIRST + 40, FIRST + 50)))
    assert effect.with_n + effect.without_n == 110


def test_p_values_are_adjusted_over_metrics():
    """One lucky metric of nine is not called."""
    tagged = frozenset(FIRST + n for n in range(3, 180, 11))
    many = {
        f"m{k}": (series([50 + v for v in noise(180, seed=50 + k)]), traits_of("m"))
        for k in range(9)
    }
    effect = tag_effects(many, tagged).effects
    assert all(e.p_adjusted is not None and e.p_adjusted >= (e.p or 0) for e in effect.values())
    assert all(e.verdict == "no clear difference" for e in effect.values())


def test_a_daily_tag_keeps_its_effect():
    """A tag on every night since a day is the time before against the time after."""
    values = [55 + v + (5 if n >= 120 else 0) for n, v in enumerate(noise(180, sd=2.0))]
    effect = ask(values, range(120, 180))
    assert effect.verdict == "higher"
    assert effect.low <= 5 <= effect.high


def test_a_bad_night_before_is_not_the_tag():
    """A tag on the evening after a bad night is not blamed for what is left of it."""
    called = 0
    for seed in range(12):
        nights = noise(180, seed=seed, phi=0.5, sd=2.0)
        tagged = [n + 1 for n, v in enumerate(nights[:-1]) if v > 2.0]
        effect = ask([55 + v for v in nights], tagged)
        called += effect.verdict in {"higher", "lower"}
        assert effect.before is None or effect.before > 0
    assert called <= 2


def test_a_tag_of_warm_phases_is_not_the_rhythm():
    """What a monthly rhythm does is not blamed on a tag of its warm days."""
    phase = [n % 28 >= 16 for n in range(240)]
    temperature = [0.35 * warm + v for warm, v in zip(phase, noise(240, sd=0.12), strict=True)]
    beats = [55 + 3 * warm + v for warm, v in zip(phase, noise(240, seed=3, sd=2.0), strict=True)]
    rhythm = find_rhythm(series(temperature))
    assert rhythm is not None
    assert abs(rhythm.days - 28) <= 1
    tagged = [n for n in range(240) if phase[n] and n % 3 == 0]
    assert ask(beats, tagged).verdict == "higher"
    assert ask(beats, tagged, rhythm=rhythm).verdict == "no clear difference"
    assert find_rhythm(series(noise(240, seed=8, sd=0.18))) is None


def test_no_metric_at_all():
    """No metric, no effect."""
    assert tag_effects({}, frozenset({FIRST})).effects == {}


def test_benjamini_hochberg():
    """Adjusted p-values are those of the textbook and keep their order."""
    assert adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert adjusted([]) == []


def test_exact_rank_sums():
    """Three against three, fully apart: two of twenty choices are as extreme."""
    p = rank_sum_p([1, 2, 3, 4, 5, 6], [False] * 3 + [True] * 3, [0] * 6)
    assert p == pytest.approx(0.1)


def test_strata_are_respected():
    """What only the stratum explains is no evidence."""
    values = [1.0, 2.0, 11.0, 12.0]
    assert rank_sum_p(values, [False, False, True, True], ["a", "a", "b", "b"]) == 1.0


def test_ties_everywhere_are_no_evidence():
    """Equal values say nothing, exactly or approximately."""
    for m in (4, 12):
        assert rank_sum_p([1.0] * 30, [n < m for n in range(30)], [0] * 30) == 1.0


def test_exact_and_approximate_agree():
    """Around the border of the exact count both say about the same."""
    values = [v + (0.8 if n < 7 else 0) for n, v in enumerate(noise(60, phi=0.0))]
    chosen = [n < 7 for n in range(60)]
    exact = rank_sum_p(values, chosen, [0] * 60)
    more = rank_sum_p([*values, 0.0], [*chosen, True], [0] * 61)
    assert 0.2 < exact / more < 5


def test_hodges_lehmann():
    """The shift is the median of all pairwise differences."""
    effect = shift([4.0, 5.0, 9.0], [1.0, 2.0, 3.0])
    assert effect.value == 3.0
    assert effect.low <= 3.0 <= effect.high
    assert shift([2.0], [1.0]).low == 1.0


def test_dependence_widens():
    """A variance inflated by neighbouring nights widens interval and p."""
    tagged_nights, others = noise(12, seed=1), noise(40, seed=2)
    narrow, wide = shift(tagged_nights, others), shift(tagged_nights, others, inflation=3.0)
    assert wide.high - wide.low > narrow.high - narrow.low
    values, chosen = [*tagged_nights, *others], [n < 12 for n in range(52)]
    assert rank_sum_p(values, chosen, [0] * 52) <= rank_sum_p(
        values, chosen, [0] * 52, inflation=3.0
    )

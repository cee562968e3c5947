"""Every kind of person, by name: one line of description and what the kind is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.second_population.changes import LevelStep, NewRing, SteadyRamp
from benchmarks.second_population.draft import Body, Draft
from benchmarks.second_population.drivers import (
    BedtimeMovesHeartRate,
    BothFollowCycle,
    BothFollowSeason,
    BothFollowWeekday,
    StepsMoveHrv,
)
from benchmarks.second_population.events import Alcohol, Illness, TrainingLoad, Travel
from benchmarks.second_population.lives import Artefacts, Newborn, Pregnancy, ShiftWork
from benchmarks.second_population.metrics import (
    BEDTIME,
    BREATH,
    DEEP,
    EFFICIENCY,
    HR,
    HRV,
    SLEEP,
    STEPS,
    TEMPERATURE,
)
from benchmarks.second_population.noise import Noise
from benchmarks.second_population.publishing import Gaps
from benchmarks.second_population.rhythms import MenstrualCycle, Season, Weekend
from benchmarks.second_population.tagging import (
    DailyTag,
    RandomTag,
    RareTag,
    TagAfterBadNight,
    TagAtWeekends,
    TagInRuns,
    TagPair,
    TagWithCycle,
)


class Part(Protocol):
    """Something that happens to a person: it changes the draft and writes down what it did."""

    def apply(self, draft: Draft) -> None:
        """Adds the part to the draft and to its truth."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of person: what it is, and the parts it is made of, applied in their order.

    ``longest`` cuts the history to so many nights. ``rounding`` replaces steps of published values.
    """

    description: str
    parts: tuple[Part, ...] = ()
    noise: Noise = field(default_factory=Noise)
    body: Body = field(default_factory=Body)
    gaps: Gaps = field(default_factory=Gaps)
    longest: int | None = None
    weekend: Weekend | None = field(default_factory=Weekend)
    rounding: dict[str, float] = field(default_factory=dict)


LITTLE = Noise(slow_share=(0.0, 0.03))
STRONG = Noise(slow_share=(0.35, 0.55))
CYCLE = MenstrualCycle()
ATHLETE = Body(
    centre={HR: 44.0, HRV: math.log(82.0), BREATH: 14.2, STEPS: math.log(12500.0), SLEEP: 450.0},
    spread={HR: 3.5, HRV: 0.3},
)
OLDER = Body(
    centre={
        HR: 57.0,
        HRV: math.log(21.0),
        SLEEP: 385.0,
        DEEP: 48.0,
        EFFICIENCY: 80.0,
        BEDTIME: -85.0,
        STEPS: math.log(5200.0),
    },
    spread={HRV: 0.35},
)

NOISE_KINDS = {
    "plain": Kind("nothing happens: usual noise, a slow wander of 8–25 %, a usual weekend"),
    "little_slow_wander": Kind("plain with at most 3 % of slow variance", noise=LITTLE),
    "strong_slow_wander": Kind("plain with 35–55 % of slow variance", noise=STRONG),
    "heavy_tails": Kind("plain with t-like nights of 4 degrees", noise=Noise(heavy_tails=True)),
    "coarse_rounding": Kind(
        "so steady that rounding is most of the noise",
        noise=Noise(sd={HR: 0.35, BREATH: 0.3, EFFICIENCY: 0.35, TEMPERATURE: 0.5}),
        rounding={TEMPERATURE: 0.1},
    ),
    "arrhythmia": Kind(
        "misread beats on one night in seven",
        parts=(Artefacts(),),
        noise=Noise(sd={HRV: 1.7, HR: 1.4}),
    ),
    "older": Kind(
        "an older person: low HRV, short light sleep, nights much alike",
        body=OLDER,
        noise=Noise(sd_all=0.6),
    ),
    "weekday_regular": Kind(
        "sleeps 90 minutes longer at weekends and is very regular else",
        weekend=Weekend({SLEEP: 90.0, BEDTIME: 55.0}, spread=0.0),
        noise=Noise(sd={SLEEP: 0.5, BEDTIME: 0.5}),
    ),
    "weekday_none": Kind("plain without any weekend", weekend=None),
    "season": Kind(
        "a yearly wave in heart rate, HRV, steps and sleep",
        parts=(Season({HR: 1.3, HRV: -0.05, STEPS: -0.18, SLEEP: 12.0}),),
    ),
}
HISTORY_KINDS = {
    "gaps_random": Kind("a third of the nights missing at random", gaps=Gaps(single=0.33)),
    "gaps_runs": Kind("ten runs of 3–9 missing nights a year", gaps=Gaps(0.03, 10.0, (3, 9))),
    "gaps_holidays": Kind(
        "three holidays of 9–18 nights without the ring a year",
        gaps=Gaps(holidays_a_year=3.0),
    ),
    "newcomer": Kind("a newcomer with 5 nights", longest=5),
    "history_7": Kind("a history of 7 nights", longest=7),
    "history_14": Kind("a history of 14 nights", longest=14),
    "history_60": Kind("a history of 60 nights", longest=60),
}
CYCLE_KINDS = {
    "cycle_regular": Kind("regular cycles of 24–34 days", parts=(CYCLE,)),
    "cycle_short": Kind("regular cycles of 21–24 days", (MenstrualCycle((21.0, 24.0), 1.0),)),
    "cycle_long": Kind("regular cycles of 34–40 days", (MenstrualCycle((34.0, 40.0), 1.5),)),
    "cycle_faint": Kind(
        "regular cycles with a rise of 0.12–0.16 °C",
        (MenstrualCycle(temperature=(0.14, 0.01, 0.12), heart_rate=1.2, hrv=-0.04),),
    ),
    "cycle_irregular": Kind(
        "cycles of 18–50 days that vary by 6 days",
        (MenstrualCycle(length_sd=6.0, without_ovulation=0.12),),
    ),
    "cycle_new": Kind("regular cycles, one or two of them recorded", (CYCLE,), longest=50),
    "cycle_perimenopause": Kind(
        "cycles of 20–80 days, four in ten without ovulation",
        (MenstrualCycle((28.0, 45.0), 14.0, 20, 80, without_ovulation=0.4),),
    ),
    "cycle_none": Kind("the control of the cycles: the same person without any"),
    "pregnancy": Kind("cycles, then a drift over 266 days, then a newborn", (Pregnancy(),)),
}
LIFE_KINDS = {
    "shift_work": Kind("rotating early, late and night shifts", (ShiftWork(),), weekend=None),
    "newborn_parent": Kind("broken nights for sixteen weeks, getting better", (Newborn(),)),
    "athlete": Kind(
        "low heart rate, high HRV, three weeks of load and one of rest",
        (TrainingLoad(every=28, days=(17, 21), size=0.8),),
        body=ATHLETE,
    ),
    "athlete_resting": Kind(
        "the control of the athlete: the same person without load", body=ATHLETE
    ),
}
EVENT_KINDS = {
    "fever": Kind("an illness of 0.5–1.6 °C every 75 nights", (Illness(),)),
    "fever_mild": Kind("an illness of 0.2–0.45 °C every 75 nights", (Illness(75, (0.2, 0.45)),)),
    "alcohol": Kind("0.8 evenings with alcohol a week, mostly at weekends", (Alcohol(),)),
    "travel": Kind("a journey of 2–8 hours of time shift every 90 nights", (Travel(),)),
    "training_load": Kind("a block of hard training every 80 nights", (TrainingLoad(),)),
    "eventful": Kind(
        "illness, journeys, training and alcohol together",
        (Illness(170, (0.3, 1.6)), Travel(160), TrainingLoad(120), Alcohol(0.4)),
    ),
}
CHANGE_KINDS = {
    "step_1sd": Kind("a step of 1 SD in one metric", (LevelStep(1.0),)),
    "step_1_5sd": Kind("a step of 1.5 SD in one metric", (LevelStep(1.5),)),
    "step_2sd": Kind("a step of 2 SD in one metric", (LevelStep(2.0),)),
    "step_3sd": Kind("a step of 3 SD in one metric", (LevelStep(3.0),)),
    "ramp_1sd": Kind("a slope of 1 SD in the last 90 nights", (SteadyRamp(1.0),)),
    "ramp_1_5sd": Kind("a slope of 1.5 SD in the last 90 nights", (SteadyRamp(1.5),)),
    "ramp_3sd": Kind("a slope of 3 SD in the last 90 nights", (SteadyRamp(3.0),)),
    "ramp_year": Kind("a slope of 2 SD in the last 360 nights", (SteadyRamp(2.0, 360),)),
    "new_ring_same": Kind("a new ring that reads like the old one", (NewRing(),)),
    "new_ring_shift": Kind("a new ring that reads three metrics differently", (NewRing(3),)),
    "power_slope": Kind(
        "little slow wander, a slope of 1.5 SD in the last 90 nights", (SteadyRamp(1.5),), LITTLE
    ),
    "power_change": Kind(
        "little slow wander, the last 30 nights 1 SD away",
        (LevelStep(1.0, last_nights=30),),
        LITTLE,
    ),
    "power_tag": Kind(
        "little slow wander, a tag on 20 nights with an effect of 1 SD",
        (RandomTag(20, 1.0),),
        LITTLE,
    ),
}
TAG_KINDS = {
    "tag_random": Kind("a tag at random that does nothing", (RandomTag(),)),
    "tag_effect_0_5sd": Kind("a tag on 20 nights, effect 0.5 SD", (RandomTag(20, 0.5),)),
    "tag_effect_1sd": Kind("a tag on 20 nights, effect 1 SD", (RandomTag(20, 1.0),)),
    "tag_effect_2sd": Kind("a tag on 20 nights, effect 2 SD", (RandomTag(20, 2.0),)),
    "tag_after_bad_night": Kind("a tag after bad nights that does nothing", (TagAfterBadNight(),)),
    "tag_cycle": Kind("a tag that goes with the cycle and does nothing", (CYCLE, TagWithCycle())),
    "tag_weekend": Kind("a tag at weekends only that does nothing", (TagAtWeekends(),)),
    "tag_daily_effect": Kind("a daily tag from a date on, effect 1.5 SD", (DailyTag(1.5),)),
    "tag_daily_none": Kind("a daily tag from a date on that does nothing", (DailyTag(),)),
    "tag_runs_effect": Kind("a tag in runs of 15–30 days, effect 1 SD", (TagInRuns(1.0),)),
    "tag_runs_none": Kind("a tag in runs of 15–30 days that does nothing", (TagInRuns(),)),
    "tag_rare_effect": Kind("a tag on five days, effect 2 SD", (RareTag(effect_sd=2.0),)),
    "tag_rare_none": Kind("a tag on five days that does nothing", (RareTag(),)),
    "tag_pair": Kind("two tags that go together, only one with an effect", (TagPair(),)),
}
DRIVER_KINDS = {
    "driver_steps": Kind("steps lower the next night's HRV, 0.3 SD a SD", (StepsMoveHrv(-0.3),)),
    "driver_steps_up": Kind("steps raise the next night's HRV, 0.5 SD a SD", (StepsMoveHrv(0.5),)),
    "driver_bedtime": Kind(
        "a later bedtime raises the night's heart rate", (BedtimeMovesHeartRate(0.35),)
    ),
    "driver_none": Kind("steps and HRV have nothing to do with each other", (StepsMoveHrv(0.0),)),
    "driver_season": Kind("steps and HRV only share the season", (BothFollowSeason(),)),
    "driver_weekday": Kind("steps and HRV only share the weekday", (BothFollowWeekday(),)),
    "driver_cycle": Kind("steps and HRV only share the cycle", (CYCLE, BothFollowCycle())),
}
KINDS: dict[str, Kind] = {
    **NOISE_KINDS,
    **HISTORY_KINDS,
    **CYCLE_KINDS,
    **LIFE_KINDS,
    **EVENT_KINDS,
    **CHANGE_KINDS,
    **TAG_KINDS,
    **DRIVER_KINDS,
}

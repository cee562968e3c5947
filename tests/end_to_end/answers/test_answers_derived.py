"""Derived metrics against a calculation of their own from the raw documents of every person."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime, time, timedelta
from itertools import pairwise
from statistics import fmean

import pytest

from annulet.contract.collections import DAILY_ACTIVITY, SLEEP
from annulet.toolkit.dates import Period
from annulet.toolkit.reading.metric_table import metric_rows
from annulet.toolkit.reading.zone_lookup import resolve_local_time

PEOPLE = ("plain", "traveller", "fareast", "farwest", "shift", "sparse", "longtime")
DAYS = 100
NOT_SLEEP = {"rest", "deleted"}


async def raw_days(person, first, last):
    """The sleeps of each day by start, main sleep and naps apart; and its activity."""
    client = person.context.client
    sleeps = defaultdict(list)
    for sleep in await client.collection(SLEEP, first, last):
        if sleep.type not in NOT_SLEEP and sleep.bedtime_end is not None:
            sleeps[sleep.day].append(sleep)
    activity = {a.day: a for a in await client.collection(DAILY_ACTIVITY, first, last)}
    return {day: apart(of_day) for day, of_day in sleeps.items()}, activity


def apart(sleeps):
    """The main sleep (long sleeps with what lies within two hours of them) and the naps."""
    ordered = sorted(sleeps, key=lambda sleep: sleep.bedtime_start)
    runs = []
    for sleep in ordered:
        if sleep.type == "late_nap":
            continue
        if runs and sleep.bedtime_start - runs[-1][-1].bedtime_end <= timedelta(hours=2):
            runs[-1].append(sleep)
        else:
            runs.append([sleep])
    is_long = [run for run in runs if any(long(sleep) for sleep in run)]
    main = [sleep for run in is_long for sleep in run]
    return main, [sleep for sleep in ordered if sleep not in main]


def long(sleep):
    return sleep.type == "long_sleep" or sleep.total_sleep_duration >= 3 * 3600


def asleep_min(sleeps):
    return sum(sleep.total_sleep_duration for sleep in sleeps) / 60


def midsleep(day, main):
    """Minutes from midnight on the clock of waking, from the instant in the middle.

    Of two sleeps, with more than two hours between them, it is that of the longer one.
    """
    sleeps = [[main[0]]]
    for earlier, later in pairwise(main):
        if later.bedtime_start - earlier.bedtime_end > timedelta(hours=2):
            sleeps.append([])
        sleeps[-1].append(later)
    main = max(sleeps, key=asleep_min)
    start, end = main[0].bedtime_start, max(sleep.bedtime_end for sleep in main)
    instant = datetime.fromtimestamp((start.timestamp() + end.timestamp()) / 2, end.tzinfo)
    return (instant.replace(tzinfo=None) - datetime.combine(day, time())).total_seconds() / 60


def beside_their_mean(minutes):
    """Clock times, each within half a day of where all of them point."""
    angles = [m * math.tau / 1440 for m in minutes.values()]
    mean = math.atan2(sum(map(math.sin, angles)), sum(map(math.cos, angles))) * 1440 / math.tau
    return {day: (m - mean + 720) % 1440 + mean - 720 for day, m in minutes.items()}


def before(day, length):
    return [day - timedelta(days=n) for n in range(length)]


@pytest.fixture
async def table(demo_cloud, open_person):
    """The daily metrics of a person by day, and the raw days behind them."""

    async def read(name):
        person = open_person(demo_cloud, name)
        local_time = await resolve_local_time(person.context)
        last = local_time.today
        period = Period(last - timedelta(days=DAYS - 1), last)
        rows, refused = await metric_rows(person.context, local_time, period)
        assert not refused
        raw, activity = await raw_days(person, period.start - timedelta(days=70), last)
        activity = {day: value for day, value in activity.items() if day < person.open_day}
        return {datetime.fromisoformat(r["day"]).date(): r for r in rows}, raw, activity

    return read


@pytest.mark.parametrize("name", PEOPLE)
async def test_naps_main_sleep_and_24_hours(table, name):
    """Naps and main sleep make the 24 hours; a day with its main sleep in pieces has no nap."""
    rows, raw, _ = await table(name)
    nights = 0
    for day, row in rows.items():
        main, naps = raw.get(day, ([], []))
        if not main:
            continue
        nights += 1
        assert row["total_sleep_min"] == pytest.approx(asleep_min(main)), day
        assert row["nap_min"] == pytest.approx(asleep_min(naps)), day
        assert row["sleep_24h_min"] == pytest.approx(row["nap_min"] + row["total_sleep_min"])
        assert row["midsleep_min_from_midnight"] == pytest.approx(midsleep(day, main)), day
    assert nights > 20


@pytest.mark.parametrize("name", PEOPLE)
async def test_figures_of_several_days(table, name):
    """Sleep debt, social jet lag, HRV of 7 days against 60 and training load, by plain loops."""
    rows, raw, activity = await table(name)
    total = {d: asleep_min(m) + asleep_min(n) for d, (m, n) in raw.items() if m}
    middle = beside_their_mean({d: midsleep(d, m) for d, (m, _) in raw.items() if m})
    hrv = {d: value for d, (m, _) in raw.items() if (value := mean_hrv(m))}
    load = loads(activity)
    for day, row in rows.items():
        slept = [total[d] for d in before(day, 14) if d in total]
        if day in total and len(slept) >= 10:
            assert row["sleep_debt_min"] == pytest.approx(max(480 - fmean(slept), 0) * 14), day
        free = [middle[d] for d in before(day, 28) if d in middle and d.weekday() >= 5]
        work = [middle[d] for d in before(day, 28) if d in middle and d.weekday() < 5]
        if day in middle and len(free) >= 3 and len(work) >= 8:
            assert row["social_jetlag_min"] == pytest.approx(abs(fmean(free) - fmean(work))), day
        week = [math.log(hrv[d]) for d in before(day, 7) if d in hrv]
        months = [math.log(hrv[d]) for d in before(day, 60) if d in hrv]
        if day in hrv and len(week) >= 4 and len(months) >= 30:
            expected = 100 * (math.exp(fmean(week)) / math.exp(fmean(months)) - 1)
            assert row["hrv_7d_vs_60d_pct"] == pytest.approx(expected), day
        expected = load.get(day)
        assert row.get("training_load") == (expected and pytest.approx(expected)), day
    assert any("social_jetlag_min" in row for row in rows.values())


def mean_hrv(main):
    weighted = [(s.average_hrv, s.total_sleep_duration) for s in main if s.average_hrv]
    weight = sum(length for _, length in weighted)
    return sum(value * length for value, length in weighted) / weight if weight else None


def loads(activity):
    """The ratio of means of 7 and 28 days that forget exponentially, with 21 days of 28."""
    met = {
        day: a.low_activity_met_minutes
        + a.medium_activity_met_minutes
        + a.high_activity_met_minutes
        for day, a in activity.items()
        if a.low_activity_met_minutes is not None
    }
    ratios = {}
    for day in met:
        ages = [n for n, d in enumerate(before(day, 28)) if d in met]
        if len(ages) >= 21:
            short, long_ = (
                sum(met[day - timedelta(days=n)] * (1 - 2 / (span + 1)) ** n for n in ages)
                / sum((1 - 2 / (span + 1)) ** n for n in ages)
                for span in (7, 28)
            )
            ratios[day] = short / long_
    return ratios


@pytest.mark.parametrize("name", PEOPLE)
async def test_regularity(table, name):
    """Every minute in steps of five: the same state as 24 hours before, where both days are."""
    rows, raw, _ = await table(name)
    asleep = {}
    for main, naps in raw.values():
        for sleep in (*main, *naps):
            clock = sleep.bedtime_start.replace(tzinfo=None)
            for number, stage in enumerate(sleep.sleep_phase_5_min or ""):
                at = clock + timedelta(minutes=5 * number)
                slot = datetime.combine(at.date(), time(at.hour, at.minute // 5 * 5))
                asleep[slot] = asleep.get(slot, False) or stage in "123"
    known = {day for day, (main, _) in raw.items() if main and longest(main).sleep_phase_5_min}
    compared = 0
    for day in sorted(rows)[-20:]:
        noons = [
            datetime.combine(d - timedelta(days=1), time(12))
            for d in before(day, 13)
            if {d, d - timedelta(days=1)} <= known
        ]
        if day not in known or len(noons) < 6:
            continue
        slots = [noon + timedelta(minutes=5 * n) for noon in noons for n in range(288)]
        same = sum(
            asleep.get(slot, False) == asleep.get(slot - timedelta(days=1), False) for slot in slots
        )
        expected = 200 * same / len(slots) - 100
        assert rows[day]["sleep_regularity_index"] == pytest.approx(expected), day
        compared += 1
    assert compared or name == "sparse"


def longest(main):
    return max(main, key=lambda sleep: sleep.total_sleep_duration)


async def test_a_day_has_one_value_whatever_is_asked_around_it(demo_cloud, open_person):
    """A figure of several days does not depend on how long a period was read."""
    person = open_person(demo_cloud, "plain")
    for metric in ("training_load", "sleep_debt_min", "hrv_7d_vs_60d_pct", "social_jetlag_min"):
        day = (person.today - timedelta(days=3)).isoformat()
        values = [
            (await person.ask("query", metrics=[metric], where=[f"day = {day}"], start=start))[
                "table"
            ]["rows"][0][3]
            for start in (day, "last 30 days", "last 200 days")
        ]
        assert len(set(values)) == 1, (metric, values)


@pytest.mark.parametrize("name", ["shift", "sparse", "fareast"])
async def test_naps_are_the_same_in_every_question(demo_cloud, open_person, name):
    """Rows, conditions, the metric and the list of sleeps without naps mean the same naps."""
    person = open_person(demo_cloud, name)
    asked = {"start": "last 90 days", "metrics": ["sleep"], "calculate": ["sum"]}
    of_naps = await person.ask("query", of="naps", **asked)
    written = await person.ask("query", of="sleeps", where=["type = nap"], **asked)
    by_kind = await person.ask("query", of="sleeps", by="sleep_kind", **asked)
    daily = await person.ask("query", metrics=["nap_min"], start="last 90 days", calculate=["sum"])
    total = daily["table"]["rows"][0][2]
    assert total > 0
    assert of_naps["table"]["rows"][0][2] == written["table"]["rows"][0][2] == total
    assert {row[0]: row[3] for row in by_kind["table"]["rows"]}["nap"] == total
    month = {"start": "last 30 days"}
    everything = await person.ask("sleep_sessions", **month)
    without = await person.ask("sleep_sessions", include_naps=False, **month)
    counted = await person.ask("query", of="naps", calculate=["count"], **month)
    naps = len(everything["table"]["rows"]) - len(without["table"]["rows"])
    assert naps == counted["matched"]["rows"]

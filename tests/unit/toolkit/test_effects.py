"""oura_effects: planted effects found, harmless tags not blamed, unknown tags answered kindly."""

import json
from datetime import timedelta

import jsonschema
import pytest

from annulet.contract.documents import EnhancedTag
from annulet.errors import NoDataError, ScopeMissing, UsageError
from annulet.toolkit.arguments import validate
from annulet.toolkit.tools.effects import TOOL
from tests.unit.toolkit.people import TODAY, Ring, context, nights, tag, with_fever


async def ask(ring, **question):
    """Ask, and hold the answer against its own schema."""
    answer = await TOOL.run(context(ring), validate(TOOL, question))
    jsonschema.validate(answer, TOOL.output)
    return answer


def row(answer, metric):
    """One row of the table by column."""
    (cells,) = [r for r in answer["table"]["rows"] if r[0] == metric]
    return dict(zip(answer["table"]["columns"], cells, strict=True))


def evenings(first=3, step=9, last=170):
    """Days with a tag."""
    return [TODAY - timedelta(days=n) for n in range(first, last, step)]


def drinker(days, lag=0):
    """Nights with an effect under the day after each evening."""
    made = nights(180)
    for day in days:
        night = made[day + timedelta(days=1 + lag)]
        night["hr"] += 5
        night["hrv"] = round(night["hrv"] * 0.8)
    return made


@pytest.mark.parametrize(
    "words", ["alcohol", "Alcohol", "tag_generic_alcohol", "TAG_GENERIC_ALCOHOL"]
)
async def test_alcohol_nights_are_found(words):
    """Oura files the night after an evening under the next day: there the effect is."""
    days = evenings()
    answer = await ask(Ring(drinker(days), [tag(d) for d in days]), tag=words)
    heart, hrv = row(answer, "hr_lowest_bpm"), row(answer, "hrv_avg_ms")
    assert heart["verdict"] == "higher"
    assert hrv["verdict"] == "lower"
    assert heart["with_n"] == len(days)
    assert heart["low"] <= 5 <= heart["high"]
    assert heart["p_adjusted"] <= 0.05
    assert row(answer, "steps")["verdict"] == "no clear difference"
    assert "resting heart rate" in answer["summary"]
    assert any("association" in note for note in answer["notes"])


async def test_caffeine_without_effect_is_not_blamed():
    """A harmless tag has no clear difference anywhere."""
    days = evenings(4, 6)
    tags = [tag(d, "tag_generic_caffeine", 14) for d in days]
    answer = await ask(Ring(drinker(evenings()), tags), tag="caffeine")
    assert {r[-1] for r in answer["table"]["rows"]} == {"no clear difference"}
    assert "No clear difference" in answer["summary"]


async def test_a_tag_of_the_small_hours_belongs_to_the_same_day():
    """One o'clock at night is before the sleep that ends that morning."""
    days = evenings()
    tags = [tag(d + timedelta(days=1), hour=1) for d in days]
    assert (
        row(await ask(Ring(drinker(days), tags), tag="alcohol"), "hr_lowest_bpm")["verdict"]
        == "higher"
    )


async def test_the_lag_looks_at_a_later_night():
    """An effect of the second night is seen at lag one."""
    days = evenings(5)
    ring = Ring(drinker(days, lag=1), [tag(d) for d in days])
    assert row(await ask(ring, tag="alcohol", lag_days=1), "hr_lowest_bpm")["verdict"] == "higher"
    assert row(await ask(ring, tag="alcohol"), "hr_lowest_bpm")["verdict"] != "higher"


async def test_custom_names_and_text_are_tags_too():
    """The person's own words find their tag, in any case."""
    days = evenings()
    tags = [
        EnhancedTag(start_day=d, tag_type_code="custom", custom_name="Cold Plunge") for d in days
    ]
    answer = await ask(Ring(nights(180), tags), tag="cold plunge")
    assert row(answer, "steps")["with_n"] >= len(days) - 2


async def test_few_nights_have_no_verdict():
    """Two nights are counted, four have a range; neither has a verdict."""
    for count, has_range in ((2, False), (4, True)):
        days = evenings()[:count]
        answer = await ask(Ring(nights(180), [tag(d) for d in days]), tag="alcohol")
        figures = row(answer, "hr_lowest_bpm")
        assert figures["verdict"] == "too few nights"
        assert (figures["low"] is not None) is has_range
        assert figures["p_adjusted"] is None
        assert "Too few nights" in answer["summary"]


async def test_illness_is_left_out():
    """A week of fever does not count as the person's ordinary nights."""
    days = evenings()
    made = with_fever(drinker(days), TODAY - timedelta(days=60))
    answer = await ask(Ring(made, [tag(d) for d in days]), tag="alcohol")
    assert any("look like illness" in note for note in answer["notes"])


async def test_an_unknown_tag_lists_those_there_are():
    """The hint names the person's tags, the most frequent first."""
    tags = [tag(d) for d in evenings()] + [tag(TODAY, "tag_generic_sauna")]
    with pytest.raises(UsageError) as refused:
        await ask(Ring(nights(60), tags), tag="magnesium")
    assert "alcohol, sauna" in refused.value.hint


async def test_a_person_without_tags_is_told_so():
    """It is not the question that is wrong where there is nothing to choose from."""
    with pytest.raises(NoDataError) as refused:
        await ask(Ring(nights(60)), tag="magnesium")
    assert "no tags" in refused.value.message
    assert "Oura app" in refused.value.hint


async def test_without_the_permission_for_tags_it_says_so():
    """Tags that may not be read are a missing permission, not missing tags."""
    denied = ScopeMissing("No tags.", hint="Add the permission.", scope="tag")
    with pytest.raises(ScopeMissing):
        await ask(Ring(nights(60), failing={"enhanced_tag": denied}), tag="alcohol")


async def test_the_default_answer_stays_within_its_budget():
    """Nine metrics fit one and a half kilobytes, for a newcomer too."""
    days = evenings()
    for made, tags in ((drinker(days), [tag(d) for d in days]), (nights(6), [tag(TODAY)])):
        answer = await ask(Ring(made, tags), tag="alcohol")
        assert len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()) <= 1536


@pytest.mark.parametrize(("earlier", "verdict"), [(0, "higher"), (25, "cannot tell")])
async def test_a_change_that_began_before_the_tags_is_not_theirs(earlier, verdict):
    """A daily tag is told from what had changed weeks before it."""
    since = TODAY - timedelta(days=60)
    made = nights(180, seed=3)
    for day, night in made.items():
        night["hr"] += 6 * (day > since - timedelta(days=earlier))
    tags = [tag(since + timedelta(days=n)) for n in range(61)]
    answer = await ask(Ring(made, tags), tag="alcohol", metrics=["hr_lowest_bpm", "hrv_avg_ms"])
    at = answer["table"]["columns"].index("verdict")
    assert answer["table"]["rows"][0][at] == verdict
    assert ("began before the first of these nights" in answer["summary"]) == bool(earlier)


@pytest.mark.parametrize("condition", ["next.steps > 1000", "steps <= next.steps"])
async def test_what_a_condition_is_about_is_no_effect_of_it(condition) -> None:
    """Days followed by many steps are followed by many steps: that is said and not judged."""
    ring = Ring(nights(60))
    told = await TOOL.run(context(ring), validate(TOOL, {"when": condition}))
    assert "steps" not in {row[0] for row in told["table"]["rows"]}
    assert any("the condition itself" in note for note in told["notes"])
    with pytest.raises(UsageError, match="by definition"):
        await TOOL.run(context(ring), validate(TOOL, {"when": condition, "metrics": ["steps"]}))


LATER = {1: "second", 2: "third", 3: "fourth"}


@pytest.mark.parametrize("lag", LATER)
async def test_what_a_tag_did_to_its_night_is_not_told_of_a_later_one(lag):
    """Alcohol moves one night; the second to fourth are as usual, however they are asked for."""
    days = evenings(5, 8)
    ring = Ring(drinker(days), [tag(d) for d in days])
    moved = ["hr_lowest_bpm", "hrv_avg_ms"]
    answer = await ask(ring, tag="alcohol", lag_days=lag, metrics=moved)
    assert {r[-1] for r in answer["table"]["rows"]} == {"no clear difference"}
    assert f"{LATER[lag]} nights after “alcohol”" in answer["summary"]
    if lag == 1:
        told = await ask(ring, when="previous.tag = alcohol", metrics=moved)
        assert {r[-1] for r in told["table"]["rows"]} == {"no clear difference"}


async def test_a_night_that_another_evening_touched_is_on_neither_side():
    """Two evenings in a row: the night after the second is no second night after the first."""
    firsts = evenings(6, 12)
    days = [day + timedelta(days=n) for day in firsts for n in (0, 1)]
    answer = await ask(Ring(drinker(days), [tag(d) for d in days]), tag="alcohol", lag_days=1)
    figures = row(answer, "hr_lowest_bpm")
    assert figures["with_n"] == len(firsts)
    assert figures["verdict"] == "no clear difference"
    assert any("in between" in note for note in answer["notes"])


async def test_what_a_day_itself_was_like_is_not_turned_round_the_next():
    """Many steps one day: the next day's steps are not called fewer for being ordinary."""
    condition = "steps >= 11000"
    answer = await ask(Ring(nights(180, seed=5)), when=condition, metrics=["steps", "stress"])
    assert row(answer, "steps")["verdict"] == "no clear difference"


@pytest.mark.parametrize(
    ("condition", "ask_instead"),
    [
        ("weekday = fri,sat", "by “weekday”"),
        ("weekend = yes", "by “weekend”"),
        ("previous.weekday = mon", "by “weekday”"),
        ("night = sat", "by “night”"),
        ("month = 2026-03", "by “month”"),
        ("season = spring", "by “month”"),
    ],
)
async def test_what_is_taken_out_cannot_be_told(condition, ask_instead):
    """Weekdays and seasons are taken out before anything is compared: said, with what to ask."""
    answer = await ask(Ring(nights(180)), when=condition)
    assert answer["summary"].startswith("Cannot tell")
    assert ask_instead in answer["summary"]
    assert {r[-1] for r in answer["table"]["rows"]} == {"cannot tell"}
    assert row(answer, "hr_lowest_bpm")["effect"] is None


async def test_a_tag_of_one_weekday_is_not_told_from_the_weekday():
    """Every Tuesday: the answer says why nothing can be told, and where to look."""
    days = [day for day in nights(170) if day.weekday() == 1]
    answer = await ask(Ring(drinker(days), [tag(d) for d in days]), tag="alcohol")
    assert answer["summary"].startswith("Cannot tell")
    assert "oura_query by “weekday”" in answer["summary"]


async def test_a_condition_on_a_night_says_which_night_is_meant():
    """The night that follows, and how to ask about the same one."""
    answer = await ask(Ring(nights(180)), when="sleep < 7h")
    assert "nights after nights with “sleep < 7h”" in answer["summary"]
    (note,) = [note for note in answer["notes"] if "same night" in note]
    assert "driver" in note
    assert "oura_query by “sleep < 7h”" in note
    by_day = await ask(Ring(nights(180)), when="steps > 9000")
    assert "nights after days with “steps > 9000”" in by_day["summary"]
    assert not any("same night" in note for note in by_day["notes"])


async def test_conditions_as_a_list_must_all_hold():
    """A list, as oura_query takes it, is one condition, with or without its own AND."""
    ring = Ring(nights(180))
    whole = await ask(ring, when="steps > 7000 and hrv > 40")
    for parts in (["steps > 7000", "hrv > 40"], ["steps > 7000", "AND", "hrv > 40"]):
        assert await ask(ring, when=parts) == whole
    assert await ask(ring, when='["steps > 7000", "hrv > 40"]') == whole


@pytest.mark.parametrize("question", [{"tag": "alcohol"}, {"driver": "steps"}])
async def test_figures_of_many_days_are_not_judged(question):
    """Fourteen days hardly show one night: the answer says so, and judges the rest."""
    days = evenings()
    ring = Ring(drinker(days), [tag(d) for d in days])
    answer = await ask(ring, metrics=["sleep_debt", "hr_lowest_bpm"], **question)
    assert row(answer, "sleep_debt_min")["verdict"] == "cannot tell"
    assert row(answer, "sleep_debt_min")["effect"] is None
    assert "Cannot tell for sleep debt: made of 14 days" in answer["summary"]
    assert row(answer, "hr_lowest_bpm")["verdict"] != "cannot tell"


async def test_a_driver_is_not_told_to_go_with_what_it_is_made_of():
    """Sleep time and the sleep score, and the driver itself, are named and not judged."""
    ring = Ring(nights(180, seed=2))
    asked = ["sleep_score", "total_sleep_min", "steps"]
    answer = await ask(ring, driver="total_sleep_min", metrics=asked)
    assert [r[0] for r in answer["table"]["rows"]] == asked
    assert row(answer, "sleep_score")["verdict"] == "cannot tell"
    assert "Cannot tell for sleep score: made of the same figures" in answer["summary"]
    assert "Sleep time is the driver itself" in answer["summary"]
    assert "Too few" not in answer["summary"]
    assert "1 metric of" in answer["summary"]


async def test_a_driver_that_may_not_be_read_is_a_missing_permission():
    """It is not a driver with too few days."""
    denied = ScopeMissing("No stress.", hint="Add the permission.", scope="stress")
    ring = Ring(nights(120), failing={"daily_stress": denied})
    with pytest.raises(ScopeMissing):
        await ask(ring, driver="stress_high_min")


async def test_the_scan_looks_through_what_there_is():
    """Without the permissions for tags and workouts the rest is looked at, and they are named."""
    made = nights(180)
    for day, night in made.items():
        night["sleep_min"] += 70 * (day.weekday() >= 5)
    denied = {
        name: ScopeMissing(f"No {name}.", hint="Add the permission.", scope=scope)
        for name, scope in (("enhanced_tag", "tag"), ("workout", "workout"))
    }
    answer = await ask(Ring(made, failing=denied))
    assert "at weekends, sleep time" in answer["summary"]
    (note,) = [note for note in answer["notes"] if note.startswith("Not permitted")]
    assert "tags (permission tag)" in note
    assert "workouts" in note


async def test_the_scan_leaves_out_what_follows_by_definition():
    """Sleep time raises the sleep score: no finding, said once; no p is nil; both sides counted."""
    days = evenings()
    made = drinker(days)
    for night in made.values():
        night["score"] = round(20 + night["sleep_min"] / 7)
    answer = await ask(Ring(made, [tag(d) for d in days]))
    pairs = {(r[0], r[1]) for r in answer["table"]["rows"]}
    assert ("tag alcohol", "hr_lowest_bpm") in pairs
    assert not [
        p for p in pairs if p[0] == "total_sleep_min" and p[1] in {"sleep_score", "readiness_score"}
    ]
    (note,) = [note for note in answer["notes"] if "made of the same figures" in note]
    assert "e.g. bedtime and sleep score" in note
    at = answer["table"]["columns"].index("p_adjusted")
    assert all(0.0001 <= r[at] <= 0.05 for r in answer["table"]["rows"])


async def test_the_scan_counts_the_nights_of_weekends():
    """Nights of weekends stand against the others, as tagged nights do."""
    made = nights(180)
    for day, night in made.items():
        night["sleep_min"] += 90 * (day.weekday() >= 5)
    answer = await ask(Ring(made), metrics=["total_sleep_min"])
    ((_, _, _, with_n, without_n, *_),) = answer["table"]["rows"]
    weekend = sum(day.weekday() >= 5 for day in made)
    assert weekend - 6 <= with_n <= weekend
    assert 160 <= with_n + without_n <= 180


@pytest.mark.parametrize("driver", ["weekend", "weekday"])
async def test_the_calendar_is_no_driver(driver):
    """The hint says where weekends and weekdays are looked at."""
    with pytest.raises(UsageError) as refused:
        await ask(Ring(nights(60)), driver=driver)
    assert "oura_query by “weekday”" in refused.value.hint

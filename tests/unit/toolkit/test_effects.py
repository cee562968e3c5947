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

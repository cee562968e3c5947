"""oura_anomalies: planted illness told as an episode a person understands, newcomers told so."""

import json
from datetime import date, timedelta

import jsonschema
import pytest

from annulet.errors import OuraUnavailable, ScopeMissing, UsageError
from annulet.toolkit.arguments import validate
from annulet.toolkit.tools.anomalies import TOOL
from tests.unit.toolkit.people import TODAY, Ring, context, nights, tag, with_fever

FEVER = date(2026, 5, 3)


async def ask(ring, **question):
    """Ask, and hold the answer against its own schema."""
    answer = await TOOL.run(context(ring), validate(TOOL, question))
    jsonschema.validate(answer, TOOL.output)
    return answer


def size(answer):
    """The bytes of an answer."""
    return len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode())


async def test_a_planted_illness_is_an_episode_with_its_days():
    """Five ill nights are the strongest episode, on those nights, with what moved."""
    answer = await ask(Ring(with_fever(nights(150), FEVER)))
    episode = answer["episodes"][0]
    assert (episode["start"], episode["end"], episode["days"]) == ("2026-05-03", "2026-05-07", 5)
    moved = {m["metric"]: m["direction"] for m in episode["metrics"]}
    assert moved["hr_lowest_bpm"] == "up"
    assert moved["hrv_avg_ms"] == "down"
    assert next(iter(answer)) == "summary"
    assert "3 to 7 May" in answer["summary"]


@pytest.mark.parametrize(
    ("begun", "end", "goes_on"),
    [(FEVER, "2026-05-05", False), (TODAY - timedelta(days=2), "today", True)],
)
async def test_only_what_reaches_last_night_is_said_to_go_on(begun, end, goes_on):
    """The middle of an old illness, asked for by itself, has ended long ago."""
    answer = await ask(Ring(with_fever(nights(150), begun)), start=str(begun), end=end)
    assert answer["episodes"][0].get("ongoing", False) is goes_on
    assert ("has not ended" in answer["summary"]) is goes_on


async def test_the_short_explanation_has_its_parts():
    """What moved, which way, how far, how long, how sure, and no diagnosis, in 200 characters."""
    answer = await ask(Ring(with_fever(nights(150), FEVER)))
    words = answer["episodes"][0]["explanation"]
    assert len(words) <= 200
    for part in ("5 nights", "resting heart rate up", "bpm", "Chance makes", "Not a diagnosis"):
        assert part in words
    assert any("Illness, alcohol" in note for note in answer["notes"])


async def test_the_long_explanation_has_all_parts():
    """In full: ranges, what moved with it, what did not, chance, tags nearby, alternatives."""
    ring = Ring(with_fever(nights(150), FEVER), [tag(FEVER - timedelta(days=1))])
    words = (await ask(ring, detail=True))["episodes"][0]["explanation"]
    for part in ("usual", "strongest on", "Unchanged", "vitals moved together", "Chance makes"):
        assert part in words
    assert "alcohol (2 May)" in words
    assert "not a diagnosis" in words


async def test_a_default_answer_stays_within_its_budget():
    """Thirty days with several episodes fit two kilobytes."""
    made = with_fever(with_fever(nights(150), FEVER), date(2026, 5, 14))
    answer = await ask(Ring(with_fever(made, date(2026, 4, 22))))
    assert size(answer) <= 2048
    assert len(answer["episodes"]) + len(answer["more"]["rows"]) >= 3


async def test_six_nights_are_too_early():
    """A newcomer hears that it is too early, and how long it takes; nothing is invented."""
    answer = await ask(Ring(nights(6)))
    assert "Too early" in answer["summary"]
    assert answer["episodes"] == []
    assert answer["not_evaluated"][0] == {
        "metric": "body_signal",
        "reason": "6 of 8 days",
    }
    assert "No unusual" not in answer["summary"]


async def test_nothing_recorded_is_not_nothing_unusual():
    """Without a night nothing could be judged, and that is what is said."""
    answer = await ask(Ring({}))
    assert "could be judged" in answer["summary"]
    assert answer["coverage"]["with_data"] == 0


async def test_a_period_without_nights_is_not_calm():
    """Months of history and an empty period: no night could be judged."""
    made = {d: n for d, n in nights(150).items() if d < TODAY - timedelta(days=9)}
    answer = await ask(Ring(made), start="last 5 days")
    assert "could be judged" in answer["summary"]


async def test_each_level_tells_its_false_alerts():
    """The alert nights that chance makes stand in every answer, for its period and the person."""
    rates = []
    for level in ("low", "medium", "high"):
        answer = await ask(Ring(nights(150)), sensitivity=level)
        rates.append(answer["expected_false_per_30"])
        assert answer["expected_false"] == pytest.approx(rates[-1], abs=0.15)
        assert f"chance alone makes about {answer['expected_false']}" in answer["summary"]
    assert 0 < rates[0] < rates[1] < rates[2] < 4


async def test_a_year_leads_with_what_stands_out_and_stays_short():
    """Strong stretches come first, weak ones are a table, and what is left out is said."""
    made = with_fever(nights(400, seed=5), FEVER)
    answer = await ask(Ring(made), start="last 365 days", sensitivity="high")
    assert answer["episodes"][0]["start"] == "2026-05-03"
    strengths = [row[2] for row in answer["more"]["rows"]]
    assert strengths == sorted(strengths, reverse=True)
    assert answer["more"]["columns"] == ["start", "end", "z"]
    assert size(answer) <= 2048
    assert answer["days_flagged"] >= len(strengths)
    assert answer["expected_false"] == pytest.approx(
        answer["expected_false_per_30"] * 365 / 30, rel=0.2
    )


async def test_vitals_decide_whatever_is_asked():
    """A question about steps alone still sees the illness."""
    answer = await ask(Ring(with_fever(nights(150), FEVER)), metrics=["steps"])
    assert answer["episodes"][0]["start"] == "2026-05-03"


async def test_an_outage_of_one_collection_is_named():
    """Without readiness there is no temperature; the rest still answers and says so."""
    down = OuraUnavailable("Oura does not answer.", hint="Try again later.")
    ring = Ring(with_fever(nights(150), FEVER), failing={"daily_readiness": down})
    answer = await ask(ring)
    assert answer["episodes"][0]["start"] == "2026-05-03"
    assert any("emperature deviation" in note for note in answer["notes"])
    assert {"metric": "temperature_deviation_c", "reason": "not read"} in answer["not_evaluated"]


async def test_tags_that_may_not_be_read_cost_nothing():
    """The long form stands without the permission for tags."""
    denied = ScopeMissing("No tags.", hint="Add the permission.")
    ring = Ring(with_fever(nights(150), FEVER), failing={"enhanced_tag": denied})
    words = (await ask(ring, detail=True))["episodes"][0]["explanation"]
    assert "Tags nearby" not in words


async def test_a_lasting_change_is_told():
    """A lasting change of resting heart rate is a change point with its day."""
    made = nights(150)
    for day, night in made.items():
        if day >= date(2026, 5, 1):
            night["hr"] += 7
    (point,) = [
        n for n in (await ask(Ring(made)))["change_points"] if n["metric"] == "hr_lowest_bpm"
    ]
    assert abs((date.fromisoformat(point["since"]) - date(2026, 5, 1)).days) <= 3
    assert point["after"] - point["before"] == pytest.approx(7, abs=2)


async def test_unfinished_days_are_left_out():
    """The few steps of this morning are no outlier."""
    made = nights(150)
    made[TODAY]["steps"] = 12
    answer = await ask(Ring(made))
    rows = answer.get("single_metric", {"rows": []})["rows"]
    assert not [row for row in rows if row[0] == TODAY.isoformat() and row[1] == "steps"]
    assert any("Today is not over" in note for note in answer["notes"])


@pytest.mark.parametrize(
    "question",
    [
        {"start": "2026-05-10", "end": "2026-05-01"},
        {"start": "2027-01-01"},
        {"metrics": ["mood"]},
        {"sensitivity": "extreme"},
        {"start": "2001-01-01", "end": "2026-05-01"},
        {"start": "0001-01-01"},
    ],
)
async def test_bad_questions_say_what_to_ask_instead(question):
    """Reversed, future, unknown, endless: one sentence and a hint."""
    with pytest.raises(UsageError) as refused:
        await ask(Ring(nights(10)), **question)
    assert refused.value.hint


async def test_the_same_question_has_the_same_answer():
    """Byte for byte."""
    ring = Ring(with_fever(nights(150), FEVER))
    assert json.dumps(await ask(ring)) == json.dumps(await ask(ring))

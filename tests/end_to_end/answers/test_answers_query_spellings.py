"""How conditions and arguments are spelt: read as they are meant, or refused with what is right."""

from __future__ import annotations

import json

import pytest

from annulet.errors import UsageError


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("steps ⩾ 8000", "steps >= 8000"),
        ("steps ≧ 8000", "steps >= 8000"),
        ("steps ⩽ 8000", "steps <= 8000"),
        ("steps \uff1e 8000", "steps > 8000"),
        ("steps > 8\u2009000", "steps > 8000"),
        ("steps > 8\u202f000", "steps > 8000"),
        ("steps > 8e3", "steps > 8000"),
        ("steps > 8.5e3", "steps > 8500"),
        ("steps > 8_000", "steps > 8000"),
        ("steps &gt;= 8000", "steps >= 8000"),
        ("steps &lt; 8000", "steps < 8000"),
        ("steps gte 8000", "steps >= 8000"),
        ("steps lt 8000", "steps < 8000"),
        ("`steps` > 8000", "steps > 8000"),
        ("sleep > 7½h", "sleep > 7h30m"),
        ("steps > 10 Tsd", "steps > 10000"),
        ("steps > 10 tausend Schritte", "steps > 10000"),
        ("steps !< 8000", "steps >= 8000"),
        ("steps not > 8000", "steps <= 8000"),
        ("steps is not less than 8000", "steps >= 8000"),
        ("steps greater than or equal to 8000", "steps >= 8000"),
        ("weekday is one of sat, sun", "weekday = sat, sun"),
        ("weekday is not one of sat, sun", "weekday != sat, sun"),
        ("has workout", "workout = any"),
        ("with a tag", "tag = any"),
        ("Schlafdauer > 7h", "total_sleep_min > 420"),
    ],
)
async def test_signs_and_numbers_of_other_keyboards(demo_cloud, open_person, written, plain):
    """The same answer to the letter."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", where=[written], start="last 90 days")
    assert answer == await person.ask("query", where=[plain], start="last 90 days")


@pytest.mark.parametrize(
    ("arguments", "plain"),
    [
        ({"where": ["steps > 5000", "AND", "hrv > 50"]}, {"where": ["steps > 5000", "hrv > 50"]}),
        ({"where": ["steps > 5000", "or", "hrv > 50"]}, {"where": ["steps > 5000 or hrv > 50"]}),
        ({"where": {"steps": {"gte": 8000}}}, {"where": ["steps >= 8000"]}),
        (
            {"where": {"steps": {"$gt": 5000, "<": 9000}}},
            {"where": ["steps > 5000", "steps < 9000"]},
        ),
        ({"where": '{"steps": {"min": 8000}}'}, {"where": ["steps >= 8000"]}),
        ({"filter": ["steps > 8000"]}, {"where": ["steps > 8000"]}),
        ({"metrics": ["hrv"], "group_by": "weekday"}, {"metrics": ["hrv"], "by": "weekday"}),
        ({"metrics": ["hrv"], "groupBy": "weekday"}, {"metrics": ["hrv"], "by": "weekday"}),
        (
            {"metrics": ["hrv"], "calculate": "mean and max"},
            {"metrics": ["hrv"], "calculate": ["mean", "max"]},
        ),
        (
            {"metrics": "hrv and steps", "aggregations": ["mean"]},
            {"metrics": ["hrv", "steps"], "calculate": ["mean"]},
        ),
    ],
)
async def test_arguments_of_other_languages(demo_cloud, open_person, arguments, plain):
    """Names and forms of SQL, MongoDB and pandas mean the same."""
    person = open_person(demo_cloud, "plain")
    assert await person.ask("query", **arguments) == await person.ask("query", **plain)


@pytest.mark.parametrize(
    ("written", "corrected"),
    [
        ("weekday = sat and sun", "weekday = sat, sun"),
        ("weekday = sat;sun", "weekday = sat, sun"),
        ("weekday = fri and sat and sun", "weekday = fri, sat, sun"),
        ("weekday is not sat and sun", "weekday is not sat, sun"),
        ("rhr = 57;58", "rhr = 57, 58"),
        ("tag = alcohol and caffeine", "tag = alcohol and tag = caffeine"),
        ("prevous.steps > 5000", "previous.steps > 5000"),
        ("previus.tag = alcohol", "previous.tag = alcohol"),
        ("weekday = saturdayy", "weekday = saturday"),
        ("weekday = fri, saturdayy", "weekday = fri, saturday"),
        ("month = Febuary", "month = february"),
    ],
)
async def test_a_correction_is_what_was_meant(demo_cloud, open_person, written, corrected):
    """It can be asked as it stands, and is not the opposite, or what can never be."""
    person = open_person(demo_cloud, "plain")
    with pytest.raises(UsageError) as refusal:
        await person.ask("query", where=[written])
    assert refusal.value.hint == f"Did you mean: {corrected}"
    await person.ask("query", where=[corrected])


@pytest.mark.parametrize(
    "arguments",
    [
        {"where": ["steps ¬< 8000"]},
        {"where": ["steps don't > 8000"]},
        {"where": ["type = nap"]},
        {"where": ["steps > 5000", "or"]},
        {"where": {"steps": {"about": 8000}}},
    ],
)
async def test_what_cannot_be_read_is_refused_without_a_correction(
    demo_cloud, open_person, arguments
):
    """A lost “not” would be the opposite, a guess something else."""
    person = open_person(demo_cloud, "plain")
    with pytest.raises(UsageError) as refusal:
        await person.ask("query", **arguments)
    assert "Did you mean" not in refusal.value.hint


async def test_a_refusal_names_the_mistake(demo_cloud, open_person):
    """The sign between two values, the group that is no field, the misspelt figure."""
    person = open_person(demo_cloud, "plain")

    async def refusal_of(**arguments):
        with pytest.raises(UsageError) as refusal:
            await person.ask("query", **arguments)
        return f"{refusal.value.message} {refusal.value.hint}"

    assert "“sun” after “;”" in await refusal_of(where=["weekday = sat;sun"])
    assert "Nothing stands after “and”" in await refusal_of(where=["steps > 5000 and"])
    assert "2026-Q1" in await refusal_of(where=["quarter > often"])
    assert "Perhaps “mean”" in await refusal_of(metrics=["hrv"], calculate=["meen"])


async def test_a_german_tag_is_that_of_oura_or_ones_own(demo_cloud, open_person):
    """Alkohol is alcohol, as Laufen is running."""
    person = open_person(demo_cloud, "plain")
    german = await person.ask("query", where=["tag = Alkohol"], start="last 90 days")
    english = await person.ask("query", where=["tag = alcohol"], start="last 90 days")
    assert german["matched"] == english["matched"]
    assert german["matched"]["rows"] > 0


@pytest.mark.parametrize(
    ("where", "note"),
    [
        (["weekday = sat", "weekday = sun"], "No day of the period is both: weekday Sat"),
        (["weekend = yes", "weekday = mon"], "No day of the period is both: on a weekend"),
        (["steps > 9000 and steps < 5000"], "No value is both: steps above 9,000"),
        (["steps > 5000", "steps < 9000"], ""),
        (["steps > 9000 or steps < 5000"], ""),
        (["weekend", "steps > 50000"], ""),
    ],
)
async def test_what_can_never_be_is_said_so(demo_cloud, open_person, where, note):
    """No day of 30 is another finding than that there can be none."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", where=where)
    notes = " ".join(answer.get("notes", []))
    assert (note or "is both") in notes if note else "is both" not in notes


TWELVE = [
    *("hrv", "rhr", "sleep", "steps", "deep", "rem", "light", "readiness", "sleep_score"),
    *("activity_score", "bedtime", "stress"),
]


@pytest.mark.parametrize(
    "arguments",
    [
        {"by": "weekday"},
        {"by": "weekday", "calculate": ["mean", "sd", "min", "max"]},
        {"by": "previous.tag = alcohol", "start": "last 90 days"},
        {"calculate": ["count", "sum", "mean", "median", "sd", "cv_pct", "min", "max", "range"]},
    ],
)
async def test_many_metrics_fit_in_every_group(demo_cloud, open_person, arguments):
    """What has no room is named, and every group of the others is there."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", metrics=TWELVE, **arguments)
    assert len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()) <= 2600
    at = answer["table"]["columns"].index("metric")
    shown = {row[at] for row in answer["table"]["rows"]}
    left_out = next((n for n in answer["notes"] if n.startswith("Left out for want of room")), "")
    names = {
        name.strip(" .") for name in left_out.rpartition(":")[2].split(",") if name.strip(" .")
    }
    assert len(shown) + len(names) == len(TWELVE)
    assert len(shown) >= 2
    assert not any("groups are shown" in note for note in answer["notes"])


async def test_a_count_of_the_first_few_has_no_share_beside_it(demo_cloud, open_person):
    """The share is of all that met the condition, and would not fit the count."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", where=["steps > 8000"], limit=3)
    assert answer["table"] == {"columns": ["count"], "rows": [[3]]}
    asked = await person.ask("query", where=["steps > 8000"], limit=3, calculate=["share_pct"])
    assert "share_pct" in asked["table"]["columns"]


async def test_days_stand_before_what_is_unknown(demo_cloud, open_person):
    """“On 23 days” is of those that met it, and not of the unknown ones."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "query", of="workouts", where=["distance_m > 1000"], start="last 120 days"
    )
    days = answer["table"]["rows"][0][answer["table"]["columns"].index("days")]
    assert f"on {days} days ({answer['matched']['unknown']} more unknown)" in answer["summary"]


async def test_steps_have_no_parts(demo_cloud, open_person):
    """An average of few steps is whole, too."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask(
        "query",
        metrics=["steps"],
        by="weekend = yes",
        calculate=["mean", "sd"],
        start="last 60 days",
    )
    rows = [*answer["table"]["rows"], *answer["difference"]["rows"]]
    assert all(isinstance(c, int) for row in rows for c in row if isinstance(c, int | float))

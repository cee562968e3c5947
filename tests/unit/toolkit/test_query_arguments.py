"""What small models write for a query, brought into the form of its schema."""

import pytest

from annulet.toolkit.query_arguments import plain_arguments

WANTED = ["steps >= 10000", "weekday = sat, sun"]


@pytest.mark.parametrize(
    "where",
    [
        WANTED,
        '["steps >= 10000", "weekday = sat, sun"]',
        "['steps >= 10000', 'weekday = sat, sun']",
        {"steps": ">= 10000", "weekday": ["sat", "sun"]},
        '{"steps": ">= 10000", "weekday": "sat, sun"}',
        [{"field": "steps", "op": ">=", "value": 10000}, {"weekday": "sat, sun"}],
        [{"column": "steps", "operator": ">=", "value": "10000"}, "weekday = sat, sun"],
        [["steps", ">=", 10000], ["weekday", "=", ["sat", "sun"]]],
        ({"name": "steps", "cmp": ">=", "value": 10000}, "weekday = sat, sun"),
    ],
)
def test_conditions_in_any_form(where):
    """Lists, JSON and Python texts, objects and triples: the same two conditions."""
    assert plain_arguments({"where": where})["where"] == WANTED


def test_one_text_is_one_condition_and_a_triple_alone_is_one_too():
    """A text is never cut at its commas; what is no list stays a text."""
    assert plain_arguments({"where": "tag = wine, red"})["where"] == ["tag = wine, red"]
    assert plain_arguments({"where": "[steps > 3"})["where"] == ["[steps > 3"]
    assert plain_arguments({"where": ["steps", ">", 3]})["where"] == ["steps > 3"]


@pytest.mark.parametrize(
    ("asked", "metrics", "calculate"),
    [
        ({"metrics": ["mean(hrv)"]}, ["hrv"], ["mean"]),
        ({"metrics": "max(steps)"}, ["steps"], ["max"]),
        ({"metrics": ["steps"], "calculate": ["mean(steps)", "max"]}, ["steps"], ["max", "mean"]),
        ({"calculate": "count(*)"}, [], ["count"]),
        ({"metrics": ["avg(hrv)", "steps"]}, ["steps", "hrv"], ["avg"]),
    ],
)
def test_calls_of_functions(asked, metrics, calculate):
    """``mean(hrv)`` is a metric and what is calculated of it."""
    plain = plain_arguments(asked)
    assert (plain.get("metrics") or [], plain["calculate"]) == (metrics, calculate)


def test_rows_and_the_last_events():
    """A sport or naps are rows under a condition; ``last 3 runs`` is an order and a limit."""
    assert plain_arguments({"of": "naps"}) == {"of": "sleeps", "where": ["type = nap"]}
    assert plain_arguments({"of": "Workouts"}) == {"of": "workouts"}
    runs = {
        "of": "workouts",
        "where": ["activity = running"],
        "sort": "-start",
        "limit": 3,
    }
    assert plain_arguments({"start": "last 3 runs"}) == runs
    assert plain_arguments({"of": "letzten 3 läufe"}) == runs
    assert plain_arguments({"by": ["week"], "sort": ["-mean"]}) == {"by": "week", "sort": "-mean"}

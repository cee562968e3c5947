"""Short, in order, without nulls: the shape of every answer for every person."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from annulet.contract.scopes import SCOPES
from annulet.errors import NoDataError, ScopeMissing, UsageError
from annulet.simulator.demo_people import DEMO_PEOPLE
from annulet.toolkit.answers import TOOLS
from annulet.toolkit.context import Connection

PEOPLE = [name for name in DEMO_PEOPLE if name != "lapsed"]
# Characters an answer may have; a KB is counted as 1,000.
BUDGETS = (
    ("permissions", {}, 1500),
    ("device", {}, 600),
    ("device", {"profile": True}, 600),
    ("daily_summary", {}, 1200),
    ("daily_summary", {"start": "yesterday"}, 1200),
    ("daily_summary", {"start": "last 30 days"}, 6000),
    ("sleep_sessions", {}, 800),
    ("sleep_sessions", {"start": "last 7 days"}, 5600),
    ("intraday", {}, 800),
    ("intraday", {"resolution_min": 5}, 2000),
    ("intraday", {"resolution_min": 15}, 2000),
    ("intraday", {"metric": "activity"}, 800),
    ("intraday", {"metric": "activity", "resolution_min": 5}, 2000),
    ("trends", {}, 2500),
    ("anomalies", {}, 2000),
    ("anomalies", {"start": "last 90 days"}, 2000),
    ("compare", {"period": "this week", "against": "last week"}, 1536),
    ("compare", {"period": "last 30 days", "against": "2026-03-01..2026-03-31"}, 1536),
    ("events", {}, 3000),
    ("effects", {"tag": "alcohol"}, 1500),
    ("effects", {"tag": "caffeine"}, 1500),
    ("query", {"metrics": ["total_sleep_min"], "by": "weekday"}, 2500),
    ("query", {"where": ["steps >= 10000"]}, 2500),
)
LONG = {"events", "query", "trends", "compare", "anomalies", "effects"}
UNDATED = ("permissions", "device")
# no schema names it: vendors of assistants refuse a value that is a number or a table
OF_TWO_TYPES = {"steps_of_day"}
COMMON = ("summary", "period", "coverage")


def size(answer):
    return len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))


def nulls(value, path=""):
    """Where nulls stand, rows and series left out."""
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, inside in value.items():
            if key not in ("rows", "values", "hr_bpm", "hrv_ms", "stage"):
                yield from nulls(inside, f"{path}.{key}")
    elif isinstance(value, list):
        for inside in value:
            yield from nulls(inside, f"{path}[]")


def check_shape(tool, answer):
    """What every answer has in common."""
    keys = list(answer)
    dated = tool not in UNDATED
    assert keys[: 3 if dated else 1] == list(COMMON if dated else COMMON[:1])
    assert "notes" not in answer or (keys[-1] == "notes" and answer["notes"])
    assert set(keys) <= set(TOOLS[f"oura_{tool}"].output["properties"]) | OF_TWO_TYPES
    assert list(nulls(answer)) == []
    if dated:
        assert list(answer["period"]) == ["start", "end", "timezone"]
        covered = answer["coverage"]
        assert list(covered) == ["days", "with_data", "missing"]
        unlisted = covered["days"] - covered["with_data"] - len(covered["missing"])
        assert unlisted == 0 or (tool in LONG and len(covered["missing"]) == 10)
        assert covered["missing"] == sorted(covered["missing"])
    for value in answer.values():
        if isinstance(value, dict) and "columns" in value:
            assert all(len(row) == len(value["columns"]) for row in value["rows"])


def check_words(text):
    """A sentence as a person writes it."""
    assert text[0].isupper() or text[0].isdigit() or text.startswith("“")
    assert text.endswith((".", "annulet connect"))
    assert not re.search(r"None|nan|\binf\b|  |\{|\}|\[|\.\.$|, \.|: \.|\(\)", text), text
    assert not re.search(r"today \(\w+ \d+ [a-z]", text), "month in lower case"
    assert not re.search(r"you (should|must)|\bconsult\b|disease", text, re.IGNORECASE)


@pytest.mark.parametrize("name", PEOPLE)
async def test_answers_are_short_and_in_order(demo_cloud, open_person, name):
    """All eleven tools for one person: size, keys, nulls, words."""
    person = open_person(demo_cloud, name)
    for tool, arguments, most in BUDGETS:
        try:
            answer = await person.ask(tool, **arguments)
        except ScopeMissing:
            assert name == "fewscopes"
            continue
        except (NoDataError, UsageError) as error:
            assert tool == "effects"
            assert "tag" in error.message
            continue
        assert size(answer) <= most, (tool, arguments)
        check_shape(tool, answer)
        for words in (answer["summary"], *answer.get("notes", [])):
            check_words(words)
        assert len(re.findall(r"[a-z)%]\. (?=[A-Z0-9])", answer["summary"])) <= 3, answer["summary"]


@pytest.mark.parametrize("granted", range(len(SCOPES) + 1))
async def test_permissions_are_short_whatever_was_granted(demo_cloud, open_person, granted):
    """Also with the end of the token and an account that has a name."""
    person = open_person(demo_cloud, "plain")

    async def connection():
        return Connection(
            "grandmother@example.org",
            tuple(SCOPES)[:granted],
            demo_cloud.clock() + timedelta(days=1),
            renews=True,
        )

    person.context.connection = connection
    address = "https://annulet.example.org/connect/oura?person=7f1c0a52e9d14b0f"
    person.context.connect_hint = f"Connect your ring: {address}"
    answer = await person.ask("permissions")
    assert size(answer) <= 1500
    assert len(answer["granted"]["rows"]) == granted
    assert len(answer["granted"]["rows"]) + len(answer["missing"]["rows"]) == len(SCOPES)
    assert answer["token"] == {"expires_at": "2026-05-07T15:02+00:00", "renews": True}
    assert answer["last_sync"].startswith("2026-05-06T")
    check_words(answer["summary"])

"""Arguments are taken as people, models and shells write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annulet.errors import AnnuletError, UsageError
from annulet.toolkit.answers import TOOLS
from annulet.toolkit.arguments import validate

DAILY = TOOLS["oura_daily_summary"]
INTRADAY = TOOLS["oura_intraday"]


@pytest.mark.parametrize(
    "sections",
    [
        ["sleep", "spo2"],
        "sleep,spo2",
        ["sleep, spo2"],
        ["Sleep", "SPO2", "sleep"],
        '["sleep", "spo2"]',
        "['sleep', 'spo2']",
        "[sleep, spo2]",
        ['["sleep"]', ["spo2"]],
        "sleep; spo2",
        "sleep\nspo2",
        ["sleep", None, "", "null", "spo2"],
    ],
)
def test_lists_in_every_spelling(sections: Any) -> None:
    """A list, a comma list, mixed case and repetitions mean the same."""
    assert validate(DAILY, {"sections": sections})["sections"] == ["sleep", "spo2"]


@pytest.mark.parametrize("value", [True, "true", "True", "yes", "1", 1, 1.0, "1.0", [True], "y"])
def test_switches_in_every_spelling(value: Any) -> None:
    """Models write switches as words and numbers too."""
    assert validate(DAILY, {"baselines": value})["baselines"] is True


@pytest.mark.parametrize("value", [60, "60", 60.0, "60.0", " 60 ", [60], ["60"]])
def test_numbers_in_every_spelling(value: Any) -> None:
    """Models write numbers as texts and fractions too."""
    assert validate(INTRADAY, {"resolution_min": value})["resolution_min"] == 60


@pytest.mark.parametrize("nothing", [None, "", " ", [], {}, "null", "None", "undefined"])
@pytest.mark.parametrize("name", ["metric", "start", "resolution_min"])
def test_absent_means_default(name: str, nothing: Any) -> None:
    """Nothing in the word of any language is as good as nothing."""
    assert validate(INTRADAY, {name: nothing}) == {
        "metric": "heart_rate",
        "start": None,
        "end": None,
        "resolution_min": 0,
    }


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"begin": "today"}, "start"),
        ({"start_date": "today"}, "Did you mean start?"),
        ({"resolution": 5}, "Did you mean resolution_min?"),
        ({"resolution_min": "often"}, "a whole number"),
        ({"resolution_min": 7.5}, "a whole number"),
        ("last week", "Write them as"),
        (["start"], "Write them as"),
        ({"metric": "steps"}, "heart_rate, activity"),
        ({"start": {"day": 1}}, "datetime"),
        ({"start": "x" * 500}, "few words"),
    ],
)
def test_a_wrong_argument_says_what_it_takes(arguments: Any, hint: str) -> None:
    """The hint names the way out."""
    with pytest.raises(UsageError) as caught:
        validate(INTRADAY, arguments)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "arguments",
    [
        {"windowDays": 14},
        {"window-days": 14},
        {"WINDOW_DAYS": "14"},
        '{"window_days": 14}',
        "{'window_days': 14}",
        {"arguments": {"window_days": 14}},
        {"input": '{"windowDays": 14}'},
        {"window_days": 14, "toolCallId": "1", "sessionId": "2", "action": "x", "chatInput": "y"},
        {"random_string": "x", "window_days": 14, "_meta": {"progressToken": 1}},
    ],
)
def test_arguments_as_hosts_hand_them_on(arguments: Any) -> None:
    """Other spellings of a name, an object as text or in an object, names that the host adds."""
    assert validate(TOOLS["oura_trends"], arguments)["window_days"] == 14


@pytest.mark.parametrize("nothing", [None, "", "null", {}, "{}", {"random_string": ""}])
def test_no_arguments_at_all(nothing: Any) -> None:
    """Hosts that demand a parameter make one up where there is none."""
    assert validate(TOOLS["oura_permissions"], nothing) == {"verify": False}


@pytest.mark.parametrize(
    "where", [["steps >= 1,000", "tag = 'late meal'"], '["steps >= 1,000", "tag = \'late meal\'"]']
)
def test_conditions_keep_their_commas_and_quotes(where: Any) -> None:
    """A list of conditions is taken apart as JSON only."""
    conditions = validate(TOOLS["oura_query"], {"where": where})["where"]
    assert conditions == ["steps >= 1,000", "tag = 'late meal'"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(TOOLS)), st.data())
def test_nothing_crashes(name: str, data: st.DataObject) -> None:
    """Whatever arrives is understood or explained."""
    tool = TOOLS[name]
    keys = st.sampled_from([*tool.properties, "other"])
    arguments = data.draw(st.dictionaries(keys, JSON, max_size=4))
    try:
        complete = validate(tool, arguments)
    except AnnuletError as error:
        assert error.code == "bad_input"
        assert error.hint
    else:
        assert set(complete) == set(tool.properties)

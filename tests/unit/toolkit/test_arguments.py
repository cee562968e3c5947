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
    "sections", [["sleep", "spo2"], "sleep,spo2", ["sleep, spo2"], ["Sleep", "SPO2", "sleep"]]
)
def test_lists_in_every_spelling(sections: Any) -> None:
    """A list, a comma list, mixed case and repetitions mean the same."""
    assert validate(DAILY, {"sections": sections})["sections"] == ["sleep", "spo2"]


@pytest.mark.parametrize("value", [True, "true", "yes", "1", 1])
def test_switches_in_every_spelling(value: Any) -> None:
    """Models write switches as words and numbers too."""
    assert validate(DAILY, {"baselines": value})["baselines"] is True


def test_absent_means_default() -> None:
    """Null, empty text and an empty list are as good as nothing."""
    arguments = validate(INTRADAY, {"metric": None, "start": "", "resolution_min": None})
    assert arguments == {
        "metric": "heart_rate",
        "start": None,
        "end": None,
        "resolution_min": 0,
    }


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"begin": "today"}, "start"),
        ({"resolution_min": 7}, "0, 5, 15, 30, 60"),
        ({"resolution_min": "often"}, "0, 5, 15, 30, 60"),
        ({"metric": "steps"}, "heart_rate, activity"),
        ({"start": {"day": 1}}, "datetime"),
        ({"start": "x" * 500}, "few words"),
    ],
)
def test_a_wrong_argument_says_what_it_takes(arguments: dict[str, Any], hint: str) -> None:
    """The hint names the way out."""
    with pytest.raises(UsageError) as caught:
        validate(INTRADAY, arguments)
    assert hint in caught.value.hint


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

"""Every derived metric has a meaning, and what has to be said with it stands in the answer."""

import pytest

from annulet.toolkit.arguments import validate
from annulet.toolkit.metric_definitions import DEFINITIONS
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.tools import compare, query, trends
from tests.unit.toolkit.people import Ring, context, nights


def test_every_derived_metric_is_defined() -> None:
    assert set(DEFINITIONS) == {m.name for m in METRICS.values() if m.is_derived}


@pytest.mark.parametrize(
    ("tool", "asked"),
    [
        (trends.TOOL, {"metrics": ["sleep_debt_min"]}),
        (compare.TOOL, {"metrics": ["sleep_debt_min"]}),
        (query.TOOL, {"metrics": ["sleep_debt_min"]}),
        (query.TOOL, {"where": ["sleep_debt_min > 60"]}),
    ],
)
async def test_an_answer_says_against_what_a_debt_is(tool, asked) -> None:
    """Eight hours are no measured need."""
    told = await tool.run(context(Ring(nights(40))), validate(tool, asked))
    assert any("8 hours" in note for note in told["notes"])

"""One reader of metrics' names for every tool: short names, nearest names."""

import pytest

from annulet.errors import UsageError
from annulet.toolkit.answers import TOOLS
from annulet.toolkit.arguments import validate
from annulet.toolkit.metric_names import chosen_metrics, metric_named
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.short_names import SHORT_NAMES
from tests.unit.toolkit.people import Ring, context, nights

WITH_METRICS = [name for name, tool in TOOLS.items() if "metrics" in tool.properties]
MORE = {"oura_effects": {"driver": "steps"}}
WRITTEN = {
    "hrv": "hrv_avg_ms",
    "RHR": "hr_lowest_bpm",
    "Resting HR": "hr_lowest_bpm",
    "resting-heart-rate": "hr_lowest_bpm",
    "bedtime": "bedtime_min_from_midnight",
    "wake_time": "wake_min_from_midnight",
    "sleep": "total_sleep_min",
    "distance": "walking_distance_m",
    "deep_share": "deep_pct",
    "jetlag": "social_jetlag_min",
}


async def ask(tool, arguments):
    """The tool's answer about a person of 60 nights."""
    return await TOOLS[tool].run(context(Ring(nights(60))), validate(TOOLS[tool], arguments))


def test_what_short_names_mean():
    """Every short name of a metric leads to one that its table names."""
    for written, name in WRITTEN.items():
        assert metric_named(written).name == name
    for short, columns in SHORT_NAMES.items():
        metric = metric_named(short)
        assert metric is None or not set(columns) & set(METRICS) or metric.name in columns
    for name in METRICS:
        assert metric_named(name.upper()).name == name


@pytest.mark.parametrize("tool", WITH_METRICS)
async def test_every_tool_takes_short_names(tool):
    """The answer to a short name is the answer to the full one."""
    for written, full in (("hrv", "hrv_avg_ms"), ("Resting HR", "hr_lowest_bpm")):
        first, second = [
            await ask(tool, {"metrics": [name], **MORE.get(tool, {})}) for name in (written, full)
        ]
        assert first == second


@pytest.mark.parametrize("tool", WITH_METRICS)
@pytest.mark.parametrize(("written", "near"), [("hrvv", "hrv_avg_ms"), ("stepz", "steps")])
async def test_an_unknown_name_is_told_the_nearest(tool, written, near):
    """The hint is short, and names what was probably meant."""
    with pytest.raises(UsageError) as caught:
        await ask(tool, {"metrics": [written], **MORE.get(tool, {})})
    assert written in caught.value.message
    assert near in caught.value.hint or caught.value.hint == f"Did you mean: {near[:3]}"
    assert len(caught.value.hint) < 220


@pytest.mark.parametrize("written", ["workout_min", "workout count"])
def test_a_column_of_queries_is_told_where_it_is_one(written):
    """What only a query can calculate is no unknown word."""
    with pytest.raises(UsageError) as refusal:
        chosen_metrics([written])
    assert "oura_query" in refusal.value.hint

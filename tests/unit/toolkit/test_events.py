"""oura_events: what lasts touches each of its days, and a day without an event is no gap."""

from datetime import timedelta
from types import SimpleNamespace

import jsonschema
import pytest

from annulet.contract.documents import EnhancedTag, RestModePeriod
from annulet.toolkit.arguments import validate
from annulet.toolkit.tools.events import TOOL
from tests.unit.toolkit.people import NOW, TODAY, Ring, context, tag

TAGGED = TODAY - timedelta(days=4)


class Synced(Ring):
    """A ring whose newest sample is known."""

    def __init__(self, tags=(), rests=(), synced=NOW):
        super().__init__({}, tags)
        self._documents["rest_mode_period"] = list(rests)
        self._synced = synced

    async def latest_heartrate(self):
        return SimpleNamespace(timestamp=self._synced)


async def ask(ring, **question):
    """Ask, and hold the answer against its own schema."""
    answer = await TOOL.run(context(ring), validate(TOOL, question))
    jsonschema.validate(answer, TOOL.output)
    return answer


async def test_a_day_without_an_event_is_not_missing():
    """One tag in a week: the week was read, and nothing else was noted."""
    answer = await ask(Synced([tag(TAGGED)]), kinds=["tag"])
    assert answer["coverage"] == {"days": 7, "with_data": 7, "missing": []}
    assert len(answer["tag"]["rows"]) == 1


async def test_days_that_have_not_been_synced_are_missing_with_the_reason():
    """What happened since the last sync may still come."""
    answer = await ask(Synced([tag(TAGGED)], synced=NOW - timedelta(days=2)), kinds=["tag"])
    late = [(TODAY - timedelta(days=1)).isoformat(), TODAY.isoformat()]
    assert answer["coverage"] == {"days": 7, "with_data": 5, "missing": late}
    assert any("has not synced since" in note for note in answer["notes"])


async def test_a_week_in_which_nothing_was_noted_has_no_data():
    """An empty period is an answer."""
    answer = await ask(Synced([tag(TAGGED)]), kinds=["tag"], start="today")
    assert answer["coverage"] == {"days": 1, "with_data": 0, "missing": [TODAY.isoformat()]}
    assert "Nothing noted" in answer["summary"]


@pytest.mark.parametrize("back", [9, 8, 6, 5, 4])
async def test_what_has_an_end_without_its_day_ends_there(back):
    """The end of a tag or of a rest is told by its time alone as well."""
    begun = NOW.replace(hour=9) - timedelta(days=8)
    span = {
        "start_day": begun.date(),
        "start_time": begun,
        "end_time": begun + timedelta(days=3),
    }
    ring = Synced(
        [EnhancedTag(id="t", tag_type_code="tag_generic_travel", **span)],
        [RestModePeriod(id="r", **span)],
    )
    day = (TODAY - timedelta(days=back)).isoformat()
    answer = await ask(ring, kinds=["tag", "rest_mode"], start=day)
    count = 1 if 5 <= back <= 8 else 0
    assert [len(answer[kind]["rows"]) for kind in ("tag", "rest_mode")] == [count, count]


async def test_a_tag_that_ends_on_a_day_without_a_time_says_so():
    """The end is told as far as it is known."""
    end = TAGGED + timedelta(days=2)
    lasting = EnhancedTag(id="t", tag_type_code="tag_generic_travel", start_day=TAGGED, end_day=end)
    answer = await ask(Synced([lasting]), kinds=["tag"])
    (row,) = answer["tag"]["rows"]
    assert row[2] == end.isoformat()

"""Typed documents: everything Oura may send is read, nothing is invented."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annulet.contract.collections import COLLECTIONS
from annulet.contract.documents import (
    DailyCardiovascularAge,
    DailyReadiness,
    DailySleep,
    DailySpO2,
    EnhancedTag,
    HeartRateSample,
    RestModePeriod,
    RingBatterySample,
    Sleep,
    read_document,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


def test_an_empty_object_and_nulls_are_a_document_without_values():
    """Absent and null fields are None: never zero, never an error."""
    for collection in COLLECTIONS.values():
        empty = read_document(collection.document, {})
        assert empty.extra == {}
        assert all(getattr(empty, field) is None for field in collection.fields)
        assert read_document(collection.document, dict.fromkeys(collection.fields)) == empty


@pytest.mark.parametrize("name", COLLECTIONS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_nothing_oura_may_send_is_lost_or_crashes(name, data):
    """Any JSON in any field is either typed or kept as it came."""
    fields = st.sampled_from((*COLLECTIONS[name].fields, "meta", "extra", "new_field"))
    raw = data.draw(st.dictionaries(fields, JSON, max_size=5))
    document = read_document(COLLECTIONS[name].document, raw)
    for field, value in raw.items():
        is_extra = field in document.extra and document.extra[field] == value
        typed = field in COLLECTIONS[name].fields and getattr(document, field) is not None
        assert is_extra or typed or value is None


def test_instants_keep_the_offset_of_the_document():
    """A night in Tokyo ends at a local time, whatever zone the reader is in."""
    night = read_document(Sleep, {"bedtime_end": "2026-05-06T07:10:00+09:00"})
    assert night.bedtime_end.utcoffset() == timedelta(hours=9)
    assert night.bedtime_end.hour == 7


def test_a_local_time_without_an_offset_stays_without():
    """Tags have local times; no zone is made up for them."""
    tag = read_document(
        EnhancedTag, {"start_time": "2026-05-06T22:00:00", "start_day": "2026-05-06"}
    )
    assert tag.start_time == datetime(2026, 5, 6, 22)  # noqa: DTZ001 - Oura gives none
    assert tag.start_day == date(2026, 5, 6)


@pytest.mark.parametrize("text", ["2026-05-06T10:00:00Z", "2026-05-06T10:00:00.000+00:00"])
def test_both_spellings_of_utc_are_understood(text):
    """Series came with an offset once and come with Z today."""
    sample = read_document(HeartRateSample, {"timestamp": text, "bpm": 60})
    assert sample.timestamp == datetime(2026, 5, 6, 10, tzinfo=UTC)


def test_unknown_enum_words_survive():
    """A word that Oura introduces later is kept as it is."""
    assert read_document(Sleep, {"type": "micro_sleep"}).type == "micro_sleep"


def test_unknown_fields_are_kept_at_every_depth():
    """New fields are in extra, also inside contributors."""
    document = read_document(
        DailySleep, {"moon": 1, "contributors": {"deep_sleep": 80, "snoring": 3}}
    )
    assert document.extra == {"moon": 1}
    assert document.contributors.deep_sleep == 80
    assert document.contributors.extra == {"snoring": 3}


def test_one_wrong_value_spoils_only_itself():
    """The other fields of the document are still typed."""
    document = read_document(DailyReadiness, {"day": "2026-05-06", "score": "high", "id": 7})
    assert document.day == date(2026, 5, 6)
    assert document.score is None
    assert document.extra == {"score": "high", "id": 7}


def test_a_whole_number_sent_with_a_point_is_a_number():
    """82.0 is a score of 82; true is not a score of 1."""
    assert read_document(DailySleep, {"score": 82.0}).score == 82
    assert read_document(DailySleep, {"score": True}).extra == {"score": True}


def test_samples_may_have_gaps_and_foreign_items():
    """Nulls stay gaps, and what is no number becomes one, so that times stay aligned."""
    night = read_document(Sleep, {"hrv": {"interval": 300.0, "items": [None, 41, "?", 43.5]}})
    assert night.hrv.items == (None, 41.0, None, 43.5)
    assert night.hrv.interval == 300


@pytest.mark.parametrize("value", [None, {"average": None}, {}])
def test_blood_oxygen_may_be_null_at_two_depths(value):
    """No average is no average, wherever the null stands."""
    reading = read_document(DailySpO2, {"spo2_percentage": value}).spo2_percentage
    assert reading is None or reading.average is None


def test_old_and_incomplete_rows_are_read():
    """Cardiovascular age without id, a battery row with a field of its own."""
    assert (
        read_document(DailyCardiovascularAge, {"day": "2024-05-06", "vascular_age": 40}).id is None
    )
    row = read_document(RingBatterySample, {"level": 50, "producer_timestamp": "x"})
    assert row.timestamp_unix is None
    assert row.extra == {"producer_timestamp": "x"}


def test_episodes_of_rest_mode_are_typed():
    """Lists of objects are read like objects."""
    period = read_document(RestModePeriod, {"episodes": [{"tags": ["ill"], "mood": "low"}]})
    assert period.episodes[0].tags == ("ill",)
    assert period.episodes[0].extra == {"mood": "low"}


def test_documents_are_frozen():
    """A document cannot be changed by the code that reads it."""
    with pytest.raises(AttributeError):
        read_document(DailySleep, {"score": 80}).score = 90
    assert issubclass(DailySleep, msgspec.Struct)

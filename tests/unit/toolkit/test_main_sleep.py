"""A main sleep in several records is told as one."""

from datetime import date

from annulet.contract.documents import Sleep, read_document
from annulet.toolkit.reading.sleeps import nights


def part(start, end, total, **values):
    """A long sleep of 2 May with its stages."""
    return read_document(
        Sleep,
        {
            "id": start,
            "day": "2026-05-02",
            "type": "long_sleep",
            "bedtime_start": f"2026-05-0{start}:00+02:00",
            "bedtime_end": f"2026-05-0{end}:00+02:00",
            "total_sleep_duration": total,
            "time_in_bed": total + 1_200,
            "deep_sleep_duration": total // 4,
            "light_sleep_duration": total // 2,
            "rem_sleep_duration": total // 4,
            "awake_time": 1_200,
            "average_hrv": 40,
            "lowest_heart_rate": 55,
            "average_heart_rate": 60.0,
            "latency": 300,
            **values,
        },
    )


FIRST = part("2T06:00", "2T09:26", 11_160)
SECOND = part("2T13:00", "2T18:02", 16_920, average_hrv=60, lowest_heart_rate=50, latency=900)
DAY = date(2026, 5, 2)


def test_durations_are_sums_and_averages_are_weighted():
    """186 and 282 minutes are 7 h 48; the HRV lies nearer to the longer sleep's."""
    night = nights([SECOND, FIRST])[DAY]
    assert night.total_sleep_duration == 468 * 60
    assert night.deep_sleep_duration == FIRST.deep_sleep_duration + SECOND.deep_sleep_duration
    assert night.time_in_bed == 468 * 60 + 2_400
    assert night.efficiency == round(100 * 468 * 60 / (468 * 60 + 2_400))
    assert round(night.average_hrv, 2) == round((40 * 186 + 60 * 282) / 468, 2)
    assert night.lowest_heart_rate == 50
    assert night.latency == 300
    assert (night.bedtime_start, night.bedtime_end) == (FIRST.bedtime_start, SECOND.bedtime_end)


def test_what_one_part_lacks():
    """A sum needs all parts; an average is that of the parts that have one."""
    second = part("2T13:00", "2T18:02", 16_920, average_hrv=None, deep_sleep_duration=None)
    night = nights([FIRST, second])[DAY]
    assert night.deep_sleep_duration is None
    assert night.average_hrv == 40
    assert night.total_sleep_duration == 468 * 60


def test_a_single_record_stays_as_it_is():
    """Nothing is recomputed."""
    assert nights([FIRST])[DAY] == FIRST

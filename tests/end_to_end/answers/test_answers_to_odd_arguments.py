"""Arguments at the ends of everything: an answer or a sentence, never a bug."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from annulet.errors import AnnuletError
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import TOOLS, answer
from annulet.toolkit.context import Zone

ODD = (
    *("", "-", "9999-12-31", "0001-01-01", "0001-01-01..9999-12-31", "9999-12", "0001-01"),
    *("9999-12-31T23:59", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00", "24:00"),
    *("last 99999 years", "last 1 hour", "2026-02-30", "now", "steps >= 1e400"),
    *("((" * 300, "previous." * 50 + "steps", "day = 9999-12-31", "day < 0001-01-02", "month = 13"),
    *("bedtime > 99:99", "x" * 5_000, "\ud800", "\x00", "a|b", "week = 9999-W53", "[", "null"),
)
FIRM = {"oura_compare": {"period": "last 7 days", "against": "last 14 days"}}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Honolulu"])
async def test_no_argument_is_a_bug(open_person, zone):
    """Every parameter of every tool with every odd value, east and west of Greenwich."""
    cloud = SimulatedOura(people=[])
    cloud.add_person("someone", days=30)
    context = replace(open_person(cloud, "someone").context, zone=Zone(ZoneInfo(zone), zone))
    for name, tool in TOOLS.items():
        for parameter, schema in tool.properties.items():
            if schema["type"] in {"string", "array"}:
                for value in ODD:
                    given = [value] if schema["type"] == "array" else value
                    with contextlib.suppress(AnnuletError):
                        await answer(name, {**FIRM.get(name, {}), parameter: given}, context)

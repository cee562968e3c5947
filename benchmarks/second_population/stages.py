"""A hypnogram with given totals: which stage follows which, in equal units of time."""

from __future__ import annotations

from collections.abc import Mapping

DEEP, LIGHT, REM, AWAKE = "1", "2", "3", "4"
UNITS_A_CYCLE = {30: 180, 300: 18}


def split(total: int, weights: list[int]) -> list[int]:
    """Splits a whole number by weights into whole parts that sum to it."""
    parts: list[int] = []
    before, all_weights = 0, sum(weights)
    for place in range(len(weights)):
        until = total * sum(weights[: place + 1]) // all_weights
        parts.append(until - before)
        before = until
    return parts


def hypnogram(units: Mapping[str, int], lead: int, seconds: int) -> str:
    """Writes one character a unit of ``seconds``; each stage occurs exactly as often as asked.

    The night begins with ``lead`` units awake, goes through cycles of about 90 minutes, has its
    deep sleep mostly early and its REM sleep mostly late.
    """
    asleep = units[DEEP] + units[LIGHT] + units[REM]
    cycles = max(1, round(asleep / UNITS_A_CYCLE[seconds]))
    places = range(cycles)
    deep = split(units[DEEP], [(cycles - place) ** 2 for place in places])
    rem = split(units[REM], [place + 1 for place in places])
    light = split(units[LIGHT], [1] * (2 * cycles))
    awake = split(units[AWAKE] - lead, [1] * cycles)
    night = AWAKE * lead
    for place in places:
        night += LIGHT * light[2 * place] + DEEP * deep[place] + LIGHT * light[2 * place + 1]
        night += REM * rem[place] + AWAKE * awake[place]
    return night


def in_blocks(seconds: Mapping[str, int], block: int) -> dict[str, int]:
    """Turns seconds of each stage into whole blocks, each off by less than one block.

    The number of blocks is that of the whole night, rounded up.
    """
    blocks = -(-sum(seconds.values()) // block)
    whole = {stage: length // block for stage, length in seconds.items()}
    left = blocks - sum(whole.values())
    by_rest = sorted(seconds, key=lambda stage: (-(seconds[stage] % block), stage))
    for stage in by_rest[:left]:
        whole[stage] += 1
    return whole

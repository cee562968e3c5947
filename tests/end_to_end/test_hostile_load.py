"""Twenty seconds of mixed hostile load on one service, while an honest person asks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from bench_hostile import measure

pytestmark = pytest.mark.full


async def test_an_honest_person_is_served_under_attack(tmp_path: Path) -> None:
    """No error of the service, and no question, page or probe of the honest person fails.

    `benchmarks/bench_hostile.py` measures the same for ten minutes, with times and memory.
    """
    seen = await measure(tmp_path, 20.0)
    assert seen.errors == {}
    assert seen.failures == []
    assert len(seen.honest) > 4
    assert {name for name, counts in seen.statuses.items() if counts} == set(seen.statuses)

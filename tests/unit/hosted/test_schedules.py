"""Two replicas renew one grant while everything around them fails: no schedule breaks a promise.

No refresh token is used twice unless its answer never arrived, no grant is lost otherwise, and no
person is told that a grant was revoked which was not. A failure names its seed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from schedules import run_schedule

CHUNK = 100


def run_chunk(number: int) -> dict[int, list[str]]:
    seeds = range(number * CHUNK, (number + 1) * CHUNK)
    return {seed: failures for seed in seeds if (failures := run_schedule(seed))}


def test_schedules_keep_their_promises() -> None:
    """The first hundred seeds."""
    assert run_chunk(0) == {}


@pytest.mark.full
@pytest.mark.parametrize("number", range(1, 100))
def test_many_schedules_keep_their_promises(number) -> None:
    """With the hundred of every day, ten thousand seeds."""
    assert run_chunk(number) == {}


def break_leases(monkeypatch) -> None:
    """Leases end at once, and an ended lease is taken at once."""
    monkeypatch.setattr("annulet.hosted.connections.renewal_lease._LEASE_S", -1)
    monkeypatch.setattr("annulet.hosted.connections.renewal_lease._WATCHED_S", 0)


def test_a_schedule_would_notice(monkeypatch) -> None:
    """With leases that end at once, replicas spend a token twice, and the schedules say so."""
    break_leases(monkeypatch)
    assert any(run_schedule(seed) for seed in range(10))


def test_a_seed_runs_again_as_it_ran_before(monkeypatch) -> None:
    """The same seed fails in the same way, so that a failure can be looked at."""
    break_leases(monkeypatch)
    seed = next(seed for seed in range(50) if run_schedule(seed))
    assert run_schedule(seed) == run_schedule(seed) != []

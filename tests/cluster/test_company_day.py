"""A company's day: nothing is lost, and every answer is right."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cluster.company_day import PAGE, PEOPLE, main
from postgresql import has_debian_server


@pytest.mark.full
@pytest.mark.timeout(1200)  # the day lasts minutes, and its people have to be connected before
def test_a_day_of_a_small_company_loses_nothing() -> None:
    """Restarts and outages cost no connection, no audit entry and no answer."""
    if not has_debian_server():
        pytest.skip("needs PostgreSQL of Debian")
    assert main(["--people", "100", "--rate", "4", "--outage-s", "20"]) == 0


def test_the_page_is_of_the_whole_company() -> None:
    """The page was written by a run with as many people as it says."""
    text = PAGE.read_text("utf-8")
    assert f"All {PEOPLE:,} connections are whole." in text
    assert "| the database is restarted" in text

"""The first thing a stranger sees works."""

from __future__ import annotations

import subprocess
import sys


def test_the_demo_shows_every_part() -> None:
    """Connect, questions with answers, disconnect, and nothing about health on disk."""
    done = subprocess.run(
        [sys.executable, "-m", "annulet", "demo", "--once"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = done.stdout
    steps = [
        "Connected as",
        "How did I sleep last night?",
        "slept",
        "Is my HRV rising?",
        "Anything unusual",
        "annulet disconnect",
        "not_connected",
        "annulet serve",
        "Register",
        "Successful connection",
        "presses Disconnect",
        "No night",
    ]
    place = 0
    for step in steps:
        place = told.find(step, place)
        assert place >= 0, f"“{step}” is missing or out of order:\n{told}"

"""The first thing a stranger sees works."""

from __future__ import annotations

import os
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


def test_the_demo_without_extras_leaves_the_service_out(tmp_path) -> None:
    """What ``pip install annulet`` brings is enough for the first half; one line says the rest."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'jinja2', 'sqlalchemy', 'alembic', 'argon2'}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "annulet", "demo", "--once"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "annulet disconnect" in done.stdout
    assert "pip install 'annulet[server]'" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr

"""The journal of requests."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

from annulet.proxy.journal import Journal, JournalLine


def line(method: str = "GET") -> JournalLine:
    return JournalLine(
        at=datetime(2026, 6, 1, 12, tzinfo=UTC),
        capability="cap_1234",
        tool="bash",
        method=method,
        path="/v2/usercollection/daily_sleep",
        parameters=("start_date", "end_date"),
        status=200,
        outcome="forwarded",
        bytes=120,
        duration_ms=3.14159,
    )


def test_a_line_says_who_and_what_and_how_long(tmp_path: Path) -> None:
    """One line of JSON a request, in a file for the owner alone."""
    journal = Journal(tmp_path / "proxy" / "journal.jsonl")
    journal.write(line())
    journal.close()
    file = tmp_path / "proxy" / "journal.jsonl"
    assert json.loads(file.read_text()) == {
        "time": "2026-06-01T12:00:00.000+00:00",
        "capability": "cap_1234",
        "tool": "bash",
        "method": "GET",
        "path": "/v2/usercollection/daily_sleep",
        "parameters": ["start_date", "end_date"],
        "status": 200,
        "outcome": "forwarded",
        "bytes": 120,
        "ms": 3.1,
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_words_that_are_no_methods_are_not_repeated() -> None:
    """A caller cannot write what it likes into the journal."""
    assert json.loads(line("SECRET-THING").as_json())["method"] == "other"


def test_the_journal_appends_and_does_not_grow_for_ever(tmp_path: Path) -> None:
    """An older generation is kept beside it, also for the owner alone."""
    file = tmp_path / "journal.jsonl"
    for _ in range(2):
        journal = Journal(file, max_bytes=300)
        journal.write(line())
        journal.write(line())
        journal.close()
    older = tmp_path / "journal.jsonl.1"
    assert len(file.read_text().splitlines()) + len(older.read_text().splitlines()) == 4
    assert stat.S_IMODE(older.stat().st_mode) == 0o600

"""Export as a user runs it: whole days, each sample in the day it belongs to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

STAMPS = ("2026-05-04T21:59:59Z", "2026-05-04T22:00:00Z", "2026-05-05T21:59:59.999Z")
NEXT_MIDNIGHT = "2026-05-05T22:00:00Z"


class Oura(BaseHTTPRequestHandler):
    """Gives four heartbeats around a day in Stockholm, whatever is asked."""

    def do_GET(self) -> None:
        """Answer any question."""
        rows = [{"timestamp": s, "bpm": 60, "source": "rest"} for s in (*STAMPS, NEXT_MIDNIGHT)]
        body = json.dumps({"data": rows}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def oura():
    """The address of a small server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Oura)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_day_of_samples_ends_before_midnight(oura, tmp_path):
    """The first sample of the next day is not exported with the day before."""
    file = tmp_path / "beats.json"
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANNULET_")},
        "ANNULET_HOME": str(tmp_path / "home"),
        "ANNULET_OURA_API_URL": oura,
        "ANNULET_ACCESS_TOKEN": "a-token-for-nobody",
        "ANNULET_TIMEZONE": "Europe/Stockholm",
    }
    words = ("export", "heartrate", "--start", "2026-05-05", "--end", "2026-05-05", "-o", str(file))
    run = subprocess.run(
        [sys.executable, "-m", "annulet", *words, "--json"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert [row["timestamp"] for row in json.loads(file.read_text())] == list(STAMPS[1:])
    assert json.loads(run.stdout)["documents"] == 2

"""Export as a user runs it: whole days, each sample in the day it belongs to."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from annulet.simulator import SimulatedOura

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


async def test_the_table_of_metrics_is_what_the_answers_say(tmp_path):
    """A row a day with plain and derived metrics; what was not measured is empty, not zero."""
    cloud = SimulatedOura(people=["plain"], now=datetime(2026, 5, 6, 15, 2, tzinfo=UTC))
    async with cloud.serve() as server:
        environ = {
            **{n: value for n, value in os.environ.items() if not n.startswith("ANNULET_")},
            "ANNULET_HOME": str(tmp_path / "home"),
            "ANNULET_OURA_API_URL": server.url,
            "ANNULET_ACCESS_TOKEN": cloud.issue_token("plain"),
            "ANNULET_TIMEZONE": cloud.people["plain"].traits.zone,
        }
        file = tmp_path / "metrics.csv"
        words = ("export", "metrics", "--start", "2026-04-01", "--end", "2026-05-05", "-o", file)
        run = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "annulet", *map(str, words), env=environ, stdout=subprocess.PIPE
        )
        output, _ = await asyncio.wait_for(run.communicate(), 60)
    assert run.returncode == 0, output
    assert b"35 days of metrics from 2026-04-01 to 2026-05-05" in output
    rows = {row["day"]: row for row in csv.DictReader(file.read_text().splitlines())}
    assert len(rows) == 35
    truth = cloud.people["plain"].truth
    for text, row in rows.items():
        day = date.fromisoformat(text)
        night, activity = truth.night(day), truth.activity(day)
        expected = "" if night is None else f"{night.total / 60:.1f}"
        assert row["total_sleep_min"][:5] == expected[:5]
        assert row["steps"] == ("" if activity is None else f"{float(activity.steps)}")
        if night is not None:
            assert float(row["sleep_debt_min"]) >= 0
            assert 0 < float(row["sleep_regularity_index"]) <= 100


class Shell:
    """Runs ``annulet export`` as one person of a simulated cloud, whose clock can be set."""

    def __init__(self, cloud, url, home):
        self.cloud = cloud
        self.environ = {
            **{n: value for n, value in os.environ.items() if not n.startswith("ANNULET_")},
            "ANNULET_HOME": str(home),
            "ANNULET_OURA_API_URL": url,
            "ANNULET_ACCESS_TOKEN": cloud.issue_token("plain"),
            "ANNULET_TIMEZONE": cloud.people["plain"].traits.zone,
        }

    async def export(self, *words, code=0):
        run = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "annulet", "export", *map(str, words), "--json"),
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        output, _ = await asyncio.wait_for(run.communicate(), 100)
        assert run.returncode == code, output
        return json.loads(output)


@pytest.fixture
async def shell(tmp_path):
    cloud = SimulatedOura(people=["plain"], now=datetime(2026, 5, 6, 15, 2, tzinfo=UTC))
    async with cloud.serve() as server:
        yield Shell(cloud, server.url, tmp_path / "home")


def rows_of(file):
    """The rows of an exported file, whatever its format."""
    if file.suffix == ".json":
        return json.loads(file.read_text())
    if file.suffix == ".parquet":
        return pytest.importorskip("pyarrow.parquet").read_table(file).to_pylist()
    return list(csv.DictReader(file.read_text().splitlines()))


@pytest.mark.parametrize(
    ("collection", "form"),
    [("sleep", "csv"), ("heartrate", "json"), ("metrics", "parquet"), ("heartrate", "parquet")],
)
async def test_an_export_goes_on_where_the_file_ends(shell, tmp_path, collection, form):
    """What was there stays, the last two days are read again, and nothing stands in it twice."""
    file, whole = tmp_path / f"grown.{form}", tmp_path / f"whole.{form}"
    await shell.export(collection, "--start", "2026-04-25", "--end", "2026-05-01", "-o", file)
    shell.cloud.requests.clear()
    told = await shell.export(collection, "--since-last", "-o", file)
    assert "from 2026-04-29 to" in told["summary"]
    await shell.export(collection, "--start", "2026-04-25", "-o", whole)
    assert rows_of(file) == rows_of(whole)
    assert rows_of(file)


async def test_everything_at_once_goes_into_a_folder(shell, tmp_path):
    """A file for each collection and the metrics; the second time only what is new is read."""
    folder = tmp_path / "ring"
    told = await shell.export("--all", "--start", "2026-05-01", "-o", folder, "--format", "json")
    names = {entry["collection"] for entry in told["files"]}
    assert {"sleep", "heartrate", "personal_info", "metrics", "ring_configuration"} <= names
    assert {file.stem for file in folder.iterdir()} == names
    before = {file: rows for file in folder.iterdir() if (rows := rows_of(file))}
    await shell.export("--all", "--since-last", "-o", folder, "--format", "json")
    assert {file: rows_of(file) for file in before} == before


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "--all"),
        (("sleep", "--all", "-o", "x"), "--all"),
        (("--all", "-o", "-"), "--all"),
        (("sleep", "--since-last", "-o", "-"), "--since-last"),
        (("sleep", "--since-last", "-o", "new.csv"), "--since-last"),
        (("sleep", "--since-last", "-o", "odd.csv"), "--start"),
        (("sleep", "--since-last", "--start", "2026-05-01", "-o", "odd.csv"), "--start"),
    ],
)
async def test_what_cannot_be_exported_says_how(shell, tmp_path, monkeypatch, words, reason):
    """The hint names the option; a file that is something else stays as it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n")
    refused = await shell.export(*words, code=2)
    assert reason in refused["error"]["message"] + refused["error"]["hint"]
    assert (tmp_path / "odd.csv").read_text() == "a,b\n1,2\n"
    assert not (tmp_path / "new.csv").exists()

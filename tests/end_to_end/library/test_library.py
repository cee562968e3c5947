"""The Python library opens the stored connection; the programs and examples of its pages run."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import annulet
import annulet.sync
from annulet import data_frames
from annulet.oauth.grant import Grant
from annulet.oauth.vault_grants import VaultGrants
from annulet.settings import Settings
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import TOOLS
from annulet.vault.secret import Secret
from annulet.wiring import open_vault

ROOT = Path(__file__).parents[3]
HOW_TO = ROOT / "docs" / "how-to" / "use-python.md"
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
ACCOUNTS = {"default": "plain", "anna": "plain", "ben": "fareast"}


def code_blocks(page: Path) -> list[str]:
    """The Python programs of a page."""
    return CODE.findall(page.read_text("utf-8"))


@dataclass
class Home:
    """A home with stored connections to a simulated cloud."""

    cloud: SimulatedOura
    variables: dict[str, str]


@pytest.fixture(scope="module")
def running():
    cloud = SimulatedOura(["plain", "fareast", "field"])
    with cloud.serve() as server:
        yield cloud, server.url


@pytest.fixture(scope="module")
def home(running, tmp_path_factory) -> Home:
    """Three connections in one vault, as ``annulet connect`` leaves them."""
    cloud, url = running
    variables = {
        "ANNULET_HOME": str(tmp_path_factory.mktemp("home")),
        "ANNULET_KEY": "k" * 44,
        "ANNULET_OURA_API_URL": url,
        "ANNULET_TIMEZONE": "Europe/Helsinki",
    }
    vault = open_vault(Settings.from_environ(variables))
    for account, person in ACCOUNTS.items():
        asyncio.run(VaultGrants(vault, account).replace(grant_of(cloud, person)))
    return Home(cloud, variables)


def grant_of(cloud: SimulatedOura, person: str) -> Grant:
    """A grant that needs no renewal today."""
    now = time.time()
    return Grant(
        client_id="app",
        token_url="http://127.0.0.1:9/oauth/token",
        revoke_url="",
        access_token=Secret(cloud.issue_token(person)),
        refresh_token=None,
        issued_at=now,
        expires_at=now + 86_400,
    )


@pytest.fixture
def stored(home, monkeypatch) -> Home:
    """This process has the home's settings."""
    for name, value in home.variables.items():
        monkeypatch.setenv(name, value)
    return home


def run_program(code: str, folder: Path, python: str, **variables: str) -> Any:
    """Run a program as a person would."""
    file = folder / "program.py"
    file.write_text(code, encoding="utf-8")
    return subprocess.run(
        [python, str(file)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": "", **variables},
    )


@pytest.mark.parametrize("number", range(3))
def test_the_programs_of_the_guide_run(home, tmp_path, number):
    """A month of sleep, several people, errors: each prints what it promises and nothing else."""
    program = code_blocks(HOW_TO)[number]
    done = run_program(program, tmp_path, sys.executable, **home.variables)
    assert (done.returncode, done.stderr) == (0, "")
    shown = [("average_hrv", "mean"), ("anna", "ben", "minutes a night"), ("HRV",)][number]
    assert all(word in done.stdout for word in shown), done.stdout


@pytest.mark.parametrize(
    ("fault", "words"),
    [("", "annulet connect"), ("scope:daily", "Permission"), ("status:503", "try later")],
)
def test_the_program_about_errors_says_what_to_do(running, home, tmp_path, fault, words):
    """No connection, no permission and an outage end in a sentence, not in a traceback."""
    cloud, _ = running
    variables = {**home.variables, "ANNULET_HOME": str(tmp_path / "empty")}
    if fault == "scope:daily":
        variables["ANNULET_ACCESS_TOKEN"] = cloud.issue_token("plain", ["email"])
    elif fault:
        variables["ANNULET_ACCESS_TOKEN"] = "away"
        variables["ANNULET_OURA_API_URL"] = "http://127.0.0.1:9"
    done = run_program(code_blocks(HOW_TO)[2], tmp_path, sys.executable, **variables)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


async def test_every_example_of_the_reference_runs(stored, monkeypatch):
    """The reference and the README show no call that does not work."""
    token, url = stored.cloud.issue_token("plain"), stored.variables["ANNULET_OURA_API_URL"]
    monkeypatch.setattr(annulet, "OuraClient", partial(annulet.OuraClient, api_url=url))
    blocks = code_blocks(ROOT / "docs" / "reference" / "library.md")
    blocks += code_blocks(ROOT / "README.md")
    assert len(blocks) >= 4
    for block in blocks:
        source = block.replace('"access token"', repr(token))
        code = compile(source, "<example>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, {})  # noqa: S307 - our own page
        if inspect.isawaitable(result):
            await result


async def test_every_answer_is_typed_and_equals_the_tool_s(stored):
    """The eleven answers have attributes, and the object that assistants get."""
    async with annulet.connect("ben") as oura:
        for name, tool in TOOLS.items():
            answer = await oura.answer(name)
            assert answer.summary == answer.data["summary"]
            assert set(answer.data) <= set(tool.output["properties"])
            read = {key for key in answer.data if getattr(answer, key) is not None}
            assert read == set(answer.data), name
        daily = await oura.answer("daily", start=date.today() - timedelta(days=6))  # noqa: DTZ011, TID251 - as a script
        assert daily.table.records()[0].keys() >= {"day", "steps"}


async def test_the_blocking_face_works_inside_a_running_loop(stored):
    """As in a notebook: calls return values, and a closed connection says so."""
    oura = annulet.sync.connect()
    assert oura.answer("trends", metrics=["steps"]).table.rows[0][0] == "steps"
    assert oura.personal_info().age
    oura.close()
    oura.close()
    with pytest.raises(annulet.UsageError, match="closed"):
        oura.personal_info()


def test_a_notebook_that_never_closes_can_end(home, tmp_path):
    """The interpreter does not wait for an open connection."""
    program = (
        "import annulet.sync\noura = annulet.sync.connect()\nprint(oura.answer('sleep').summary)"
    )
    done = run_program(program, tmp_path, sys.executable, **home.variables)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_cannot_be_opened_or_asked_names_the_next_step(stored):
    """A missing account, an unknown answer, parameter and token: a sentence with a hint."""
    with pytest.raises(annulet.NotConnected, match="annulet connect --account nobody"):
        annulet.sync.connect("nobody")
    with pytest.raises(annulet.UsageError, match="empty"):
        annulet.OuraClient("")
    with annulet.sync.connect() as oura:
        with pytest.raises(annulet.UsageError, match="Did you mean “trends”"):
            oura.answer("trend")
        with pytest.raises(annulet.UsageError, match="window_days"):
            oura.answer("trends", windw_days=7)


@pytest.fixture(scope="module")
def odd_sleeps(running):
    """Documents that are odd in every way."""
    cloud, url = running
    today = datetime.now(UTC).date()  # noqa: TID251 - the cloud's clock is the real one

    async def read() -> annulet.Documents[annulet.Sleep]:
        async with annulet.OuraClient(cloud.issue_token("field"), api_url=url) as oura:
            return await oura.sleep(today - timedelta(days=60), today)

    return asyncio.run(read())


def test_documents_become_tables_of_three_libraries(odd_sleeps):
    """One row a document, the same columns, missing where Oura measured nothing, never zero."""
    table, frame, arrow = odd_sleeps.to_pandas(), odd_sleeps.to_polars(), odd_sleeps.to_arrow()
    assert len(table) == frame.height == arrow.num_rows == len(odd_sleeps)
    assert list(table.columns) == frame.columns == arrow.column_names
    measured = [night.average_hrv for night in odd_sleeps]
    assert None in measured
    assert [None if pd.isna(v) else v for v in table["average_hrv"]] == measured
    assert frame["average_hrv"].to_list() == arrow["average_hrv"].to_pylist() == measured
    assert frame["day"].to_list() == [night.day for night in odd_sleeps]
    assert table["day"].dt.date.to_list() == [night.day for night in odd_sleeps]
    starts = [night.bedtime_start for night in odd_sleeps]
    assert table["bedtime_start"].dt.to_pydatetime().tolist() == starts
    assert frame["hrv_items"].to_list()[0] == list(odd_sleeps[0].hrv.items)


def test_other_libraries_take_answers_by_arrow_s_interface(stored):
    """An answer and its tables are read without a conversion of ours."""
    with annulet.sync.connect() as oura:
        trends = oura.answer("trends")
        assert pl.DataFrame(trends)["metric"].to_list() == trends.to_pandas()["metric"].to_list()
        assert pa.table(trends.table).num_rows == len(trends.table.rows)
        with pytest.raises(annulet.UsageError, match=r"answer\.granted"):
            oura.answer("permissions").to_pandas()
        yesterday = oura.answer("intraday", resolution_min=60).to_pandas()
        assert list(yesterday.columns) == ["at", "value"]


def test_a_table_library_that_is_absent_is_named_with_its_install(odd_sleeps, monkeypatch):
    """Nothing is needed until it is asked for, and then the line to type is there."""

    def absent(_name: str) -> None:
        raise ImportError

    monkeypatch.setattr(data_frames, "import_module", absent)
    for convert, line in (
        (odd_sleeps.to_pandas, "pip install 'pandas"),
        (odd_sleeps.to_polars, "pip install 'polars"),
        (odd_sleeps.to_arrow, "pip install 'pyarrow"),
    ):
        with pytest.raises(annulet.UsageError, match=re.escape(line)):
            convert()

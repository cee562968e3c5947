"""The wheel in an empty environment, on every Python of this machine that annulet supports.

It takes what ``pip install annulet`` brings, so it needs the package index: ``make full`` runs it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from annulet.simulator import SimulatedOura

ROOT = Path(__file__).parents[2]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PROGRAMS = CODE.findall((ROOT / "docs/how-to/use-python.md").read_text("utf-8"))
pytestmark = pytest.mark.full


def uv(*words: str) -> subprocess.CompletedProcess[str]:
    """Run uv, the one of the project or of the system."""
    program = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False)


def interpreter(version: str) -> str | None:
    """A Python of this version: one that uv knows, or one of pyenv."""
    known = uv("python", "find", "--no-python-downloads", version)
    if known.returncode == 0:
        return known.stdout.strip()
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    return next(map(str, pyenv.glob(f"versions/{version}.*/bin/python")), None)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    built = uv("build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT))
    if built.returncode:
        pytest.skip(f"no wheel can be built here: {built.stderr[-200:]}")
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module", params=VERSIONS)
def python(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A Python of that version with the wheel and nothing else."""
    known = interpreter(request.param)
    if known is None:
        pytest.skip(f"Python {request.param} is not on this machine")
    folder = tmp_path_factory.mktemp("venv")
    uv("venv", "--quiet", "--clear", "--python", known, str(folder))
    python = folder / "bin" / "python"
    done = uv("pip", "install", "--quiet", "--python", str(python), str(wheel))
    if done.returncode:
        pytest.skip(f"the package index cannot be reached: {done.stderr[-200:]}")
    return python


def run(python: Path, words: list[str], home: Path, **variables: str) -> tuple[int, str, str]:
    """A program in an otherwise empty environment."""
    done = subprocess.run(
        [str(python), *words],
        env={"PATH": os.defpath, "HOME": str(home), **variables},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_demo_runs_on_what_pip_installs(python: Path, tmp_path: Path) -> None:
    """Connect, ask, disconnect; the hosted part is left out with one line, and no traceback."""
    code, out, err = run(python, ["-m", "annulet", "demo", "--once"], tmp_path)
    assert (code, err) == (0, "")
    assert "annulet disconnect" in out
    assert "pip install 'annulet[server]'" in out


def test_commands_and_programs_end_without_a_traceback(python: Path, tmp_path: Path) -> None:
    """Every command as a newcomer types it, and the programs of the Python guide."""
    oura = SimulatedOura(["plain"])
    with oura.serve() as running:
        variables = {
            "ANNULET_OURA_API_URL": running.url,
            "ANNULET_ACCESS_TOKEN": oura.issue_token("plain"),
        }
        for command in ("sleep", "trends", "doctor", "status", "serve", "admin", "setup", "--help"):
            code, _, err = run(python, ["-m", "annulet", command], tmp_path, **variables)
            assert code in {0, 2, 3}, (command, err)
            assert "Traceback" not in err, (command, err)
        for code_block in (PROGRAMS[0], PROGRAMS[2]):
            code, _, err = run(python, ["-c", code_block], tmp_path, **variables)
            if code_block is PROGRAMS[0]:  # pandas is not there: the line to type is
                assert "pip install 'pandas" in err
            else:
                assert (code, err) == (0, "")
        uv("pip", "install", "--quiet", "--python", str(python), "pandas")
        code, out, err = run(python, ["-c", PROGRAMS[0]], tmp_path, **variables)
        assert (code, err) == (0, ""), err
        assert "average_hrv" in out

"""The steps of the Containerfile, taken one after another in a folder instead of an image."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from samples import DEPLOY, ROOT, command_lines, image_environment, read_containerfile


def copy_allowed(words: list[str], target: Path) -> None:
    """Copy what a COPY names, as far as the ignore file lets it reach the builder."""
    lines = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    *sources, _ = words
    for name in sources:
        assert name in allowed, f"{name} does not reach the builder"
        source = ROOT / name
        if source.is_dir():
            # links stay links: what they lead to has to be copied as well
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, target / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(source, target / name)


def build(folder: Path) -> Path:
    """Take the steps of the build stage; returns what the image gets."""
    uv = shutil.which("uv", path=f"{ROOT}/.tools/bin:{os.environ.get('PATH', '')}")
    if uv is None:
        pytest.skip("uv is not installed")
    context, moved = folder / "build", {"/opt/annulet": "opt", "/data/annulet": "data"}
    context.mkdir()
    environ = {n: v for n, v in os.environ.items() if n != "VIRTUAL_ENV"}
    environ |= {"PATH": f"{Path(uv).parent}:{environ['PATH']}", "UV_PYTHON": sys.executable}
    stage = 0
    for word, rest in read_containerfile():
        stage += word == "FROM"
        line = rest.replace(" --no-cache", "")  # an image is not to keep it, this machine may
        for place, name in moved.items():
            line = line.replace(place, str(folder / name))
        if stage == 2 and word == "ENV":
            environ |= dict(part.split("=", 1) for part in line.split())
        elif stage == 2 and word == "COPY" and "--from" not in line:
            copy_allowed(line.split(), context)
        elif stage == 2 and word == "RUN":
            subprocess.run(["bash", "-ec", line], cwd=context, env=environ, check=True)
    shutil.rmtree(context)
    return folder / "opt"


@pytest.mark.full
def test_what_is_built_runs_alone(tmp_path: Path) -> None:
    """Program, extras and skills are in the image, and nothing points to the sources."""
    installed = build(tmp_path)
    python = installed / "bin/python"
    code = (
        "import annulet, asyncpg, psycopg, procrastinate, prometheus_client, pathlib;"
        "print(annulet.__file__, *pathlib.Path(annulet.__file__).parent.rglob('SKILL.md'))"
    )
    environ = {**image_environment(), "ANNULET_HOME": str(tmp_path / "home")}
    environ["PATH"] = f"{installed}/bin:/usr/bin:/bin"
    output = subprocess.run(
        [python, "-c", code], env=environ, cwd="/", capture_output=True, text=True, check=True
    )
    places = output.stdout.split()
    assert len(places) == 3, places
    assert all(place.startswith(str(installed)) for place in places)
    for _, words in command_lines():
        helped = subprocess.run(
            [installed / "bin/annulet", *words, "--help"],
            env=environ, cwd="/", capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert re.search("Usage", helped.stdout), words
    assert os.access(tmp_path / "data", os.W_OK)

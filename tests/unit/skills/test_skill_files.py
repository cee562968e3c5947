"""The agent skills, as files."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from skills_ref.validator import validate

ROOT = Path(__file__).parents[3]
SKILLS = sorted(folder for folder in (ROOT / "skills").iterdir() if folder.is_dir())
PAGES = sorted((ROOT / "skills").rglob("*.md"))


def test_both_skills_are_there() -> None:
    """One to connect, one to ask."""
    assert [folder.name for folder in SKILLS] == ["oura", "oura-setup"]


@pytest.mark.parametrize("folder", SKILLS, ids=lambda folder: folder.name)
def test_the_public_validator_accepts_them(folder: Path) -> None:
    """The checks of the format's own reference implementation."""
    assert validate(folder) == []


@pytest.mark.full
@pytest.mark.parametrize("folder", SKILLS, ids=lambda folder: folder.name)
def test_the_validator_of_npm_accepts_them_too(folder: Path, tmp_path: Path) -> None:
    """The same format, read by another implementation."""
    npx = shutil.which("npx")
    if not npx:
        pytest.skip("npx is not installed")
    done = subprocess.run(
        [npx, "--yes", "skills-ref@0.1.5", "validate", str(folder)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    output = done.stdout + done.stderr
    if done.returncode and "alid" not in output:
        pytest.skip("the npm package skills-ref cannot be had here")
    assert done.returncode == 0, output


def test_the_validator_would_complain(tmp_path: Path) -> None:
    """The positive control: a skill under a foreign name is refused."""
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "SKILL.md").write_text((SKILLS[0] / "SKILL.md").read_text())
    assert validate(folder)


@pytest.mark.parametrize("folder", SKILLS, ids=lambda folder: folder.name)
def test_bodies_are_short_and_references_one_level_deep(folder: Path) -> None:
    """A body below 200 lines; everything it links to exists, and nothing lies deeper."""
    text = (folder / "SKILL.md").read_text()
    assert len(text.splitlines()) < 200
    links = set(re.findall(r"\]\((references/[^)]+)\)", text))
    there = {f"references/{file.name}" for file in (folder / "references").iterdir()}
    assert links == there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_no_page_lets_a_secret_through(page: Path) -> None:
    """No page asks for a secret in an argument, or shows how to print one."""
    text = page.read_text()
    assert not re.search(r"--(client-)?secret[ =]|--token[ =]|client_secret=", text)
    assert not re.search(r"echo \"?\$ANNULET_(CLIENT_SECRET|ACCESS_TOKEN|KEY)", text)


def test_the_package_carries_the_same_files() -> None:
    """What a wheel holds is what stands in ``skills/``, byte by byte."""
    inside = ROOT / "src" / "annulet" / "skills"
    ours = {page.relative_to(ROOT / "skills") for page in (ROOT / "skills").rglob("*.*")}
    assert {page.relative_to(inside) for page in inside.rglob("*.*")} == ours
    for name in ours:
        assert (inside / name).read_bytes() == (ROOT / "skills" / name).read_bytes()
        # A link to the one source; a copy would begin to differ.
        assert (inside / name).is_symlink()

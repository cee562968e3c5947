"""Copying skills to where agents look."""

import json
from pathlib import Path

import pytest

from annulet.cli.skill_folders import LOCK, digest, put, read_skills, take_away
from annulet.errors import AnnuletError, UsageError

SKILLS = {
    "oura": {"SKILL.md": b"ask", "references/commands.md": b"all of them"},
    "oura-setup": {"SKILL.md": b"connect"},
}


def test_skills_are_copied_and_remembered(tmp_path: Path) -> None:
    """Each file is there, and the lock file says what was put."""
    done = put(SKILLS, tmp_path / "skills")
    assert [outcome.done for outcome in done] == ["installed", "installed"]
    assert read_skills(tmp_path / "skills") == SKILLS
    lock = json.loads((tmp_path / "skills" / LOCK).read_text())
    assert lock["skills"]["oura"]["hash"] == digest(SKILLS["oura"])


def test_a_newer_version_replaces_an_untouched_older_one(tmp_path: Path) -> None:
    """Files that are no longer part of a skill are gone; a second run changes nothing."""
    put(SKILLS, tmp_path)
    newer = {"oura": {"SKILL.md": b"ask better"}}
    assert [outcome.done for outcome in put(newer, tmp_path)] == ["updated"]
    assert [outcome.done for outcome in put(newer, tmp_path)] == ["unchanged"]
    assert [file.name for file in (tmp_path / "oura").rglob("*")] == ["SKILL.md"]
    assert [file for file in tmp_path.iterdir() if file.name.startswith(".")] == []
    assert set(json.loads((tmp_path / LOCK).read_text())["skills"]) == set(SKILLS)


def test_a_changed_skill_is_left_alone(tmp_path: Path) -> None:
    """What a person wrote is replaced only when that is said."""
    put(SKILLS, tmp_path)
    (tmp_path / "oura" / "SKILL.md").write_text("my own words")
    newer = SKILLS | {"oura": {"SKILL.md": b"ask better"}}
    with pytest.raises(UsageError, match="changed by hand"):
        put(newer, tmp_path)
    with pytest.raises(UsageError, match="changed by hand"):
        take_away(tmp_path)
    assert (tmp_path / "oura" / "SKILL.md").read_text() == "my own words"
    put(newer, tmp_path, force=True)
    assert (tmp_path / "oura" / "SKILL.md").read_text() == "ask better"


def test_a_foreign_skill_is_left_alone(tmp_path: Path) -> None:
    """A skill of the same name that annulet did not put there."""
    (tmp_path / "oura").mkdir()
    (tmp_path / "oura" / "SKILL.md").write_text("another skill")
    with pytest.raises(UsageError, match="not put there by annulet"):
        put(SKILLS, tmp_path)
    assert not (tmp_path / "oura-setup").exists()


def test_skills_are_taken_away_and_nothing_else(tmp_path: Path) -> None:
    """Other skills in the same folder stay."""
    put(SKILLS, tmp_path)
    (tmp_path / "other").mkdir()
    assert {outcome.skill for outcome in take_away(tmp_path)} == set(SKILLS)
    assert [entry.name for entry in tmp_path.iterdir()] == ["other"]
    assert take_away(tmp_path) == []


def test_a_lock_file_cannot_remove_other_folders(tmp_path: Path) -> None:
    """Names that are no plain names are not believed."""
    folder = tmp_path / "skills"
    folder.mkdir()
    (tmp_path / "precious").mkdir()
    entries = {name: {"hash": ""} for name in ("../precious", "..", ".", "/", "a/b", "")}
    (folder / LOCK).write_text(json.dumps({"version": 1, "skills": entries}))
    assert take_away(folder, force=True) == []
    assert (tmp_path / "precious").is_dir()


def test_a_damaged_lock_file_is_explained(tmp_path: Path) -> None:
    """Nothing is guessed."""
    (tmp_path / LOCK).write_text("{")
    with pytest.raises(UsageError):
        put(SKILLS, tmp_path)


def test_an_incomplete_package_is_explained(tmp_path: Path) -> None:
    """No skills in the installation."""
    with pytest.raises(AnnuletError):
        read_skills(tmp_path / "nothing")

"""Copies skills into a folder, with a lock file that lists the installed ones."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from annulet import __version__
from annulet.errors import AnnuletError, UsageError
from annulet.mcp_server.assistants import ASSISTANTS, SHARED_SKILLS

LOCK: Final = "annulet-skills.lock.json"
AGENTS: Final = {
    "agents": Path(SHARED_SKILLS),
    **{a.name: Path(a.skill_folder) for a in ASSISTANTS if a.skill_folder},
}
"""Where each agent looks, in the person's home folder."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
Skill = Mapping[str, bytes]
"""The files of one skill by their path inside it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one skill.

    Attributes:
        skill: Its name.
        folder: Where it is, or was.
        done: ``installed``, ``updated``, ``unchanged`` or ``removed``.
        digest: What its files amount to.
    """

    skill: str
    folder: Path
    done: str
    digest: str

    def as_dict(self) -> dict[str, str]:
        """The outcome for programs."""
        return {
            "skill": self.skill,
            "folder": str(self.folder),
            "done": self.done,
            "hash": self.digest,
        }


def read_skills(root: Traversable | Path) -> dict[str, Skill]:
    """Every skill below a folder, by name.

    Raises:
        AnnuletError: There is none: the package is incomplete.
    """
    skills: dict[str, Skill] = {
        entry.name: dict(_files(entry, ""))
        for entry in (sorted(root.iterdir(), key=lambda entry: entry.name) if root.is_dir() else ())
        if entry.is_dir() and (entry / "SKILL.md").is_file()
    }
    if not skills:
        raise AnnuletError("This installation has no skills in it.", hint="Install annulet again.")
    return skills


def digest(skill: Skill) -> str:
    """One hash over names and contents of a skill's files."""
    whole = hashlib.sha256()
    for name in sorted(skill):
        whole.update(f"{name}\0{hashlib.sha256(skill[name]).hexdigest()}\n".encode())
    return f"sha256-{whole.hexdigest()}"


def put(skills: Mapping[str, Skill], folder: Path, *, force: bool = False) -> list[Outcome]:
    """Copy skills into a folder; each appears whole or not at all.

    Raises:
        UsageError: Something else stands there, or a skill was changed by hand.
    """
    lock = _read_lock(folder)
    for name in skills:
        _check_ours(folder / name, lock.get(name), skills[name], force=force)
    outcomes = [_put_one(folder / name, skill) for name, skill in skills.items()]
    _write_lock(folder, lock | {outcome.skill: outcome.digest for outcome in outcomes})
    return outcomes


def take_away(folder: Path, *, force: bool = False) -> list[Outcome]:
    """Remove the skills that the lock file lists.

    Raises:
        UsageError: A skill was changed by hand.
    """
    lock = _read_lock(folder)
    for name, known in lock.items():
        _check_ours(folder / name, known, None, force=force)
    outcomes = []
    for name, known in lock.items():
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
            outcomes.append(Outcome(name, folder / name, "removed", known))
    (folder / LOCK).unlink(missing_ok=True)
    return outcomes


def _files(entry: Traversable | Path, inside: str) -> list[tuple[str, bytes]]:
    files: list[tuple[str, bytes]] = []
    for child in entry.iterdir():
        if child.is_dir():
            files += _files(child, f"{inside}{child.name}/")
        elif not child.name.startswith("."):
            files.append((f"{inside}{child.name}", child.read_bytes()))
    return files


def _check_ours(target: Path, known: str | None, wanted: Skill | None, *, force: bool) -> None:
    if force or not (target.exists() or target.is_symlink()):
        return
    there = digest(dict(_files(target, ""))) if target.is_dir() else ""
    if there == known or (wanted is not None and there == digest(wanted)):
        return
    what = "was changed by hand" if known else "was not put there by annulet"
    raise UsageError(
        f"{target} {what}; nothing was changed.",
        hint="Keep your version elsewhere, or replace it with --force.",
    )


def _put_one(target: Path, skill: Skill) -> Outcome:
    wanted = digest(skill)
    there = target.is_dir()
    if there and digest(dict(_files(target, ""))) == wanted:
        return Outcome(target.name, target, "unchanged", wanted)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        for name, content in skill.items():
            file = draft / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        if target.is_symlink() or target.is_file():
            target.unlink()
        elif there:
            shutil.rmtree(target)
        draft.replace(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise UsageError(
            f"{target} cannot be written.", hint="Name another folder with --to."
        ) from None
    return Outcome(target.name, target, "updated" if there else "installed", wanted)


def _read_lock(folder: Path) -> dict[str, str]:
    try:
        content: Any = json.loads((folder / LOCK).read_text(encoding="utf-8"))
        skills = content["skills"]
        # A name becomes the path of a folder that may be removed, so it must be a plain name.
        return {n: str(entry["hash"]) for n, entry in skills.items() if _NAME.fullmatch(n)}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(
            f"{folder / LOCK} cannot be read.", hint="Move it away, and install with --force."
        ) from None


def _write_lock(folder: Path, lock: Mapping[str, str]) -> None:
    entries = {name: {"hash": known, "annulet": __version__} for name, known in lock.items()}
    text = json.dumps({"version": 1, "skills": entries}, indent=2) + "\n"
    (folder / LOCK).write_text(text, encoding="utf-8")

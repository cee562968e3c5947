"""``annulet skill``: puts the agent skills where agents look, and takes them away again."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from annulet.cli.output import streams
from annulet.cli.skill_folders import AGENTS, Outcome, put, read_skills, take_away
from annulet.errors import UsageError

app = App(name="skill", help="The agent skills oura and oura-setup, put where agents look.")
_Agent = Annotated[
    str, Parameter(help=f"One of {', '.join(AGENTS)}; those found here when left out.")
]
_To = Annotated[Path | None, Parameter(help="A folder of skills, such as .agents/skills.")]
_Json = Annotated[bool, Parameter(help="Print it as JSON.")]
_NEXT: Final = "Start a new session of your agent, and ask it how you slept."


@app.command
def install(
    *,
    agent: _Agent = "",
    to: _To = None,
    force: Annotated[bool, Parameter(help="Replace a skill that was changed by hand.")] = False,
    json: _Json = False,
) -> None:
    """Copy the skills oura and oura-setup to where agents look for skills."""
    skills = read_skills(files("annulet") / "skills")
    outcomes = [
        outcome for folder in _folders(agent, to) for outcome in put(skills, folder, force=force)
    ]
    _say(outcomes, "installed", as_json=json)


@app.command
def uninstall(
    *,
    agent: _Agent = "",
    to: _To = None,
    force: Annotated[bool, Parameter(help="Also a skill that was changed by hand.")] = False,
    json: _Json = False,
) -> None:
    """Take the skills away again; what annulet has not put there stays."""
    outcomes = [
        outcome for folder in _folders(agent, to) for outcome in take_away(folder, force=force)
    ]
    _say(outcomes, "removed", as_json=json)


def _folders(agent: str, to: Path | None) -> list[Path]:
    if to is not None:
        if agent:
            raise UsageError("Give --agent or --to, not both.", hint="--to names the folder.")
        return [to.expanduser()]
    home = Path.home()
    if agent:
        known = AGENTS.get(agent.strip().casefold())
        if known is None:
            raise UsageError(
                f"annulet does not know where “{agent[:40]}” keeps its skills.",
                hint=f"Known: {', '.join(AGENTS)}. Or name the folder: --to DIR",
            )
        return [home / known]
    # The shared folder always; an agent's own only where that agent lives here.
    own = {home / folder for folder in AGENTS.values() if (home / folder).parent.is_dir()}
    return [home / AGENTS["agents"], *sorted(own - {home / AGENTS["agents"]})]


def _say(outcomes: list[Outcome], word: str, *, as_json: bool) -> None:
    if as_json:
        rows = [outcome.as_dict() for outcome in outcomes]
        streams.answer_json({"summary": f"{len(rows)} skills {word}.", "skills": rows})
        return
    for outcome in outcomes:
        streams.write(f"{outcome.done}: {outcome.folder}")
    if not outcomes:
        streams.note("There was nothing of annulet's.")
    elif word == "installed":
        streams.note(_NEXT)

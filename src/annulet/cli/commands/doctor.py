"""``annulet doctor``: tests every step from the settings to a real answer, and says what to do."""

from __future__ import annotations

from typing import Annotated, Any, Final

from cyclopts import Parameter

from annulet.cli.checks import gather
from annulet.cli.diagnosis import Step, check, first_error
from annulet.cli.output import streams

__all__ = ["doctor", "examined", "lines"]

_MARKS: Final = {"ok": "ok     ", "remark": "note   ", "problem": "PROBLEM", "skipped": "-      "}


async def doctor(
    *,
    account: Annotated[str, Parameter(help="Which connection, if not the default.")] = "",
    json: Annotated[bool, Parameter(help="Print the steps as JSON.")] = False,
) -> int:
    """Test every step from the settings to a real answer, and say what to do.

    It leaves as a tool would: 0 where questions are answered, 3 where the ring must be connected
    again, and so on.
    """
    steps = check(await gather(account=account))
    error = first_error(steps)
    if json:
        streams.answer_json(examined(steps))
    else:
        streams.write("\n".join(lines(steps)))
    return error.exit_code if error else 0


def examined(steps: list[Step]) -> dict[str, Any]:
    """The examination for programs; with ``error`` where a tool would fail."""
    error = first_error(steps)
    body: dict[str, Any] = {
        "summary": _summary(steps),
        "ok": all(step.state != "problem" for step in steps),
        "steps": [step.as_dict() for step in steps],
    }
    return {**body, **error.as_dict()} if error else body


def lines(steps: list[Step]) -> list[str]:
    """The examination for eyes: what was found, and below it what to do."""
    width = max(len(step.name) for step in steps)
    shown = []
    for step in steps:
        shown.append(f"{_MARKS[step.state]}  {step.name:{width}}  {step.found}")
        if step.todo:
            shown.append(f"{'':7}  {'':{width}}  → {step.todo}")
    return [*shown, "", _summary(steps)]


def _summary(steps: list[Step]) -> str:
    problems = [step.name for step in steps if step.state == "problem"]
    remarks = [step.name for step in steps if step.state == "remark"]
    if problems:
        return f"Not everything works: look at {', '.join(problems)}."
    if remarks:
        return f"Everything works. Worth a look: {', '.join(remarks)}."
    return "Everything works."

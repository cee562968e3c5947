"""``annulet doctor``: checks every part from the settings to a real answer."""

from __future__ import annotations

from typing import Annotated, Final

from cyclopts import Parameter

from annulet.cli.checks import gather_facts
from annulet.cli.diagnosis import CheckResult, first_error, run_checks
from annulet.cli.output import streams

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
    results = run_checks(await gather_facts(account=account))
    error = first_error(results)
    if json:
        streams.answer_json(build_report(results))
    else:
        streams.write("\n".join(format_lines(results)))
    return error.exit_code if error else 0


def build_report(results: list[CheckResult]) -> dict[str, object]:
    """Build the results as JSON, with ``error`` where a tool would fail."""
    error = first_error(results)
    body: dict[str, object] = {
        "summary": _summary(results),
        "ok": all(result.state != "problem" for result in results),
        "steps": [result.as_dict() for result in results],
    }
    return {**body, **error.as_dict()} if error else body


def format_lines(results: list[CheckResult]) -> list[str]:
    """Format the results for a terminal: each finding, and below it what to do."""
    width = max(len(result.name) for result in results)
    shown = []
    for result in results:
        shown.append(f"{_MARKS[result.state]}  {result.name:{width}}  {result.finding}")
        if result.todo:
            shown.append(f"{'':7}  {'':{width}}  → {result.todo}")
    return [*shown, "", _summary(results)]


def _summary(results: list[CheckResult]) -> str:
    problems = [result.name for result in results if result.state == "problem"]
    remarks = [result.name for result in results if result.state == "remark"]
    if problems:
        return f"Not everything works: look at {', '.join(problems)}."
    if remarks:
        return f"Everything works. Worth a look: {', '.join(remarks)}."
    return "Everything works."

"""The command line: one file a command, and the only room that writes to standard output.

Standard output carries the answer, standard error the rest. Exit codes are those of
`annulet.errors`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main", "run"]


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code."""
    sys.exit(run(list(sys.argv[1:] if argv is None else argv)))


def run(argv: list[str]) -> int:
    """Run one command.

    Args:
        argv: What was typed after ``annulet``.

    Returns:
        The exit code.
    """
    from cyclopts import CycloptsError, UnknownCommandError

    from annulet.cli import output
    from annulet.cli.app import build
    from annulet.errors import AnnuletError, UsageError

    as_json = "--json" in argv
    try:
        code = build()(argv, exit_on_error=False, print_error=False, result_action="return_value")
    except AnnuletError as error:
        return output.failure(error, as_json=as_json)
    except UnknownCommandError as error:
        words = " ".join((error.unused_tokens or ["?"])[:1])[:40]
        problem = UsageError(f"There is no command “{words}”.", hint="See: annulet --help")
        return output.failure(problem, as_json=as_json)
    except CycloptsError as error:
        problem = UsageError(" ".join(str(error).split()), hint="See: annulet --help")
        return output.failure(problem, as_json=as_json)
    except KeyboardInterrupt:
        output.note("Stopped.")
        return 130
    except BrokenPipeError:
        return output.closed_pipe()
    except Exception as crash:  # noqa: BLE001 - the last door: a person gets a sentence
        return output.crash(crash, as_json=as_json)
    return code if isinstance(code, int) else 0

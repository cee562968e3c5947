"""The command line: one file a command, and the only room that writes to standard output.

Standard output carries the answer, standard error the rest. Exit codes are those of
`annulet.errors`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from cyclopts import CycloptsError

    from annulet.errors import UsageError


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
    import logging

    from annulet.cli.commands.mcp_stdio import account_of, serve

    # The HTTP library logs whole addresses at INFO, and addresses can hold personal data.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    account = account_of(argv)
    if account is not None:
        return serve(account)

    from cyclopts import CycloptsError

    from annulet.cli.app import build
    from annulet.cli.output import streams
    from annulet.errors import AnnuletError

    streams.tolerate_encoding()
    as_json = "--json" in argv
    code: object = 0
    try:
        app = build(argv)
        code = app(argv, exit_on_error=False, print_error=False, result_action="return_value")
    except AnnuletError as error:
        code = streams.failure(error, as_json=as_json)
    except CycloptsError as error:
        code = streams.failure(_misspelt(error), as_json=as_json)
    except KeyboardInterrupt:
        streams.note("Stopped.")
        code = 130
    except BrokenPipeError:
        code = streams.discard_output()
    except Exception as crash:  # noqa: BLE001 - a person gets a sentence, not a traceback
        code = streams.crash(crash, as_json=as_json)
    return code if isinstance(code, int) else 0


def _misspelt(error: CycloptsError) -> UsageError:
    from cyclopts import UnknownCommandError

    from annulet.errors import UsageError

    if isinstance(error, UnknownCommandError):
        # cyclopts' own message would import every command to list them.
        words = " ".join((error.unused_tokens or ["?"])[:1])[:40]
        return UsageError(f"There is no command “{words}”.", hint="See: annulet --help")
    return UsageError(" ".join(str(error).split()), hint="See: annulet --help")

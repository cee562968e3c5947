"""The command line: one file a command, and the only room that writes to standard output.

Standard output carries the answer, standard error the rest. Exit codes are those of
`annulet.errors`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from cyclopts import CycloptsError

    from annulet.errors import UsageError


INTERRUPTED: Final = 130
"""What shells show for a program that Ctrl-C has ended: 128 and the number of the signal."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code."""
    try:
        code = run(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:  # also while a command is still being loaded
        print("Stopped.", file=sys.stderr, flush=True)
        code = INTERRUPTED
    sys.exit(code)


def run(argv: list[str]) -> int:
    """Run one command.

    Args:
        argv: What was typed after ``annulet``.

    Returns:
        The exit code.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; what was half written is removed.
    """
    from annulet.cli.commands.mcp_stdio import account_of, serve

    _open_closed_streams()
    account = account_of(argv)
    if account is not None:
        return serve(account)

    import logging

    # The HTTP library logs whole addresses at INFO, and addresses can hold personal data.
    logging.getLogger("httpx2").setLevel(logging.WARNING)

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
    except BrokenPipeError:
        code = streams.discard_output()
    except OSError as error:
        code = streams.unwritable(error, as_json=as_json)
    except ModuleNotFoundError as missing:
        code = _without_module(missing, as_json=as_json)
    except Exception as crash:  # noqa: BLE001 - a person gets a sentence, not a traceback
        code = streams.crash(crash, as_json=as_json)
    return code if isinstance(code, int) else 0


def _open_closed_streams() -> None:
    """Let output that a shell has closed (``>&-``) go nowhere: Python leaves ``None`` there."""
    import os
    from pathlib import Path

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            null = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the exit
            setattr(sys, name, null)


def _without_module(missing: ModuleNotFoundError, *, as_json: bool) -> int:
    """The hosted service is an extra; any other missing module is a bug."""
    from annulet.cli.hosted_shell import SERVER_PACKAGES, not_installed
    from annulet.cli.output import streams

    if (missing.name or "").partition(".")[0] in SERVER_PACKAGES:
        return streams.failure(not_installed(missing), as_json=as_json)
    return streams.crash(missing, as_json=as_json)


def _misspelt(error: CycloptsError) -> UsageError:
    from cyclopts import UnknownCommandError

    from annulet.errors import UsageError

    if isinstance(error, UnknownCommandError):
        # cyclopts' own message would import every command to list them.
        words = " ".join((error.unused_tokens or ["?"])[:1])[:40]
        return UsageError(f"There is no command “{words}”.", hint="See: annulet --help")
    return UsageError(" ".join(str(error).split()), hint="See: annulet --help")

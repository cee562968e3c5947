"""What reaches the terminal: answers on standard output, everything else on standard error."""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any

from annulet.errors import AnnuletError

__all__ = ["answer_json", "closed_pipe", "crash", "failure", "note", "tolerate_encoding", "write"]


def tolerate_encoding() -> None:
    """Let standard output replace the characters that the locale's encoding lacks.

    Outside UTF-8 (an older locale, a pipe on Windows) a dash in a sentence would end the command.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def write(text: str) -> None:
    """One piece of the answer, on standard output."""
    print(text, flush=True)


def answer_json(answer: Mapping[str, Any]) -> None:
    """The answer as one compact JSON object, exactly as assistants get it.

    JSON is read as UTF-8 (RFC 8259, section 8.1); in another encoding it is written in ASCII.
    """
    is_utf8 = sys.stdout.encoding.lower().replace("_", "-") == "utf-8"
    write(json.dumps(answer, ensure_ascii=not is_utf8, separators=(",", ":"), allow_nan=False))


def note(text: str) -> None:
    """A remark that is not the answer, on standard error."""
    print(text, file=sys.stderr, flush=True)


def failure(error: AnnuletError, *, as_json: bool) -> int:
    """Tell what went wrong and what to do next.

    Returns:
        The exit code of the error.
    """
    if as_json:
        answer_json(error.as_dict())
    else:
        note(f"{error.message}\n{error.hint}".rstrip())
    return error.exit_code


def crash(error: Exception, *, as_json: bool) -> int:
    """A bug of ours: a fixed sentence, and where it happened (never values) on standard error."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{os.path.basename(f.filename)}:{f.lineno}" for f in reversed(frames[-6:]))  # noqa: PTH119 - a name, not a path
    note(f"annulet: {type(error).__name__} at {where}")
    return failure(
        AnnuletError(
            "annulet met a bug of its own.",
            hint="Try again; if it happens again, report the line above.",
        ),
        as_json=as_json,
    )


def closed_pipe() -> int:
    """Whoever reads our output has left: say nothing, not even at interpreter exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0

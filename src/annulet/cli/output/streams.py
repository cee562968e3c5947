"""The output streams: answers on standard output, everything else on standard error."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from annulet.errors import AnnuletError, UsageError


def tolerate_encoding() -> None:
    """Let standard output replace the characters that the locale's encoding lacks.

    Outside UTF-8 (an older locale, a pipe on Windows) a dash in a sentence would end the command.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def write(text: str) -> None:
    """Write a part of the answer to standard output."""
    print(text, flush=True)


def binary_output() -> IO[bytes]:
    """Standard output for an answer that is a file."""
    return sys.stdout.buffer


def answer_json(answer: Mapping[str, object]) -> None:
    """Write the answer as one compact JSON object, exactly as assistants get it.

    JSON is read as UTF-8 (RFC 8259, section 8.1); in another encoding it is written in ASCII.
    """
    is_utf8 = sys.stdout.encoding.lower().replace("_", "-") == "utf-8"
    write(json.dumps(answer, ensure_ascii=not is_utf8, separators=(",", ":"), allow_nan=False))


def report(answer: Mapping[str, object], *, as_json: bool) -> None:
    """Write the answer as JSON, or only its summary."""
    if as_json:
        answer_json(answer)
    else:
        write(str(answer["summary"]))


def note(text: str) -> None:
    """Write a remark that is not the answer to standard error."""
    print(text, file=sys.stderr, flush=True)


def failure(error: AnnuletError, *, as_json: bool) -> int:
    """Write what went wrong and what to do next.

    Returns:
        The exit code of the error.
    """
    if as_json:
        answer_json(error.as_dict())
    else:
        note(f"{error.message}\n{error.hint}".rstrip())
    return error.exit_code


def crash(error: Exception, *, as_json: bool) -> int:
    """Report a bug of annulet: a fixed sentence, and its place in the code, never values."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-6:]))
    note(f"annulet: {type(error).__name__} at {where}")
    return failure(
        AnnuletError(
            "annulet met a bug of its own.",
            hint="Try again; if it happens again, report the line above.",
        ),
        as_json=as_json,
    )


def unwritable(error: OSError, *, as_json: bool) -> int:
    """Report a disk that is full or an output that is closed; anything else is a bug."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF}:
        return crash(error, as_json=as_json)
    code = failure(
        UsageError("The output could not be written.", hint="Check the place it goes to."),
        as_json=False,
    )
    discard_output()
    return code


def discard_output() -> int:
    """Discard further output, because the reader of standard output has ended.

    The interpreter would report the closed pipe at its exit.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0

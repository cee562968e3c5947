"""Files that a person asked for: complete or not there, theirs alone, no link followed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from annulet.errors import UsageError


def check_target(target: Path) -> None:
    """Whether a file can be written there; asked before anything is read.

    Raises:
        UsageError: The name is that of a folder, or its folder is not there.
    """
    if _is_folder(target):
        raise UsageError(f"{target} is a folder.", hint="Name a file in it.")
    if not _is_folder(target.parent):
        raise UsageError(
            f"There is no folder {target.parent}.", hint="Make it first, or name another one."
        )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # the name is too long
        return False


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is complete; a link there is replaced.

    Raises:
        UsageError: It cannot be written.
    """
    check_target(target)
    part: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".annulet-", dir=target.parent)
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
        part.replace(target)
        part = None
    except OSError as failure:
        reason = failure.strerror or type(failure).__name__
        raise UsageError(
            f"{target} cannot be written ({reason}).", hint="Name a file in a folder of yours."
        ) from None
    finally:  # after Ctrl-C as well no half file stays behind
        if part is not None:
            part.unlink(missing_ok=True)

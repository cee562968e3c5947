"""Reading and replacing a configuration file without ever leaving half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Final

from annulet.errors import UsageError

_BACKUP: Final = ".annulet-backup"


def read_text(file: Path) -> str | None:
    """Read the text of a file, byte order mark and line ends as they are; ``None`` without a file.

    Raises:
        UsageError: It is there but cannot be read.
    """
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise UsageError(
            f"{file} is not UTF-8 text; nothing was changed.", hint="Save it as UTF-8 text."
        ) from None
    except OSError as problem:
        raise _file_error(file, problem) from None


def write_atomically(file: Path, before: str | None, after: str) -> Path | None:
    """Replace a file in one step, and keep the former one beside it.

    A symbolic link stays a link: the file it points to is replaced.

    Args:
        file: What to replace.
        before: The text it must still have; ``None`` where there must be no file.
        after: The new text.

    Returns:
        The backup, where there was a file.

    Raises:
        UsageError: It cannot be written, or another program changed it meanwhile.
    """
    target = Path(os.path.realpath(file))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if read_text(target) != before:
            raise UsageError(
                f"{file} changed while annulet worked on it; nothing was changed.",
                hint="Close the assistant and try again.",
            )
        backup = None if before is None else _back_up(target)
        _replace(target, after)
    except OSError as problem:
        raise _file_error(file, problem) from None
    return backup


def _back_up(target: Path) -> Path:
    """Copy the file to the first free name beside it, with the same permissions."""
    number = 1
    while True:
        backup = target.with_name(f"{target.name}{_BACKUP}{'' if number == 1 else f'-{number}'}")
        with contextlib.suppress(FileExistsError):
            mode = target.stat().st_mode & 0o777
            handle = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "wb") as copy:
                copy.write(target.read_bytes())
            return backup
        number += 1


def _replace(target: Path, text: str) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as draft:
            draft.write(text.encode("utf-8"))
            draft.flush()
            os.fsync(draft.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:  # Ctrl-C as well: no draft stays beside the person's file
        Path(name).unlink(missing_ok=True)
        raise


def _file_error(file: Path, problem: OSError) -> UsageError:
    return UsageError(
        f"{file} cannot be used: {problem.strerror or 'the system refused'}.",
        hint="Check that the path is a file you may read and write.",
    )

"""What an assistant has to start: a command, its arguments, and settings that are no secrets."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One server in an assistant's configuration.

    Attributes:
        command: The program, as an absolute path: assistants often start without a shell's path.
        args: Its arguments.
        env: Settings it needs; never a secret.
    """

    command: str
    args: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()

"""Where an assistant on this machine keeps its configuration, and how it writes a server there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ServerEntry = Mapping[str, str | bool | list[str] | dict[str, str]]
"""A server as an assistant's configuration holds it."""


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine, as far as it decides where assistants keep their files.

    Attributes:
        home: The person's home folder.
        platform: As in ``sys.platform``.
        environ: The environment; a few assistants let it move their files.
    """

    home: Path
    platform: str
    environ: Mapping[str, str]

    def application_data(self) -> Path:
        """Return where desktop applications keep their files."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if self.platform == "win32":
            return self.folder("APPDATA", "AppData/Roaming")
        return self.config()

    def config(self) -> Path:
        """Return where command-line tools keep their files."""
        return self.folder("XDG_CONFIG_HOME", ".config")

    def folder(self, variable: str, name: str) -> Path:
        """Return a folder in the home folder, unless the environment moved it."""
        moved = self.environ.get(variable, "")
        return Path(moved) if moved else self.home / name


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """What an assistant starts.

    Attributes:
        command: The program, as an absolute path: assistants often start without a shell's path.
        args: Its arguments.
        env: Settings it needs; never a secret.
    """

    command: str
    args: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The configuration file of an assistant.

    Attributes:
        locate: Finds it on a machine.
        section: The key under which it lists servers.
        form: How it writes a server: ``plain``; ``typed``, with the transport; ``listed``, with
            command and arguments in one list.
        afterwards: What the person does for a change to take effect.
        syntax: ``json`` (with comments) or ``toml``.
    """

    locate: Callable[[Machine], Path]
    section: str
    form: Literal["plain", "typed", "listed"]
    afterwards: str
    syntax: Literal["json", "toml"] = "json"

    def build_entry(self, server: ServerCommand) -> ServerEntry:
        """Write a server as this file does."""
        env = dict(server.env)
        if self.form == "listed":
            settings = {"environment": env} if env else {}
            command = [server.command, *server.args]
            return {"type": "local", "command": command, **settings, "enabled": True}
        transport = {"type": "stdio"} if self.form == "typed" else {}
        settings = {"env": env} if env else {}
        return {**transport, "command": server.command, "args": list(server.args), **settings}

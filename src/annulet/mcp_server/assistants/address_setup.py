"""How an assistant is told the address of a server: by a form, a command or a file.

In every command, ``URL`` stands for the address and ``KEY`` for an API key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a person starts the sign-in by OAuth.

    Attributes:
        text: When or where.
        command: What they type.
    """

    text: str
    command: str


@dataclass(frozen=True, slots=True)
class FormSetup:
    """A form of the assistant, which takes the address.

    Attributes:
        open_text: How to find the form.
        paste_text: What to fill in.
    """

    open_text: str
    paste_text: str


@dataclass(frozen=True, slots=True)
class CommandSetup:
    """A command of the assistant, which takes the address.

    Attributes:
        command: The command.
        key_option: What is added where an API key is used.
        sign_in: How to sign in.
    """

    command: str
    key_option: str
    sign_in: SignIn


@dataclass(frozen=True, slots=True)
class EntrySetup:
    """An entry in a configuration file of the assistant, which holds the address.

    Attributes:
        file: The file.
        section: The key under which it lists servers.
        transport: The ``type`` of the entry; empty where there is none.
        link: Whose kind of link also adds the entry; empty where there is none.
        sign_in: How to sign in, where the assistant does not begin by itself.
    """

    file: str
    section: str
    transport: str = ""
    link: Literal["cursor", "vscode", ""] = ""
    sign_in: SignIn | None = None


AddressSetup = FormSetup | CommandSetup | EntrySetup

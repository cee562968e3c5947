"""One table says what each assistant needs, and what is written by hand agrees with it."""

import re
from pathlib import Path

import pytest

from annulet.cli.commands import mcp as mcp_command
from annulet.cli.skill_folders import AGENTS
from annulet.mcp_server.assistants import ASSISTANTS
from annulet.mcp_server.install.installable import find_installable, list_installable

ROOT = Path(__file__).parents[3]
INSTALLABLE = [assistant.name for assistant in list_installable()]


def test_every_name_leads_to_one_assistant() -> None:
    """No two assistants share a name, an alias or the name of their OAuth client."""
    for names in (
        [assistant.name for assistant in ASSISTANTS],
        [assistant.kind for assistant in ASSISTANTS],
        [assistant.client_name for assistant in ASSISTANTS if assistant.client_name],
        [n for a in ASSISTANTS if a.config_file for n in (a.name, *a.aliases)],
    ):
        assert len(names) == len(set(names)), names
    for assistant in ASSISTANTS:
        if assistant.config_file:
            for name in (assistant.name, assistant.title, *assistant.aliases):
                assert find_installable(name).title == assistant.title


def test_skills_go_where_an_assistant_of_the_table_looks() -> None:
    """Every assistant with files on this machine has a folder of skills, except Claude Desktop."""
    assert set(INSTALLABLE) - set(AGENTS) == {"claude-desktop"}
    assert set(AGENTS) - set(INSTALLABLE) == {"agents"}


@pytest.mark.parametrize(
    "page",
    [
        "docs/how-to/connect-an-assistant.md",
        "docs/tutorials/first-answers.md",
        "skills/oura-setup/SKILL.md",
    ],
)
def test_the_pages_name_the_assistants_of_the_table(page: str) -> None:
    """A page that lists them lists all of them, in the order of the table."""
    text = (ROOT / page).read_text(encoding="utf-8")
    names = [word for word in re.findall(r"[a-z]+(?:-[a-z]+)*", text) if word in INSTALLABLE]
    length = len(INSTALLABLE)
    lists = [names[start : start + length] for start in range(len(names))]
    assert INSTALLABLE in lists


def test_the_help_of_the_command_names_the_assistants_of_the_table() -> None:
    """The option ``--client`` lists every name that works."""
    listed = (mcp_command.install.__doc__ or "").replace(" or ", ", ")
    assert f"client: {', '.join(INSTALLABLE)}." in listed

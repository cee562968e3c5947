"""Adding annulet to the configurations of assistants, and removing it again."""

import json
import stat
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annulet.errors import UsageError
from annulet.mcp_server.assistants.config_file import Machine, ServerCommand
from annulet.mcp_server.install import json_entry, toml_entry
from annulet.mcp_server.install.installable import find_installable, list_installable
from annulet.mcp_server.install.jsonc import parse
from annulet.mcp_server.install.plan import plan_install, plan_uninstall

ASSISTANTS = list_installable()
SERVER = ServerCommand(
    "/opt/annulet/bin/annulet", ("mcp",), (("ANNULET_TIMEZONE", "Europe/Helsinki"),)
)
COMMENTED = """{
    // servers of mine
    "servers": {
        "other": {"command": "x", "args": ["a" /* why */,]}, // keep me
    },
    "editor.tabSize": 4,
}
"""


@pytest.fixture
def machine(tmp_path):
    """A Linux home folder with nothing in it."""
    return Machine(tmp_path, "linux", {})


def servers_in(assistant, file):
    """The servers a assistant would find in its file."""
    text = file.read_text()
    content = tomllib.loads(text) if assistant.config_file.syntax == "toml" else parse(text).value
    return content[assistant.config_file.section]


@pytest.mark.parametrize("assistant", ASSISTANTS, ids=lambda assistant: assistant.name)
def test_every_client_gets_its_entry_and_loses_it_again(assistant, machine):
    """In an empty home the file appears; taking the entry out leaves no entry behind."""
    plan = plan_install(assistant, machine, SERVER)
    assert plan.changes
    assert plan.carry_out() is None
    entry = servers_in(assistant, plan.file)["annulet"]
    assert "/opt/annulet/bin/annulet" in json.dumps(entry)
    assert "Europe/Helsinki" in json.dumps(entry)
    assert stat.S_IMODE(plan.file.stat().st_mode) == 0o600

    assert not plan_install(assistant, machine, SERVER).changes

    gone = plan_uninstall(assistant, machine)
    assert gone.carry_out() is not None
    assert "annulet" not in gone.file.read_text()


@pytest.mark.parametrize("assistant", ASSISTANTS, ids=lambda assistant: assistant.name)
def test_entries_of_others_are_untouched(assistant, machine):
    """Whatever else stands in the file stays, byte for byte, and a backup is kept."""
    file = assistant.config_file.locate(machine)
    file.parent.mkdir(parents=True, exist_ok=True)
    if assistant.config_file.syntax == "toml":
        before = '# mine\nmodel = "m"\n\n[mcp_servers.other]\ncommand = "x" # why\n\n[tui]\na = 1\n'
    else:
        before = COMMENTED.replace('"servers"', json.dumps(assistant.config_file.section))
    file.write_text(before)
    file.chmod(0o640)

    backup = plan_install(assistant, machine, SERVER).carry_out()

    assert backup.read_text() == before
    assert set(servers_in(assistant, file)) == {"other", "annulet"}
    for line in before.splitlines():
        assert line in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    plan_uninstall(assistant, machine).carry_out()
    assert [line for line in file.read_text().splitlines() if line] == [
        line for line in before.splitlines() if line
    ]


@pytest.mark.parametrize("assistant", ASSISTANTS, ids=lambda assistant: assistant.name)
@pytest.mark.parametrize(
    "broken", ["{", "not a file of mine", '{"a": 1} trailing', "[1, 2", "\x00"]
)
def test_a_malformed_file_is_refused_and_left_alone(assistant, machine, broken):
    """The message names the file and says that nothing was changed."""
    file = assistant.config_file.locate(machine)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(broken)
    with pytest.raises(UsageError) as refusal:
        plan_install(assistant, machine, SERVER)
    assert str(file) in refusal.value.message
    assert "nothing was changed" in refusal.value.message
    assert file.read_text() == broken
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("text", ['{"mcpServers": []}', "[]", '{"mcpServers": null}', '"text"'])
def test_a_section_of_another_form_is_refused(machine, text):
    """A file whose servers are no object is not guessed at."""
    assistant = find_installable("cursor")
    file = assistant.config_file.locate(machine)
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(UsageError, match="form annulet will not change"):
        plan_install(assistant, machine, SERVER)


@pytest.mark.parametrize(
    "text",
    [
        'mcp_servers = { annulet = { command = "x" } }\n',
        '[mcp_servers]\nannulet = { command = "x" }\n',
        'mcp_servers.annulet.command = "x"\n',
    ],
)
def test_a_table_written_otherwise_is_refused(machine, text):
    """An entry in another TOML form is left to its owner."""
    assistant = find_installable("codex")
    file = assistant.config_file.locate(machine)
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(UsageError):
        plan_install(assistant, machine, SERVER)
    assert file.read_text() == text


def test_an_older_entry_is_replaced_in_place():
    """A second installation changes the command and nothing around it."""
    before = '{\n  "mcp": {"a": 1},\n  "mcpServers": {"annulet": {"command": "old"}, "z": {}}\n}\n'
    after = json_entry.add_entry(before, "mcpServers", "annulet", {"command": "new"})
    assert json.loads(after)["mcpServers"] == {"annulet": {"command": "new"}, "z": {}}
    toml = (
        '[mcp_servers.annulet]\ncommand = "old"\n[mcp_servers.annulet.env]\nA = "1"\n\n# z\n[z]\n'
    )
    edited = toml_entry.add_entry(toml, "mcp_servers", "annulet", {"command": "new"})
    assert edited == '[mcp_servers.annulet]\ncommand = "new"\n\n# z\n[z]\n'


def test_a_table_inside_a_text_is_not_mistaken_for_ours(machine):
    """Lines of a multi-line text that look like our table stay, and are no entry."""
    assistant = find_installable("codex")
    file = assistant.config_file.locate(machine)
    file.parent.mkdir()
    before = 'note = """\n[mcp_servers.annulet]\ncommand = "x"\n"""\n'
    file.write_text(before)
    assert not plan_uninstall(assistant, machine).changes
    plan = plan_install(assistant, machine, SERVER)
    assert plan.after.startswith(before)
    assert tomllib.loads(plan.after)["mcp_servers"]["annulet"]["command"] == SERVER.command


TOML_FILES = [
    '[mcp_servers.annulet]\ncommand = "old"\n\n# of z\n[z] # why\n',
    '[a]\nx = 1\n\n# ours\n[mcp_servers.annulet]\ncommand = "old"\n\n\n[b]\ny = [ 1,2 ]\n',
    (
        '[mcp_servers.one]\nc = "x"\n[mcp_servers.annulet]\nc = 1\n'
        '[mcp_servers.annulet.env]\nA = "1"\n'
        "# of two\n[mcp_servers.two]\nc = 'y'\n"
    ),
    '[mcp_servers.annulet]\ncommand = "old"\n[z]\n[mcp_servers.two]\nc = 1\n\n[[list]]\na = 1\n',
    "a = 1\r\n\r\n[mcp_servers.annulet]\r\nc = 1\r\n\r\n# of z\r\n[z]\r\n",
]


@pytest.mark.parametrize("before", TOML_FILES)
def test_a_table_is_replaced_and_removed_with_nothing_around_it(before):
    """Comments and spacing of other tables stay, wherever our table stands."""
    others = {line for line in before.splitlines() if line.startswith("#") or "[" in line}
    others -= {"[mcp_servers.annulet]", "[mcp_servers.annulet.env]"}
    replaced = toml_entry.add_entry(before, "mcp_servers", "annulet", {"command": "new"})
    removed = toml_entry.remove_entry(before, "mcp_servers", "annulet")
    expected = tomllib.loads(before)
    expected["mcp_servers"]["annulet"] = {"command": "new"}
    assert tomllib.loads(replaced) == expected
    del expected["mcp_servers"]["annulet"]
    assert {"mcp_servers": {}, **tomllib.loads(removed)} == expected
    for after in (replaced, removed):
        assert others <= set(after.splitlines())
        assert "old" not in after
        assert ("\r\n" in before) == ("\r\n" in after)
        assert after.count("\n") == after.count("\r\n") or "\r\n" not in before
    again = toml_entry.add_entry(replaced, "mcp_servers", "annulet", {"command": "new"})
    assert again == replaced


def test_an_entry_in_two_parts_is_refused(machine):
    """Another table between the parts of our entry leaves no safe place for it."""
    assistant = find_installable("codex")
    file = assistant.config_file.locate(machine)
    file.parent.mkdir()
    text = '[mcp_servers.annulet]\nc = 1\n[z]\n[mcp_servers.annulet.env]\nA = "1"\n'
    file.write_text(text)
    with pytest.raises(UsageError, match="form annulet will not change"):
        plan_install(assistant, machine, SERVER)
    with pytest.raises(UsageError, match="form annulet will not change"):
        plan_uninstall(assistant, machine)
    assert file.read_text() == text


def test_a_file_that_changed_meanwhile_is_not_overwritten(machine):
    """What another program wrote between reading and writing is not lost."""
    assistant = find_installable("cursor")
    plan = plan_install(assistant, machine, SERVER)
    plan.file.parent.mkdir(parents=True)
    plan.file.write_text("{}")
    with pytest.raises(UsageError, match="changed while"):
        plan.carry_out()
    assert plan.file.read_text() == "{}"


def test_a_symbolic_link_stays_a_link(machine, tmp_path):
    """Who keeps configuration in another folder keeps it there."""
    assistant = find_installable("cursor")
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    file = assistant.config_file.locate(machine)
    file.parent.mkdir()
    file.symlink_to(real)
    plan_install(assistant, machine, SERVER).carry_out()
    assert file.is_symlink()
    assert "annulet" in real.read_text()


def test_a_folder_in_the_place_of_the_file_is_refused(machine):
    """The message says what the system said."""
    assistant = find_installable("cursor")
    assistant.config_file.locate(machine).mkdir(parents=True)
    with pytest.raises(UsageError, match="cannot be used"):
        plan_install(assistant, machine, SERVER)


def test_where_each_platform_keeps_its_files(tmp_path):
    """Desktop applications have three homes; command-line tools may be moved."""
    desktop = find_installable("Claude Desktop")
    mac = desktop.config_file.locate(Machine(tmp_path, "darwin", {}))
    windows = desktop.config_file.locate(
        Machine(tmp_path, "win32", {"APPDATA": str(tmp_path / "roaming")})
    )
    assert mac == tmp_path / "Library/Application Support/Claude/claude_desktop_config.json"
    assert windows == tmp_path / "roaming/Claude/claude_desktop_config.json"
    moved = Machine(tmp_path, "linux", {"CODEX_HOME": "/c", "CLAUDE_CONFIG_DIR": "/d"})
    assert str(find_installable("codex").config_file.locate(moved)) == "/c/config.toml"
    assert str(find_installable("claude-code").config_file.locate(moved)) == "/d/.claude.json"


def test_an_unknown_client_is_told_the_known_ones():
    """The hint lists every name that works."""
    with pytest.raises(UsageError) as refusal:
        find_installable("emacs")
    for assistant in ASSISTANTS:
        assert assistant.name in refusal.value.hint


def test_line_ends_of_windows_are_kept():
    """A file with CRLF gets CRLF lines."""
    before = '{\r\n  "mcpServers": {\r\n    "a": {}\r\n  }\r\n}\r\n'
    after = json_entry.add_entry(before, "mcpServers", "annulet", {"command": "x"})
    assert after.count("\n") == after.count("\r\n")
    assert json.loads(after)["mcpServers"] == {"a": {}, "annulet": {"command": "x"}}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    root=st.dictionaries(st.text(), JSON_VALUES, max_size=4),
    servers=st.none() | st.dictionaries(st.text(), JSON_VALUES, max_size=3),
    indent=st.sampled_from([None, 0, 2, 4, "\t"]),
)
def test_any_json_file_keeps_its_content(root, servers, indent):
    """Whatever stands in the file, only our entry appears and disappears."""
    content = root if servers is None else root | {"mcpServers": servers}
    content.pop("mcpServers" if servers is None else "", None)
    before = json.dumps(content, indent=indent)
    added = json_entry.add_entry(before, "mcpServers", "annulet", {"command": "x", "args": []})
    expected = dict(content)
    expected["mcpServers"] = (servers or {}) | {"annulet": {"command": "x", "args": []}}
    assert json.loads(added) == expected
    removed = json.loads(json_entry.remove_entry(added, "mcpServers", "annulet"))
    expected["mcpServers"] = {k: v for k, v in (servers or {}).items() if k != "annulet"}
    assert removed == expected

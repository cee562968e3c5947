"""The pages of the project agree with the code."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import annulet
from annulet.toolkit.answers import TOOLS

ROOT = Path(__file__).parents[2]


def load(program: Path) -> ModuleType:
    """A program beside the package, as a module."""
    spec = importlib.util.spec_from_file_location(program.stem, program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_version_and_changelog_agree() -> None:
    """The newest entry of the changelog is the version that is installed."""
    newest = re.search(
        r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert newest is not None
    assert newest[1] == declared == annulet.__version__


def test_oura_s_own_documents_are_not_in_the_tree() -> None:
    """Oura's API text stays where it is published."""
    assert not list(ROOT.glob("**/openapi-1*.json"))


def test_every_setting_is_documented() -> None:
    """Each variable the settings read stands on the settings page."""
    source = (ROOT / "src/annulet/settings.py").read_text("utf-8")
    names = set(re.findall(r'read\.\w+\("([A-Z_]+)"', source))
    assert len(names) > 15
    page = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    assert [name for name in sorted(names) if f"`ANNULET_{name}`" not in page] == []


def test_the_generated_pages_are_fresh() -> None:
    """`make docs` would change nothing."""
    module = load(ROOT / "docs" / "generate.py")
    for name, write in module.PAGES.items():
        assert (ROOT / "docs/reference" / name).read_text("utf-8") == write(), (
            f"{name}: run make docs"
        )


def test_what_the_readme_shows_is_what_the_product_says() -> None:
    """The picture and the answer as text are those of today's code."""
    module = load(ROOT / "docs" / "readme_picture.py")
    for file, content in module.written().items():
        assert file.read_text("utf-8") == content, f"{file.name}: run make docs"


def test_the_readme_names_every_tool_and_command() -> None:
    """What a person can ask stands on the first page."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [tool for tool in TOOLS if f"`{tool}`" not in readme] == []
    assert [
        f"annulet {tool.command}"
        for tool in TOOLS.values()
        if f"annulet {tool.command}" not in readme
    ] == []

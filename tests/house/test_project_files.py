"""The pages of the project agree with the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import annulet

ROOT = Path(__file__).parents[2]


def test_version_and_changelog_agree() -> None:
    """The newest entry of the changelog is the version that is installed."""
    newest = re.search(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert newest is not None
    assert newest[1] == declared == annulet.__version__


def test_oura_s_own_documents_are_not_in_the_tree() -> None:
    """Oura's API text stays where it is published."""
    assert not list(ROOT.glob("**/openapi-1*.json"))

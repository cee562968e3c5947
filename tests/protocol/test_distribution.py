"""The files that registries and desktop applications read."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from annulet import __version__
from annulet.settings import Settings
from annulet.toolkit.answers import TOOLS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def registry():
    """``server.json``."""
    return json.loads((ROOT / "server.json").read_text(encoding="utf-8"))


@pytest.fixture
def manifest():
    """The bundle's manifest."""
    return json.loads((ROOT / "mcpb" / "manifest.json").read_text(encoding="utf-8"))


def test_the_registry_entry_keeps_to_the_schema_s_limits(registry):
    """Name, description, version and transports as the schema of 2025-12-11 demands."""
    assert registry["$schema"].endswith("/2025-12-11/server.schema.json")
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", registry["name"])
    assert 1 <= len(registry["description"]) <= 100
    (package,), (remote,) = registry["packages"], registry["remotes"]
    assert (package["registryType"], package["identifier"]) == ("pypi", "annulet")
    assert package["transport"] == {"type": "stdio"}
    assert [argument["value"] for argument in package["packageArguments"]] == ["mcp"]
    assert remote["type"] == "streamable-http"
    assert set(re.findall(r"{(\w+)}", remote["url"])) == set(remote["variables"])


def test_every_version_is_the_package_s(registry, manifest):
    """A release changes all of them or none."""
    bundle = tomllib.loads((ROOT / "mcpb" / "pyproject.toml").read_text(encoding="utf-8"))
    versions = {registry["version"], registry["packages"][0]["version"], manifest["version"]}
    assert versions == {__version__}
    assert bundle["project"]["version"] == __version__
    assert bundle["project"]["dependencies"] == [f"annulet=={__version__}"]


def test_the_readme_proves_the_name(registry):
    """The package registry's page must name the entry, or it cannot be published."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"<!-- mcp-name: {registry['name']} -->" in readme


def test_secrets_are_marked_and_settings_exist(registry, manifest):
    """A secret is marked as secret; every variable is one we read."""
    variables = {v["name"]: v for v in registry["packages"][0]["environmentVariables"]}
    known = {f"ANNULET_{name.upper()}" for name in Settings.__slots__}
    assert set(variables) | set(manifest["server"]["mcp_config"]["env"]) <= known
    assert variables["ANNULET_ACCESS_TOKEN"]["isSecret"]
    assert manifest["user_config"]["access_token"]["sensitive"]
    used = re.findall(r"user_config\.(\w+)", json.dumps(manifest["server"]))
    assert sorted(used) == sorted(manifest["user_config"])


def test_the_bundle_lists_the_ten_tools(manifest):
    """In the order of the tool list, and the entry point is there."""
    assert [tool["name"] for tool in manifest["tools"]] == list(TOOLS)
    assert (ROOT / "mcpb" / manifest["server"]["entry_point"]).is_file()
    assert manifest["manifest_version"] == "0.4"
    assert manifest["server"]["type"] == "uv"


def test_the_bundle_passes_its_own_tool(tmp_path):
    """``mcpb validate`` and ``mcpb pack``, where the tool has been got."""
    tools = ROOT / ".tools" / "clients" / "node_modules" / ".bin"
    program = shutil.which("mcpb") or shutil.which("mcpb", path=str(tools))
    if program is None:
        pytest.skip("needs @anthropic-ai/mcpb from npm (make clients gets it)")
    folder = ROOT / "mcpb"
    subprocess.run([program, "validate", str(folder / "manifest.json")], check=True, cwd=tmp_path)
    packed = tmp_path / "annulet.mcpb"
    subprocess.run([program, "pack", str(folder), str(packed)], check=True, cwd=tmp_path)
    assert packed.stat().st_size > 500

"""The samples of ``deploy/`` as the programs that use them read them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = sorted(
    file for file in (DEPLOY / "kubernetes").glob("*.yaml") if file.name != "kustomization.yaml"
)
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
EXAMPLES = (DEPLOY / "compose/.env.example", DEPLOY / "systemd/annulet.env.example")
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}")


def read_variables(file: Path) -> dict[str, str]:
    """Read the variables of an environment file."""
    lines = [line for line in file.read_text("utf-8").splitlines() if re.match(r"[A-Z]", line)]
    return dict(line.split("=", 1) for line in lines)


def read_compose() -> dict[str, Any]:
    """Read the compose file with the variables of its example, and a client id."""
    variables = read_variables(DEPLOY / "compose/.env.example") | {"ANNULET_CLIENT_ID": "client"}

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return _VARIABLE.sub(lambda match: variables.get(match[1], match[2] or ""), value)
        if isinstance(value, list):
            return [fill(item) for item in value]
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        return value

    filled: dict[str, Any] = fill(yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text()))
    return filled


def compose_programs() -> dict[str, dict[str, Any]]:
    """The services of the compose file that run annulet, by name."""
    services = read_compose()["services"]
    return {name: service for name, service in services.items() if "annulet" in service["image"]}


def read_kubernetes() -> list[dict[str, Any]]:
    """Read every object of the Kubernetes manifests."""
    return [
        document
        for file in KUBERNETES
        for document in yaml.safe_load_all(file.read_text("utf-8"))
        if document
    ]


def find_kubernetes(kind: str) -> list[dict[str, Any]]:
    """The objects of one kind."""
    return [document for document in read_kubernetes() if document["kind"] == kind]


def pod_specs() -> dict[str, dict[str, Any]]:
    """The specification of each pod, by the name of what makes it."""
    return {
        document["metadata"]["name"]: document["spec"]["template"]["spec"]
        for document in read_kubernetes()
        if "template" in document.get("spec", {})
    }


def read_containerfile() -> list[tuple[str, str]]:
    """Read the instructions of the Containerfile: the word, and the rest as one line."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]  # type: ignore[misc] # two words each


def image_environment() -> dict[str, str]:
    """The variables that the image sets at run time."""
    stage = _last_stage()
    words = [word for name, rest in stage if name == "ENV" for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def image_value(name: str) -> str:
    """The value of an instruction of the last stage."""
    (value,) = (rest for word, rest in _last_stage() if word == name)
    return value


def image_health_check() -> list[str]:
    """The command of the health check."""
    command: list[str] = json.loads(image_value("HEALTHCHECK").split("CMD", 1)[1])
    return command


def _last_stage() -> list[tuple[str, str]]:
    instructions = read_containerfile()
    last = max(n for n, (word, _) in enumerate(instructions) if word == "FROM")
    return instructions[last:]


def read_unit(file: Path) -> dict[str, list[str]]:
    """Read the values of a unit, by the name of each directive."""
    values: dict[str, list[str]] = {}
    for line in file.read_text("utf-8").splitlines():
        name, separator, value = line.partition("=")
        if separator and re.fullmatch(r"[A-Za-z]+", name):
            values.setdefault(name, []).append(value)
    return values


def unit_environment(file: Path) -> dict[str, str]:
    """The variables that a unit sets, those that are commented out left out."""
    return dict(value.split("=", 1) for value in read_unit(file).get("Environment", []))


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """What annulet is started with, by each sample."""
    yield "Containerfile", json.loads(image_value("CMD"))
    for name, service in compose_programs().items():
        yield f"compose {name}", service["command"]
    for name, pod in pod_specs().items():
        yield f"kubernetes {name}", pod["containers"][0]["args"]
    for unit in UNITS:
        (line,) = read_unit(unit)["ExecStart"]
        yield unit.name, shlex.split(line)[1:]


def environments() -> Iterator[tuple[str, dict[str, str]]]:
    """The settings that each sample gives."""
    yield "Containerfile", image_environment()
    for file in EXAMPLES:
        yield file.name, read_variables(file)
    for name, service in read_compose()["services"].items():
        yield f"compose {name}", service.get("environment", {})
    for document in find_kubernetes("ConfigMap"):
        yield "kubernetes", document["data"]
    for unit in UNITS:
        yield unit.name, unit_environment(unit)
        # what is commented out has to be right, too
        text = re.sub(r"^#(?=[A-Z])", "", unit.read_text("utf-8"), flags=re.MULTILINE)
        yield unit.name, dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.MULTILINE))

"""Each sample is accepted by the program it is for, or by a linter of its format."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end"))
from samples import DEPLOY, KUBERNETES, UNITS, find_kubernetes, read_compose
from test_reverse_proxies import HOST, make_certificate

PROXIES = DEPLOY / "proxies"
KUBERNETES_VERSIONS = ("1.31", "1.34", "1.37")
MOST_EXPOSED = 1.5


def program(name: str) -> str:
    """The path of a program, also of those that Debian keeps out of the way; skips without."""
    path = shutil.which(name, path=f"{Path(sys.executable).parent}:/usr/bin:/usr/sbin")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def run(*words: str | Path, **settings: str) -> str:
    """Run a linter, and return what it says; it has to be content."""
    outcome = subprocess.run(
        words, capture_output=True, text=True, check=False, env=settings or None, timeout=120
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout + outcome.stderr


def test_hadolint_accepts_the_containerfile() -> None:
    """Without a remark of any weight, and the linter would make one."""
    hadolint = program("hadolint")
    assert run(hadolint, "--no-color", DEPLOY / "Containerfile") == ""
    wrong = subprocess.run(
        [hadolint, "-"], input="FROM python\nRUN cd /x && sudo y\n", text=True, check=False,
        capture_output=True, timeout=60,
    )  # fmt: skip
    assert "DL3004" in wrong.stdout


def test_the_compose_file_is_a_compose_file() -> None:
    """Every key and value is one of the specification, anchors resolved and variables filled in."""
    compose_spec = pytest.importorskip("compose_spec", reason="needs the package compose-spec")
    compose = read_compose()
    parsed = compose_spec.PyCompose.from_yaml(json.dumps(compose))
    assert sorted(parsed.service_names()) == sorted(compose["services"])
    compose["services"]["worker"]["stop_grace_period"] = "soon"
    with pytest.raises(ValueError, match="stop_grace_period"):
        compose_spec.PyCompose.from_yaml(json.dumps(compose))


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_the_manifests_fit_the_schemas_of_kubernetes(version: str) -> None:
    """Strictly: a misspelt key is refused."""
    validate = pytest.importorskip("kubernetes_validate", reason="needs kubernetes-validate")
    import yaml

    for file in KUBERNETES:
        for document in yaml.safe_load_all(file.read_text("utf-8")):
            validate.validate(document, version, strict=True)
    (deployment, *_) = find_kubernetes("Deployment")
    deployment["spec"]["replica"] = 3
    with pytest.raises(validate.ValidationError):
        validate.validate(deployment, version, strict=True)


def test_kustomize_builds_the_manifests() -> None:
    """All but the secret and the migration, which come before."""
    built = run(program("kubectl"), "kustomize", DEPLOY / "kubernetes")
    kinds = set(re.findall(r"^kind: (\w+)$", built, re.MULTILINE))
    everything = {
        document["kind"]
        for file in KUBERNETES
        for document in find_kubernetes_in(file)
        if file.name not in {"secret.example.yaml", "migrate-job.yaml"}
    }
    assert kinds == everything
    assert "Secret" not in kinds


def find_kubernetes_in(file: Path) -> list[dict[str, str]]:
    import yaml

    return [document for document in yaml.safe_load_all(file.read_text("utf-8")) if document]


@pytest.mark.parametrize("file", sorted(PROXIES.glob("*.haproxy.cfg")), ids=lambda file: file.name)
def test_haproxy_accepts_its_samples(file: Path, tmp_path: Path) -> None:
    """`haproxy -c`, with a certificate of the test."""
    make_certificate(tmp_path)
    config = tmp_path / "haproxy.cfg"
    text = file.read_text("utf-8").replace("/etc/haproxy/ring.pem", str(tmp_path / "ring.pem"))
    config.write_text(text)
    output = run(program("haproxy"), "-c", "-f", config)
    assert "[ALERT]" not in output


@pytest.mark.parametrize("file", sorted(PROXIES.glob("*.nginx.conf")), ids=lambda file: file.name)
def test_nginx_accepts_its_samples(file: Path, tmp_path: Path) -> None:
    """`nginx -t`, with a certificate of the test."""
    make_certificate(tmp_path)
    text = file.read_text("utf-8")
    text = text.replace("/etc/ssl/ring/fullchain.pem", str(tmp_path / "cert.pem"))
    text = text.replace("/etc/ssl/ring/key.pem", str(tmp_path / "key.pem"))
    config = tmp_path / "nginx.conf"
    config.write_text(f"pid {tmp_path}/nginx.pid;\nevents {{}}\nhttp {{\n{text}}}\n")
    output = run(program("nginx"), "-t", "-p", tmp_path, "-e", tmp_path / "log", "-c", config)
    assert "[warn]" not in output, output


@pytest.mark.parametrize("file", sorted(PROXIES.glob("*.Caddyfile")), ids=lambda file: file.name)
def test_caddy_accepts_its_samples(file: Path, tmp_path: Path) -> None:
    """`caddy validate`, also with the variables of the compose file."""
    caddy, home = program("caddy"), {"HOME": str(tmp_path)}
    command = (caddy, "validate", "--adapter", "caddyfile", "--config", file)
    assert "Valid configuration" in run(*command, **home)
    variables = read_compose()["services"]["caddy"]["environment"]
    adapted = run(caddy, "adapt", "--adapter", "caddyfile", "--config", file, **home, **variables)
    if file.name.startswith("replicas"):
        assert variables["ANNULET_SITE"] == HOST
        assert re.findall(r'"dial": ?"(\w+:\d+)"', adapted)[:3] == (
            variables["ANNULET_REPLICAS"].split()
        )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_units(unit: Path, tmp_path: Path) -> None:
    """Verified without a warning, and little is left exposed."""
    analyze = program("systemd-analyze")
    copy = tmp_path / unit.name.replace("@", "@8080")
    # the program itself is where the how-to page installs it
    copy.write_text(unit.read_text("utf-8").replace("/opt/annulet/bin/annulet", sys.executable))
    assert run(analyze, "verify", copy) == ""
    output = run(analyze, "security", "--offline=true", "--no-pager", copy)
    (exposure,) = re.findall(r"exposure level for \S+: ([\d.]+)", output)
    assert float(exposure) <= MOST_EXPOSED
    copy.write_text(copy.read_text("utf-8").replace("TimeoutStopSec=70s", "TimeoutStopSec=soon"))
    wrong = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, check=False)
    assert "Failed to parse time value" in wrong.stderr

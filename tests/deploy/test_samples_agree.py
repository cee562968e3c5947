"""The samples of ``deploy/`` agree with the product and with each other."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from annulet.cli.app import build
from annulet.cli.commands.serve import _GRACE_SECONDS
from annulet.hosted.app import create_app
from annulet.hosted.connections.contexts import _CLOSE_S
from annulet.hosted.database.engine import _POOL_TIMEOUT_S
from annulet.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))
from samples import (
    DEPLOY,
    EXAMPLES,
    ROOT,
    UNITS,
    command_lines,
    compose_programs,
    environments,
    find_kubernetes,
    image_environment,
    image_health_check,
    image_value,
    pod_specs,
    read_compose,
    read_containerfile,
    read_unit,
    read_variables,
    unit_environment,
)

# A question under way, then a renewal whose new tokens cannot be written, then the last entries of
# the audit log: a free connection, and one statement.
STOPS_WITHIN_S = (
    _GRACE_SECONDS + _CLOSE_S + _POOL_TIMEOUT_S + Settings(home=Path()).statement_timeout_s
)
OF_THE_COMPOSE_FILE_ALONE = {"ANNULET_SITE", "ANNULET_REPLICAS", "ANNULET_IMAGE"}


def known_settings() -> set[str]:
    """Every variable that the settings read, with those that name a file instead."""
    source = (ROOT / "src/annulet/settings.py").read_text("utf-8")
    reads = re.findall(r'read\.(\w+)\("([A-Z_]+)"', source)
    by_file = {"secret_or_file", "text_or_file", "smtp_url"}
    files = {f"{name}_FILE" for method, name in reads if method in by_file}
    return {f"ANNULET_{name}" for name in {name for _, name in reads} | files}


def seconds(text: str) -> float:
    """A time of compose or systemd in seconds."""
    match = re.fullmatch(r"(\d+)s", text)
    assert match is not None, text
    return float(match[1])


def test_every_variable_is_a_setting() -> None:
    """A misspelt setting would be ignored in silence."""
    known = known_settings()
    assert {"ANNULET_KEY_FILE", "ANNULET_DATABASE_URL_FILE", "ANNULET_SMTP_URL_FILE"} <= known
    unknown = {
        (place, name)
        for place, variables in environments()
        for name in variables
        if name.startswith("ANNULET_") and name not in known | OF_THE_COMPOSE_FILE_ALONE
    }
    assert unknown == set()


def test_the_settings_of_each_sample_are_accepted(tmp_path: Path) -> None:
    """Each environment is read as the product reads it, its secrets from files."""
    secret = tmp_path / "secret"
    secret.write_text("postgresql://annulet:secret@database/annulet")
    read = []
    for place, variables in environments():
        given = {
            name: str(secret) if name.endswith("_FILE") else value
            for name, value in variables.items()
            if "%" not in value or name.endswith("_FILE")
        }
        settings = Settings.from_environ(given)
        read.append((place, settings))
        assert "secret@" not in repr(settings)
    services = [settings for place, settings in read if settings.database_url]
    assert len(services) > 5
    public = [settings for _, settings in read if settings.public_url.startswith("https://")]
    assert public
    assert all(settings.trusted_proxies for settings in public), "all people would be one address"
    for _, settings in read:
        create_app(settings, lambda: pytest.fail("nothing is started"))


def test_every_command_line_is_understood() -> None:
    """Each command exists and takes its options."""
    places = []
    for place, words in command_lines():
        build(words).parse_args(words, exit_on_error=False, print_error=False)
        places.append(place)
    assert len(places) > 8


def test_what_is_probed_is_a_route() -> None:
    """Health checks of the image, of Kubernetes and of the balancers ask for pages that exist."""
    app = create_app(Settings(home=Path("/nowhere")), lambda: pytest.fail("nothing is started"))
    routes = {route.path for route in app.routes if isinstance(route, Route)}
    probed = set(re.findall(r"http://[^/]+(/\w+)", image_health_check()[-1]))
    for pod in pod_specs().values():
        container = pod["containers"][0]
        probed |= {
            probe["httpGet"]["path"] for name, probe in container.items() if name.endswith("Probe")
        }
    for file in (DEPLOY / "proxies").iterdir():
        text = file.read_text("utf-8")
        probed |= set(re.findall(r"(?:httpchk GET|health_uri) (\S+)", text))
        assert set(re.findall(r"(?:path_beg|location|reverse_proxy) (/\w+)/", text)) <= {"/mcp"}
    assert probed == {"/healthz", "/readyz"}
    assert probed <= routes
    (replicas,) = [p for name, p in pod_specs().items() if name == "annulet"]
    container = replicas["containers"][0]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    # a database that is away restarts no replica
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_the_ports_agree() -> None:
    """Image, compose, Caddy and Kubernetes name the same port."""
    port = image_environment()["ANNULET_PORT"]
    assert image_value("EXPOSE") == port
    compose = read_compose()["services"]
    replicas = compose["caddy"]["environment"]["ANNULET_REPLICAS"].split()
    serving = [
        name for name, service in compose_programs().items() if "serve" in service["command"]
    ]
    assert replicas == [f"{name}:{port}" for name in serving]
    assert len(serving) == 3
    ports = {
        str(named["containerPort"])
        for pod in pod_specs().values()
        for named in pod["containers"][0].get("ports", [])
    }
    (config,) = find_kubernetes("ConfigMap")
    metrics = config["data"]["ANNULET_METRICS_PORT"]
    assert ports == {port, metrics}
    policies = {p["metadata"]["name"]: p["spec"] for p in find_kubernetes("NetworkPolicy")}
    for name, opened in (("annulet-from-ingress", port), ("annulet-from-scraper", metrics)):
        (rule,) = policies[name]["ingress"]
        assert [str(named["port"]) for named in rule["ports"]] == [opened]
    for service in compose.values():
        assert not {metrics, port} & {str(p).partition(":")[0] for p in service.get("ports", [])}
    (service,) = find_kubernetes("Service")
    container_ports = pod_specs()["annulet"]["containers"][0]["ports"]
    assert service["spec"]["ports"][0]["targetPort"] in {named["name"] for named in container_ports}
    for ingress in find_kubernetes("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                assert backend["name"] == service["metadata"]["name"]
                assert backend["port"]["name"] == service["spec"]["ports"][0]["name"]


def test_the_image_installs_extras_that_exist() -> None:
    """Everything that a replica on PostgreSQL needs, from the lock file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    installs = [rest for word, rest in read_containerfile() if word == "RUN" and "uv sync" in rest]
    assert len(installs) == 2
    for line in installs:
        extras = set(re.findall(r"--extra (\w+)", line))
        assert (
            {"server", "postgres", "metrics"} <= extras <= project["optional-dependencies"].keys()
        )
        assert "--frozen" in line


def test_selectors_match_what_they_mean() -> None:
    """Service, disruption budget, policies and spread see the replicas and not the worker."""
    deployments = {d["metadata"]["name"]: d for d in find_kubernetes("Deployment")}
    labels = {
        name: deployment["spec"]["template"]["metadata"]["labels"]
        for name, deployment in deployments.items()
    }

    def selected(selector: dict[str, Any]) -> set[str]:
        wanted = selector.get("matchLabels", selector).items()
        return {name for name, own in labels.items() if wanted <= own.items()}

    for name, deployment in deployments.items():
        assert selected(deployment["spec"]["selector"]) == {name}
    (budget,) = find_kubernetes("PodDisruptionBudget")
    assert selected(budget["spec"]["selector"]) == {"annulet"}
    assert budget["spec"]["minAvailable"] < deployments["annulet"]["spec"]["replicas"]
    (service,) = find_kubernetes("Service")
    assert selected(service["spec"]["selector"]) == {"annulet"}
    (spread,) = deployments["annulet"]["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert selected(spread["labelSelector"]) == {"annulet"}
    policies = {
        p["metadata"]["name"]: p["spec"]["podSelector"] for p in find_kubernetes("NetworkPolicy")
    }
    assert selected(policies["annulet-from-ingress"]) == {"annulet"}
    assert selected(policies["annulet-from-scraper"]) == set(deployments)
    assert selected(policies["annulet-to-outside"]) == set(deployments)


def test_everything_may_take_as_long_to_stop_as_it_needs() -> None:
    """A replica that is killed too early tears answers and may lose a renewed token."""
    for name, service in compose_programs().items():
        if "migrate" not in service["command"]:
            assert seconds(service["stop_grace_period"]) >= STOPS_WITHIN_S, name
    for unit in UNITS:
        assert seconds(read_unit(unit)["TimeoutStopSec"][0]) >= STOPS_WITHIN_S, unit.name
    for name, pod in pod_specs().items():
        if pod["restartPolicy"] == "Never" if "restartPolicy" in pod else False:
            continue
        hook = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("exec", {})
        waits_s = float(hook["command"][1]) if hook else 0.0
        assert pod["terminationGracePeriodSeconds"] >= STOPS_WITHIN_S + waits_s, name


def test_nothing_runs_as_root_or_writes_to_its_image() -> None:
    """In compose, in Kubernetes and in the image itself, as the same user."""
    user = image_value("USER")
    assert user == "10001:10001"
    for service in compose_programs().values():
        assert service["user"] == user
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    for pod in pod_specs().values():
        context, container = pod["securityContext"], pod["containers"][0]
        assert context["runAsNonRoot"]
        assert f"{context['runAsUser']}:{context['runAsGroup']}" == user
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert not pod["automountServiceAccountToken"]
        # else Kubernetes sets ANNULET_PORT for a service named annulet
        assert not pod["enableServiceLinks"]


def test_secrets_come_from_files_that_are_there() -> None:
    """Each file that a setting names is one that the sample mounts; no sample holds a secret."""
    compose = read_compose()
    for name, service in compose_programs().items():
        named = {v for k, v in service["environment"].items() if k.endswith("_FILE")}
        assert named == {f"/run/secrets/{secret}" for secret in service["secrets"]}, name
        assert set(service["secrets"]) <= compose["secrets"].keys()
    (config,) = find_kubernetes("ConfigMap")
    (secret,) = find_kubernetes("Secret")
    for name, pod in pod_specs().items():
        (mount,) = pod["containers"][0]["volumeMounts"]
        (volume,) = pod["volumes"]
        assert volume["secret"]["secretName"] == secret["metadata"]["name"]
        named = {v for k, v in config["data"].items() if k.endswith("_FILE")}
        assert named == {f"{mount['mountPath']}/{key}" for key in secret["stringData"]}, name
    for unit in UNITS:
        loaded = {value.partition(":")[0] for value in read_unit(unit)["LoadCredential"]}
        named = {v for k, v in unit_environment(unit).items() if k.endswith("_FILE")}
        assert named == {f"%d/{name}" for name in loaded}
    for place, variables in environments():
        secrets = {
            "ANNULET_KEY",
            "ANNULET_CLIENT_SECRET",
            "ANNULET_DATABASE_URL",
            "ANNULET_SMTP_URL",
        }
        assert not secrets & variables.keys(), place


def test_only_caddy_is_trusted() -> None:
    """In compose Caddy has the address that counts; no other address is trusted."""
    compose = read_compose()
    address = compose["services"]["caddy"]["networks"]["web"]["ipv4_address"]
    for service in compose_programs().values():
        assert service["environment"]["ANNULET_TRUSTED_PROXIES"] == address
    (network,) = compose["networks"]["web"]["ipam"]["config"]
    assert address.rpartition(".")[0] == network["subnet"].rpartition(".")[0]
    assert compose["networks"]["data"] == {"internal": True}
    assert compose["services"]["database"]["networks"] == ["data"]


def test_nothing_starts_before_the_database_has_its_format() -> None:
    """Replicas and worker wait until the migration has ended well."""
    for name, service in compose_programs().items():
        if name != "migrate":
            condition = service["depends_on"]["migrate"]["condition"]
            assert condition == "service_completed_successfully", name
    assert compose_programs()["migrate"]["restart"] == "no"


def test_jobs_have_a_worker_of_their_own() -> None:
    """Replicas of compose and Kubernetes leave the jobs to the one that runs them."""
    lines = {place: words for place, words in command_lines() if " " in place}
    assert sum(words == ["worker"] for words in lines.values()) == 2
    serving = [words for words in lines.values() if words[0] == "serve"]
    assert serving == [["serve", "--no-jobs"]] * 4


def test_the_connections_fit_the_database() -> None:
    """PostgreSQL accepts 100 unless told otherwise."""
    pool, of_jobs, accepted = Settings(home=Path()).database_pool, 4, 100
    assert len(compose_programs()) * (pool + of_jobs) < accepted
    (config,) = find_kubernetes("ConfigMap")
    pods = 1 + sum(d["spec"]["replicas"] for d in find_kubernetes("Deployment"))
    # one pod more than usual while a new version is rolled out
    assert (pods + 1) * (int(config["data"]["ANNULET_DATABASE_POOL"]) + of_jobs) < accepted


def test_the_examples_hold_names_that_are_used() -> None:
    """Each variable of an example is one that its sample reads."""
    text = (DEPLOY / "compose/compose.yaml").read_text("utf-8")
    assert [name for name in read_variables(EXAMPLES[0]) if f"${{{name}:" not in text] == []


def test_annulet_admin_has_the_rights_of_the_service(tmp_path: Path) -> None:
    """The shell command asks systemd for what the unit has, and passes its words on."""
    recorder = tmp_path / "systemd-run"
    recorder.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    recorder.chmod(0o755)
    output = subprocess.run(
        ["sh", DEPLOY / "systemd/annulet-admin", "role", "anna@example.org", "support"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    words = output.stdout.splitlines()
    properties = dict(
        word.removeprefix("--property=").split("=", 1) for word in words if "--property=" in word
    )
    unit = read_unit(DEPLOY / "systemd/annulet@.service")
    assert properties["User"] in unit["User"]
    assert {"DynamicUser", "StateDirectory", "EnvironmentFile", "Environment"} <= properties.keys()
    assert all(value in unit[name] for name, value in properties.items()), properties
    command = words[words.index("/opt/annulet/bin/annulet") + 1 :]
    assert command == ["admin", "role", "anna@example.org", "support"]
    build(command).parse_args(command, exit_on_error=False, print_error=False)

"""The proxy samples of `deploy/`, each run by its own program in front of the service."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from annulet.simulator import SimulatedOura

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).with_name("hosted")))
from service import Service

from ports import free_port

PROXIES = Path(__file__).parents[2] / "deploy/proxies"
ENDINGS = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg", "caddy": "Caddyfile"}
SAMPLES = {program: PROXIES / f"one-process.{ending}" for program, ending in ENDINGS.items()}
HOST = "ring.example.org"
PASSWORD = "correct horse battery"


def sample(program: str) -> str:
    """The sample of one program."""
    return SAMPLES[program].read_text("utf-8")


def make_certificate(folder: Path) -> None:
    """A certificate that signs itself: ``cert.pem``, ``key.pem``, and both in ``ring.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(secret)
    (folder / "ring.pem").write_bytes(pem + secret)


def nginx_command(folder: Path, port: int, upstream: int) -> list[str]:
    server = (
        sample("nginx")
        .replace("listen 443", f"listen 127.0.0.1:{port}")
        .replace("127.0.0.1:8080", f"127.0.0.1:{upstream}")
        .replace("/etc/ssl/ring/fullchain.pem", str(folder / "cert.pem"))
        .replace("/etc/ssl/ring/key.pem", str(folder / "key.pem"))
    )
    folders = "".join(
        f"{name}_temp_path {folder / name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\nmaster_process off;\npid {folder / 'nginx.pid'};\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{folders}{server}}}\n"
    )
    return ["nginx", "-p", str(folder), "-e", str(folder / "nginx.log"), "-c", str(config)]


def haproxy_command(folder: Path, port: int, upstream: int) -> list[str]:
    config = folder / "haproxy.cfg"
    config.write_text(
        sample("haproxy")
        .replace("bind :443", f"bind 127.0.0.1:{port}")
        .replace("127.0.0.1:8080", f"127.0.0.1:{upstream}")
        .replace("/etc/haproxy/ring.pem", str(folder / "ring.pem"))
    )
    return ["haproxy", "-db", "-f", str(config)]


def caddy_command(folder: Path, port: int, upstream: int) -> list[str]:
    config = folder / "Caddyfile"
    tls = f"tls {folder / 'cert.pem'} {folder / 'key.pem'}"
    text = sample("caddy").replace(f"{{$ANNULET_SITE:{HOST}}}", HOST)
    site = text.replace(f"{HOST} {{", f"https://{HOST}:{port} {{\n\t{tls}", 1)
    site = site.replace("127.0.0.1:8080", f"127.0.0.1:{upstream}")
    config.write_text(f"{{\n\tadmin off\n\tauto_https off\n\tdefault_sni {HOST}\n}}\n" + site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)]


COMMANDS = {"nginx": nginx_command, "haproxy": haproxy_command, "caddy": caddy_command}


class Proxied:
    """The service behind one proxy, and clients at other addresses of loopback."""

    def __init__(self, service: Service, port: int) -> None:
        self.service = service
        self.port = port

    def client(self, address: str, *, direct: bool = False) -> httpx2.Client:
        """A client with an address of its own, at the proxy or past it."""
        url = self.service.url if direct else f"https://127.0.0.1:{self.port}"
        transport = httpx2.HTTPTransport(local_address=address, verify=False)
        headers = {"host": HOST}
        return httpx2.Client(transport=transport, base_url=url, headers=headers, timeout=60)

    def guess(self, client: httpx2.Client, login: str, times: int) -> list[int]:
        """Guess at one account, each time with another forged address."""
        page = client.get("/sign-in").text
        cookie = client.cookies.get("__Host-annulet-visit") or ""
        token = re.search(r'name="form_token" value="([^"]+)"', page)
        assert token is not None, page
        statuses = []
        for n in range(times):
            fields = {"form_token": token.group(1), "login": login, "password": f"guess {n}"}
            forged = {
                "x-forwarded-for": f"198.51.100.{n}",
                "x-forwarded-host": "evil.example",
                "x-forwarded-proto": "http",
                "cookie": f"__Host-annulet-visit={cookie}",
            }
            statuses.append(client.post("/sign-in", data=fields, headers=forged).status_code)
        return statuses


@pytest.fixture(params=sorted(COMMANDS))
def proxied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxied]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    make_certificate(tmp_path)
    cloud = SimulatedOura(["plain"])
    with cloud.serve() as running:
        service = Service(tmp_path, running.url, cloud)
        service.environment |= {
            "ANNULET_PUBLIC_URL": f"https://{HOST}",
            "ANNULET_TRUSTED_PROXIES": "127.0.0.1",
        }
        service.start()
        port = free_port()
        with (tmp_path / "proxy.log").open("wb") as log:
            command = COMMANDS[request.param](tmp_path, port, service.port)
            proxy = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            stage = Proxied(service, port)
            with stage.client("127.0.0.1") as client:
                while not _answers(client):
                    assert proxy.poll() is None, (tmp_path / "proxy.log").read_text()
                    time.sleep(0.1)
            yield stage
        finally:
            proxy.terminate()
            proxy.wait(30)
            service.stop()


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx2.TransportError:
        return False


def test_the_client_counts_and_not_what_it_says(proxied: Proxied) -> None:
    """Forged headers buy no guesses, at the proxy or past it; other clients are not concerned."""
    with proxied.client("127.0.0.2") as attacker:
        statuses = proxied.guess(attacker, "anna@example.org", 12)
        assert statuses == [400] * 10 + [429] * 2
    with proxied.client("127.0.0.3") as client:
        assert proxied.guess(client, "anna@example.org", 1) == [400]
    with proxied.client("127.0.0.4", direct=True) as attacker:
        assert proxied.guess(attacker, "anna@example.org", 12) == [400] * 10 + [429] * 2


def test_the_service_is_set_up_through_the_proxy(proxied: Proxied) -> None:
    """No stranger becomes the admin; the printed link makes the admin, once."""
    log = (proxied.service.folder / "log").read_text()
    (link,) = re.findall(rf"https://{HOST}(/sign-up\?invitation=[\w-]+)", log)
    with proxied.client("127.0.0.2") as stranger:
        assert "no admin yet" in stranger.get("/sign-up").text
        metadata = stranger.get("/.well-known/oauth-authorization-server").json()
        assert metadata["issuer"] == f"https://{HOST}"
    with proxied.client("127.0.0.3") as operator:
        page = operator.get(link)
        assert "will be the admin" in page.text
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        visit = page.headers["set-cookie"].partition(";")[0]
        fields = {**hidden, "login": "boss@example.org", "password": PASSWORD}
        answer = operator.post("/sign-up", data=fields, headers={"cookie": visit})
        assert answer.status_code == 303, answer.text
        session = re.search(
            r"__Host-annulet=[\w-]+", ", ".join(answer.headers.get_list("set-cookie"))
        )
        assert session is not None
        admin = operator.get("/admin", headers={"cookie": session.group(0)})
        assert admin.status_code == 200
    with proxied.client("127.0.0.2") as stranger:
        page = stranger.get(link)
        assert page.status_code == 200
        assert "will be the admin" not in page.text

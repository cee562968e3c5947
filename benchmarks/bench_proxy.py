"""What the credential proxy costs: time added to a request, and memory of its process.

Prints ratios against the same requests without the proxy, measured in the same run. Targets:
below 5 ms added to a request, below 60 MB resident.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from annulet.oauth.application import Application, store_application
from annulet.oauth.grant import Grant
from annulet.oauth.vault_grants import VaultGrants, bearer_policy
from annulet.vault.key_sources import ProvidedKeys
from annulet.vault.secret import Secret
from annulet.vault.store import Vault

KEY = "7c" * 32
REQUESTS = 300
BODY = json.dumps(
    {
        "data": [{"day": f"2026-05-{day:02}", "score": 80} for day in range(1, 31)],
        "next_token": None,
    }
).encode()
LARGE = b"[" + b'{"bpm":61,"source":"rest","timestamp":"2026-05-01T00:00:00Z"},' * 16_000 + b"{}]"
PATH = "/v2/usercollection/daily_sleep?start_date=2026-05-01&end_date=2026-05-30"
LARGE_PATH = "/v2/usercollection/heartrate"


class Oura(BaseHTTPRequestHandler):
    """Answers at once, with thirty days or with a megabyte of heart rate."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65_536
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer one read."""
        body = LARGE if "heartrate" in self.path else BODY
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def connect(home: Path, api_url: str) -> None:
    """Put a connection into the vault, as annulet connect does."""
    vault = Vault(home, clock=time.time, provided_keys=ProvidedKeys(Secret(KEY)))
    store_application(
        vault, "default", Application("made-up-client", Secret("made-up-client-secret"))
    )
    grant = Grant(
        client_id="made-up-client",
        token_url=f"{api_url}/oauth/token",
        revoke_url="",
        access_token=Secret("made-up-access-token-of-45-characters-0000001"),
        refresh_token=Secret("made-up-refresh-token-of-45-characters-000001"),
        issued_at=time.time(),
        expires_at=time.time() + 86_400,
    )
    asyncio.run(VaultGrants(vault, "default", policy=bearer_policy(api_url)).replace(grant))


def timings(port: int, path: str, headers: dict[str, str], count: int) -> list[float]:
    """Milliseconds of each of some requests over one connection, after a few to warm up."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    taken = []
    for number in range(count + 20):
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        if number >= 20:
            taken.append((time.perf_counter() - began) * 1000)
    connection.close()
    return taken


def resident_mb(pid: int) -> float | None:
    """The resident memory of a process, where the system tells it in /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def report(what: str, plain: list[float], proxied: list[float]) -> None:
    """One line: both medians, the difference and the ratio."""
    direct, through = statistics.median(plain), statistics.median(proxied)
    print(
        f"{what:24} direct {direct:6.2f} ms   proxy {through:6.2f} ms   "
        f"added {through - direct:5.2f} ms   ratio {through / direct:5.1f}"
    )


def main() -> None:
    """Start a stand-in for Oura and the proxy as people start it, and measure."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Oura)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    direct = server.server_address[1]
    with tempfile.TemporaryDirectory() as home:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "ANNULET_HOME": f"{home}/data",
            "ANNULET_KEY": KEY,
            "ANNULET_OURA_API_URL": f"http://127.0.0.1:{direct}",
        }
        connect(Path(home) / "data", environ["ANNULET_OURA_API_URL"])
        annulet = [sys.executable, "-m", "annulet"]
        began = time.perf_counter()
        proxy = subprocess.Popen(
            [*annulet, "proxy", "--port", "0", "--json"], env=environ, stdout=subprocess.PIPE
        )
        try:
            assert proxy.stdout
            port = int(json.loads(proxy.stdout.readline())["base_url"].rsplit(":", 1)[1])
            ready = time.perf_counter() - began
            granted = subprocess.run(
                [*annulet, "grant", "--tool", "bench", "--budget", "100000"],
                env=environ, capture_output=True, text=True, check=True,
            )  # fmt: skip
            bearer = {"Authorization": f"Bearer {granted.stdout.strip()}"}
            before = resident_mb(proxy.pid)
            report(
                "30 days",
                timings(direct, PATH, {}, REQUESTS),
                timings(port, PATH, bearer, REQUESTS),
            )
            report(
                f"{len(LARGE) / 1e6:.1f} MB of heart rate",
                timings(direct, LARGE_PATH, {}, 20),
                timings(port, LARGE_PATH, bearer, 20),
            )
            after = resident_mb(proxy.pid)
            print(f"ready after              {ready:6.2f} s")
            if before is not None and after is not None:
                print(
                    f"resident                 {before:6.1f} MB, {after:.1f} MB after the requests"
                )
        finally:
            proxy.terminate()
            proxy.communicate(timeout=20)
            server.shutdown()
            server.server_close()


if __name__ == "__main__":
    main()

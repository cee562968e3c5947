"""``annulet serve`` as a process, and a person with a browser that runs no scripts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from annulet.contract.scopes import SCOPES
from annulet.simulator import SimulatedOura
from ports import free_port

PASSWORD = "correct horse battery"


class Service:
    """The process, its folders and its log."""

    def __init__(self, folder: Path, oura_url: str, oura: SimulatedOura) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        for name in ("home", "tmp", "cwd"):
            (folder / name).mkdir()
        application = oura.register_application(redirect_uris=[f"{self.url}/connect/oura/callback"])
        clean = {n: v for n, v in os.environ.items() if not n.startswith("ANNULET_")}
        self.environment = {
            **clean,
            "ANNULET_HOME": str(folder / "home"),
            "ANNULET_PORT": str(self.port),
            "ANNULET_OURA_API_URL": oura_url,
            "ANNULET_CLIENT_ID": application.client_id,
            "ANNULET_CLIENT_SECRET": application.client_secret,
            "TMPDIR": str(folder / "tmp"),
            "HOME": str(folder / "home"),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "annulet", "serve"],
                env=self.environment,
                cwd=self.folder / "cwd",
                stdout=log,
                stderr=log,
            )
        with httpx2.Client(trust_env=False, timeout=60) as http:
            while not self._ready(http):
                assert self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.1)

    def _ready(self, http: httpx2.Client) -> bool:
        try:
            return http.get(f"{self.url}/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def everything_on_disk(self) -> dict[str, bytes]:
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}


class Person:
    """A person with a browser that runs no scripts.

    Args:
        url: Where the browser goes.
        address: The person's own address on loopback.
        host: The public host and port, where the browser goes past a balancer.
    """

    def __init__(self, url: str, address: str = "127.0.0.1", host: str = "") -> None:
        self.http = httpx2.Client(
            base_url=url,
            transport=httpx2.HTTPTransport(local_address=address),
            headers={"host": host} if host else {},
            follow_redirects=True,
            timeout=60,
        )
        self.url, self.address = url, address
        self.page = self.http.get("/")

    def get(self, path: str) -> str:
        self.page = self.http.get(path)
        return self.page.text

    def submit(self, action: str, **fields: Any) -> str:
        self.post(action, {**self.hidden(action), **fields})
        if 'name="confirmed"' in self.page.text:  # what ends something is asked first
            self.post(action, self.hidden(action))
        return self.page.text

    def hidden(self, action: str) -> dict[str, Any]:
        form = re.search(
            rf'<form[^>]*action="{re.escape(action)}"[^>]*>.*?</form>', self.page.text, re.DOTALL
        )
        assert form is not None, f"no form {action} on {self.page.url}"
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form.group(0))
        return {n: unescape(v) for n, v in hidden}

    def post(self, path: str, fields: dict[str, Any]) -> str:
        self.page = self.http.post(
            urljoin(str(self.page.url), path),
            content=urlencode(fields, doseq=True),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        return self.page.text

    def close(self) -> None:
        self.http.close()

    def connect(self, person: str) -> str:
        self.get("/toolkits/oura/register")
        self.submit("/toolkits/oura/register")
        self.submit("/connect/oura")
        answer = {"person": person, "decision": "allow", "scopes_shown": "1"}
        return self.post(str(self.page.url), {**answer, "scope": list(SCOPES)})

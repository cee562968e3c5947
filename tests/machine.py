"""A machine with the command line, and a browser that decides on consent pages as told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annulet.simulator import SimulatedOura

SECRET = "simulated-secret"
FORM = {"person": "newcomer", "decision": "allow"}


@contextmanager
def environ_with_token(home: Path) -> Iterator[dict[str, str]]:
    """The settings of a machine with an access token for a simulated person, not in UTC."""
    oura = SimulatedOura(["plain"])
    with oura.serve() as running:
        yield {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "ANNULET_OURA_API_URL": running.url,
            "ANNULET_ACCESS_TOKEN": oura.issue_token("plain"),
            "ANNULET_TIMEZONE": "Europe/Helsinki",
        }


@dataclass
class Machine:
    """A fresh home folder and the command line."""

    home: Path
    url: str
    port: int
    more: dict[str, str] = field(default_factory=dict)

    def environ(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
        return {
            **inherited,
            "ANNULET_HOME": str(self.home),
            "ANNULET_OURA_API_URL": self.url,
            "ANNULET_KEY": "7c" * 32,
            "BROWSER": "true",
            **self.more,
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "annulet", *words],
            env=self.environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def connect(
        self, *words: str, visit: Callable[[str], Any] | None = None, secret: str = SECRET
    ) -> tuple[int, dict[str, Any], str]:
        """Connect as a person would, with a browser that decides as told."""
        self.more.update(ANNULET_CLIENT_SECRET=secret)
        self.more.setdefault("ANNULET_CLIENT_ID", "annulet-simulator")
        process = self.start("connect", "--json", "--port", str(self.port), *words)
        pages = ""
        for url in addresses(process):
            pages += url
            (visit or decide)(url)
        out, err = process.communicate(timeout=60)
        return process.returncode, json.loads(out), pages + err


def addresses(process: subprocess.Popen[str]) -> Iterator[str]:
    """The consent pages the terminal shows, as they come."""
    assert process.stderr is not None
    for line in process.stderr:
        address = re.match(r"\s+(http://\S+oauth\S+)$", line)
        if address:
            yield address.group(1)


def decide(url: str, **form: str) -> str:
    """Open the consent page, decide, and follow back to the last page."""
    with urllib.request.urlopen(url, timeout=60) as page:
        target = page.url
    body = urllib.parse.urlencode({**FORM, **form}).encode()
    try:
        with urllib.request.urlopen(target, body, timeout=60) as last:
            return f"{last.url} {last.read().decode()}"
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.code} {error.read().decode()}"

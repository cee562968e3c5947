"""The environment of the demo: a simulated cloud, a person in an afternoon zone, a data folder."""

from __future__ import annotations

import os
import re
import socket
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from zoneinfo import ZoneInfo

from annulet.errors import AnnuletError
from annulet.simulator import SimulatedOura
from annulet.simulator.demo_people import DEMO_PEOPLE
from annulet.simulator.server import ThreadedServer

PERSON: Final = "mira"
_AFTERNOON: Final = 15
_ZONES: Final = (
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Denver",
    "America/New_York",
    "America/Sao_Paulo",
    "Atlantic/Cape_Verde",
    "Europe/London",
    "Europe/Helsinki",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Tokyo",
    "Australia/Brisbane",
    "Pacific/Auckland",
)


class DemoEnvironment:
    """The cloud, person and folders of one demo run; all are removed at its end.

    Attributes:
        cloud: The simulated Oura cloud.
        callback_port: A free port for Oura's answer, registered with the application.
        home: The data folder of the demo.
        zone: The zone of its person, in which it is afternoon now.
    """

    def __init__(self) -> None:
        now = datetime.now(UTC)  # noqa: TID251 - a demo is about today
        self.zone = min(_ZONES, key=lambda name: _away_from_afternoon(now, name))
        self.cloud = SimulatedOura(people=[])
        traits = replace(DEMO_PEOPLE["plain"], zone=self.zone)
        fields = {name: getattr(traits, name) for name in traits.__dataclass_fields__}
        self.cloud.add_person(PERSON, **fields)
        self.callback_port = free_port()
        self._redirects = [f"http://localhost:{self.callback_port}/callback"]
        self.application = self.cloud.register_application(redirect_uris=self._redirects)
        self._folder = tempfile.TemporaryDirectory(prefix="annulet-demo-")
        self.home = Path(self._folder.name) / "home"
        self._running: ThreadedServer | None = None

    @property
    def url(self) -> str:
        """Where the cloud answers."""
        assert self._running is not None  # noqa: S101 - entered
        return self._running.url

    def register(self, redirect: str) -> None:
        """Add a redirect address to the application, as on Oura's developer page."""
        self._redirects.append(redirect)
        self.application = self.cloud.register_application(redirect_uris=self._redirects)

    def variables(self, **more: str) -> dict[str, str]:
        """The environment variables of annulet's processes in this demo."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ANNULET_")}
        return {
            **inherited,
            "PYTHONIOENCODING": "utf-8",  # whose output is read here, whatever the locale
            "ANNULET_HOME": str(self.home),
            "ANNULET_OURA_API_URL": self.url,
            "ANNULET_CLIENT_ID": self.application.client_id,
            "ANNULET_CLIENT_SECRET": self.application.client_secret,
            "ANNULET_TIMEZONE": self.zone,
            "ANNULET_KEY_FILE": str(self._key_file()),
            **more,
        }

    def command(self, *words: str) -> list[str]:
        """The command line of this installation."""
        return [sys.executable, "-m", "annulet", *words]

    def health_values(self) -> list[str]:
        """Values of the person's data that could be recognised if they lay on disk."""
        nights = sorted(self.cloud.people[PERSON].truth.nights.items())[-30:]
        return [night.start.isoformat(timespec="minutes")[:16] for _, night in nights]

    def show_disk(self) -> None:
        """Say which files there are, and that none holds anything about health.

        Raises:
            AnnuletError: One does.
        """
        files = [file.name for file in Path(self._folder.name).rglob("*") if file.is_file()]
        say("\nOn disk after all this", style="bold")
        say(f"  {', '.join(sorted(files)) or 'nothing'}")
        leaking = self.traces(self.health_values())
        if leaking:
            raise AnnuletError(f"Health data was found on disk: {', '.join(leaking)}")
        say("  No night, no heart rate, no score of the person is in any of them.", style="green")

    def traces(self, needles: list[str]) -> list[str]:
        """The files below the demo's folder that hold one of the texts."""
        pattern = re.compile(b"|".join(re.escape(needle.encode()) for needle in needles))
        files = [file for file in Path(self._folder.name).rglob("*") if file.is_file()]
        return [str(file) for file in files if pattern.search(file.read_bytes())]

    def _key_file(self) -> Path:
        file = Path(self._folder.name) / "key"
        if not file.exists():
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as opened:
                opened.write(os.urandom(32).hex())
        return file

    def __enter__(self) -> Self:
        self._running = self.cloud.serve().start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._running is not None:
            self._running.stop()
        self._folder.cleanup()


def say(text: str = "", *, style: str = "") -> None:
    """Print one line of the transcript."""
    from rich.console import Console

    Console(highlight=False, emoji=False, markup=False, soft_wrap=True).print(text, style=style)


def free_port() -> int:
    """A free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _away_from_afternoon(now: datetime, zone: str) -> int:
    hour = now.astimezone(ZoneInfo(zone)).hour
    return min((hour - _AFTERNOON) % 24, (_AFTERNOON - hour) % 24)

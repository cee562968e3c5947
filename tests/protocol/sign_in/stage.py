"""A running `annulet serve` with a simulated Oura behind it, and people with browsers."""

import sys
from contextlib import ExitStack
from pathlib import Path

from annulet.simulator import SimulatedOura

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "end_to_end" / "hosted"))
from service import PASSWORD, Person, Service

__all__ = ["PASSWORD", "Stage"]


class Stage:
    """The service, Oura, and two people whose rings are connected.

    Attributes:
        oura: The simulated cloud.
        service: The process.
        anna: Who signs assistants in; her ring is that of ``plain``.
        ben: Another person; his ring is that of ``longtime``.
    """

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.oura = SimulatedOura(["plain", "longtime"])
        self._open = ExitStack()
        cloud = self._open.enter_context(self.oura.serve())
        self.service = Service(folder, cloud.url, self.oura)

    @property
    def url(self):
        """The common MCP address."""
        return f"{self.service.url}/mcp"

    def __enter__(self):
        self.service.start()
        self._open.callback(self.service.stop)
        self.anna = self.person("anna@example.net", "plain")
        self.ben = self.person("ben@example.net", "longtime")
        return self

    def __exit__(self, *_):
        self._open.close()

    def person(self, login, ring=""):
        """Sign a person up and connect a ring."""
        person = Person(self.service.url)
        self._open.callback(person.close)
        person.get("/sign-up")
        person.submit("/sign-up", login=login, password=PASSWORD, timezone="UTC")
        if ring:
            assert "Successful connection" in person.connect(ring), person.page.text
        return person

    def endpoint(self, person, auth):
        """Create an endpoint of a person; return its id."""
        person.get("/endpoints/new")
        person.submit("/endpoints", kind="other", name="An assistant", auth=auth)
        return str(person.page.url).rstrip("/").rsplit("/", 1)[1]

    def key(self, person):
        """A new endpoint with an API key; returns its address and the key."""
        import re

        endpoint = self.endpoint(person, "key")
        person.submit(f"/endpoints/{endpoint}/keys", lifetime="30", scope="oura:read")
        return f"{self.url}/{endpoint}", re.search(r"annulet_[\w-]{43}", person.page.text).group(0)

"""Recognisable values go through every face of annulet: none is on disk or in a log afterwards."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx2
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from annulet.simulator import SimulatedOura
from annulet.simulator.server import ThreadedServer
from ports import free_port

SECRET = "canary-client-secret-4711"
PLANTED = {
    "daily_activity": {"steps": 313373, "active_calories": 271828, "total_calories": 414214},
    "enhanced_tag": {"comment": "canarybird sings", "custom_name": "Canary plunge"},
    "workout": {"calories": 161803.398, "label": "canary-label"},
    "personal_info": {"weight": 73.737, "email": "canary@example.org"},
    "ring_configuration": {"firmware_version": "77.31.41"},
    "daily_sleep": {"score": 97},
}
QUESTIONS = (
    ("permissions",),
    ("device", "--profile"),
    ("daily", "last 7 days", "--json"),
    ("sleep", "--series", "--json"),
    ("intraday", "yesterday", "--resolution-min", "15"),
    ("trends", "--metrics", "steps"),
    ("anomalies",),
    ("compare", "last 7 days", "last 30 days"),
    ("events", "last 30 days", "--zones"),
    ("effects", "Canary plunge"),
    ("status",),
    ("doctor",),
)
TOOLS = (
    ("oura_permissions", {}),
    ("oura_device", {"profile": True}),
    ("oura_daily_summary", {"start": "last 30 days"}),
    ("oura_sleep_sessions", {"series": True}),
    ("oura_intraday", {"metric": "activity"}),
    ("oura_trends", {}),
    ("oura_anomalies", {}),
    ("oura_compare", {"period": "today", "against": "last month"}),
    ("oura_events", {"start": "last 30 days"}),
    ("oura_effects", {"tag": "canarybird sings"}),
    ("oura_effects", {"tag": "no such canary"}),
)


@dataclass
class Plants:
    """The cloud with recognisable values, and a memory of every secret that left it."""

    cloud: SimulatedOura
    ids: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)

    async def __call__(self, scope, receive, send):
        """Answer like the cloud, with the values planted."""
        sent = []

        async def take(message):
            sent.append(message)

        for code in parse_qs(scope.get("query_string", b"").decode()).get("code", []):
            self.secrets.add(code)
        await self.cloud.app(scope, receive, take)
        start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
        for _, value in (pair for pair in start["headers"] if pair[0].lower() == b"location"):
            self.secrets.update(re.findall(r"[?&]code=([^&]+)", value.decode()))
        body = self._planted(scope["path"], body)
        headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        start["headers"] = [*headers, (b"content-length", str(len(body)).encode())]
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def _planted(self, path, body):
        try:
            content = json.loads(body)
        except ValueError:
            return body
        if not isinstance(content, dict):
            return body
        for name in ("access_token", "refresh_token", "id_token"):
            if isinstance(content.get(name), str):
                self.secrets.add(content[name])
        collection = path.rpartition("/")[2]
        for row in content.get("data", [content]) if "usercollection" in path else []:
            self.ids |= {row["id"]} if "id" in row else set()
            row |= {k: v for k, v in PLANTED.get(collection, {}).items() if k in row}
        return json.dumps(content).encode()


@dataclass
class Household:
    """A fresh machine: folders of its own, and the output of all its processes."""

    folder: Path
    environment: dict[str, str]
    outputs: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    async def start(self, *words):
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "annulet", *words),
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.folder / "cwd",
        )

    async def run(self, *words):
        """One command to its end."""
        process = await self.start(*words)
        output, remarks = await process.communicate()
        self.outputs.append(output.decode())
        self.remarks.append(remarks.decode())
        return process.returncode

    def traces(self, needles):
        """Which needles lie in which files, as they are or in a common disguise."""
        disguised = {}
        for needle in needles:
            plain = needle.encode()
            for form in (plain, plain.hex().encode(), base64.b64encode(plain)[:-4] or plain):
                disguised[form] = needle
        pattern = re.compile(b"|".join(re.escape(form) for form in disguised))
        files_with = {}
        for file in self.folder.rglob("*"):
            if file.is_file() and "asked-for" not in file.parts:
                content = file.read_bytes() + str(file.relative_to(self.folder)).encode()
                for hit in set(pattern.findall(content)):
                    files_with.setdefault(str(file), []).append(disguised[hit])
        return files_with


@pytest.fixture
def plants():
    """A person with a year of data and planted values, on loopback."""
    cloud = SimulatedOura(people=[])
    cloud.add_person("canary", zone="UTC", days=120, caffeine=0.3, naps=0.3)
    port = free_port()  # of its own: other journeys of this suite connect at the same time
    cloud.register_application(
        client_secret=SECRET, redirect_uris=[f"http://localhost:{port}/callback"]
    )
    plants = Plants(cloud)
    plants.port = port
    with ThreadedServer(plants) as running:
        yield plants, running.url


@pytest.fixture
def household(plants, tmp_path):
    """Every folder a program might write into is one we look into."""
    places = {
        "ANNULET_HOME": "data",
        "HOME": "home",
        "TMPDIR": "tmp",
        "XDG_CACHE_HOME": "cache",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "share",
        "XDG_STATE_HOME": "state",
        "XDG_RUNTIME_DIR": "run",
    }
    environment = {name: str(tmp_path / place) for name, place in places.items()}
    for place in (*places.values(), "cwd", "asked-for"):
        (tmp_path / place).mkdir(mode=0o700, exist_ok=True)
    environment |= {
        "PATH": "/usr/bin:/bin",
        "COLUMNS": "100",
        "ANNULET_OURA_API_URL": plants[1],
        "ANNULET_CLIENT_ID": plants[0].cloud.application.client_id,
        "ANNULET_CLIENT_SECRET": SECRET,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Household(tmp_path, environment)


async def connect(household, port):
    """Through the consent page, as a browser would."""
    process = await household.start("connect", "--no-browser", "--port", str(port))
    output_text = ""
    while not (
        address := re.search(r"http://\S+oauth\S+", output_text)
    ) or not output_text.endswith("\n"):
        line = await process.stderr.readline()
        assert line, f"connect ended early: {output_text}"
        output_text += line.decode()
    async with httpx2.AsyncClient(follow_redirects=True, timeout=60) as browser:
        page = await browser.get(address[0])
        await browser.post(page.url, data={"person": "canary", "decision": "allow"})
    output, remarks = await process.communicate()
    household.outputs.append(output.decode())
    household.remarks.append(remarks.decode())
    assert process.returncode == 0, remarks.decode()


async def chat(household):
    """All tools in one session over stdio."""
    log = household.folder / "chat.log"
    with log.open("w") as remarks:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "annulet", "mcp"], env=household.environment
        )
        async with Client(stdio_client(server, errlog=remarks)) as client:
            for tool, arguments in TOOLS:
                result = await client.call_tool(tool, arguments)
                household.outputs.append(result.content[0].text)
            for resource in (await client.list_resources()).resources:
                await client.read_resource(resource.uri)


def health(plants):
    """Everything about the person that must not be found anywhere."""
    truth = plants.cloud.people["canary"].truth
    newest = datetime.now(UTC).date()  # noqa: TID251 - the commands have the real clock
    nights = [truth.night(newest - timedelta(days=back)) for back in range(8)]
    planted = [str(value) for values in PLANTED.values() for value in values.values()]
    known = [value for value in planted if len(value) > 3]
    known += [night.start.isoformat(timespec="minutes")[:16] for night in nights if night]
    return {*known, *plants.ids, plants.cloud.people["canary"].id, "canary@example.org"}


async def test_nothing_about_health_and_no_token_stays_behind(plants, household):
    """Connect, ask everything everywhere, refresh, fail, export, disconnect: then look."""
    plants, _ = plants
    await connect(household, plants.port)
    asked = household.folder / "asked-for"
    exported = ("export", "enhanced_tag", "--start", "last 3 months", "-o", str(asked / "tags.csv"))
    drawn = ("trends", "--metrics", "steps", "--chart", str(asked / "steps.svg"))
    codes = await asyncio.gather(*(household.run(*words) for words in QUESTIONS[:6]))
    plants.cloud.expire_tokens("canary")
    codes += await asyncio.gather(*(household.run(*words) for words in QUESTIONS[6:]))
    assert codes == [0] * len(QUESTIONS)
    assert await asyncio.gather(household.run(*exported), household.run(*drawn)) == [0, 0]
    await chat(household)
    plants.cloud.faults.add("html:502@*/daily_*")
    assert await household.run("daily", "--sections", "readiness") == 5
    plants.cloud.faults.clear()

    needles = health(plants)
    secrets = {SECRET, *plants.secrets}
    assert len(secrets) >= 6  # a code, two pairs of tokens, the application's own
    assert len(needles) > 100
    assert "canarybird" in (asked / "tags.csv").read_text()
    assert any("313373" in text or "313,373" in text for text in household.outputs)
    everything = household.traces({*needles, *secrets})
    assert everything == {}
    spoken = "\n".join([*household.outputs, *household.remarks])
    assert [secret for secret in secrets if secret in spoken] == []
    remarks = "\n".join(household.remarks)
    assert [needle for needle in needles if needle in remarks] == []
    for request in plants.cloud.requests:
        if "usercollection" in request.path:
            assert request.method == "GET"
            asked_for = f"{request.path} {request.query}"
            assert not any(secret in asked_for for secret in secrets)

    assert await household.run("disconnect") == 0
    assert household.traces({*needles, *secrets}) == {}
    assert await household.run("daily", "--json") == 3


def test_the_search_finds_what_is_there(household):
    """A control: a planted file is found, plain, in hexadecimal and in base64."""
    needle = "canarybird sings"
    for name, content in (
        ("plain", needle.encode()),
        ("hex", needle.encode().hex().encode()),
        ("base64", base64.b64encode(needle.encode() + b"!!")),
        (f"{needle}.txt", b""),
    ):
        (household.folder / "tmp" / name).write_bytes(content)
    assert len(household.traces({needle})) == 4

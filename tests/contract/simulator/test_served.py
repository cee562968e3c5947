"""The simulated cloud on a real socket: connections, cuts, webhooks, the command."""

import asyncio
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from annulet.simulator import SimulatedOura

CLIENT = {"x-client-id": "annulet-simulator", "x-client-secret": "simulated-secret"}
PATH = "/v2/webhook/subscription"


class Callback(HTTPServer):
    """A webhook receiver: it answers challenges and keeps events."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.returns_challenge = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Callback

    def _respond(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        value = query["challenge"][0] if self.server.returns_challenge else "wrong"
        self._respond(200, json.dumps({"challenge": value}).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.events.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self._respond(self.server.status, b"")

    def log_message(self, *_args: object) -> None:
        """Write no log."""


@pytest.fixture
def callback() -> Iterator[Callback]:
    """A listening callback."""
    server = Callback()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cloud() -> SimulatedOura:
    """A small cloud."""
    return SimulatedOura(["plain", "newcomer"])


@pytest.fixture
def http(cloud: SimulatedOura) -> Iterator[httpx2.Client]:
    """A client of the served cloud."""
    with cloud.serve() as server, httpx2.Client(base_url=server.url, timeout=60) as client:
        yield client


def test_two_clouds_at_once(cloud: SimulatedOura) -> None:
    """Two clouds answer on ports of their own, and no longer answer after they are stopped."""
    second_cloud = SimulatedOura(["newcomer"])
    with cloud.serve() as first, second_cloud.serve() as second:
        assert first.port != second.port
        for server in (first, second):
            assert httpx2.get(f"{server.url}/_control").status_code == 200
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{first.url}/_control")


async def test_served_inside_a_loop(cloud: SimulatedOura) -> None:
    """``async with`` serves a cloud from inside an event loop."""
    async with cloud.serve() as server, httpx2.AsyncClient(timeout=60) as client:
        assert (await client.get(f"{server.url}/_control")).status_code == 200


def test_a_cut_connection(cloud: SimulatedOura, http: httpx2.Client) -> None:
    """A connection is cut before or within one response, and the next request succeeds."""
    headers = {"authorization": f"Bearer {cloud.issue_token('plain')}"}
    for spec in ("cut,times=1", "truncate,times=1"):
        cloud.faults.add(spec)
        with pytest.raises(httpx2.RemoteProtocolError):
            http.get("/v2/usercollection/daily_sleep", headers=headers)
    assert http.get("/v2/usercollection/daily_sleep", headers=headers).status_code == 200


async def test_round_trips_are_counted(cloud: SimulatedOura) -> None:
    """Parallel requests count as one round trip, requests in a row one each."""
    cloud.options.latency = 0.5  # long enough for all four to be under way together
    async with (
        cloud.serve() as server,
        httpx2.AsyncClient(base_url=server.url, timeout=60) as client,
    ):
        await asyncio.gather(*(client.get("/v2/usercollection/sleep") for _ in range(4)))
        assert cloud.requests.round_trips == 1
        cloud.options.latency = 0
        await client.get("/v2/usercollection/sleep")
        await client.get("/v2/usercollection/sleep")
    assert cloud.requests.round_trips == 3
    assert len(cloud.requests) == 6


def _subscribe(http: httpx2.Client, callback: Callback, **change: str) -> httpx2.Response:
    body = {
        "callback_url": callback.url,
        "verification_token": "v",
        "event_type": "update",
        "data_type": "daily_sleep",
        **change,
    }
    return http.post(PATH, json=body, headers=CLIENT)


def test_a_subscription(http: httpx2.Client, callback: Callback) -> None:
    """A subscription is created after a challenge, refused twice, changed, renewed and deleted."""
    created = _subscribe(http, callback)
    assert created.status_code == 201
    subscription = created.json()
    assert not re.search(r"(Z|[+-]\d\d:\d\d)$", subscription["expiration_time"])
    assert _subscribe(http, callback).status_code == 409
    path = f"{PATH}/{subscription['id']}"
    assert http.get(PATH, headers=CLIENT).json() == [subscription]
    assert http.get(path, headers=CLIENT).json() == subscription
    change = {"verification_token": "v", "event_type": "create"}
    assert http.put(path, json=change, headers=CLIENT).json()["event_type"] == "create"
    renewed = http.put(f"{PATH}/renew/{subscription['id']}", headers=CLIENT)
    assert renewed.status_code == 200
    assert http.delete(path, headers=CLIENT).status_code == 204
    assert http.get(path, headers=CLIENT).status_code == 403


def test_refused_subscriptions(http: httpx2.Client, callback: Callback) -> None:
    """A request without client, with wrong fields or with a wrong callback is refused."""
    assert http.get(PATH).status_code == 401
    error = _subscribe(http, callback, event_type="nope").json()["detail"][0]
    assert error == {
        "type": "enum",
        "loc": ["body", "event_type"],
        "msg": "Input should be 'create', 'update' or 'delete'",
        "input": "nope",
        "ctx": {"expected": "'create', 'update' or 'delete'"},
    }
    assert http.post(PATH, json={}, headers=CLIENT).status_code == 422
    callback.returns_challenge = False
    assert _subscribe(http, callback).status_code == 400
    unreachable = _subscribe(http, callback, callback_url="http://127.0.0.1:1/x")
    assert unreachable.status_code == 400
    assert http.get(PATH, headers=CLIENT).json() == []


def test_deliveries_are_signed(
    cloud: SimulatedOura, http: httpx2.Client, callback: Callback
) -> None:
    """The signature covers the raw body, failures are repeated, and 410 cancels."""
    _subscribe(http, callback)
    event = {"person": "plain", "data_type": "daily_sleep", "object_id": "o-1"}
    assert http.post("/_control/webhooks/deliver", json=event).json()[0]["status"] == 200
    headers, body = callback.events[0]
    stamp = headers["x-oura-timestamp"].encode()
    expected = hmac.new(b"simulated-secret", stamp + body, hashlib.sha256).hexdigest().upper()
    assert headers["x-oura-signature"] == expected
    assert json.loads(body)["user_id"] == cloud.people["plain"].id
    http.post("/_control/webhooks/deliver", json={**event, "forged": True})
    assert callback.events[1][0]["x-oura-signature"] != expected
    callback.status = 500
    deliveries = http.post("/_control/webhooks/deliver", json={**event, "attempts": 3}).json()
    assert [delivery["status"] for delivery in deliveries] == [500, 500, 500]
    callback.status = 410
    http.post("/_control/webhooks/deliver", json=event)
    assert http.get(PATH, headers=CLIENT).json() == []


def test_the_command() -> None:
    """``annulet simulate`` prints the settings to copy and answers until it is stopped."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "annulet",
            "simulate",
            "--port",
            "0",
            "--people",
            "plain,newcomer",
            "--token",
            "newcomer",
            "--fault",
            "status:503@daily_stress",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        text=True,
    )
    assert process.stdout
    assert process.stderr
    with process:
        lines = [process.stdout.readline().strip() for _ in range(5)]
        settings = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        assert "until Ctrl-C" in process.stderr.readline()
        headers = {"authorization": f"Bearer {settings['ANNULET_ACCESS_TOKEN']}"}
        base = settings["ANNULET_OURA_API_URL"] + "/v2/usercollection"
        with httpx2.Client(headers=headers, timeout=60) as http:
            assert len(http.get(f"{base}/daily_sleep").json()["data"]) >= 1
            assert http.get(f"{base}/daily_stress").status_code == 503
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


def test_wrong_arguments_of_the_command() -> None:
    """An unknown kind of application, a wrong instant and a wrong fault exit with a sentence."""
    for words in (["--application", "odd"], ["--now", "noon"], ["--fault", "bang"]):
        process = subprocess.run(
            [sys.executable, "-m", "annulet", "simulate", "--port", "0", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 2
        assert process.stderr.strip()

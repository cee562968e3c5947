"""What the log says of each request, job and background task, and what it never says."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from annulet.errors import UsageError
from annulet.hosted.jobs.job import Job
from annulet.hosted.service_gauges import build_metrics_app
from annulet.settings import ObservabilitySettings

sys.path.insert(0, str(Path(__file__).parent))
from log_lines import LogLines, written_lines

PROXY = "192.0.2.1"
MADE = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def log() -> Iterator[LogLines]:
    with written_lines() as lines:
        yield lines


async def connect(hosted: Any, login: str, ring: str = "plain") -> tuple[Any, str, str]:
    browser = hosted.browser()
    await browser.sign_up(login)
    await browser.register()
    await browser.connect(ring)
    return (browser, *await browser.new_key())


async def test_a_question_is_one_line_with_all_that_an_operator_needs(hosted, log) -> None:
    """Who in other words, from where, which tool, how it ended, and how Oura fared."""
    browser, endpoint, key = await connect(hosted, "anna@example.org")
    hosted.oura.requests.clear()
    answer = await browser.ask(key, f"/mcp/{endpoint}", "oura_daily_summary")
    (line,) = log.of(tool="oura_daily_summary")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["path"] == "/mcp/…"
    assert (line["status"], line["mcp_method"], line["outcome"]) == (200, "tools/call", "ok")
    assert line["client"] == "127.0.0.1"
    assert set(line["oura"]) == {"200"}
    assert line["oura"]["200"] == hosted.oura.requests.count("usercollection")
    assert 0 < line["oura_ms"] <= line["ms"]
    await browser.ask(key, f"/mcp/{endpoint}", "oura_daily_summary")
    assert "oura" not in log.of(tool="oura_daily_summary")[1], "the answer was in memory"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/ann@example.org", "/…"),
        ("/" + "x" * 60_000, "/…"),
        ("/a\u202eb\u200bc%1b%0a", "/…"),
        ("/admin/people/ann@example.org/nothing", "/…"),
        ("/.well-known/oauth-protected-resource/mcp/0123456789abcdef", None),
        ("/.well-known/ann@example.org", "/…"),
        ("/static/ann@example.org", "/static/…"),
        ("/endpoints/0123456789abcdef/waiting", "/endpoints/…/waiting"),
        ("/connect/oura/nothing", "/…"),
        ("/dashboard", "/dashboard"),
        ("/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server"),
    ],
)
async def test_a_path_is_logged_as_its_route_is_written(hosted, log, path, shown) -> None:
    """What a client writes into an address may name a person, be long, or change a terminal."""
    for method in ("GET", "POST", "ANN_OF_EXAMPLE"):
        await hosted.browser().http.request(method, path)
    lines = log.of(message="request")
    assert len(lines) >= 3
    if shown is None:
        shown = "/.well-known/oauth-protected-resource/mcp/…"
    assert {line["path"] for line in lines} == {shown}
    assert {line["method"] for line in lines} == {"GET", "POST", "_OTHER"}
    assert all(line.isprintable() for line in log.text.splitlines())
    await hosted.browser().http.get(path, headers={"host": "evil.example"})
    assert log.of(status=421)[0]["path"] == shown, "also where no route was looked for"


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/sign-in", "multipart/form-data; boundary=x"),
        ("/token", "application/x-www-form-urlencoded"),
        ("/register", "application/json"),
        ("/webhooks/oura", "application/json"),
        ("/mcp", "application/json"),
    ],
)
async def test_a_request_that_breaks_off_is_no_failure_of_the_service(
    make_hosted, path, content_type
) -> None:
    """Its outcome is its own; no alert on failures sees it, and nothing is logged as an error."""
    metrics = ObservabilitySettings(metrics_port=0)
    async with make_hosted(observability=metrics).running() as hosted:
        browser = hosted.browser()
        await browser.sign_up("anna@example.org")
        _, key = await browser.new_key()
        headers = {
            "host": "127.0.0.1:8080",
            "content-type": content_type,
            "content-length": "100",
            "authorization": f"Bearer {key}",
            "accept": "application/json, text/event-stream",
        }
        with written_lines() as log:
            sent = await break_off(hosted.app, path, headers)
        (line,) = log.of(message="request")
        assert line["status"] == 499
        assert not log.of(level="error")
        assert [message["status"] for message in sent if "status" in message] == [499]
        text = await scrape(hosted)
        assert (
            f'annulet_http_requests_total{{method="POST",route="{path}",status="499"}} 1.0' in text
        )
        assert 'status="500"' not in text


async def break_off(app: Any, path: str, headers: dict[str, str]) -> list[Any]:
    """Send the first bytes of a body and go away; return what the server would have sent."""
    received = [
        {"type": "http.request", "body": b"--x\r\nab", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return received.pop(0) if len(received) > 1 else received[0]

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8080),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    return sent


async def scrape(hosted: Any) -> str:
    """What the service counts."""
    transport = httpx2.ASGITransport(build_metrics_app(hosted.service))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        return str((await http.get("/metrics")).text)


async def test_a_failure_of_oura_stands_in_the_line(hosted, log) -> None:
    """The operator sees that it was Oura, and with what."""
    browser, endpoint, key = await connect(hosted, "anna@example.org")
    hosted.oura.faults.add("status:403@usercollection")
    await browser.ask(key, f"/mcp/{endpoint}", "oura_device")
    (line,) = log.of(tool="oura_device")
    assert line["outcome"] != "ok"
    assert "403" in line["oura"]


async def test_a_person_has_one_pseudonym_that_only_the_service_can_compute(hosted, log) -> None:
    """Pages and questions of one person can be joined, and the name leads back to no account."""
    browser, endpoint, key = await connect(hosted, "anna@example.org")
    await browser.ask(key, f"/mcp/{endpoint}")
    await browser.get("/dashboard")
    ben, bens_endpoint, bens_key = await connect(hosted, "ben@example.org", "shift")
    await ben.ask(bens_key, f"/mcp/{bens_endpoint}")
    hers, his = (line["person"] for line in log.of(tool="oura_device"))
    assert hers != his
    assert {line.get("person") for line in log.of(path="/dashboard")} == {hers, his}
    person = await hosted.service.accounts.people.find_by_login("anna@example.org")
    for plain in (person.id, "anna@example.org"):
        for computed in (hashlib.sha256, hashlib.sha1, hashlib.md5):
            assert hers not in computed(plain.encode()).hexdigest()
    assert hers not in person.id


async def test_a_refused_question_says_why(make_hosted, log) -> None:
    """The line names what was used up, whose it was, and no answer."""
    from annulet.settings import ServiceLimits

    limits = ServiceLimits(questions_burst=1, questions_per_second=1)
    async with make_hosted(limits=limits).running() as hosted:
        browser, endpoint, key = await connect(hosted, "anna@example.org")
        answers = [await browser.ask(key, f"/mcp/{endpoint}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    first, second = log.of(status=429)
    assert (first["refusal"], second["refusal"]) == ("rate", "pause")
    assert first["person"] == log.of(tool="oura_device")[0]["person"]


@pytest.mark.parametrize(
    ("peer", "sent", "is_believed"),
    [
        (PROXY, ["0af7651916cd43dd8448eb211c80319c"], True),
        (PROXY, ["6f9619ff-8b86-d011-b42d-00c04fc964ff"], True),
        (PROXY, ["of-the-client", "of-the-proxy"], True),
        (PROXY, ["x" * 64], True),
        (PROXY, ["x" * 65], False),
        (PROXY, [""], False),
        (PROXY, ['a","level":"error'], False),
        (PROXY, ["anna@example.org"], False),
        (PROXY, ["a b"], False),
        ("192.0.2.9", ["of-a-stranger"], False),
        ("127.0.0.1", ["of-a-stranger"], False),
    ],
)
async def test_the_id_of_a_request_is_a_trusted_proxy_s_or_our_own(
    make_hosted, log, peer, sent, is_believed
) -> None:
    """Anything but a plain token of a trusted proxy is replaced, in the log and in the answer."""
    proxies = (ipaddress.ip_network(PROXY),)
    async with make_hosted(trusted_proxies=proxies).running() as hosted:
        headers = [("x-request-id", value) for value in sent]
        answer = await hosted.browser(peer).http.get("/sign-in", headers=headers)
    (line,) = log.of(path="/sign-in")
    assert answer.headers.get_list("x-request-id") == [line["request_id"]]
    if is_believed:
        assert line["request_id"] == sent[-1]
    else:
        assert MADE.fullmatch(line["request_id"])


async def test_the_address_is_the_one_that_limits_count(make_hosted, log) -> None:
    """Of IPv6 the network, behind a proxy the client's; with the setting off there is none."""
    proxies = (ipaddress.ip_network(PROXY),)
    async with make_hosted(trusted_proxies=proxies).running() as hosted:
        await hosted.browser("2001:db8:1:2:3:4:5:6").http.get("/sign-in")
        forwarded = {"x-forwarded-for": "198.51.100.7"}
        await hosted.browser(PROXY).http.get("/sign-in", headers=forwarded)
    clients = [line["client"] for line in log.of(path="/sign-in")]
    assert clients == ["2001:db8:1:2::/64", "198.51.100.7"]


async def test_addresses_can_be_left_out(make_hosted, log) -> None:
    """No line has one, and everything else is there."""
    from annulet.settings import ObservabilitySettings

    shown = ObservabilitySettings(log_addresses=False)
    async with make_hosted(observability=shown).running() as hosted:
        await hosted.browser("198.51.100.7").http.get("/sign-in")
    assert log.of(path="/sign-in")[0]["status"] == 200
    assert "198.51" not in log.text


async def test_an_error_page_shows_the_reference_of_its_line(hosted, log) -> None:
    """A person can tell support what the log calls it, also when the service is at fault."""
    browser = hosted.browser()
    await browser.sign_up("anna@example.org")
    missing = await browser.get("/nowhere")
    async with hosted.service.database.write() as connection:
        await connection.execute(text("UPDATE people SET timezone = 'No/Where'"))
    crashed = await browser.http.get("/account", headers={"accept": "text/html"})
    for answer, status in ((missing, 404), (crashed, 500)):
        assert answer.status_code == status
        reference = answer.headers["x-request-id"]
        assert f"<code>{reference}</code>" in answer.text
        assert [line["status"] for line in log.of(request_id=reference)] == [status]
    assert "name this" not in (await browser.get("/dashboard")).text


async def test_lines_of_jobs_and_background_tasks_carry_their_names(hosted, log) -> None:
    """Also a line that is written deep inside the work."""

    async def fail() -> None:
        await asyncio.sleep(0)
        raise UsageError("It cannot work.", hint="Mend it.")

    await hosted.service.job_runs.run(Job("extra", fail, every_min=10))
    hosted.service.background.start("watch", fail)
    for _ in range(1000):
        if log.of(task="watch"):
            break
        await asyncio.sleep(0.01)
    (failed, ended) = log.of(job="extra")
    assert failed["level"] == "warning"
    assert (ended["message"], ended["outcome"]) == ("job", "bad_input")
    assert log.of(task="watch")[0]["level"] == "warning"
    await hosted.browser().http.get("/sign-in")
    assert not {"job", "task"} & log.of(path="/sign-in")[0].keys()


async def test_two_requests_at_once_keep_their_names(hosted, log) -> None:
    """What is noted of one request never stands in the line of another."""
    anna = await connect(hosted, "anna@example.org")
    ben = await connect(hosted, "ben@example.org", "shift")
    pairs = [(person, tool) for tool in ("oura_device", "oura_trends") for person in (anna, ben)]
    answers: list[httpx2.Response] = await asyncio.gather(
        *(browser.ask(key, f"/mcp/{path}", tool) for (browser, path, key), tool in pairs)
    )
    people: dict[str, set[str]] = {"oura_device": set(), "oura_trends": set()}
    for (_, tool), answer in zip(pairs, answers, strict=True):
        (line,) = log.of(request_id=answer.headers["x-request-id"])
        assert line["tool"] == tool
        people[tool].add(line["person"])
    assert people["oura_device"] == people["oura_trends"]
    assert len(people["oura_device"]) == 2


PROCESS = """
import asyncio, gc, logging, threading, warnings
from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from starlette.applications import Starlette
from sqlalchemy.exc import IntegrityError
from uvicorn import Config
from uvicorn.lifespan.on import LifespanOn
from contextlib import asynccontextmanager
from annulet.hosted.web.json_log import log_as_json

log_as_json()
PARAMETERS = ("INSERT INTO people", {"login": "ann@example.org"}, ValueError("ann@example.org"))

def fail(*_):
    raise IntegrityError(*PARAMETERS)

class Broken:
    def __del__(self):
        fail()

@asynccontextmanager
async def lifespan(app):
    fail()
    yield

async def work():
    asyncio.get_running_loop().create_task(fail_later())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
    await LifespanOn(Config(Starlette(lifespan=lifespan), log_config=None)).startup()

async def fail_later():
    fail()

try:
    MultipartParser(b"x", {}).write(b"ann@example.org")
except MultipartParseError:
    pass
logging.getLogger("mcp.server.runner").warning("dropped %r: malformed params", "ann@example.org")
try:
    fail()
except IntegrityError:
    logging.getLogger("mcp.server.streamable_http").exception("Error: ann@example.org")
    logging.getLogger("annulet.hosted").exception("it has failed")
    logging.getLogger("uvicorn.error").exception("Exception in ASGI application\\n")
warnings.warn("ann@example.org")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Broken()
asyncio.run(work())
"""


def test_every_line_of_the_process_is_json_and_quotes_no_one(tmp_path: Path) -> None:
    """Libraries, warnings, threads, finalizers, forgotten tasks, and a start that fails."""
    script = tmp_path / "process.py"
    script.write_text(PROCESS, "utf-8")
    process = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=True
    )
    lines = [json.loads(line) for line in process.stderr.splitlines()]
    assert "ann@example.org" not in process.stderr
    assert "INSERT" not in process.stderr
    loggers = [line.get("logger") for line in lines]
    for name in ("python_multipart.multipart", "mcp.server.runner", "py.warnings"):
        assert name in loggers
    failures = [line for line in lines if line.get("error") == "IntegrityError"]
    assert len(failures) == 7, process.stderr
    assert all(any(place.startswith("fail:") for place in line["where"]) for line in failures)
    messages = [line["message"] for line in failures]
    assert "the service failed to start or to stop" in messages
    assert "Task exception was never retrieved" in messages
    assert "Exception in ASGI application" in messages

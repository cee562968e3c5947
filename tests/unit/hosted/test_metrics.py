"""What a scraper reads of a service that was used, and what it can never read."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from annulet.cli import run
from annulet.hosted.service_gauges import build_metrics_app
from annulet.settings import ObservabilitySettings, ServiceLimits
from annulet.vault.secret import Secret

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from scrape import Scrape

ON = ObservabilitySettings(metrics_port=0)
TOKEN = "a token of the scraper"
DOCS = Path(__file__).parents[3] / "docs" / "how-to" / "observe.md"


class Operator:
    """A running service, and its scraper."""

    def __init__(self, hosted: Any) -> None:
        self.hosted = hosted
        self.app = build_metrics_app(hosted.service)

    async def get(self, path: str = "/metrics", method: str = "GET", **headers: str) -> Any:
        transport = httpx2.ASGITransport(self.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            return await http.request(method, path, headers=headers)

    async def scrape(self) -> Scrape:
        answer = await self.get()
        assert answer.status_code == 200
        return Scrape(answer.text)

    async def connect(self, login: str, ring: str = "plain") -> tuple[Any, str, str]:
        browser = self.hosted.browser()
        await browser.sign_up(login)
        await browser.register()
        await browser.connect(ring)
        return (browser, *await browser.new_key())


@pytest.fixture
async def operator(make_hosted) -> AsyncIterator[Operator]:
    async with make_hosted(observability=ON).running() as hosted:
        yield Operator(hosted)


async def test_requests_questions_and_oura_are_counted(operator) -> None:
    """By template, tool and collection, each with its time."""
    browser, endpoint, key = await operator.connect("anna@example.org")
    operator.hosted.oura.requests.clear()
    await browser.ask(key, f"/mcp/{endpoint}", "oura_daily_summary")
    await browser.ask(key, f"/mcp/{endpoint}", "oura_daily_summary")
    await browser.ask(key, f"/mcp/{endpoint}", "oura_trends", metrics=["nothing of that name"])
    await browser.ask("annulet_wrong", f"/mcp/{endpoint}")
    read = await operator.scrape()
    route = "/mcp/{endpoint}"
    assert read.value("annulet_http_requests_total", route=route, status=200) == 3
    assert read.value("annulet_http_requests_total", route=route, status=401) == 1
    assert read.value("annulet_http_request_duration_seconds_count", route=route) == 4
    tool = {"mcp_method_name": "tools/call", "gen_ai_tool_name": "oura_daily_summary"}
    operation = "mcp_server_operation_duration_seconds"
    assert read.value(f"{operation}_count", **tool, error_type="") == 2
    assert 0 < read.value(f"{operation}_sum", **tool) < 60
    assert read.value(f"{operation}_count", gen_ai_tool_name="oura_trends") == 1
    assert read.labels(f"{operation}_count", "error_type") == {"", "tool_error"}
    assert read.value("annulet_questions_total", name="oura_trends", outcome="bad_input") == 1
    asked = operator.hosted.oura.requests.matching("usercollection")
    assert asked
    for name in {request.path.rsplit("/", 1)[1] for request in asked}:
        sent = operator.hosted.oura.requests.count(f"usercollection/{name}")
        assert read.value("annulet_oura_requests_total", collection=name, status=200) == sent
    assert read.sum("annulet_oura_request_duration_seconds_count") == len(asked)
    assert read.value("annulet_contexts") == 1
    assert (
        30_000 < read.value("annulet_contexts_bytes") < read.value("annulet_contexts_limit_bytes")
    )
    assert read.value("process_resident_memory_bytes") > 1_000_000


async def test_the_budget_at_oura_is_seen(make_hosted) -> None:
    """What is left of it, and what is held back when nothing is."""
    # so few that one more comes only after more than a minute
    limits = ServiceLimits(oura_requests=4)
    async with make_hosted(observability=ON, limits=limits).running() as hosted:
        operator = Operator(hosted)
        browser, endpoint, key = await operator.connect("anna@example.org")
        before = await operator.scrape()
        await browser.ask(key, f"/mcp/{endpoint}", "oura_daily_summary")
        read = await operator.scrape()
    assert read.value("annulet_oura_budget_limit") == 4
    assert read.value("annulet_oura_budget_left") < 1 < before.value("annulet_oura_budget_left")
    assert read.value("annulet_oura_held_requests_total", reason="budget") > 0


async def test_what_is_refused_is_counted_by_reason(make_hosted) -> None:
    """Which limit it was decides what the operator does."""
    limits = ServiceLimits(questions_burst=2, questions_per_second=1)
    async with make_hosted(observability=ON, limits=limits).running() as hosted:
        operator = Operator(hosted)
        browser, endpoint, key = await operator.connect("anna@example.org")
        for _ in range(4):
            await browser.ask(key, f"/mcp/{endpoint}")
        read = await operator.scrape()
    refused = "annulet_refusals_total"
    assert read.value(refused, status=429, reason="rate") == 1
    assert read.value(refused, status=429, reason="pause") == 1


async def test_turns_are_seen_while_they_are_taken(operator) -> None:
    """A question under way and the ones behind it."""
    browser, endpoint, key = await operator.connect("anna@example.org")
    operator.hosted.oura.faults.add("delay:0.6@usercollection")
    tools = ("oura_device", "oura_trends", "oura_events", "oura_daily_summary", "oura_anomalies")
    asking = [
        asyncio.create_task(browser.ask(key, f"/mcp/{endpoint}", tool)) for tool in (*tools, *tools)
    ]
    most = {"taken": 0.0, "waiting": 0.0}
    while not asking[0].done():
        read = await operator.scrape()
        most = {name: max(most[name], read.value(f"annulet_turns_{name}")) for name in most}
        await asyncio.sleep(0.02)
    await asyncio.gather(*asking)
    assert most == {"taken": 4, "waiting": 6}
    read = await operator.scrape()
    assert (read.value("annulet_turns_taken"), read.value("annulet_turns_waiting")) == (0, 0)


async def test_an_outage_of_oura_is_seen(operator) -> None:
    """Failures by status, the open breaker, and what is held back."""
    browser, endpoint, key = await operator.connect("anna@example.org")
    operator.hosted.oura.faults.add("status:503@usercollection")
    before = await operator.scrape()
    assert before.value("annulet_oura_breaker_open") == 0
    days = [f"2026-05-{day:02}" for day in range(1, 10)]
    periods = [{"start": start, "end": end} for start, end in itertools.pairwise(days)]
    asked = (
        browser.ask(key, f"/mcp/{endpoint}", "oura_daily_summary", **period) for period in periods
    )
    await asyncio.gather(*asked)
    read = await operator.scrape()
    assert read.sum("annulet_oura_requests_total", status=503) >= 20
    assert read.value("annulet_oura_breaker_open") == 1
    assert read.value("annulet_oura_held_requests_total", reason="breaker") > 0
    assert read.value("annulet_questions_total", outcome="oura_unavailable") == 8


async def test_renewals_are_counted_by_outcome(operator) -> None:
    """One that works, one that Oura refuses, and one that has to wait."""
    browser, endpoint, key = await operator.connect("anna@example.org")
    clock, oura = operator.hosted.clock, operator.hosted.oura
    clock.advance(days=2)
    await browser.ask(key, f"/mcp/{endpoint}")
    oura.faults.add("status", 503, method="POST")
    clock.advance(days=2)
    await browser.ask(key, f"/mcp/{endpoint}")
    read = await operator.scrape()
    assert read.value("annulet_renewals_total", outcome="renewed") == 1
    assert read.value("annulet_renewals_total", outcome="postponed") >= 1


async def test_jobs_audit_and_background_tasks_are_seen(operator) -> None:
    """What runs without anybody asking for it."""
    hosted = operator.hosted
    for _ in range(500):
        read = await operator.scrape()
        names = ("tidy", "renewals", "revocations", "subscriptions")
        if read.labels("annulet_job_last_run_timestamp_seconds", "job") == set(names):
            break
        await asyncio.sleep(0.01)
    assert read.value("annulet_jobs_total", job="tidy", outcome="ok") == 1
    now = hosted.clock().timestamp()
    assert read.value("annulet_job_last_success_timestamp_seconds", job="tidy") == now
    assert read.value("annulet_job_failures_in_a_row", job="renewals") == 0
    assert read.value("annulet_background_task_failing", task="audit") == 0
    assert read.value("annulet_audit_entries_lost_total") == 0
    assert read.value("annulet_hashing_running") == 0
    assert read.labels("annulet_hashing_waiting", "priority") == {
        *("known_browser", "sign_in", "new_password")
    }
    assert read.value("annulet_database_connections_in_use") >= 0
    assert read.value("annulet_database_connections_limit") is None, "SQLite has no limit of ours"


async def test_a_failing_job_keeps_its_last_success(operator) -> None:
    """An alert needs to know since when nothing works."""
    from annulet.errors import UsageError
    from annulet.hosted.jobs.job import Job

    async def work() -> None:
        return None

    async def fail() -> None:
        raise UsageError("It cannot work.", hint="Mend it.")

    hosted, runs = operator.hosted, operator.hosted.service.job_runs
    await runs.run(Job("extra", work, every_min=10))
    first = await operator.scrape()
    hosted.clock.advance(hours=1)
    await runs.run(Job("extra", fail, every_min=10))
    await runs.run(Job("extra", fail, every_min=10))
    read = await operator.scrape()
    last = "annulet_job_last_success_timestamp_seconds"
    assert read.value(last, job="extra") == first.value(last, job="extra")
    assert read.value("annulet_job_failures_in_a_row", job="extra") == 2
    assert read.value("annulet_jobs_total", job="extra", outcome="bad_input") == 2


async def test_no_client_can_make_series(operator) -> None:
    """Whatever paths, methods, tools and headers are tried, the second thousand adds none."""
    browser, endpoint, key = await operator.connect("anna@example.org")
    rng = random.Random(7)

    def invent() -> str:
        return "".join(rng.choices("abcdefghij%/.?-_{}", k=rng.randint(1, 12)))

    async def attack(count: int) -> None:
        roots = ("", "/mcp/", "/endpoints/", "/admin/people/", "/static/", "/token/")
        for _ in range(count):
            path, method = (
                rng.choice(roots) + invent(),
                rng.choice(["GET", "POST", invent().upper()]),
            )
            url = f"http://127.0.0.1:8080/{path.lstrip('/')}"
            method = re.sub(r"[^A-Z]", "", method) or "BREW"
            await browser.http.request(method, url, headers={"x-request-id": invent()})
        for _ in range(count // 10):
            name = invent()
            await browser.ask(key, f"/mcp/{endpoint}", name)
            await browser.rpc(key, f"/mcp/{endpoint}", "prompts/get", {"name": name})
            await browser.rpc(key, f"/mcp/{endpoint}", "resources/read", {"uri": f"oura://{name}"})
            await browser.rpc(key, f"/mcp/{endpoint}", name)

    await attack(400)
    first = await operator.scrape()
    await attack(600)
    second = await operator.scrape()
    added = {series for series in second.series - first.series if "status" not in dict(series[1])}
    assert not {labels for name, labels in added if "unmatched" in dict(labels).values()}
    templates = {route.path for route in operator.hosted.app.routes} | {"unmatched"}
    assert second.labels("annulet_http_requests_total", "route") <= templates
    methods = second.labels("annulet_http_requests_total", "method")
    assert methods <= {"GET", "HEAD", "POST", "_OTHER"}
    assert "_OTHER" in methods
    assert "unknown" in second.labels("annulet_questions_total", "name")
    assert len(second.series) < 3_000


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer  {TOKEN}", 200),
        ("", 401),
        ("Bearer", 401),
        ("Bearer a wrong one", 401),
        (f"Basic {TOKEN}", 401),
    ],
)
async def test_a_token_is_asked_for_where_one_is_set(make_hosted, authorization, status) -> None:
    """Without the right one nothing is told, not even where the metrics are."""
    settings = replace(ON, metrics_token=Secret(TOKEN))
    async with make_hosted(observability=settings).running() as hosted:
        operator = Operator(hosted)
        for path in ("/metrics", "/"):
            answer = await operator.get(path, authorization=authorization)
            assert answer.status_code == (404 if status == 200 and path == "/" else status)
            if status == 401:
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert "annulet_" not in answer.text


async def test_the_port_has_one_path_and_only_reads(operator) -> None:
    """Nothing of the service is reached by it, and the service has no such path."""
    assert (await operator.get("/dashboard")).status_code == 404
    assert (await operator.get(method="POST")).status_code == 405
    assert (await operator.hosted.browser().http.get("/metrics")).status_code == 404
    openmetrics = await operator.get(accept="application/openmetrics-text; version=1.0.0")
    assert openmetrics.headers["content-type"].startswith("application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text; version=x;;;,=",
        "text/plain; version=1..0",
        "text/plain; version=1.0.0; escaping=nothing",
        "application/openmetrics-text; version=1.0.0; escaping=",
        "application/openmetrics-text; version=" + "9" * 5000,
        "\u00ff;version=\u00b2",
    ],
)
async def test_an_accept_that_cannot_be_read_gets_the_metrics(operator, accept: str) -> None:
    """A scraper that writes it wrongly still reads every number."""
    answer = await operator.get(accept=accept.encode("latin-1"))
    assert answer.status_code == 200
    assert "annulet_build_info" in answer.text


async def test_metrics_without_a_token_answer_to_names_of_this_machine(make_hosted) -> None:
    """A name that leads to loopback is no name of the port; where a token is asked for, any is."""
    ours = ("127.0.0.1:9464", "localhost", "LocalHost:1", "[::1]:9464")
    others = ("evil.example", "127.0.0.1.evil.example:9464", "localhost:x", "a@127.0.0.1", "")
    names = dict.fromkeys(ours, 200) | dict.fromkeys(others, 421)
    async with make_hosted(observability=ON).running() as hosted:
        operator = Operator(hosted)
        answers = {name: (await operator.get(host=name)).status_code for name in names}
        assert answers == names
        assert "annulet_" not in (await operator.get(host="evil.example")).text
    settings = replace(ON, metrics_host="::", metrics_token=Secret(TOKEN))
    async with make_hosted(observability=settings).running() as hosted:
        operator = Operator(hosted)
        authorization = f"Bearer {TOKEN}"
        scraped = await operator.get(host="annulet-0.svc:9464", authorization=authorization)
        assert scraped.status_code == 200


def test_the_alerts_of_the_guide_are_about_metrics_that_it_lists() -> None:
    """A name that is misspelt would never alert."""
    text = DOCS.read_text("utf-8")
    listed = set(re.findall(r"^\| `((?:annulet|mcp)_\w+)`", text, re.MULTILINE))
    named = set(re.findall(r"\b(?:annulet|mcp)_\w+", "\n".join(re.findall(r"expr: (.*)", text))))
    assert len(named) > 10
    assert {name.removesuffix("_bucket") for name in named} <= listed


async def test_the_guide_lists_every_metric(operator) -> None:
    """And none that is not there; those of the process are prometheus-client's own."""
    await operator.connect("anna@example.org")
    families = {
        name for name in (await operator.scrape()).families if name.startswith(("annulet_", "mcp_"))
    }
    named = set(re.findall(r"^\| `((?:annulet|mcp)_\w+)`", DOCS.read_text("utf-8"), re.MULTILINE))
    of_postgresql = {"annulet_database_connections_limit"}
    assert {name.removesuffix("_total") for name in named} == families | of_postgresql


def test_metrics_without_their_extra_are_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The operator reads what to install."""
    monkeypatch.setenv("ANNULET_HOME", str(tmp_path))
    monkeypatch.setenv("ANNULET_METRICS_PORT", "0")
    for name in [name for name in sys.modules if name.startswith("prometheus_client")]:
        monkeypatch.setitem(sys.modules, name, None)
    ours = "annulet.hosted.observability.prometheus_recorder"
    monkeypatch.delitem(sys.modules, ours, raising=False)
    assert run(["serve", "--port", "0"]) == 2
    printed = capsys.readouterr().err
    assert "prometheus_client" in printed
    assert "pip install 'annulet[metrics]'" in printed


@pytest.mark.parametrize("host", ["192.0.2.1", "::", "localhost.example.org"])
def test_metrics_are_opened_to_others_only_with_a_token(
    host: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The service does not start, and says which setting is missing."""
    monkeypatch.setenv("ANNULET_HOME", str(tmp_path))
    monkeypatch.setenv("ANNULET_METRICS_PORT", "0")
    monkeypatch.setenv("ANNULET_METRICS_HOST", host)
    assert run(["serve", "--port", "0"]) == 2
    assert "ANNULET_METRICS_TOKEN" in capsys.readouterr().err

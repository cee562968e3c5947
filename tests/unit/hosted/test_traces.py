"""What a collector of traces is sent of a question, and what it is never sent."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from annulet.cli import run
from annulet.hosted.database.tables import METADATA
from annulet.settings import ObservabilitySettings
from annulet.toolkit.answers import TOOLS

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from collector import Collector, attributes, running_collector

sys.path.insert(0, str(Path(__file__).parent))
from log_lines import written_lines

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
OTHER_TRACE, OTHER_PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
OTHER_TRACEPARENT = f"00-{OTHER_TRACE}-{OTHER_PARENT}-01"


@pytest.fixture(scope="module")
def collecting() -> Iterator[Collector]:
    with running_collector() as collector:
        yield collector


@pytest.fixture
def collector(collecting) -> Collector:
    collecting.bodies.clear()
    return collecting


@pytest.fixture
async def hosted(make_hosted, collector) -> AsyncIterator[Any]:
    settings = ObservabilitySettings(traces_url=collector.url)
    async with make_hosted(observability=settings).running() as running:
        yield running


async def connect(hosted: Any, login: str = "anna@example.org") -> tuple[Any, str, str]:
    browser = hosted.browser()
    await browser.sign_up(login, name="Anna Secretname")
    await browser.register()
    await browser.connect("plain")
    return (browser, *await browser.new_key())


async def ask(
    person: tuple[Any, str, str],
    tool: str = "oura_daily_summary",
    *,
    meta: Any = None,
    method: str = "tools/call",
    **headers: str,
) -> Any:
    """Ask as an assistant that traces its own calls."""
    browser, endpoint, key = person
    params: dict[str, Any] = {"name": tool, "arguments": {}}
    if meta is not None:
        params["_meta"] = meta
    accept = {"accept": "application/json, text/event-stream", "cookie": ""}
    return await browser.http.post(
        f"/mcp/{endpoint}",
        json={"jsonrpc": "2.0", "id": 7, "method": method, "params": params},
        headers={**accept, "authorization": f"Bearer {key}", **headers},
    )


async def spans_of(hosted: Any, collector: Collector) -> list[Any]:
    """Every span, after the service has sent what it recorded."""
    hosted.service.tracing._provider.force_flush()
    return collector.spans


async def test_a_question_is_a_span_with_what_it_asked_for_below_it(hosted, collector) -> None:
    """By the MCP conventions; requests to Oura and statements are its children, by name."""
    person = await connect(hosted)
    hosted.oura.requests.clear()
    with written_lines() as log:
        answer = await ask(person)
    spans = await spans_of(hosted, collector)
    (question,) = [span for span in spans if span.name == "tools/call oura_daily_summary"]
    assert question.kind == Span.SPAN_KIND_SERVER
    assert question.parent_span_id == b""
    assert attributes(question) == {
        "mcp.method.name": "tools/call",
        "mcp.protocol.version": attributes(question)["mcp.protocol.version"],
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "oura_daily_summary",
        "jsonrpc.request.id": "7",
        "network.protocol.name": "http",
        "network.transport": "tcp",
        "annulet.request_id": answer.headers["x-request-id"],
    }
    below = [span for span in spans if span.trace_id == question.trace_id and span != question]
    assert {span.parent_span_id for span in below} == {question.span_id}
    to_oura = [span for span in below if "annulet.oura.collection" in attributes(span)]
    assert len(to_oura) == hosted.oura.requests.count("usercollection") > 0
    assert {span.kind for span in to_oura} == {Span.SPAN_KIND_CLIENT}
    assert {attributes(span)["http.response.status_code"] for span in to_oura} == {200}
    assert "GET daily_sleep" in {span.name for span in to_oura}
    statements = [span for span in below if span not in to_oura]
    assert statements
    for span in statements:
        assert attributes(span)["db.system.name"] == "sqlite"
        assert attributes(span)["db.collection.name"] in METADATA.tables
    (line,) = log.of(tool="oura_daily_summary")
    assert line["trace_id"] == question.trace_id.hex()


@pytest.mark.parametrize(
    ("meta", "header", "joins"),
    [
        ({"traceparent": TRACEPARENT}, "", (TRACE, PARENT, "")),
        (None, TRACEPARENT, (TRACE, PARENT, "")),
        ({"traceparent": TRACEPARENT}, OTHER_TRACEPARENT, (TRACE, PARENT, OTHER_TRACE)),
        ({"traceparent": "00-zz"}, OTHER_TRACEPARENT, (OTHER_TRACE, OTHER_PARENT, "")),
        ({"traceparent": 5}, "", ("", "", "")),
        ({"traceparent": f"00-{'0' * 32}-{PARENT}-01"}, "", ("", "", "")),
        ({}, "", ("", "", "")),
    ],
)
async def test_the_trace_of_the_caller_goes_on(hosted, collector, meta, header, joins) -> None:
    """In the message first, else in the HTTP request; anything else begins a trace of its own."""
    trace, parent, linked = joins
    person = await connect(hosted)
    answer = await ask(person, meta=meta, **({"traceparent": header} if header else {}))
    assert answer.status_code == 200
    spans = await spans_of(hosted, collector)
    (question,) = [span for span in spans if span.name.startswith("tools/call")]
    if trace:
        assert question.trace_id.hex() == trace
    assert question.parent_span_id.hex() == parent
    assert [link.trace_id.hex() for link in question.links] == [linked] * bool(linked)


async def test_a_caller_that_does_not_sample_is_not_recorded(hosted, collector) -> None:
    """Which calls are recorded is decided once, where the trace begins."""
    person = await connect(hosted)
    unsampled = TRACEPARENT[:-2] + "00"
    assert (await ask(person, meta={"traceparent": unsampled})).status_code == 200
    assert await spans_of(hosted, collector) == []


async def test_failures_are_marked(hosted, collector) -> None:
    """A tool that cannot answer, a method that does not exist, and Oura that fails."""
    person = await connect(hosted)
    hosted.oura.faults.add("status:403@usercollection")
    await ask(person, "oura_device")
    await ask(person, "oura_device", method="tools/burn")
    spans = {span.name: span for span in await spans_of(hosted, collector)}
    failed = spans["tools/call oura_device"]
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert attributes(failed)["error.type"] == "tool_error"
    assert attributes(failed)["annulet.outcome"] not in {"", "ok"}
    unknown = spans["_OTHER"]
    assert attributes(unknown)["error.type"] == "-32601"
    assert attributes(unknown)["rpc.response.status_code"] == "-32601"
    refused = next(span for name, span in spans.items() if name.startswith("GET "))
    assert attributes(refused)["http.response.status_code"] == 403
    assert refused.status.code == Status.STATUS_CODE_ERROR


async def test_no_trace_names_a_person_or_a_value(hosted, collector) -> None:
    """After every tool, with clients that write into everything they can."""
    person = await connect(hosted)
    browser, endpoint, key = person
    planted = "anna@example.org"
    meta = {"traceparent": TRACEPARENT, "tracestate": f"x={planted}", "baggage": f"who={planted}"}
    headers = {"baggage": f"who={planted}", "tracestate": f"y={planted}"}
    for tool in TOOLS:
        await ask(person, tool, meta=meta, **headers)
    await ask(person, planted, meta=meta)
    await ask(person, planted, method=f"tools/{planted}")
    for method in ("prompts/get", "resources/read", "completion/complete"):
        await browser.rpc(key, f"/mcp/{endpoint}", method, {"name": planted, "uri": planted})
    body = {"jsonrpc": "2.0", "id": planted, "method": "tools/call", "params": {"name": planted}}
    bearer = {"authorization": f"Bearer {key}", "accept": "application/json, text/event-stream"}
    await browser.http.post(f"/mcp/{endpoint}", json=body, headers=bearer)
    await browser.get("/today")
    spans = await spans_of(hosted, collector)
    assert len([span for span in spans if span.name.startswith("tools/call")]) > len(TOOLS)
    (row,) = await hosted.rows(METADATA.tables["people"])
    sent = b"".join(collector.bodies)
    for secret in (planted, "Secretname", row["id"], endpoint, key, "127.0.0.1:8790", "start_date"):
        assert secret.encode() not in sent, secret


async def test_a_collector_that_is_away_harms_no_question(make_hosted, tmp_path) -> None:
    """Questions are answered, and the service ends."""
    settings = ObservabilitySettings(traces_url="http://127.0.0.1:9/v1/traces")
    async with make_hosted(observability=settings).running() as hosted:
        person = await connect(hosted)
        assert "summary" in (await ask(person)).text


def test_traces_without_their_extra_are_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The operator reads what to install."""
    monkeypatch.setenv("ANNULET_HOME", str(tmp_path))
    monkeypatch.setenv("ANNULET_TRACES_URL", "http://127.0.0.1:4318")
    for name in [name for name in sys.modules if name.startswith("opentelemetry.sdk")]:
        monkeypatch.setitem(sys.modules, name, None)
    ours = "annulet.hosted.observability.open_telemetry"
    monkeypatch.delitem(sys.modules, ours, raising=False)
    assert run(["serve", "--port", "0"]) == 2
    printed = capsys.readouterr().err
    assert "opentelemetry" in printed
    assert "pip install 'annulet[traces]'" in printed


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:4318", "grpc://a:4317", "http://user:secret@a:4318", "http://a/x?token=secret"],
)
def test_an_address_that_is_no_collector_s_is_named(url: str) -> None:
    """The message says which setting, and repeats no secret."""
    from annulet.errors import UsageError
    from annulet.settings import Settings

    with pytest.raises(UsageError, match="ANNULET_TRACES_URL") as refused:
        Settings.from_environ({"ANNULET_TRACES_URL": url})
    assert "secret" not in str(refused.value)

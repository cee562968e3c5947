"""Fuzzed arguments: from the schemas and against them, in both eras.

Whatever is asked, the answer comes, both forms say the same, and a failure is a useful one.
"""

import json
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import httpx2
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp.client import Client

from annulet.client import OuraClient
from annulet.mcp_server.protocol.catalogue import build_output_schema
from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.request_person import RequestPerson
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import TOOLS
from annulet.toolkit.context import Connection, Context, Zone
from annulet.toolkit.metrics import METRICS

NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)
CODES = {"bad_input", "no_data", "missing_scope", "oura_unavailable"}
WORDS = ["today", "yesterday", "last night", "last 7 days", "this week", "last 2 months", "now"]
FUZZ = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@asynccontextmanager
async def sparse_person():
    """The context of a person whose data has every kind of gap."""
    cloud = SimulatedOura(["sparse"], NOW)
    transport = httpx2.ASGITransport(app=cloud.app)
    async with (
        httpx2.AsyncClient(transport=transport) as http,
        OuraClient(cloud.issue_token("sparse"), http=http) as client,
    ):

        async def connection():
            return Connection(account="sparse")

        yield Context(
            client=client,
            now=lambda: NOW,
            zone=Zone(UTC, "UTC", assumed=True),
            connection=connection,
        )


@pytest.fixture(params=["legacy", "2026-07-28"])
async def connected_server(request):
    """A client of one era, connected to the product's server."""
    async with sparse_person() as context:

        async def open_context():
            return context

        person = RequestPerson(open_context)
        server = build_server(find_person=lambda _ctx: person, **build_catalogue_bundle())
        async with Client(server, mode=request.param) as client:
            yield client


def likely(name, schema):
    """Values a model might send for one parameter."""
    if schema.get("enum"):
        return st.sampled_from(schema["enum"])
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "integer":
        return st.integers(schema.get("minimum", 0), min(schema.get("maximum", 90), 90))
    if schema["type"] == "array":
        names = schema["items"].get("enum") or list(METRICS)
        return st.lists(st.sampled_from(names), max_size=3)
    days = st.dates(min_value=date(2026, 3, 1), max_value=date(2026, 5, 22))
    ranges = st.tuples(days, days).map(lambda pair: "..".join(map(str, sorted(pair))))
    usual = st.sampled_from(WORDS) | days.map(str)
    return usual | ranges if name in {"period", "against"} else usual


def questions(tool):
    """Argument objects that the schema allows."""
    required = set(tool.input_schema.get("required", ()))
    each = {name: likely(name, schema) for name, schema in tool.properties.items()}
    return st.fixed_dictionaries(
        {name: each[name] for name in each if name in required},
        optional={name: each[name] for name in each if name not in required},
    )


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def nonsense(tool):
    """Argument objects that the schema forbids, or should."""
    names = st.sampled_from([*tool.properties, "metrics", "start", "../x"]) | st.text(max_size=8)
    return st.dictionaries(names, ANYTHING, min_size=1, max_size=4)


async def check(client, tool, arguments):
    """Ask, and hold the answer against what every answer promises."""
    result = await client.call_tool(tool.name, arguments)
    text = result.content[0].text
    assert json.loads(text) == result.structured_content
    jsonschema.validate(result.structured_content, build_output_schema(tool))
    if result.is_error:
        error = result.structured_content["error"]
        assert error["code"] in CODES
        assert error["message"]
        assert error["hint"] or error["code"] == "no_data"
        assert "Traceback" not in text
    else:
        assert result.structured_content["summary"]


def about_any_tool(arguments):
    """A tool and the arguments to ask it with."""
    return st.sampled_from(list(TOOLS.values())).flatmap(
        lambda tool: st.tuples(st.just(tool), arguments(tool))
    )


@FUZZ
@given(question=about_any_tool(questions))
async def test_questions_that_the_schema_allows(connected_server, question):
    """A question by the rules gets an answer or a failure that says why."""
    await check(connected_server, *question)


@FUZZ
@given(question=about_any_tool(nonsense))
async def test_questions_against_the_schema(connected_server, question):
    """Nonsense is turned away politely, and never reaches the log as a crash."""
    await check(connected_server, *question)

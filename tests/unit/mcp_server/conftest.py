"""A server over made-up tools, and clients of either era."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import httpx2
import pytest
from mcp.client import Client

from annulet import errors
from annulet.errors import UsageError
from annulet.mcp_server.protocol.http import McpApp, build_state_boundary, build_transport_security
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.request_person import PERSON_KEY, RequestPerson, find_person_in_scope
from annulet.toolkit.context import Connection, Context, Zone
from annulet.toolkit.tool import Tool

ERAS = ["legacy", "2026-07-28"]
FAILURES = {
    "usage": errors.UsageError("That cannot be asked.", hint="Ask something else."),
    "no_data": errors.NoDataError("There is nothing.", hint="Wear the ring."),
    "vault": errors.VaultError("The vault is shut.", hint="Give the key."),
    "not_connected": errors.NotConnected("Nobody is connected.", hint="Run: annulet connect"),
    "revoked": errors.ConsentRevoked("The grant ended.", hint="Run: annulet connect"),
    "scope": errors.ScopeMissing("Not permitted.", hint="Connect again.", scope="daily"),
    "membership": errors.MembershipRequired("No membership.", hint="Renew it."),
    "unavailable": errors.OuraUnavailable("Oura is away.", hint="Try later."),
    "limited": errors.OuraRateLimited("Too much.", hint="Wait.", retry_after=3.0),
    "rejected": errors.OuraRejectedRequest("Our mistake.", hint="Report it."),
}
SECRET_TEXT = "canary-heart-rate-47"


async def _night(_context, arguments):
    return {
        "summary": "Slept 7 h 12 min – “well”.",
        "period": {"start": "2026-05-01", "end": "2026-05-01", "timezone": "Europe/Helsinki"},
        "coverage": {"days": 1, "with_data": 1, "missing": []},
        "asked": dict(arguments),
    }


async def _broken(_context, _arguments):
    raise ValueError(SECRET_TEXT)


async def _unencodable(_context, _arguments):
    return {"summary": "no", "value": float("nan")}


async def _slow(_context, arguments):
    await asyncio.sleep(arguments.get("seconds", 60))
    return {"summary": "at last"}


async def _failing(_context, arguments):
    raise FAILURES[arguments["how"]]


async def _who(context, _arguments):
    return {"summary": context.connect_hint}


def _tool(name, run, properties=None, output=None):
    return Tool(
        name=name,
        title=name.replace("_", " ").title(),
        description=f"Test tool {name}.",
        properties=properties or {},
        output=output
        or {
            "type": "object",
            "properties": {"summary": {"type": "string"}},
            "required": ["summary"],
        },
        scopes=("daily",),
        run=run,
    )


_WORDS = {"type": "string", "description": "Words"}
FAKE_TOOLS = {
    tool.name: tool
    for tool in (
        _tool("oura_sleep_sessions", _night, {"start": _WORDS}),
        _tool(
            "oura_daily_summary",
            _night,
            {"start": _WORDS, "end": _WORDS},
        ),
        _tool("oura_permissions", _who),
        _tool("oura_broken", _broken),
        _tool("oura_unencodable", _unencodable),
        _tool("oura_slow", _slow, {"seconds": {"type": "number", "description": "How long"}}),
        _tool("oura_failing", _failing, {"how": _WORDS}),
    )
}


async def fake_answer(name, arguments, context):
    """Answer as the toolkit does: check the arguments, then run the tool."""
    tool = FAKE_TOOLS[name]
    unknown = set(arguments) - set(tool.properties)
    if unknown:
        raise UsageError("There is no such parameter.", hint="Leave it out.")
    return await tool.run(context, arguments)


def make_context(hint="Run: annulet connect"):
    """A context whose client must not be used."""

    async def connection():
        return Connection(account="test")

    return Context(
        client=None,
        now=lambda: datetime(2026, 5, 1, 8, tzinfo=UTC),
        zone=Zone(UTC, "UTC"),
        connection=connection,
        connect_hint=hint,
    )


def make_person(hint="Run: annulet connect", **attributes):
    """A made-up person behind a request."""

    async def open_context():
        return make_context(hint)

    return RequestPerson(open_context, **attributes)


def make_server(*, apps=(), answer=None, form="both", **attributes):
    """The server for one made-up person."""
    person = make_person(**attributes)
    return build_server(
        tools=FAKE_TOOLS,
        answer=answer or fake_answer,
        find_person=lambda _ctx: person,
        apps=apps,
        form=form,
    )


def both_forms(result):
    """The one object that both forms of a result carry."""
    text = json.loads(result.content[0].text)
    assert text == result.structured_content
    return text


def http_client(app, base="http://127.0.0.1:8000"):
    """An HTTP client wired straight into an application."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=base)


@pytest.fixture
def mounted_server():
    """Mounts the server in an application that puts a person into the scope."""

    @asynccontextmanager
    async def mount(keys=(), **attributes):
        server = build_server(
            tools=FAKE_TOOLS, answer=fake_answer, find_person=find_person_in_scope
        )
        server.middleware.append(build_state_boundary(keys))
        app = McpApp(
            server, build_transport_security(["annulet.example"], ["https://annulet.example"])
        )

        async def mounting(scope, receive, send):
            await app({**scope, PERSON_KEY: make_person(**attributes)}, receive, send)

        async with app.run(), http_client(mounting) as http:
            yield http

    return mount


@pytest.fixture(params=ERAS)
def era(request):
    """Both protocol eras, one after the other."""
    return request.param


@pytest.fixture
async def client(era):
    """A client of one era, connected in memory."""
    async with Client(make_server(), mode=era) as connected:
        yield connected


@pytest.fixture
def mcp_fakes():
    """This module's made-up world, for tests that look inside it."""
    return SimpleNamespace(
        FAILURES=FAILURES,
        FAKE_TOOLS=FAKE_TOOLS,
        SECRET_TEXT=SECRET_TEXT,
        both_forms=both_forms,
        fake_answer=fake_answer,
        http_client=http_client,
        make_context=make_context,
        make_person=make_person,
        make_server=make_server,
    )

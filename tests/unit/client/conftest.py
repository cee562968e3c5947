"""A small stand-in for Oura's API, and a clock that moves only while a caller waits."""

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import httpx2
import pytest

from annulet.client import OuraClient
from annulet.contract.collections import COLLECTIONS, Query
from annulet.oura_http.retries import Timing


class Clock:
    """A clock that moves by the seconds of each sleep."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class Oura:
    """Answers what a test has prepared, remembers what it was asked.

    ``script`` holds answers given before anything else; ``stock`` holds raw documents by
    collection, which are served whole, page by page, whatever range is asked.
    """

    def __init__(self):
        self.requests = []
        self.script = []
        self.stock = {}
        self.page = 10_000
        self.by_date_rule = False

    def __call__(self, request):
        self.requests.append(request)
        if self.script:
            answer = self.script.pop(0)
            return answer(request) if callable(answer) else answer
        return self.serve(request)

    def serve(self, request):
        name = request.url.path.rsplit("/", 1)[1]
        rows = self.stock.get(name, [])
        if name == "personal_info":
            return httpx2.Response(200, json=rows[0] if rows else {"id": "p"})
        if self.by_date_rule:
            rows = [row for row in rows if self._in_range(name, row, request.url.params)]
        start = int(request.url.params.get("next_token", "0"))
        following = start + self.page if start + self.page < len(rows) else None
        page = rows[start : start + self.page]
        return httpx2.Response(200, json={"data": page, "next_token": following and str(following)})

    def _in_range(self, name, row, params):
        collection = COLLECTIONS[name]
        if collection.query is Query.NONE:
            return True
        low, high = (_instant(params[p]) for p in collection.query.parameters)
        return low <= _instant(row.get(collection.key) or row[collection.day]) <= high

    @property
    def asked(self):
        """Query parameters of every request, in order."""
        return [dict(request.url.params) for request in self.requests]


def _instant(text):
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


@pytest.fixture
def oura():
    return Oura()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def connect(oura, clock):
    """Opens clients that speak to the stand-in."""

    @asynccontextmanager
    async def open_client(token="made-up", **options):  # noqa: S107 - no real token
        timing = Timing(clock=clock, sleep=clock.sleep, jitter=lambda: 0.0)
        transport = httpx2.MockTransport(oura)
        async with httpx2.AsyncClient(transport=transport) as http:
            options = {"http": http, "timing": timing, **options}
            async with OuraClient(token, **options) as client:
                yield client

    return open_client

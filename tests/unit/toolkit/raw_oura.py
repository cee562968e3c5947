"""A person behind raw documents: what Oura sends, byte for byte, up to the answer."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any

import httpx2
import jsonschema

from annulet.client import OuraClient
from annulet.toolkit.answers import TOOLS
from annulet.toolkit.arguments import validate
from tests.unit.toolkit.people import TODAY, context

ZONE = timezone(timedelta(hours=2))


class RawOura:
    """Serves raw documents by collection, whole, whatever range is asked.

    A collection may be a list of items, the bytes of a whole response, or a ready response.
    """

    def __init__(self, **stock: Any) -> None:
        self.stock = stock
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """The response of one request."""
        self.requests.append(request)
        name = request.url.path.rsplit("/", 1)[1]
        served = self.stock.get(name, {} if name == "personal_info" else [])
        if isinstance(served, httpx2.Response):
            return served
        if isinstance(served, bytes):
            return httpx2.Response(200, content=served)
        if name == "personal_info":
            return httpx2.Response(200, json=served)
        latest = request.url.params.get("latest") == "true"
        items = served[-1:] if latest else served
        return httpx2.Response(200, content=json.dumps({"data": items, "next_token": None}))

    async def answer(self, tool: str, **question: Any) -> Any:
        """The answer of one tool, held against its own schema."""
        transport = httpx2.MockTransport(self)
        async with (
            httpx2.AsyncClient(transport=transport) as http,
            OuraClient("made-up", http=http, zone=ZONE) as client,
        ):
            asked = context(client)  # type: ignore[arg-type] # takes whatever reads collections
            answer = await TOOLS[tool].run(asked, validate(TOOLS[tool], question))
        jsonschema.validate(answer, TOOLS[tool].output)
        return answer


def ago(days: int) -> date:
    """A day before today."""
    return TODAY - timedelta(days=days)


def night(day: date = TODAY, **fields: Any) -> dict[str, Any]:
    """A plain night of eight hours in bed, from 23:00 to 07:00, as Oura sends it."""
    start = datetime(day.year, day.month, day.day, 23, tzinfo=ZONE) - timedelta(days=1)
    whole = {
        "id": f"night {day}",
        "day": f"{day}",
        "type": "long_sleep",
        "bedtime_start": start.isoformat(),
        "bedtime_end": (start + timedelta(hours=8)).isoformat(),
        "time_in_bed": 28_800,
        "total_sleep_duration": 25_920,
        "deep_sleep_duration": 5_160,
        "light_sleep_duration": 15_000,
        "rem_sleep_duration": 5_760,
        "awake_time": 2_880,
        "latency": 600,
        "efficiency": 90,
        "average_heart_rate": 58,
        "lowest_heart_rate": 52,
        "average_hrv": 45,
        "average_breath": 14.5,
        "restless_periods": 120,
    }
    return {**whole, **fields}


def activity(day: date = TODAY, **fields: Any) -> dict[str, Any]:
    """A plain day of activity, as Oura sends it."""
    whole = {
        "id": f"activity {day}",
        "day": f"{day}",
        "timestamp": f"{day}T04:00:00+02:00",
        "score": 80,
        "steps": 8_483,
        "active_calories": 400,
        "total_calories": 2_300,
        "high_activity_time": 0,
        "medium_activity_time": 1_800,
        "low_activity_time": 10_800,
        "sedentary_time": 41_400,
        "resting_time": 28_800,
        "non_wear_time": 3_600,
    }
    return {**whole, **fields}


def cells(answer: Any, table: str = "table") -> list[dict[str, Any]]:
    """The rows of a table by column."""
    columns = answer[table]["columns"]
    return [dict(zip(columns, row, strict=True)) for row in answer[table]["rows"]]


def notes(answer: Any) -> str:
    """All notes of an answer."""
    return " ".join(answer.get("notes", []))

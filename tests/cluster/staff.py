"""The people of a company: connected without a browser, each with a ring and a known truth."""

from __future__ import annotations

import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from annulet.contract.scopes import SCOPES
from annulet.hosted.lifespan import service_lifespan
from annulet.hosted.service import Service
from annulet.oauth.grant import Grant
from annulet.settings import Settings
from annulet.vault.secret import Secret
from cluster.tally import ANSWER, CUT, Seen, read_response

if TYPE_CHECKING:
    from cluster.three_replicas import Cluster

TORN: Final = "torn answer"
WRONG: Final = "wrong answer"
_DAY_S: Final = 86_400
_UNAVAILABLE: Final = 503
_SHORT_TOKENS: Final = 0.5
"""The share of people whose access token ends, and is renewed, in the course of the run."""


@dataclass(slots=True)
class Employee:
    """One person, and what they saw.

    Attributes:
        login: The e-mail address.
        ring: The person of the simulated Oura.
        path: Of the endpoint.
        key: The API key of the assistant.
        steps: Of yesterday, as Oura has them; no two people have the same.
        outcomes: How often which outcome came, answers among them.
        longest_s: The longest time from a question to its answer, with every repetition.
    """

    login: str
    ring: str
    path: str
    key: str
    steps: int
    outcomes: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0

    @property
    def answers(self) -> int:
        """How many right answers came."""
        return self.outcomes[ANSWER]


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)  # noqa: TID251 - the replicas live in real time


async def hire(cluster: Cluster, count: int, run_s: float) -> list[Employee]:
    """Connect that many people, straight in the database.

    Args:
        cluster: Where.
        count: How many.
        run_s: How long the run lasts, in which half of the access tokens end.
    """
    settings = Settings.from_environ(cluster.environment)
    service, draw = Service(settings, clock=now), random.Random(count)
    async with service_lifespan(service, runs_jobs=False):
        return [await _hire_one(cluster, service, number, draw, run_s) for number in range(count)]


async def _hire_one(
    cluster: Cluster, service: Service, number: int, draw: random.Random, run_s: float
) -> Employee:
    login, ring = f"employee{number}@example.com", f"staff{number}"
    cluster.oura.add_person(ring, days=20, seed=10_000 + number)
    lifetime_s = draw.uniform(60, run_s) if draw.random() < _SHORT_TOKENS else _DAY_S
    pair = cluster.oura.issue(ring, expires_in=lifetime_s, client_id=service.settings.client_id)
    server = (await service.toolkit.oura_servers.discover()).current
    assert server is not None
    person = await service.accounts.people.create(login, login, None, role=None, timezone="UTC")
    issued = time.time()
    await service.toolkit.contexts.grant_store(person.id).replace(
        Grant(
            client_id=service.settings.client_id,
            token_url=server.token_url,
            revoke_url=server.revoke_url,
            access_token=Secret(pair.access.value),
            refresh_token=Secret(pair.refresh.value),
            issued_at=issued,
            expires_at=issued + lifetime_s,
            scopes=tuple(SCOPES),
            requested=tuple(SCOPES),
        )
    )
    endpoint = await service.endpoints.create(person.id, name="Desk", kind="other", auth="key")
    key = await service.authorization.api_keys.create(
        person.id, endpoint.id, name="Desk", scopes=["oura:read"], days=None
    )
    return Employee(login, ring, f"/mcp/{endpoint.id}", key, 0)


async def learn_truth(cluster: Cluster, staff: list[Employee], day: str) -> None:
    """Read the steps of a day of every person straight from the simulated Oura."""
    async with httpx2.AsyncClient(base_url=cluster.oura_url, trust_env=False, timeout=60) as http:
        for employee in staff:
            answer = await http.get(
                "/v2/usercollection/daily_activity",
                params={"start_date": day, "end_date": now().strftime("%Y-%m-%d")},
                headers={"authorization": f"Bearer {cluster.oura.issue_token(employee.ring)}"},
            )
            documents = answer.json()["data"]
            (employee.steps,) = (d["steps"] for d in documents if d["day"] == day)


async def ask(http: httpx2.AsyncClient, employee: Employee, day: str) -> Seen:
    """Ask for the steps of a day, as the assistant of a person does; compare with the truth."""
    arguments = {"start": day, "end": day, "metrics": ["steps"]}
    call: dict[str, Any] = {"name": "oura_daily_summary", "arguments": arguments}
    sent = time.monotonic()
    try:
        async with http.stream(
            "POST",
            employee.path,
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
            headers={
                "authorization": f"Bearer {employee.key}",
                "accept": "application/json, text/event-stream",
            },
        ) as response:
            try:
                await response.aread()
            except httpx2.TransportError as error:
                return Seen(TORN, {}, sent, time.monotonic(), repr(error))
    except httpx2.TransportError as error:
        return Seen(CUT, {}, sent, time.monotonic(), repr(error))
    try:
        seen = read_response(sent, response)
    except (LookupError, ValueError, TypeError, StopIteration) as error:
        # a whole response of 200 that holds no whole answer
        return Seen(TORN, {}, sent, time.monotonic(), f"{error!r}: {response.text[:300]}")
    if response.status_code == _UNAVAILABLE:
        # the balancer's own answer is the text of the documents; the service sends a code
        code = re.search(r'"error": ?"(\w+)"', response.text)
        words = code[1] if code else "balancer" if "few seconds" in response.text else "busy"
        return Seen(f"503 {words}", {}, sent, seen.received, response.text[:300])
    if seen.outcome == ANSWER and not _says(seen.answer, employee.steps):
        return Seen(WRONG, seen.answer, sent, seen.received, f"truth: {employee.steps}")
    return seen


def _says(answer: Any, steps: int) -> bool:
    """Whether a number stands anywhere in an answer."""
    if isinstance(answer, dict):
        return any(_says(value, steps) for value in answer.values())
    if isinstance(answer, list):
        return any(_says(value, steps) for value in answer)
    return bool(answer == steps)

"""A company's day on the cluster, and what was seen of it: ``docs/explanation/company-day.md``.

2,000 people ask, while the replicas are restarted one by one, the database is restarted, and Oura
does not answer for a time.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from annulet.hosted.audit.audit_actions import AuditAction
from cluster.members import PASSWORD, Member, Person, wait_until
from cluster.staff import CUT, TORN, WRONG, Employee, ask, hire, learn_truth, now
from cluster.tally import ANSWER
from cluster.three_replicas import Cluster, running_cluster

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/explanation/company-day.md"
_TEMPLATE: Final = Path(__file__).with_name("company-day.md.txt")
PEOPLE, RATE, OUTAGE_S = 2_000, 10.0, 60.0
_PATIENCE_S: Final = 10.0
"""How long a person waits after a refusal before asking again, and twice as long after the next."""
_MOST_PATIENCE_S: Final = 60.0
_BROWSERS: Final = 4
_DATABASE_AWAY_S: Final = 5.0
_MOST_ATTEMPTS: Final = 60


@dataclass(slots=True)
class Phase:
    """A part of the day.

    Attributes:
        title: In words.
        outcomes: How often which outcome came of a question that was asked in it, repetitions
            included.
        asked: How many questions.
        at_once: How many were answered without a repetition.
        longest_s: The longest time from a question to its answer.
        seconds: How long it lasted.
    """

    title: str
    outcomes: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    at_once: int = 0
    longest_s: float = 0.0
    seconds: float = 0.0


class Day:
    """The people, the phases, and the questions that are under way."""

    def __init__(self, cluster: Cluster, staff: list[Employee], rate: float) -> None:
        self.cluster, self.staff, self.rate = cluster, staff, rate
        self.phases: list[Phase] = []
        self.never_answered = 0
        self.crashes: list[str] = []
        self.oddities: list[str] = []
        self.pages: Counter[int] = Counter()
        self._day = (now() - timedelta(days=1)).strftime("%Y-%m-%d")
        self._draw = random.Random(1)
        self._order = self._draw.sample(staff, len(staff))
        self._questions: set[asyncio.Task[None]] = set()
        self._is_over = threading.Event()

    async def run(self, outage_s: float) -> None:
        """Let the day pass."""
        await learn_truth(self.cluster, self.staff, self._day)
        browsers = [
            threading.Thread(target=self._look, args=(n,), daemon=True) for n in range(_BROWSERS)
        ]
        for browser in browsers:
            browser.start()
        limits = httpx2.Limits(max_connections=1_000, max_keepalive_connections=0)
        async with httpx2.AsyncClient(
            base_url=self.cluster.url, trust_env=False, timeout=120, limits=limits
        ) as http:
            asking = asyncio.create_task(self._keep_asking(http))
            try:
                await self._pass_phases(outage_s)
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            await asyncio.gather(*self._questions, return_exceptions=True)
        self._is_over.set()
        for browser in browsers:
            await asyncio.to_thread(browser.join)

    async def _pass_phases(self, outage_s: float) -> None:
        async def nothing() -> None:
            await asyncio.sleep(0)

        outage = f"Oura answers nothing but 503 for {outage_s:.0f} s"
        for title, event, rest_s in (
            ("morning", nothing, 40.0),
            ("all replicas are restarted one by one", self._restart_replicas, 5.0),
            ("noon", nothing, 20.0),
            (
                f"the database is restarted, away for {_DATABASE_AWAY_S:.0f} s",
                self._restart_database,
                15.0,
            ),
            ("afternoon", nothing, 20.0),
            (outage, lambda: self._fail_oura(outage_s), 0.0),
            ("evening", nothing, 40.0),
        ):
            await self._pass(title, event, rest_s)

    async def _pass(self, title: str, event: Callable[[], Awaitable[None]], rest_s: float) -> None:
        phase, begun = Phase(title), time.monotonic()
        self.phases.append(phase)
        await event()
        await asyncio.sleep(rest_s)
        phase.seconds = time.monotonic() - begun
        print(f"{title}: {phase.asked} questions, {dict(phase.outcomes)}", flush=True)

    async def _restart_replicas(self) -> None:
        for replica in self.cluster.replicas:
            await asyncio.to_thread(replica.stop)
            await asyncio.to_thread(replica.start)
            await asyncio.sleep(3)  # the balancer has to notice

    async def _restart_database(self) -> None:
        assert self.cluster.server is not None
        await asyncio.to_thread(self.cluster.server.stop)
        await asyncio.sleep(_DATABASE_AWAY_S)
        await asyncio.to_thread(self.cluster.server.start)

    async def _fail_oura(self, outage_s: float) -> None:
        self.cluster.oura.faults.add("status", 503)
        await asyncio.sleep(outage_s)
        self.cluster.oura.faults.clear()

    async def _keep_asking(self, http: httpx2.AsyncClient) -> None:
        """Begin questions at random moments: each person once, in any order, then anyone."""
        while True:
            if self.phases:
                employee = self._order.pop() if self._order else self._draw.choice(self.staff)
                question = asyncio.create_task(self._ask(http, employee, self.phases[-1]))
                self._questions.add(question)
                question.add_done_callback(self._end_question)
            await asyncio.sleep(self._draw.expovariate(self.rate))

    def _end_question(self, question: asyncio.Task[None]) -> None:
        self._questions.discard(question)
        if (error := question.exception()) is not None:
            self.crashes.append(repr(error))

    async def _ask(self, http: httpx2.AsyncClient, employee: Employee, phase: Phase) -> None:
        """Ask until there is an answer, as a patient person does."""
        phase.asked += 1
        begun, attempt = time.monotonic(), 0
        while attempt < _MOST_ATTEMPTS:
            attempt += 1
            seen = await ask(http, employee, self._day)
            phase.outcomes[seen.outcome] += 1
            employee.outcomes[seen.outcome] += 1
            if seen.outcome in {TORN, WRONG}:
                self.oddities.append(f"{seen.outcome}: {seen.message} {seen.answer}"[:500])
            if seen.outcome == "needs_reconnect":
                break  # asking again does not help
            if seen.outcome in {ANSWER, WRONG}:
                lasted = time.monotonic() - begun
                employee.longest_s = max(employee.longest_s, lasted)
                phase.longest_s = max(phase.longest_s, lasted)
                phase.at_once += attempt == 1
                return
            await asyncio.sleep(min(_PATIENCE_S * 2 ** (attempt - 1), _MOST_PATIENCE_S))
        self.never_answered += 1

    def _look(self, number: int) -> None:
        """Sign in, look at pages and sign out, again and again."""
        member = self.cluster.admin if number == 0 else Member(self.cluster, 100 + number)
        while not self._is_over.is_set():
            try:
                self._look_once(member, f"127.0.3.{number + 1}")
            except httpx2.TransportError:
                self.pages[0] += 1
            self._is_over.wait(3)

    def _look_once(self, member: Member, address: str) -> None:
        person = Person(self.cluster.url, address)
        try:
            person.get("/sign-in")
            if person.page.status_code == 200:
                person.submit("/sign-in", login=member.login, password=PASSWORD)
            self.pages[person.page.status_code] += 1
            for path in ("/dashboard", "/audit", "/today"):
                person.get(path)
                self.pages[person.page.status_code] += 1
        finally:
            person.close()


def check(day: Day) -> list[str]:
    """Check that nothing was lost; return sentences for the page."""
    cluster, staff = day.cluster, day.staff
    logins = [employee.login for employee in staff]
    broken = cluster.sql(
        "SELECT login FROM connections JOIN people ON people.id = person_id "
        "WHERE login = ANY($1) AND (sealed IS NULL OR needs_reconnect IS NOT NULL)",
        logins,
    )
    assert not broken, f"connections are lost: {broken[:5]}"
    rings = {employee.ring for employee in staff}
    renewals = [r for r in cluster.oura.requests if r.person in rings and "oauth-token" in r.path]
    reused = [r for r in cluster.oura.requests if r.person in rings and r.outcome == "reused"]
    assert not reused, "a refresh token was spent twice"
    errors = [line for line in cluster.read_new_logs().splitlines() if '"level": "error"' in line]
    assert not errors, errors[:3]
    answers, missing = count_entries(cluster, staff)
    assert missing == 0, f"{missing} answers are not in the audit log"
    assert not day.crashes, day.crashes[:3]
    assert day.never_answered == 0
    outcomes = sum((employee.outcomes for employee in staff), Counter[str]())
    assert not outcomes[WRONG], day.oddities[:3]
    assert not outcomes[TORN], day.oddities[:3]
    return [
        f"All {len(staff):,} connections are whole.",
        f"{len(renewals):,} tokens were renewed, and no refresh token was used twice.",
        f"All {answers:,} answers were right: compared with what Oura holds of the very person.",
        "None was torn, and each is in the audit log.",
        "No replica logged an error.",
    ]


def count_entries(cluster: Cluster, staff: Sequence[Employee]) -> tuple[int, int]:
    """Count the answers, and those that the audit log does not have."""
    for replica in cluster.replicas:
        headers = {"host": cluster.host}
        assert cluster.admin.http.get(f"{replica.url}/audit", headers=headers).status_code == 200
    rows = cluster.sql(
        "SELECT login, count(*) FROM audit_entries JOIN people ON people.id = person_id "
        "WHERE action = $1 AND status = 'ok' GROUP BY login",
        str(AuditAction.TOOL_CALLED),
    )
    written = dict(map(tuple, rows))
    missing = sum(max(0, each.answers - written.get(each.login, 0)) for each in staff)
    return sum(each.answers for each in staff), missing


def describe(outcomes: Counter[str]) -> str:
    """Say which refusals came, the most frequent first."""
    refusals = [(words, n) for words, n in outcomes.most_common() if words != ANSWER]
    named = [("connection cut" if words == CUT else f"`{words}`", n) for words, n in refusals]
    return ", ".join(f"{n} × {words}" for words, n in named) or "none"


def write_page(day: Day, sentences: Sequence[str]) -> None:
    """Write the page from what was seen."""
    staff = day.staff
    asked = sum(phase.asked for phase in day.phases)
    refused = [each for each in staff if each.outcomes.total() > each.answers]
    most = max((each.outcomes.total() - each.answers for each in staff), default=0)
    longest = max(each.longest_s for each in staff)
    pages, bad = sum(day.pages.values()), {k: n for k, n in day.pages.items() if k != 200}
    seconds = sum(phase.seconds for phase in day.phases)
    parts = [name for name, is_there in day.cluster.parts.items() if is_there]
    rows = [
        f"| {phase.title} | {phase.seconds:.0f} | {phase.asked} | {phase.at_once} | "
        f"{describe(phase.outcomes)} | {phase.longest_s:.1f} s |"
        for phase in day.phases
    ]
    text = _TEMPLATE.read_text("utf-8").format(
        people=len(staff),
        rate=day.rate,
        parts=", ".join(parts),
        seconds=seconds,
        asked=asked,
        patience=_PATIENCE_S,
        rows="\n".join(rows),
        untouched=len(staff) - len(refused),
        refused=len(refused),
        most=most,
        longest=longest,
        pages=pages,
        bad=", ".join(f"{n} × {k or 'connection cut'}" for k, n in sorted(bad.items())) or "none",
        kept="\n".join(f"- {sentence}" for sentence in sentences),
    )
    PAGE.write_text(text, "utf-8")


def main(words: Sequence[str] | None = None) -> int:
    """Run the day; with other people than usual nothing is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--rate", type=float, default=RATE, help="questions a second")
    parser.add_argument("--outage-s", type=float, default=OUTAGE_S, help="how long Oura is away")
    chosen = parser.parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with running_cluster(ANNULET_OURA_REQUESTS="0") as cluster:
        if cluster.server is None:
            print("needs PostgreSQL: apt-get install postgresql")
            return 1
        staff = asyncio.run(hire(cluster, chosen.people, 200 + chosen.outage_s))
        wait_until(lambda: all(replica.is_ready() for replica in cluster.replicas))
        day = Day(cluster, staff, chosen.rate)
        asyncio.run(day.run(chosen.outage_s))
        sentences = check(day)
        if chosen.people == PEOPLE:
            write_page(day, sentences)
            print(f"written: {PAGE}")
    print("\n".join(sentences))
    return 0


if __name__ == "__main__":
    sys.exit(main())
